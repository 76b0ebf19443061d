"""What stage E is tried on holds together: digests are true, and a run really runs."""

from pathlib import Path

from opsconductor.domain.execution import ExecutionStatus
from opsconductor.domain.plan import plan_content
from opsconductor.ports.canonical import digest
from opsconductor.testing.executions import HOSTS, a_change, a_plan, a_read, a_step
from tests.unit.stage_e import open_stage_e


def test_a_plan_has_its_true_digest_and_level() -> None:
    plan = a_plan(a_step(a_change(), HOSTS[0]))
    assert plan.plan_digest == digest(plan_content(plan.steps))
    assert plan.approval_level == 1
    assert a_plan(a_step(a_read(), *HOSTS)).approval_level == 0


async def test_the_stage_runs_and_the_world_shows_it(home: Path) -> None:
    async with open_stage_e(home) as stage:
        closing = await stage.run(a_plan(a_step(a_change(), HOSTS[0])))
        assert stage.connector.world.effects == ["app-01"]
    assert closing.result.status is ExecutionStatus.SUCCEEDED
