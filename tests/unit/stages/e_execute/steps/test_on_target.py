"""A first try is number one, each further one a number of its own; a look at a rollout has no journal."""

from dataclasses import replace

from opsconductor.domain.execution import Execution, ExecutionStatus, StepError, StepStatus
from opsconductor.stages.e_execute.steps.on_target import OnTarget, first_try, next_try
from opsconductor.stages.e_execute.steps.run_context import RunContext
from opsconductor.testing.contracts.lanes import a_catalogue
from opsconductor.testing.executions import HOSTS, a_change, a_plan, a_read, a_step

CHANGE = a_change()
STEP = a_step(CHANGE, HOSTS[0])
RUN = RunContext(
    execution=Execution(
        execution_id="exec_1", tenant="default", session_id="s", turn_id="t", turn_group="t", requester="id_1",
        plan=a_plan(STEP), plan_hash="", status=ExecutionStatus.RUNNING, mode="immediate", request="", created_at="",
    ),
    catalogue=a_catalogue(tools={CHANGE.name: CHANGE}, rules=()),
)  # fmt: skip
WORK = OnTarget(run=RUN, step=STEP, tool=CHANGE, target=STEP.targets[0], asset=HOSTS[0])


def test_attempts_are_numbered_and_keep_what_was_said_of_the_earlier_ones() -> None:
    first = first_try(WORK, "10:00")
    assert (first.step_id, first.target, first.target_id, first.status) == (
        "step_1",
        "app-01",
        HOSTS[0].asset_id,
        StepStatus.TODO,
    )
    failed = replace(first, status=StepStatus.FAILED, error=StepError(code="connector.failed", message="no"))
    second = next_try(failed, "10:01")
    assert [(one.number, one.started_at) for one in second.attempts] == [(1, "10:00"), (2, "10:01")]
    assert second.error == failed.error
    assert second.started_at == "10:00"


def test_without_a_target_it_has_no_name() -> None:
    assert first_try(replace(WORK, target=None, asset=None), "10:00").target == ""


def test_what_reads_and_what_is_journalled() -> None:
    look = replace(WORK, tool=a_read(), step=replace(STEP, step_id="step_1.verify"))
    assert (WORK.reads, WORK.is_journalled) == (False, True)
    assert (look.reads, look.is_journalled) == (True, False)
