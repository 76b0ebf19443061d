from pathlib import Path

import pytest

from opsconductor.domain.errors import Conflict
from opsconductor.stages.e_execute.approvals.ordered_once import NO_KEY, OrderKey, remember, was_ordered
from tests.unit.stage_e import open_stage_e


async def test_an_order_is_known_by_its_key_once_it_is_carried_out(home: Path) -> None:
    async with open_stage_e(home) as stage:
        order = OrderKey(key="k", body_hash="one")
        assert not await was_ordered(stage.stored, "default", order)
        unit = stage.stored.begin()
        remember(unit, "default", "exec_1", order, stage.clock)
        remember(unit, "default", "exec_1", NO_KEY, stage.clock)
        await unit.commit()
        assert await was_ordered(stage.stored, "default", order)
        assert not await was_ordered(stage.stored, "other", order)
        assert not await was_ordered(stage.stored, "default", NO_KEY)
        with pytest.raises(Conflict):
            await was_ordered(stage.stored, "default", OrderKey(key="k", body_hash="two"))
