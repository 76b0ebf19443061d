"""Time-outs come from the table, and unknown classes are refused."""

import pytest

from opsconductor.domain.errors import BadInput
from opsconductor.stages.c_plan.limits import step_timeout_s


@pytest.mark.parametrize(
    ("timeout_class", "seconds"), [("fast_read", 5), ("fast_change", 8), ("medium_deploy", 30), ("long_change", 120)]
)
def test_each_class_has_its_seconds(timeout_class: str, seconds: int) -> None:
    assert step_timeout_s(timeout_class) == seconds


def test_an_unknown_class_is_refused() -> None:
    with pytest.raises(BadInput):
        step_timeout_s("forever")
