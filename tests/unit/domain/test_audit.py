"""Two questions about a chain, two answers that do not depend on each other."""

import pytest

from opsconductor.domain.audit import AuditVerdict


@pytest.mark.parametrize(
    ("broken_at", "missing", "integrity", "completeness"),
    [
        (None, (), "whole", "complete"),
        (1, (), "broken", "complete"),
        (None, ("rows 5 to 6 are gone from the end",), "whole", "incomplete"),
        (3, ("rows 5 to 6 are gone from the end",), "broken", "incomplete"),
    ],
)
def test_each_question_has_its_own_answer(
    broken_at: int | None, missing: tuple[str, ...], integrity: str, completeness: str
) -> None:
    verdict = AuditVerdict(tenant="default", rows=9, broken_at=broken_at, missing=missing)
    assert (verdict.integrity, verdict.completeness) == (integrity, completeness)
