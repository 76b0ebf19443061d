import json
import socket
from pathlib import Path

from opsconductor.lab.host_run import HostRun
from opsconductor.lab.hosts import HOSTS
from opsconductor.lab.ports import PortBook


async def test_a_port_taken_between_choice_and_start_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    ports = PortBook(tmp_path / "ports.json")
    run = HostRun(HOSTS[0], tmp_path, ports)
    run.lay_out()
    chosen = json.loads((tmp_path / "app-01" / "etc" / "services.json").read_text())["billing"]["port"]
    with socket.create_server(("127.0.0.1", chosen)):
        host = await run.start(10)
        assert host.services[0].port not in (None, chosen)
        assert await run.stop() == []


async def test_stop_before_anything_was_laid_out_is_fine(tmp_path: Path) -> None:
    assert await HostRun(HOSTS[0], tmp_path, PortBook(tmp_path / "ports.json")).stop() == []
