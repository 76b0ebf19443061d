"""Runs a tool's argument list on a host over SSH. The host key must be the inventory's; none is ever learned."""

import asyncio
import logging
import shlex
from typing import TYPE_CHECKING

from opsconductor.adapters.tool_output import MAX_BYTES, BadOutput, parsed
from opsconductor.domain.assets import Asset
from opsconductor.domain.errors import OpsConductorError, Unavailable
from opsconductor.domain.json_value import Json, JsonObject
from opsconductor.domain.tool_arguments import filled_argv
from opsconductor.ports.connector import ConnectorCall, ConnectorResult
from opsconductor.ports.secrets import Secrets

if TYPE_CHECKING:
    import asyncssh

CONNECT_TIMEOUT_S = 4.0
ERROR_TEXT = 300
CHUNK_BYTES = 64 * 1024


class SshConnector:
    """One connection and one command a call."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        logging.getLogger("asyncssh").setLevel(logging.WARNING)  # below that it writes command lines out

    async def call(self, call: ConnectorCall) -> ConnectorResult:
        """Until the command is sent every failure is `not_sent`; from then on a lost connection is `unknown`."""
        import asyncssh  # 0.2 s that only a turn with an SSH step pays

        if call.target is None:
            return _not_sent("connector.failed", "This tool needs a target host.")
        argv = filled_argv(call.run.argv, call.inputs)
        request = _request(call, call.target)
        try:
            connection = await self._connect(call.target, call)
        except OpsConductorError as error:
            return _not_sent(error.code, error.message, request)
        except asyncssh.PermissionDenied:
            return _not_sent("connector.auth", f"{call.target.name} does not accept the credential.", request)
        except asyncssh.HostKeyNotVerifiable:
            return _not_sent("connector.auth", f"{call.target.name} shows another host key than recorded.", request)
        except (OSError, asyncssh.Error, TimeoutError) as error:
            return _not_sent("connector.unreachable", _unreachable(call.target, error), request)
        try:
            return await self._run(connection, shlex.join(argv), call, request)
        finally:
            connection.close()
            await connection.wait_closed()

    def preview(self, call: ConnectorCall) -> JsonObject:
        """See the port."""
        return _request(call, call.target) if call.target is not None else {}

    async def _connect(self, target: Asset, call: ConnectorCall) -> "asyncssh.SSHClientConnection":
        import asyncssh

        known_hosts = _known_hosts(target)
        secret = await self._secrets.get(call.tenant, call.credential_ref)
        try:
            key = asyncssh.import_private_key(secret)
        except ValueError as error:
            raise Unavailable("connector.auth", f"The credential of {target.name} is no private key.") from error
        return await asyncssh.connect(
            target.ip or target.name,
            port=_port(target),
            username=str(target.connection.get("username", "")),
            client_keys=[key],
            preferred_auth="publickey",
            known_hosts=known_hosts,
            agent_path=None,
            config=None,
            connect_timeout=CONNECT_TIMEOUT_S,
            login_timeout=CONNECT_TIMEOUT_S,
        )

    async def _run(
        self,
        connection: "asyncssh.SSHClientConnection",
        command: str,
        call: ConnectorCall,
        request: dict[str, Json],
    ) -> ConnectorResult:
        import asyncssh

        try:
            process = await connection.create_process(command, encoding=None, stdin=asyncssh.DEVNULL)
            out, error_text = await asyncio.gather(
                _read(process.stdout, MAX_BYTES + 1), _read(process.stderr, 4 * ERROR_TEXT)
            )
            await process.wait_closed()
            exit_status = process.exit_status
        except (OSError, asyncssh.Error) as error:
            return ConnectorResult(
                outcome="unknown",
                request=request,
                error_code="connector.unreachable",
                error=f"The connection to the host broke during the command ({type(error).__name__}).",
            )
        response: dict[str, Json] = {"exit": exit_status, "bytes": len(out)}
        return _judged(call, out, error_text, exit_status, request, response)


def _request(call: ConnectorCall, target: Asset) -> dict[str, Json]:
    """What is sent, and where to."""
    argv: list[Json] = [*filled_argv(call.run.argv, call.inputs)]
    return {"argv": argv, "address": target.ip, "port": target.connection.get("port")}


async def _read(stream: "asyncssh.SSHReader[bytes]", limit: int) -> bytes:
    """All that comes, of which `limit` bytes are kept: a command that nobody listens to would stand still."""
    kept = bytearray()
    while chunk := await stream.read(CHUNK_BYTES):
        kept += chunk[: limit - len(kept)]
    return bytes(kept)


def _known_hosts(target: Asset) -> "asyncssh.SSHKnownHosts":
    """The one host key that the inventory has recorded. Raises `connector.auth` without one: no key is ever learned."""
    import asyncssh

    host_key = str(target.connection.get("host_key", "")).strip()
    try:
        asyncssh.import_public_key(host_key)
        if "\n" in host_key:
            raise ValueError("one key only")
        return asyncssh.import_known_hosts(f"* {host_key}\n")
    except ValueError as error:
        words = f"The inventory holds no host key of {target.name}, so it is not called."
        raise Unavailable("connector.auth", words) from error


def _port(target: Asset) -> int:
    port = target.connection.get("port", 22)
    if not isinstance(port, int) or not 1 <= port <= 65_535:
        raise Unavailable("connector.unreachable", f"The inventory holds no usable port of {target.name}.")
    return port


def _judged(
    call: ConnectorCall,
    out: bytes,
    error_text: bytes,
    exit_status: int | None,
    request: dict[str, Json],
    response: dict[str, Json],
) -> ConnectorResult:
    if exit_status is None:
        return ConnectorResult(
            outcome="unknown",
            request=request,
            response=response,
            error_code="connector.failed",
            error="The command ended without an exit status.",
        )
    if exit_status not in call.run.ok_exits:
        words = error_text.decode("utf-8", "replace").replace("\x00", "").strip()[:ERROR_TEXT]
        return ConnectorResult(
            outcome="done",
            request=request,
            response=response,
            error_code="connector.failed",
            error=f"The command ended with exit status {exit_status}: {words or 'no message'}",
        )
    if len(out) > MAX_BYTES:
        return ConnectorResult(
            outcome="done",
            request=request,
            response=response,
            error_code="connector.too_large",
            error=f"The command wrote more than {MAX_BYTES} bytes.",
        )
    try:
        output = parsed(out, call.run.parse)
    except BadOutput as error:
        return ConnectorResult(
            outcome="done", request=request, response=response, error_code="connector.bad_output", error=str(error)
        )
    return ConnectorResult(outcome="done", ok=True, output=output, request=request, response=response)


def _not_sent(code: str, words: str, request: dict[str, Json] | None = None) -> ConnectorResult:
    return ConnectorResult(outcome="not_sent", error_code=code, error=words, request=request or {})


def _unreachable(target: Asset, error: Exception) -> str:
    reason = "no answer in time" if isinstance(error, TimeoutError) else "no connection"
    return f"{target.name} cannot be reached over SSH ({reason})."
