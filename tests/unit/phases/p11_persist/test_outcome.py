"""How a turn ended, in the words analytics counts."""

import pytest

from opsconductor.domain.response import EXIT_CODES, ReplyKind
from opsconductor.domain.turn import ToolPhaseResult
from opsconductor.phases.p11_persist.outcome import outcome_of

RESOLUTIONS = {"resolved", "partial", "unresolved", "redirected"}
CATEGORIES = {
    "AWAITING_USER_INPUT",
    "SYSTEM_ERROR",
    "POLICY_RESTRICTION",
    "KNOWLEDGE_GAP",
    "CAPABILITY_GAP",
    "OUT_OF_SCOPE",
    "SAFETY_REFUSAL",
}


@pytest.mark.parametrize(
    ("kind", "code", "resolution", "categories"),
    [
        (ReplyKind.ANSWER, "", "resolved", ()),
        (ReplyKind.CANCELLED, "", "resolved", ()),
        (ReplyKind.QUESTION, "", "partial", ("AWAITING_USER_INPUT",)),
        (ReplyKind.APPROVAL_REQUIRED, "", "partial", ("AWAITING_USER_INPUT",)),
        (ReplyKind.PARTIAL, "", "partial", ("SYSTEM_ERROR",)),
        (ReplyKind.FAILED, "connector.failed", "unresolved", ("SYSTEM_ERROR",)),
        (ReplyKind.UNKNOWN, "", "unresolved", ("SYSTEM_ERROR",)),
        (ReplyKind.REFUSED, "scope.out_of_scope", "unresolved", ("OUT_OF_SCOPE",)),
        (ReplyKind.REFUSED, "scope.no_tool", "unresolved", ("CAPABILITY_GAP",)),
        (ReplyKind.REFUSED, "gate.denied_by_rule", "unresolved", ("SAFETY_REFUSAL",)),
        (ReplyKind.REFUSED, "gate.second_person", "redirected", ("POLICY_RESTRICTION",)),
        (ReplyKind.REFUSED, "rights.denied", "unresolved", ("POLICY_RESTRICTION",)),
    ],
)
def test_outcomes(kind: ReplyKind, code: str, resolution: str, categories: tuple[str, ...]) -> None:
    outcome = outcome_of(kind, ToolPhaseResult(refusal_code=code))
    assert (outcome.resolution, outcome.categories) == (resolution, categories)


@pytest.mark.parametrize("kind", list(EXIT_CODES))
def test_every_kind_has_a_known_outcome(kind: ReplyKind) -> None:
    outcome = outcome_of(kind, ToolPhaseResult())
    assert outcome.resolution in RESOLUTIONS
    assert set(outcome.categories) <= CATEGORIES
