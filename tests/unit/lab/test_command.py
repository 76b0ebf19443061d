import asyncio
import signal
from pathlib import Path
from typing import Any

import pytest

from opsconductor.lab.command import MOST_COMMAND_BYTES, end_left_commands
from opsconductor.lab.host_programs.processes import start_mark
from opsconductor.lab.lab import Lab


async def test_output_error_and_exit_status_come_back_apart(lab: Lab, dial: Any) -> None:
    async with dial(lab.hosts[0]) as connection:
        run = await connection.run("echo out; echo err >&2; exit 7")
    assert (run.stdout, run.stderr, run.exit_status) == ("out\n", "err\n", 7)


async def test_a_command_runs_in_the_hosts_directory_with_nothing_of_the_servers_environment(
    lab: Lab, dial: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANTED_SECRET", "hunter2")
    host = lab.hosts[1]
    async with dial(host, env={"SENT_BY_CLIENT": "x"}) as connection:
        where = await connection.run("pwd; command -v svc")
        environment = await connection.run("env")
    assert where.stdout == f"{host.directory}\n{host.directory}/bin/svc\n"
    names = {line.partition("=")[0] for line in environment.stdout.splitlines()}
    assert names - {"PWD", "SHLVL", "_"} == {"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TMPDIR"}


async def test_large_output_arrives_whole_and_bytes_stay_bytes(lab: Lab, dial: Any) -> None:
    async with dial(lab.hosts[0]) as connection:
        run = await connection.run("head -c 5000000 /dev/zero; printf '\\377\\376'", encoding=None)
    assert run.stdout == bytes(5_000_000) + b"\xff\xfe"


async def test_standard_input_reaches_the_command(lab: Lab, dial: Any) -> None:
    async with dial(lab.hosts[0]) as connection:
        read = await connection.run("cat", input="line\n" * 50_000)
        unread = await connection.run("echo done", input="line\n" * 50_000)
    assert read.stdout == "line\n" * 50_000
    assert (unread.stdout, unread.exit_status) == ("done\n", 0)


async def test_a_script_on_standard_input_takes_its_parameters_as_data(lab: Lab, dial: Any) -> None:
    async with dial(lab.hosts[0]) as connection:
        run = await connection.run("sh -s -- '$(id); *'", input='printf "%s" "$1"')
    assert run.stdout == "$(id); *"


async def test_a_command_that_a_signal_ended_says_so(lab: Lab, dial: Any) -> None:
    async with dial(lab.hosts[0]) as connection:
        run = await connection.run("kill -9 $$")
    assert run.exit_signal[0] == "KILL"


async def test_a_signal_from_the_client_reaches_the_command(lab: Lab, dial: Any) -> None:
    async with dial(lab.hosts[0]) as connection:
        command = await connection.create_process("trap 'echo caught; exit 9' USR1; sleep 1000 & echo ready; wait")
        assert await command.stdout.readline() == "ready\n"
        command.send_signal("USR1")
        run = await command.wait()
    assert (run.stdout, run.exit_status) == ("caught\n", 9)


async def test_closing_the_channel_ends_the_command_and_its_children(lab: Lab, dial: Any, gone: Any) -> None:
    async with dial(lab.hosts[0]) as connection:
        command = await connection.create_process("sleep 1000 & echo $$ $!; trap '' TERM; wait; wait")
        shell, child = map(int, (await command.stdout.readline()).split())
        command.close()
        await asyncio.to_thread(gone, shell)
        await asyncio.to_thread(gone, child)


async def test_losing_the_connection_ends_the_command(lab: Lab, dial: Any, gone: Any) -> None:
    connection = await dial(lab.hosts[0])
    command = await connection.create_process("echo $$; exec sleep 1000")
    pid = int(await command.stdout.readline())
    connection.abort()
    await asyncio.to_thread(gone, pid)


async def test_what_stays_in_the_background_ends_with_the_command(lab: Lab, dial: Any, gone: Any) -> None:
    async with dial(lab.hosts[0]) as connection:
        run = await connection.run("sleep 1000 & echo $!")
    assert run.exit_status == 0
    await asyncio.to_thread(gone, int(run.stdout))


async def test_a_command_that_takes_too_long_is_ended_and_that_is_told(tmp_path: Path, dial: Any) -> None:
    async with Lab(tmp_path, command_timeout_s=1) as lab, dial(lab.hosts[0]) as connection:
        run = await connection.run("echo $$; exec sleep 1000")
        assert start_mark(int(run.stdout)) is None
    assert (run.exit_status, run.stderr) == (124, "lab: ended after 1 s\n")


@pytest.mark.parametrize("command", ["echo " + "x" * MOST_COMMAND_BYTES, "echo a\0b"], ids=["too long", "NUL"])
async def test_a_command_line_that_cannot_be_run_is_refused(lab: Lab, dial: Any, command: str) -> None:
    async with dial(lab.hosts[0]) as connection:
        run = await connection.run(command)
    assert (run.exit_status, run.stdout) == (126, "")
    assert run.stderr.startswith("lab: a command is at most")


async def test_no_note_of_a_command_stays_when_it_has_ended(lab: Lab, dial: Any) -> None:
    async with dial(lab.hosts[0]) as connection:
        run = await connection.run("read go; ls run/commands", input="go\n")
        assert run.stdout.strip().isdigit()
    assert list((lab.hosts[0].directory / "run" / "commands").iterdir()) == []


async def test_a_left_note_whose_pid_is_somebody_elses_by_now_harms_nobody(tmp_path: Path) -> None:
    notes = tmp_path / "run" / "commands"
    notes.mkdir(parents=True)
    bystander = await asyncio.create_subprocess_exec("sleep", "1000", start_new_session=True)
    (notes / str(bystander.pid)).write_text("another start")
    (notes / "garbage").write_bytes(b"\xff")
    end_left_commands(tmp_path)
    assert start_mark(bystander.pid) is not None
    assert list(notes.iterdir()) == []
    bystander.send_signal(signal.SIGKILL)
    await bystander.wait()
