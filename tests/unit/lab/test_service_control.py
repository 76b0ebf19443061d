from pathlib import Path
from typing import Any

from opsconductor.lab.service_control import svc


async def test_status_and_message_of_svc_come_back(box: Any) -> None:
    assert await svc(box.root, "start", "billing") == (0, "")
    status, said = await svc(box.root, "start", "nginx")
    assert status == 3
    assert "this host runs: billing" in said


async def test_a_host_without_svc_is_told_and_not_raised(tmp_path: Path) -> None:
    status, said = await svc(tmp_path, "stop", "billing")
    assert status == 1
    assert "cannot be run" in said
