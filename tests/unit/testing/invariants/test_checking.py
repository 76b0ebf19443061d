"""The one checker asks all fourteen, and finds nothing where everything is well."""

import re

from opsconductor.testing.invariants import INVARIANTS, check
from opsconductor.testing.invariants.evidence import Evidence
from tests.unit.testing.invariants.healthy import again, evidence


def test_every_invariant_is_there_in_order() -> None:
    numbers = [int(re.match(r"i(\d+)_", invariant.__name__)[1]) for invariant in INVARIANTS]  # type: ignore[index]
    assert numbers == list(range(1, 15))


def test_nothing_is_found_where_everything_is_well_or_nothing_is_known() -> None:
    assert check(evidence()) == ()
    assert check(Evidence()) == ()


def test_a_violation_names_its_invariant() -> None:
    assert [found.invariant for found in check(again(evidence(), "step_1"))] == ["I2"]
