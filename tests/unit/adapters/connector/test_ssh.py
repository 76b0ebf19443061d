"""Commands over SSH to the real lab: arguments are data, keys are checked, and no outcome is made up."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import asyncssh
import pytest
import pytest_asyncio

from opsconductor.adapters.connector.ssh import SshConnector
from opsconductor.adapters.secrets.files import FileSecrets
from opsconductor.adapters.tool_output import MAX_BYTES
from opsconductor.domain.assets import Asset
from opsconductor.domain.catalogue import ToolRun
from opsconductor.domain.json_value import Json
from opsconductor.lab import Lab
from opsconductor.lab.host_programs.processes import start_mark
from opsconductor.ports.connector import ConnectorCall, ConnectorResult
from opsconductor.services.asset_service.lab_assets import assets_from_lab

PRINT_ARGUMENTS = "import json, sys; print(json.dumps({'argv': sys.argv[1:]}))"
NASTY = [
    "; touch owned",
    "$(touch owned)",
    "`id`",
    "a b",
    "'",
    '"',
    "\\",
    "*",
    "~",
    "$HOME",
    "\n",
    "&& true",
    "é|>",
    "",
]


@dataclass
class Bench:
    """A connector, and a host of the lab as the inventory has it."""

    connector: SshConnector
    host: Asset
    lab: Lab
    keys: Path

    async def run(self, *argv: str | dict[str, str], parse: str = "text", **changes: Any) -> ConnectorResult:
        inputs: dict[str, Json] = changes.pop("inputs", {})
        run = ToolRun(argv=argv, parse=parse, ok_exits=changes.pop("ok_exits", (0,)))
        call = ConnectorCall(
            run=run, inputs=inputs, tenant="default", timeout_s=10, target=self.host, credential_ref="lab-ssh-key"
        )
        return await self.connector.call(replace(call, **changes))

    def at(self, **connection: Json) -> Asset:
        return replace(self.host, connection={**self.host.connection, **connection})


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bench]:
    folder = tmp_path_factory.mktemp("ssh")
    keys = folder / "keys"
    keys.mkdir()
    async with Lab(folder / "lab") as lab:
        secrets = FileSecrets(keys, {"lab-ssh-key": folder / "lab" / "keys" / "client"})
        host = assets_from_lab(lab.assets(), "default")[0]
        yield Bench(SshConnector(secrets), host, lab, keys)


async def test_arguments_arrive_as_they_are(bench: Bench) -> None:
    argv: list[str | dict[str, str]] = [{"input": f"n{number}"} for number in range(len(NASTY))]
    inputs = {f"n{number}": text for number, text in enumerate(NASTY)}
    answer = await bench.run(sys.executable, "-c", PRINT_ARGUMENTS, *argv, parse="json", inputs=inputs)
    assert answer.output == {"argv": NASTY}
    directory = next(host.directory for host in bench.lab.hosts if host.name == bench.host.name)
    assert not list(directory.rglob("owned"))
    assert (answer.outcome, answer.ok, answer.response["exit"]) == ("done", True, 0)


async def test_a_real_service_answers_in_json(bench: Bench) -> None:
    answer = await bench.run("svc", "status", "billing", parse="json")
    assert isinstance(answer.output, dict)
    assert answer.output["running"] is True
    assert answer.request["argv"] == ["svc", "status", "billing"]
    assert "PRIVATE" not in repr(answer)


async def test_large_outputs_arrive_whole_until_they_are_too_large(bench: Bench) -> None:
    size = 400_000
    answer = await bench.run(sys.executable, "-c", f"print('x' * {size})")
    assert isinstance(answer.output, dict)
    assert len(str(answer.output["text"])) == size + 1
    too_large = await bench.run(sys.executable, "-c", f"print('x' * {3 * MAX_BYTES})")
    assert (too_large.outcome, too_large.ok, too_large.error_code) == ("done", False, "connector.too_large")
    assert too_large.output is None


async def test_a_flood_of_errors_neither_blocks_nor_fills_the_answer(bench: Bench) -> None:
    flood = "import sys; sys.stderr.write('e' * 9_000_000); print('out'); sys.exit(3)"
    answer = await bench.run(sys.executable, "-c", flood)
    assert (answer.outcome, answer.error_code, answer.response["exit"]) == ("done", "connector.failed", 3)
    assert len(answer.error) < 400


@pytest.mark.parametrize(("status", "ok"), [(0, True), (3, True), (4, False)])
async def test_exit_statuses_are_judged_by_the_tool(bench: Bench, status: int, ok: bool) -> None:
    answer = await bench.run("sh", "-c", f"exit {status}", ok_exits=(0, 3))
    assert (answer.outcome, answer.ok) == ("done", ok)


async def test_output_that_is_not_json_is_told(bench: Bench) -> None:
    answer = await bench.run("echo", '{"a": 1, "a": 2}', parse="json")
    assert (answer.ok, answer.error_code) == (False, "connector.bad_output")


async def test_nul_never_reaches_a_record(bench: Bench) -> None:
    answer = await bench.run("printf", r"a\000b")
    assert answer.output == {"text": "a\ufffdb"}


async def test_another_host_key_is_refused_before_anything_is_sent(bench: Bench) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    own = str(bench.host.connection["host_key"])
    for key in (other, "", "  ", "nonsense", f"{other}\n* {own}", "*"):
        answer = await bench.run("touch", "reached", target=bench.at(host_key=key))
        assert (answer.outcome, answer.error_code) == ("not_sent", "connector.auth"), key
    directory = next(host.directory for host in bench.lab.hosts if host.name == bench.host.name)
    assert not list(directory.rglob("reached"))


async def test_a_wrong_missing_or_broken_credential_is_told(bench: Bench) -> None:
    stranger = asyncssh.generate_private_key("ssh-ed25519").export_private_key()
    locked = asyncssh.generate_private_key("ssh-ed25519").export_private_key("pkcs8-pem", passphrase="x")
    codes = {}
    for name, content in {"stranger": stranger, "locked": locked, "broken": b"\xff\x00 no key", "empty": b""}.items():
        file = bench.keys / name
        file.write_bytes(content)
        file.chmod(0o600)
        answer = await bench.run("true", credential_ref=name)
        codes[name] = (answer.outcome, answer.error_code)
        assert "no key" not in answer.error
    assert set(codes.values()) == {("not_sent", "connector.auth")}
    missing = await bench.run("true", credential_ref="nowhere")
    assert (missing.outcome, missing.error_code) == ("not_sent", "secret.missing")


@pytest.mark.parametrize("port", [1, 0, 70_000, "2222", None])
async def test_a_port_where_nobody_answers_is_unreachable(bench: Bench, port: Json) -> None:
    answer = await bench.run("true", target=bench.at(port=port))
    assert (answer.outcome, answer.error_code) == ("not_sent", "connector.unreachable")


async def test_without_a_target_nothing_is_sent(bench: Bench) -> None:
    assert (await bench.run("true", target=None)).outcome == "not_sent"


async def test_a_connection_cut_during_the_command_is_unknown(bench: Bench) -> None:
    cut = "import os, signal, sys; print('begun', flush=True); os.kill(os.getppid(), signal.SIGUSR1)"
    async with _Misbehaving(bench, behaviour="cut") as target:
        answer = await bench.run(sys.executable, "-c", cut, target=target)
    assert answer.outcome == "unknown"
    assert answer.error_code in ("connector.unreachable", "connector.failed")


async def test_a_server_that_refuses_the_command_is_no_success(bench: Bench) -> None:
    async with _Misbehaving(bench, behaviour="refuse") as target:
        answer = await bench.run("true", target=target)
    assert not answer.ok
    assert answer.outcome in ("unknown", "not_sent")


async def test_a_command_without_an_exit_status_is_unknown(bench: Bench) -> None:
    async with _Misbehaving(bench, behaviour="no_status") as target:
        answer = await bench.run("true", target=target)
    assert (answer.outcome, answer.ok) == ("unknown", False)


async def test_a_hanging_command_ends_with_the_call_and_leaves_no_process(bench: Bench, tmp_path: Path) -> None:
    note = tmp_path / "pid"
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1.0):
            await bench.run("sh", "-c", f"echo $$ > {note}; exec sleep 600")
    pid = int(note.read_text())
    async with asyncio.timeout(10):
        while start_mark(pid) is not None:
            await asyncio.sleep(0.02)


async def test_a_server_that_stops_answering_does_not_hold_the_call(bench: Bench) -> None:
    async with _Misbehaving(bench, behaviour="deaf") as target:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1.0):
                await bench.run("true", target=target)


async def test_calls_at_once_do_not_mix(bench: Bench) -> None:
    answers = await asyncio.gather(*(bench.run("echo", str(number)) for number in range(8)))
    assert [answer.output for answer in answers] == [{"text": f"{number}\n"} for number in range(8)]


class _Misbehaving:
    """An SSH server of its own that misbehaves once a command has been asked for."""

    def __init__(self, bench: Bench, behaviour: str) -> None:
        self._bench = bench
        self._behaviour = behaviour
        self._held: list[Any] = []

    async def __aenter__(self) -> Asset:
        key = asyncssh.generate_private_key("ssh-ed25519")
        self._acceptor = await asyncssh.listen(
            "127.0.0.1", 0, server_factory=_Open, server_host_keys=[key], process_factory=self._serve, encoding=None
        )
        port = self._acceptor.get_port()
        return self._bench.at(port=port, host_key=key.export_public_key().decode().strip())

    async def __aexit__(self, *_: object) -> None:
        for connection in self._held:
            connection.abort()
        self._acceptor.close()
        await self._acceptor.wait_closed()

    async def _serve(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        connection = process.channel.get_connection()
        self._held.append(connection)
        if self._behaviour == "cut":
            process.stdout.write(b"begun\n")
            connection.abort()
        elif self._behaviour == "refuse":
            connection.disconnect(asyncssh.DISC_BY_APPLICATION, "no commands here")
        elif self._behaviour == "no_status":
            process.channel.close()
        else:
            connection._transport.pause_reading()
            await asyncio.Event().wait()


class _Open(asyncssh.SSHServer):
    def begin_auth(self, username: str) -> bool:
        return False


_QUIET = """
import asyncio, json, sys
from opsconductor.adapters.connector.ssh import SshConnector
from opsconductor.adapters.secrets.files import FileSecrets
from opsconductor.domain.assets import Asset
from opsconductor.domain.catalogue import ToolRun
from opsconductor.ports.connector import ConnectorCall
from pathlib import Path

