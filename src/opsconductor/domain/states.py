"""The state machines of executions and steps: illegal moves raise."""

from collections.abc import Mapping

from opsconductor.domain.errors import Conflict
from opsconductor.domain.execution import ExecutionStatus as X
from opsconductor.domain.execution import StepStatus as S

EXECUTION_MOVES: Mapping[X, frozenset[X]] = {
    X.PENDING: frozenset({X.AWAITING_APPROVAL, X.QUEUED, X.RUNNING, X.CANCELLED, X.FAILED}),
    X.AWAITING_APPROVAL: frozenset({X.QUEUED, X.RUNNING, X.CANCELLED}),
    X.QUEUED: frozenset({X.RUNNING, X.CANCELLED}),
    X.RUNNING: frozenset({X.AWAITING_APPROVAL, X.SUCCEEDED, X.FAILED, X.PARTIAL, X.CANCELLED, X.TIMED_OUT, X.UNKNOWN}),
    X.SUCCEEDED: frozenset(),
    X.FAILED: frozenset(),
    X.PARTIAL: frozenset(),
    X.CANCELLED: frozenset(),
    X.TIMED_OUT: frozenset(),
    X.UNKNOWN: frozenset({X.SUCCEEDED, X.FAILED, X.PARTIAL}),  # settled by a probe or a person
}
STEP_MOVES: Mapping[S, frozenset[S]] = {
    S.TODO: frozenset({S.INTENT, S.SKIPPED, S.FAILED}),  # failed before intent: a precondition did not hold
    S.INTENT: frozenset({S.SUCCEEDED, S.FAILED, S.UNKNOWN}),
    S.SUCCEEDED: frozenset({S.COMPENSATED}),
    S.FAILED: frozenset(),
    S.UNKNOWN: frozenset({S.SUCCEEDED, S.FAILED}),
    S.SKIPPED: frozenset(),
    S.COMPENSATED: frozenset(),
}
TERMINAL = frozenset({X.SUCCEEDED, X.FAILED, X.PARTIAL, X.CANCELLED, X.TIMED_OUT, X.UNKNOWN})
"""States in which nothing more happens by itself."""


def check_execution_move(source: X, target: X) -> None:
    """Raise `execution.illegal_move` unless the state machine allows it."""
    if target not in EXECUTION_MOVES[source]:
        raise Conflict("execution.illegal_move", f"An execution cannot move from {source} to {target}.")


def check_step_move(source: S, target: S) -> None:
    """Raise `execution.illegal_move` unless the state machine allows it."""
    if target not in STEP_MOVES[source]:
        raise Conflict("execution.illegal_move", f"A step cannot move from {source} to {target}.")
