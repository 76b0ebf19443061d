"""Ids tell what a result is of."""

import pytest

from opsconductor.domain.step_ids import planned_id, undoes, verifies


@pytest.mark.parametrize(
    ("step_id", "undo", "verify"),
    [("step_1", False, False), ("step_1.undo", True, False), ("step_1.verify", False, True)],
)
def test_the_suffix_tells_and_the_rest_is_the_planned_step(step_id: str, undo: bool, verify: bool) -> None:
    assert (undoes(step_id), verifies(step_id), planned_id(step_id)) == (undo, verify, "step_1")
