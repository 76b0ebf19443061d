"""Who may be tried again, and after which pause. At most once is the rule; this is its only exception."""

from opsconductor.domain.catalogue import Effect, Tool
from opsconductor.domain.execution import StepResult, StepStatus
from opsconductor.domain.plan import PlanStep

REPEATABLE = frozenset({Effect.READ, Effect.IDEMPOTENT})


def may_retry(step: PlanStep, tool: Tool, result: StepResult) -> bool:
    """Whether a further attempt is allowed: the last one is proven to have failed, and doing it twice does no harm.

    `unknown` is never tried again: it may have happened, or still happen.
    """
    repeatable = tool.effect in REPEATABLE and step.effect == tool.effect.value
    return repeatable and result.status is StepStatus.FAILED and 0 < len(result.attempts) <= step.retries


def pause_s(step: PlanStep, attempts: int) -> float:
    """Seconds to wait after so many attempts: the step's own pause, doubled with each further one."""
    return step.retry_pause_ms / 1000 * float(2 ** (attempts - 1))
