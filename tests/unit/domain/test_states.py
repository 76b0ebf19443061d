"""Illegal moves raise, and what is final stays final."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsconductor.domain.errors import Conflict
from opsconductor.domain.execution import ExecutionStatus, StepStatus
from opsconductor.domain.states import EXECUTION_MOVES, STEP_MOVES, TERMINAL, check_execution_move, check_step_move


def test_every_state_has_its_row() -> None:
    assert set(EXECUTION_MOVES) == set(ExecutionStatus)
    assert set(STEP_MOVES) == set(StepStatus)


@given(st.sampled_from(ExecutionStatus), st.sampled_from(ExecutionStatus))
def test_an_execution_moves_only_along_its_table(source: ExecutionStatus, target: ExecutionStatus) -> None:
    if target in EXECUTION_MOVES[source]:
        check_execution_move(source, target)
        return
    with pytest.raises(Conflict) as refused:
        check_execution_move(source, target)
    assert refused.value.code == "execution.illegal_move"


@given(st.sampled_from(StepStatus), st.sampled_from(StepStatus))
def test_a_step_moves_only_along_its_table(source: StepStatus, target: StepStatus) -> None:
    if target in STEP_MOVES[source]:
        check_step_move(source, target)
        return
    with pytest.raises(Conflict):
        check_step_move(source, target)


def test_only_unknown_leaves_a_final_state() -> None:
    leaving = {state for state in TERMINAL if EXECUTION_MOVES[state]}
    assert leaving == {ExecutionStatus.UNKNOWN}


def test_nothing_runs_from_a_pending_approval_without_running() -> None:
    assert ExecutionStatus.SUCCEEDED not in EXECUTION_MOVES[ExecutionStatus.AWAITING_APPROVAL]
