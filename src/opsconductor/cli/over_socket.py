"""The server that holds the home, reached through its Unix socket."""

import json
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any
from urllib.parse import quote

import httpx2

from opsconductor.cli.client import PhaseObserver
from opsconductor.domain.assets import AssetQuery
from opsconductor.domain.error_codes import CODES
from opsconductor.domain.errors import OpsConductorError, Unavailable
from opsconductor.domain.turn import ApprovalAnswer
from opsconductor.server.credentials import check_token
from opsconductor.server.import_order import ImportOrder
from opsconductor.server.server_lock import ServerAddress

AS_HEADER = "OpsConductor-As"
CHANNEL_HEADER = "OpsConductor-Channel"
TENANT_HEADER = "OpsConductor-Tenant"
CONNECT_S = 5.0

_PROBLEM_MEMBERS = frozenset({"type", "title", "status", "detail", "instance", "code", "next_step"})
_HTTP_ONLY = ("requires_approval", "execution_result")


class OverSocketClient:
    """A `Client` over the local socket; each method is one request."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self._http = http

    async def ask(
        self, text: str, session_id: str = "", observer: PhaseObserver | None = None, *, dry_run: bool = False
    ) -> Any:
        """See `Client`."""
        body = {"request": text, "session_id": session_id or None, "dry_run": dry_run}
        return await self._turn("/pipeline", body, observer)

    async def decide(self, answer: ApprovalAnswer, observer: PhaseObserver | None = None) -> Any:
        """See `Client`."""
        return await self._turn("/pipeline/execute", asdict(answer), observer)

    async def review(self, approval_id: str, reason: str, agrees: bool) -> Any:
        """See `Client`."""
        body = {"reason": reason, "agrees": agrees}
        return await self._call("POST", f"/approvals/{_part(approval_id)}/review", body=body)

    async def executions(self, limit: int) -> Any:
        """See `Client`."""
        return await self._call("GET", "/executions", {"limit": limit})

    async def execution(self, execution_id: str) -> Any:
        """See `Client`."""
        return await self._call("GET", f"/executions/{_part(execution_id)}")

    async def commands(self, execution_id: str) -> Any:
        """See `Client`."""
        return await self._call("GET", f"/executions/{_part(execution_id)}/commands")

    async def output(self, output_ref: str) -> Any:
        """See `Client`."""
        path = f"/executions/{_part(output_ref.partition('.')[0])}/outputs/{_part(output_ref)}"
        return await self._call("GET", path)

    async def cancel_execution(self, execution_id: str, reason: str) -> Any:
        """See `Client`."""
        return await self._call("POST", f"/executions/{_part(execution_id)}/cancel", body={"reason": reason})

    async def undo(self, execution_id: str, reason: str) -> Any:
        """See `Client`."""
        return await self._turn(f"/executions/{_part(execution_id)}/undo", {"reason": reason}, None)

    async def resolve_execution(self, execution_id: str, outcome: str, reason: str, step: str, target: str) -> Any:
        """See `Client`."""
        body = {"as": outcome, "reason": reason, "step": step, "target": target}
        return await self._call("POST", f"/executions/{_part(execution_id)}/resolve", body=body)

    async def turns(self, limit: int, session_id: str = "") -> Any:
        """See `Client`."""
        return await self._call("GET", "/turns", {"limit": limit, "session_id": session_id})

    async def turn(self, turn_id: str) -> Any:
        """See `Client`."""
        return await self._call("GET", f"/turns/{_part(turn_id)}")

    async def replay(self, turn_id: str) -> Any:
        """See `Client`."""
        return await self._call("GET", f"/turns/{_part(turn_id)}/replay")

    async def approvals(self, limit: int, state: str = "") -> Any:
        """See `Client`."""
        return await self._call("GET", "/approvals", {"limit": limit, "state": state})

    async def reviews_due(self) -> Any:
        """See `Client`."""
        return await self._call("GET", "/reviews")

    async def approval(self, approval_id: str) -> Any:
        """See `Client`."""
        return await self._call("GET", f"/approvals/{_part(approval_id)}")

    async def assets(self, query: AssetQuery) -> Any:
        """See `Client`."""
        return await self._call("POST", "/local/assets/query", body=asdict(query))

    async def import_assets(self, order: ImportOrder) -> Any:
        """See `Client`."""
        return await self._call("POST", "/local/assets/import", body=asdict(order))

    async def tools(self) -> Any:
        """See `Client`."""
        return await self._call("GET", "/tools")

    async def tool(self, name: str) -> Any:
        """See `Client`."""
        return await self._call("GET", f"/tools/{_part(name)}")

    async def call_level(self, name: str, targets: Sequence[str], inputs: Mapping[str, str]) -> Any:
        """See `Client`."""
        given = [f"{key}={value}" for key, value in inputs.items()]
        return await self._call("GET", f"/tools/{_part(name)}/level", {"target": list(targets), "input": given})

    async def identities(self) -> Any:
        """See `Client`."""
        return await self._call("GET", "/local/identities")

    async def create_identity(self, name: str, roles: Sequence[str], kind: str) -> Any:
        """See `Client`."""
        body = {"name": name, "roles": list(roles), "kind": kind}
        return await self._call("POST", "/local/identities", body=body)

    async def grant(self, name: str, roles: Sequence[str], revoke: bool) -> Any:
        """See `Client`."""
        body = {"name": name, "roles": list(roles), "revoke": revoke}
        return await self._call("POST", "/local/identities/grant", body=body)

    async def disable(self, name: str, enable: bool) -> Any:
        """See `Client`."""
        return await self._call("POST", "/local/identities/disable", body={"name": name, "enable": enable})

    async def self_approval(self, on: bool | None, reason: str) -> Any:
        """See `Client`."""
        return await self._call("POST", "/local/self-approval", body={"on": on, "reason": reason})

    async def tokens(self) -> Any:
        """See `Client`."""
        return await self._call("GET", "/local/tokens")

    async def create_token(self, name: str, label: str, lifetime_s: float | None) -> Any:
        """See `Client`."""
        return await self._call("POST", "/local/tokens", body={"name": name, "label": label, "lifetime_s": lifetime_s})

    async def sign_in_link(self) -> Any:
        """See `Client`."""
        return await self._call("POST", "/local/sign-in-link", body={})

    async def revoke_token(self, token_id: str) -> Any:
        """See `Client`."""
        return await self._call("DELETE", f"/local/tokens/{_part(token_id)}")

    async def _turn(self, path: str, body: Mapping[str, Any], observer: PhaseObserver | None) -> Any:
        """The reply in the form that a turn of this process has: without the names that only HTTP adds."""
        if observer is None:
            reply = await self._call("POST", path, body=body)
        else:
            reply = await self._streamed(path, body, observer)
        return {name: value for name, value in reply.items() if name not in _HTTP_ONLY}

    async def _call(
        self, method: str, path: str, parameters: Mapping[str, Any] | None = None, *, body: Any = None
    ) -> Any:
        wanted = {name: value for name, value in (parameters or {}).items() if value != ""}
        try:
            response = await self._http.request(method, path, params=wanted, json=body)
        except httpx2.TransportError as error:
            raise _lost(error) from error
        return _answer(response.status_code, response.content)

    async def _streamed(self, path: str, body: Mapping[str, Any], observer: PhaseObserver) -> Any:
        headers = {"Accept": "text/event-stream"}
        try:
            async with self._http.stream("POST", path, json=body, headers=headers) as response:
                if response.status_code != 200:
                    return _answer(response.status_code, await response.aread())
                async for name, value in _events(response.aiter_lines()):
                    if name == "phase":
                        observer(value["phase"], value["event"], value["ms"])
                    elif name == "problem":
                        raise told_by(value)
                    else:
                        return value
        except httpx2.TransportError as error:
            raise _lost(error) from error
        raise _lost(None)


@asynccontextmanager
async def open_over_socket(
    server: ServerAddress, *, acting_as: str, token: str, tenant: str, channel: str
) -> AsyncIterator[OverSocketClient]:
    """A client of that server; `token` is sent only when `acting_as` names whose it is. Raises `identity.*`."""
    headers = {CHANNEL_HEADER: channel, TENANT_HEADER: tenant}
    if acting_as:
        check_token(acting_as, token)
        headers |= {AS_HEADER: acting_as, "Authorization": f"Bearer {token}"}
    # A context that loads no certificates: there is no TLS on a Unix socket, and loading them takes long.
    transport = httpx2.AsyncHTTPTransport(
        uds=server.socket, trust_env=False, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    )
    timeout = httpx2.Timeout(None, connect=CONNECT_S)
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://localhost", headers=headers, timeout=timeout, trust_env=False
    ) as http:
        yield OverSocketClient(http)


def told_by(problem: Mapping[str, Any]) -> OpsConductorError:
    """The error that a problem document stands for."""
    code = problem.get("code", "")
    facts = {name: value for name, value in problem.items() if name not in _PROBLEM_MEMBERS}
    if code not in CODES:
        return Unavailable("server.unreachable", f"The server gave an answer that is not known here ({code}).")
    return OpsConductorError(code, problem.get("detail", code), next_step=problem.get("next_step"), **facts)


async def _events(lines: AsyncIterator[str]) -> AsyncIterator[tuple[str, Any]]:
    name = ""
    async for line in lines:
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


def _answer(status: int, content: bytes) -> Any:
    try:
        value = json.loads(content)
    except ValueError as error:
        raise Unavailable("server.unreachable", f"The server gave an unreadable answer ({status}).") from error
    if status >= 400:
        raise told_by(value if isinstance(value, dict) else {})
    return value


def _part(identifier: str) -> str:
    """An identifier as one part of a path: no id is empty or holds a slash, so what is or does is not found either."""
    return quote(identifier.replace("/", "_"), safe="") or "-"


def _lost(error: Exception | None) -> OpsConductorError:
    why = type(error).__name__ if error else "the stream ended early"
    return Unavailable("server.unreachable", f"The server of this home stopped answering ({why}).")
