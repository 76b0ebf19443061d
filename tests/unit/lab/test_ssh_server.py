import asyncio
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from opsconductor.lab.host_programs.processes import start_mark
from opsconductor.lab.hosts import USERNAME
from opsconductor.lab.lab import Lab


async def test_another_key_is_refused(lab: Lab, dial: Any) -> None:
    with pytest.raises(asyncssh.PermissionDenied):
        await dial(lab.hosts[0], client_keys=[asyncssh.generate_private_key("ssh-ed25519")])


async def test_another_user_name_is_refused_even_with_the_right_key(lab: Lab, dial: Any) -> None:
    with pytest.raises(asyncssh.PermissionDenied):
        await dial(lab.hosts[0], username="root")


async def test_a_password_is_no_way_in(lab: Lab, dial: Any) -> None:
    with pytest.raises(asyncssh.PermissionDenied):
        await dial(lab.hosts[0], client_keys=None, password=USERNAME)


async def test_each_host_proves_itself_with_its_own_key(lab: Lab, dial: Any) -> None:
    other = asyncssh.import_known_hosts(f"[127.0.0.1]:{lab.hosts[0].port} {lab.hosts[1].host_key}\n")
    with pytest.raises(asyncssh.HostKeyNotVerifiable):
        await dial(lab.hosts[0], known_hosts=other)


async def test_no_port_is_forwarded_in_either_direction(lab: Lab, dial: Any) -> None:
    async with dial(lab.hosts[0]) as connection:
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.open_connection("127.0.0.1", lab.hosts[0].services[0].port)
        with pytest.raises(asyncssh.ChannelListenError):
            await connection.forward_remote_port("127.0.0.1", 0, "127.0.0.1", 9)


async def test_no_terminal_and_no_file_transfer(lab: Lab, dial: Any) -> None:
    async with dial(lab.hosts[0]) as connection:
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.create_process("true", term_type="xterm")
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.start_sftp_client()


async def test_without_a_command_there_is_no_session(lab: Lab, dial: Any) -> None:
    async with dial(lab.hosts[0]) as connection:
        run = await connection.run(None)
    assert (run.exit_status, run.stdout) == (126, "")
    assert "no shell session" in run.stderr


async def test_commands_of_one_connection_run_side_by_side(lab: Lab, dial: Any) -> None:
    """Each waits for the other: neither would end if they ran in turn."""
    async with dial(lab.hosts[0]) as connection:
        await connection.run("mkfifo tmp/a tmp/b", check=True)
        one, other = await asyncio.gather(
            connection.run("echo from-one > tmp/a; cat tmp/b"), connection.run("cat tmp/a; echo from-other > tmp/b")
        )
    assert (one.stdout, other.stdout) == ("from-other\n", "from-one\n")


async def test_closing_ends_connections_and_the_commands_that_run(tmp_path: Path, dial: Any) -> None:
    lab = Lab(tmp_path)
    await lab.start()
    connection = await dial(lab.hosts[0])
    command = await connection.create_process("echo $$; exec sleep 1000")
    pid = int(await command.stdout.readline())
    await lab.stop()
    await connection.wait_closed()
    assert start_mark(pid) is None
