"""Every journalled attempt is found with the step that made it, undos included."""

from dataclasses import replace

from opsconductor.domain.execution import StepIntent
from opsconductor.ports.storage import StepJournal
from opsconductor.stages.e_execute.steps.attempts import attempted, newest
from opsconductor.testing.contracts.lanes import a_catalogue
from opsconductor.testing.contracts.storage import samples
from opsconductor.testing.executions import HOSTS, a_change, a_plan, a_step

CHANGE = a_change()
BACK = a_change("service-back")
STEP = replace(
    a_step(CHANGE, HOSTS[0]),
    undo=BACK.name,
    undo_inputs={"count": {"before": "count"}, "service": {"input": "service"}},
)
EXECUTION = replace(samples.execution(), plan=a_plan(STEP))
CATALOGUE = a_catalogue(tools={tool.name: tool for tool in (CHANGE, BACK)}, rules=())


def row(step_id: str, attempt: int = 1, **changes: object) -> StepJournal:
    intent: StepIntent = samples.intent(attempt, step_id=step_id, target_id=HOSTS[0].asset_id, before={"count": 7})
    return StepJournal(intent=replace(intent, **changes), result=None)  # type: ignore[arg-type]


def test_the_newest_attempt_of_each_step_on_each_target_counts() -> None:
    rows = [row("step_1"), row("step_1", 2), row("step_1.undo"), row("step_1", target_id="other")]
    found = newest(rows)
    assert found == {
        ("step_1", HOSTS[0].asset_id): rows[1],
        ("step_1.undo", HOSTS[0].asset_id): rows[2],
        ("step_1", "other"): rows[3],
    }


def test_a_planned_step_is_found_with_its_target() -> None:
    tried = row("step_1")
    found = attempted(EXECUTION, tried, newest([tried]), CATALOGUE, {HOSTS[0].asset_id: HOSTS[0]})
    assert found is not None
    assert (found.step, found.tool, found.asset, found.target) == (STEP, CHANGE, HOSTS[0], STEP.targets[0])


def test_an_undo_is_made_again_from_the_reading_before_the_effect() -> None:
    rows = [row("step_1"), row("step_1.undo", before={"count": 9})]
    found = attempted(EXECUTION, rows[1], newest(rows), CATALOGUE, {})
    assert found is not None
    assert found.tool == BACK
    assert found.step.inputs == {"count": 7, "service": "billing"}
    assert found.step.targets == STEP.targets


def test_a_step_that_is_not_in_the_plan_or_cannot_be_undone_any_more_is_not_read_back() -> None:
    rows = [row("step_1"), row("step_1.undo"), row("step_9")]
    assert attempted(EXECUTION, rows[2], newest(rows), CATALOGUE, {}) is None
    without = a_catalogue(tools={CHANGE.name: CHANGE}, rules=())
    assert attempted(EXECUTION, rows[1], newest(rows), without, {}) is None
