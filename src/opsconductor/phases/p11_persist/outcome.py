"""How a turn ended, in the words analytics counts."""

from opsconductor.domain.response import ReplyKind
from opsconductor.domain.turn import ToolPhaseResult, TurnOutcome

REFUSALS = {
    "scope.out_of_scope": "OUT_OF_SCOPE",
    "scope.no_tool": "CAPABILITY_GAP",
    "gate.background_unavailable": "CAPABILITY_GAP",
    "gate.denied_by_rule": "SAFETY_REFUSAL",
}


def outcome_of(kind: ReplyKind, executed: ToolPhaseResult) -> TurnOutcome:
    """Resolution and categories of one reply."""
    if kind in (ReplyKind.QUESTION, ReplyKind.APPROVAL_REQUIRED, ReplyKind.JOB_ACCEPTED):
        return TurnOutcome(resolution="partial", categories=("AWAITING_USER_INPUT",))
    if kind is ReplyKind.REFUSED:
        category = REFUSALS.get(executed.refusal_code, "POLICY_RESTRICTION")
        resolution = "redirected" if executed.refusal_code == "gate.second_person" else "unresolved"
        return TurnOutcome(resolution=resolution, categories=(category,))
    if kind is ReplyKind.PARTIAL:
        return TurnOutcome(resolution="partial", categories=("SYSTEM_ERROR",))
    if kind in (ReplyKind.FAILED, ReplyKind.UNKNOWN):
        return TurnOutcome(resolution="unresolved", categories=("SYSTEM_ERROR",))
    return TurnOutcome(resolution="resolved")
