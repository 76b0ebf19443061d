"""Only a boolean true holds."""

import pytest

from opsconductor.domain.json_value import Json
from opsconductor.ports.expressions import Evaluation


@pytest.mark.parametrize(("value", "holds"), [(True, True), (False, False), (None, False), (1, False), ("true", False)])
def test_only_true_holds(value: Json, holds: bool) -> None:
    assert Evaluation(value=value).holds is holds
