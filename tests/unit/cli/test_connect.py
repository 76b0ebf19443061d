from pathlib import Path

import pytest

from opsconductor.cli.connect import open_client, with_client
from opsconductor.cli.in_process import InProcessClient
from opsconductor.cli.over_socket import OverSocketClient
from opsconductor.domain.errors import OpsConductorError
from opsconductor.server.server_lock import ServerAddress, hold
from opsconductor.settings import load_settings

ADDRESS = ServerAddress(address="http://127.0.0.1:9", pid=1, home_id="h", socket="/nowhere", started_at="t")


async def test_without_a_server_the_engine_runs_here(fresh: Path) -> None:
    async with open_client(load_settings(), "", "cli") as client:
        assert isinstance(client, InProcessClient)


async def test_while_a_server_holds_the_home_it_is_asked(fresh: Path) -> None:
    with hold(fresh) as lock:
        lock.announce(ADDRESS)
        async with open_client(load_settings(), "", "cli") as client:
            assert isinstance(client, OverSocketClient)
    assert not (fresh / "opsconductor.db").exists()


def test_a_command_is_opened_carried_out_and_closed(fresh: Path) -> None:
    assert with_client(lambda client: client.tools())
    with hold(fresh) as lock:
        lock.announce(ADDRESS)
        with pytest.raises(OpsConductorError) as refused:
            with_client(lambda client: client.tools())
    assert refused.value.code == "server.unreachable"
