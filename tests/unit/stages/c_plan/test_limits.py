"""Time-outs come from the table, and unknown classes are refused."""

import pytest

from opsconductor.domain.errors import BadInput
from opsconductor.stages.c_plan.limits import execution_timeout_s, step_timeout_s
from opsconductor.testing.contracts.lanes import a_catalogue
from opsconductor.testing.executions import HOSTS, a_change, a_read, a_step


@pytest.mark.parametrize(
    ("timeout_class", "seconds"), [("fast_read", 5), ("fast_change", 8), ("medium_deploy", 30), ("long_change", 120)]
)
def test_each_class_has_its_seconds(timeout_class: str, seconds: int) -> None:
    assert step_timeout_s(timeout_class) == seconds


def test_an_unknown_class_is_refused() -> None:
    with pytest.raises(BadInput):
        step_timeout_s("forever")


def test_a_run_has_time_for_further_attempts_verification_and_undo() -> None:
    change, look = a_change(), a_read("look")
    catalogue = a_catalogue(tools={change.name: change, look.name: look})
    assert execution_timeout_s(catalogue, [a_step(change, *HOSTS[:1])]) == 15
    assert execution_timeout_s(catalogue, [a_step(change, *HOSTS)]) == 24
    assert execution_timeout_s(catalogue, [a_step(change, *HOSTS, retries=1)]) == 48
    whole = a_step(change, *HOSTS, verify="look", undo=change.name, on_failure="undo")
    assert execution_timeout_s(catalogue, [whole]) == 24 + 3 * 5 + 3 * 8