async def main():
    told = json.loads(sys.argv[1])
    connector = SshConnector(FileSecrets(Path(told["keys"]), {"lab-ssh-key": Path(told["key"])}))
    for connection, argv in told["calls"]:
        host = Asset(asset_id="a", tenant="default", name="app-01", type="", source="", source_id="", ip="127.0.0.1",
                     connection=connection)
        call = ConnectorCall(run=ToolRun(argv=tuple(argv), parse="none"), inputs={}, tenant="default", timeout_s=5,
                             target=host, credential_ref="lab-ssh-key")
        try:
            async with asyncio.timeout(0.7):
                await connector.call(call)
        except TimeoutError:
            pass

asyncio.run(main(), debug=True)
"""


async def test_nothing_of_it_reaches_standard_error(bench: Bench) -> None:
    good = dict(bench.host.connection)
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    calls = [
        (good, ["true"]),
        (good, ["sleep", "9"]),
        (good, ["sh", "-c", "yes | head -c 5000000; exec >&-; sleep 9"]),
        ({**good, "host_key": other}, ["true"]),
        ({**good, "username": "nobody"}, ["true"]),
        ({**good, "port": 1}, ["true"]),
    ]
    told = {"keys": str(bench.keys), "key": str(bench.keys.parent / "lab" / "keys" / "client"), "calls": calls}
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", _QUIET, json.dumps(told)]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False, timeout=50)
    noise = [line for line in done.stderr.splitlines() if "Executing <" not in line]
    assert (done.returncode, done.stdout, noise) == (0, "", [])
