import asyncio
import json
import os
import signal
import socket
import sys
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from opsconductor.domain.errors import Conflict, Unavailable
from opsconductor.lab import Lab, LabHost
from opsconductor.lab.host_programs.processes import start_mark
from opsconductor.lab.keys import key_pair, public_line

# A lab in a process of its own, on the loop that the server uses; it tells its hosts and waits to be killed.
LAB_TO_KILL = """
import asyncio, sys, uvloop
from pathlib import Path
from opsconductor.lab import Lab

async def main():
    async with Lab(Path(sys.argv[1])):
        print("up", flush=True)
        await asyncio.Event().wait()

uvloop.run(main())
"""


async def told(dial: Any, host: LabHost, command: str) -> dict[str, Any]:
    async with dial(host) as connection:
        run = await connection.run(command, check=True)
    answer = json.loads(run.stdout)
    assert isinstance(answer, dict)
    return answer


def get(host: LabHost, path: str) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{host.services[0].port}{path}", timeout=5) as answer:
        body = answer.read()
    assert isinstance(body, bytes)
    return body


def pids_on_file(lab_dir: Path) -> dict[str, int]:
    return {file.parent.parent.name: json.loads(file.read_text())["pid"] for file in lab_dir.glob("*/run/*.json")}


@asynccontextmanager
async def lab_to_kill(lab_dir: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    """A started lab in another process, and the SSH port of its app-01. It is killed at the end, if not before."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LAB_TO_KILL, str(lab_dir), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        assert await process.stdout.readline() == b"up\n"
        yield process, json.loads((lab_dir / "ports.json").read_text())["ports"]["app-01/ssh"]
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def by_hand(lab_dir: Path, port: int) -> LabHost:
    """How to reach app-01 of a lab that another process runs."""
    return LabHost(
        name="app-01",
        address="127.0.0.1",
        port=port,
        username="ops",
        host_key=public_line(key_pair(lab_dir / "keys" / "app-01_host")),
        private_key_path=lab_dir / "keys" / "client",
        environment="staging",
        services=(),
        role="application",
        criticality="medium",
        directory=lab_dir / "app-01",
    )


async def test_four_hosts_with_the_roles_and_services_of_the_story(lab: Lab) -> None:
    hosts = [(host.name, host.environment, host.role, host.services[0].name) for host in lab.hosts]
    assert hosts == [
        ("app-01", "staging", "application", "billing"),
        ("app-02", "staging", "application", "billing"),
        ("web-01", "production", "web", "storefront"),
        ("db-01", "production", "database", "ledger-db"),
    ]
    assert len({port for host in lab.hosts for port in (host.port, host.services[0].port)}) == 8


async def test_every_service_answers_in_its_own_way(lab: Lab) -> None:
    app_01, app_02, web, database = lab.hosts
    for app in (app_01, app_02):
        assert get(app, "/version") == b'{"service":"billing","version":"2.2"}'
    assert b"Storefront" in get(web, "/")
    assert json.loads(get(web, "/health"))["status"] == "ok"
    with socket.create_connection(("127.0.0.1", database.services[0].port), timeout=5) as line:
        line.sendall(b"PING\n")
        assert line.recv(64) == b"PONG\n"


async def test_restart_over_ssh_changes_the_process_and_the_service_answers(lab: Lab, dial: Any) -> None:
    for host in lab.hosts:
        name = host.services[0].name
        before = await told(dial, host, f"svc status {name}")
        after = await told(dial, host, f"svc restart {name}")
        assert after["previous_pid"] == before["pid"]
        assert after["pid"] != before["pid"]
        assert (after["running"], after["answers"], after["changed"]) == (True, True, True)
        assert start_mark(before["pid"]) is None
        assert start_mark(after["pid"]) is not None


async def test_deploy_over_ssh_shows_in_the_version_that_is_served_and_rollback_takes_it_back(
    lab: Lab, dial: Any
) -> None:
    app_01, app_02, *_ = lab.hosts
    served = [json.loads(get(app_01, "/version"))["version"]]
    for command in ("svc deploy billing 2.3", "svc rollback billing"):
        await told(dial, app_01, command)
        served.append(json.loads(get(app_01, "/version"))["version"])
    assert served == ["2.2", "2.3", "2.2"]
    assert json.loads(get(app_02, "/version"))["version"] == "2.2"


async def test_two_restarts_at_once_happen_one_after_the_other(lab: Lab, dial: Any) -> None:
    host = lab.hosts[0]
    before = await told(dial, host, "svc status billing")
    one, other = await asyncio.gather(*(told(dial, host, "svc restart billing") for _ in range(2)))
    first, second = (one, other) if one["previous_pid"] == before["pid"] else (other, one)
    assert first["previous_pid"] == before["pid"]
    assert second["previous_pid"] == first["pid"]
    assert (await told(dial, host, "svc status billing"))["pid"] == second["pid"]
    assert start_mark(first["pid"]) is None


async def test_stop_leaves_no_process_behind(tmp_path: Path, processes_below: Callable[[Path], list[str]]) -> None:
    lab = Lab(tmp_path / "lab")
    await lab.start()
    assert len(processes_below(tmp_path)) == 4
    await lab.stop()
    assert processes_below(tmp_path) == []
    assert lab.hosts == ()


async def test_a_lab_that_was_killed_is_adopted_and_what_it_left_running_is_ended(tmp_path: Path, dial: Any) -> None:
    async with lab_to_kill(tmp_path) as (process, ssh_port):
        pids = pids_on_file(tmp_path)
        connection = await dial(by_hand(tmp_path, ssh_port))
        command = await connection.create_process("echo $$; exec sleep 1000")
        left = int(await command.stdout.readline())
        process.kill()
        await connection.wait_closed()
    assert all(start_mark(pid) is not None for pid in (left, *pids.values()))

    async with Lab(tmp_path) as lab:
        assert pids_on_file(tmp_path) == pids
        assert lab.hosts[0].port == ssh_port
        status = await told(dial, lab.hosts[0], "svc status billing")
        assert (status["pid"], status["answers"]) == (pids["app-01"], True)
        assert start_mark(left) is None
    assert [pid for pid in pids.values() if start_mark(pid) is not None] == []


async def test_a_service_that_hangs_since_last_time_is_replaced(tmp_path: Path, dial: Any) -> None:
    async with lab_to_kill(tmp_path) as (process, _):
        pid = pids_on_file(tmp_path)["app-01"]
        os.kill(pid, signal.SIGSTOP)
        process.kill()
    async with Lab(tmp_path) as lab:
        status = await told(dial, lab.hosts[0], "svc status billing")
        assert status["answers"] is True
        assert status["pid"] != pid
        assert start_mark(pid) is None


async def test_a_start_after_a_broken_release_runs_a_good_one_and_keeps_what_was_deployed(
    tmp_path: Path, dial: Any
) -> None:
    async with lab_to_kill(tmp_path) as (process, ssh_port):
        await told(dial, by_hand(tmp_path, ssh_port), "svc deploy billing 2.4-broken")
        process.kill()  # it stays running, as the only one that anybody knows of
    async with Lab(tmp_path) as lab:
        assert json.loads(get(lab.hosts[0], "/version"))["version"] == "2.2"
        await told(dial, lab.hosts[0], "svc deploy billing 2.3")
    async with Lab(tmp_path) as lab:
        assert [json.loads(get(host, "/version"))["version"] for host in lab.hosts[:2]] == ["2.3", "2.2"]


async def test_a_second_start_uses_the_same_ports_and_keys(tmp_path: Path) -> None:
    async with Lab(tmp_path) as lab:
        first = lab.hosts
    async with Lab(tmp_path) as lab:
        assert lab.hosts == first


async def test_a_port_that_was_taken_meanwhile_is_replaced(tmp_path: Path, dial: Any) -> None:
    async with Lab(tmp_path) as lab:
        before = lab.hosts[0]
    with socket.create_server(("127.0.0.1", before.port)), socket.create_server(("127.0.0.1", before.services[0].port)):
        async with Lab(tmp_path) as lab:
            after = lab.hosts[0]
            assert after.port != before.port
            assert after.services[0].port != before.services[0].port
            assert (await told(dial, after, "svc status billing"))["port"] == after.services[0].port


async def test_a_second_lab_in_the_same_folder_is_refused_and_the_first_goes_on(lab: Lab, dial: Any) -> None:
    with pytest.raises(Conflict) as refused:
        await Lab(lab.hosts[0].directory.parent).start()
    assert refused.value.code == "lab.in_use"
    assert (await told(dial, lab.hosts[0], "svc status billing"))["answers"] is True


async def test_when_one_host_cannot_start_nothing_stays_running(
    tmp_path: Path, processes_below: Callable[[Path], list[str]]
) -> None:
    async with Lab(tmp_path):
        pass
    (tmp_path / "db-01/opt/ledger-db/current").unlink()
    (tmp_path / "db-01/opt/ledger-db/current").symlink_to("taken-away")
    with pytest.raises(Unavailable, match=r"db-01 .* ledger-db has no current release") as failed:
        await Lab(tmp_path).start()
    assert failed.value.code == "lab.start_failed"
    assert processes_below(tmp_path) == []


async def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable) as failed:
        await Lab(tmp_path / "file" / "lab").start()
    assert failed.value.code == "lab.start_failed"


async def test_the_rows_for_the_inventory_name_what_the_hosts_tell(lab: Lab) -> None:
    rows = lab.assets()
    assert [row["name"] for row in rows] == [host.name for host in lab.hosts]
    assert all(row["type"] == "linux_server" for row in rows)
