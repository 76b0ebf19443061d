"""A double of the connector whose far side is the World: another process, which outlives whoever asks it."""

import asyncio
import json
from contextlib import suppress
from typing import Any

from opsconductor.domain.json_value import Json
from opsconductor.ports.clock import Clock
from opsconductor.ports.connector import ConnectorCall, ConnectorResult
from opsconductor.ports.failpoints import Failpoints, NoFailpoints

SENT = "effect.sent"
"""The failpoint after which an effect is in the World's hands, and its answer has not come."""


class WorldConnectorDouble:
    """The first word of argv is the verb: `read` reads a target, any other asks for an effect under `inputs.mark`."""

    def __init__(self, port: int, realm: str, clock: Clock, failpoints: Failpoints | None = None) -> None:
        """The World listens on `port` of loopback and takes its time from `clock`."""
        self._port = port
        self._realm = realm
        self._clock = clock
        self._failpoints = failpoints or NoFailpoints()

    async def call(self, call: ConnectorCall) -> ConnectorResult:
        """See the port."""
        verb = str(call.run.argv[0]) if call.run.argv else ""
        target = call.target.name if call.target is not None else ""
        request: dict[str, Json] = {"do": "read" if verb == "read" else "ask", "target": target}
        if verb != "read":
            request |= {"verb": verb, "mark": call.inputs.get("mark", "")}
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            words = "The World is not there."
            return ConnectorResult(outcome="not_sent", error_code="connector.unreachable", error=words)
        try:
            request |= {"realm": self._realm, "now": self._clock.now().timestamp()}
            writer.write(json.dumps(request).encode() + b"\n")
            if verb != "read":
                await reader.readline()
                await self._failpoints.hit(SENT)
            return _result([verb, target], await reader.readline())
        except OSError:
            return _result([verb, target], b"")
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


def _result(argv: list[Json], line: bytes) -> ConnectorResult:
    if not line:
        words = "The connection broke before the answer."
        return ConnectorResult(
            outcome="unknown", request={"argv": argv}, error_code="connector.unreachable", error=words
        )
    answer: dict[str, Any] = json.loads(line)
    if not answer.pop("ok", True):
        words = "The command ended with exit status 1."
        return ConnectorResult(
            outcome="done",
            request={"argv": argv},
            response={"exit": 1, "bytes": 0},
            error_code="connector.failed",
            error=words,
        )
    return ConnectorResult(
        outcome="done", ok=True, output=answer, request={"argv": argv}, response={"exit": 0, "bytes": len(line)}
    )
