import asyncio
import os
import signal
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from opsconductor.bootstrap import FirstStart
from opsconductor.domain.errors import Unavailable
from opsconductor.server.inventory_alone import serve_inventory, tenant_of_bearer
from opsconductor.settings import load_settings
from tests.unit.server.conftest import Door


@pytest.mark.asyncio(loop_scope="module")
async def test_a_bearer_token_speaks_for_the_tenant_of_its_identity(door: Door) -> None:
    verify = tenant_of_bearer(door.engine.storage, door.engine.clock, door.engine.ids)
    assert await verify(await door.token()) == "default"  # type: ignore[misc]
    assert await verify("opsc_none") is None  # type: ignore[misc]


async def test_a_store_that_does_not_answer_is_no_wrong_token() -> None:
    class Locked:
        async def identity_of_token(self, token_hash: str) -> None:
            raise Unavailable("store.locked", "Locked.")

    verify = tenant_of_bearer(Locked(), None, None)  # type: ignore[arg-type]
    with pytest.raises(Unavailable, match="Locked"):
        await verify("opsc_x")  # type: ignore[misc]


async def test_the_service_answers_alone_until_it_is_told_to_stop(tmp_path: Path) -> None:
    settings = replace(load_settings({"home": str(tmp_path / "home")}), asset_service_port=0)
    ready: asyncio.Future[tuple[str, FirstStart | None]] = asyncio.get_running_loop().create_future()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(serve_inventory(settings, lambda *told: ready.set_result(told)))
        address, new_home = await ready
        assert new_home is not None
        body = {"query_type": "count", "filters": {}}
        async with httpx2.AsyncClient(base_url=address) as http:
            assert (await http.post("/query", json=body)).status_code == 401
            headers = {"Authorization": f"Bearer {new_home.approver_token}"}
            counted = (await http.post("/query", json=body, headers=headers)).json()
        os.kill(os.getpid(), signal.SIGTERM)
    assert counted == {"success": True, "total_count": 6, "breakdown": {"windows_workstation": 6}}
