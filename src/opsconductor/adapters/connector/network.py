"""Opens a TCP connection to see whether something answers; sends nothing."""

import asyncio
import time

from opsconductor.domain.json_value import Json, JsonObject
from opsconductor.ports.connector import ConnectorCall, ConnectorResult


class NetworkConnector:
    """The built-in `tcp_connect`: the target's address and management port."""

    async def call(self, call: ConnectorCall) -> ConnectorResult:
        """A refused or silent port is an answer, not an error: output.reachable is false then."""
        if call.run.builtin != "tcp_connect" or call.target is None:
            return ConnectorResult(
                outcome="not_sent", error_code="connector.failed", error="This connector only knows tcp_connect."
            )
        address = call.target.ip
        port = call.target.connection.get("port")
        if not address or not isinstance(port, int) or not 1 <= port <= 65_535:
            return ConnectorResult(
                outcome="not_sent",
                error_code="connector.unreachable",
                error=f"The inventory holds no address and port for {call.target.name}.",
            )
        request: dict[str, Json] = {"address": address, "port": port}
        started = time.perf_counter()
        try:
            async with asyncio.timeout(call.timeout_s * 0.9):
                _, writer = await asyncio.open_connection(address, port)
        except (OSError, TimeoutError) as error:
            reason = "no answer" if isinstance(error, TimeoutError) else "connection refused or no route"
            return _answer(request, reachable=False, reason=reason, started=started)
        writer.close()
        return _answer(request, reachable=True, reason="connected", started=started)

    def preview(self, call: ConnectorCall) -> JsonObject:
        """See the port."""
        if call.target is None:
            return {}
        return {"address": call.target.ip, "port": call.target.connection.get("port")}


def _answer(request: dict[str, Json], *, reachable: bool, reason: str, started: float) -> ConnectorResult:
    milliseconds = round((time.perf_counter() - started) * 1000)
    output = {"reachable": reachable, "reason": reason, "milliseconds": milliseconds, **request}
    return ConnectorResult(outcome="done", ok=True, output=output, request=request, response={"bytes": 0})
