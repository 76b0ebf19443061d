"""At most once is the rule: only what does no harm twice, and is proven to have failed, may be tried again."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from opsconductor.domain.catalogue import Effect
from opsconductor.domain.execution import Attempt, StepResult, StepStatus
from opsconductor.stages.e_execute.retrying import may_retry, pause_s
from opsconductor.testing.executions import a_change, a_step

RESULT = StepResult(
    step_id="step_1", tool="t", target="", target_id="", status=StepStatus.FAILED, attempts=(), started_at="",
    completed_at="", duration_s=0.0,
)  # fmt: skip


@given(
    st.sampled_from(Effect), st.sampled_from(Effect), st.sampled_from(StepStatus), st.integers(0, 9), st.integers(0, 9)
)
def test_the_rule(effect: Effect, planned: Effect, status: StepStatus, attempts: int, retries: int) -> None:
    tool = a_change(effect=effect)
    step = a_step(tool, effect=planned.value, retries=retries)
    tried = replace(RESULT, status=status, attempts=tuple(Attempt(number=n, started_at="") for n in range(attempts)))
    allowed = may_retry(step, tool, tried)
    harmless = effect is planned and effect in (Effect.READ, Effect.IDEMPOTENT)
    assert allowed == (harmless and status is StepStatus.FAILED and 1 <= attempts <= retries)


def test_the_pause_doubles() -> None:
    step = a_step(a_change(), retry_pause_ms=500)
    assert [pause_s(step, attempts) for attempts in (1, 2, 3)] == [0.5, 1.0, 2.0]
