"""The record holds everything by reference, and nothing that is never stored."""

from dataclasses import replace

from opsconductor.domain.customer import CustomerDataField, RejectedValue, Scope
from opsconductor.domain.response import EnforcementResult, ReplyKind, ResponseV1, Violation
from opsconductor.domain.retrieval import LaneResult, RetrievalResults, Scored
from opsconductor.domain.rules import RuleVerdict, SelectedRules
from opsconductor.domain.scenarios import Orchestration
from opsconductor.domain.turn import PhaseTiming, ToolPhaseResult, TurnRecord
from opsconductor.phases.p11_persist.record import NOT_STORED, build_record, build_reply
from opsconductor.testing.contracts.lanes import a_catalogue
from opsconductor.testing.turns import MOMENT, a_context, a_session, an_update

FIELDS = (
    CustomerDataField(key="team", scope=Scope.BUSINESS, type="string"),
    CustomerDataField(key="bridge", scope=Scope.SESSION, type="string"),
    CustomerDataField(key="note", scope=Scope.CASE, type="string", persist=False),
)
VIOLATION = Violation(rule="R-1", lane="evidence", detail="made up")
RESPONSE = ResponseV1(
    kind=ReplyKind.REFUSED,
    message="No. Nothing was run.",
    warnings=("A lane failed.",),
    enforcement=EnforcementResult(passed=False, violations=(VIOLATION,)),
    rewrites=2,
)
EXECUTED = ToolPhaseResult(refusal_code="rights.denied", refusal="No.")


def record() -> TurnRecord:
    context = replace(a_context("restart it", session=a_session(turn_count=4)), fields=FIELDS)
    rejected = tuple(
        RejectedValue(key=key, value_text=f"canary-{key}", reason="no") for key in ("team", "bridge", "note", "else")
    )
    rule = a_catalogue().rules[0]
    retrieved = RetrievalResults(
        rules=LaneResult(items=(Scored(item=rule, score=0.123456),), pool=3, strategy="adaptive_k"),
        memories=LaneResult(warning="No memories now."),
    )
    rules = SelectedRules(rules=(rule,), verdicts=(RuleVerdict(rule_id=rule.rule_id, kept=True, reason="holds"),))
    timings = (PhaseTiming(phase="p01_identify", started_ms=0.0, ms=1.5),)
    reply = build_reply(context, EXECUTED, RESPONSE, timings)
    return build_record(
        context,
        an_update(rejected=rejected),
        retrieved,
        rules,
        Orchestration(moves=("start triage",)),
        EXECUTED,
        RESPONSE,
        reply,
        MOMENT,
    )


def test_everything_is_there_by_reference() -> None:
    made = record()
    assert (made.number, made.turn_group, made.requester, made.message) == (5, "turn_1", "id_1", "restart it")
    assert made.lanes["rules"] == {
        "ids": [a_catalogue().rules[0].rule_id],
        "scores": [0.1235],
        "pool": 3,
        "strategy": "adaptive_k",
        "warning": "",
    }
    assert made.lanes["memories"]["warning"] == "No memories now."
    assert made.enforcement == {
        "passed": False,
        "rewrites": 2,
        "worded_by": "template",
        "violations": [{"rule": "R-1", "lane": "evidence", "detail": "made up"}],
    }
    assert made.scenario_moves == ("start triage",)
    assert made.configuration_digest == "sha256:configuration"
    assert made.catalogue_digest == "sha256:contract"
    assert made.rules[0].reason == "holds"


def test_the_reply_tells_code_and_outcome() -> None:
    reply = record().reply
    assert reply.error == {"code": "rights.denied", "message": "No."}
    assert reply.outcome is not None
    assert reply.outcome.categories == ("POLICY_RESTRICTION",)
    assert reply.phases[0].phase == "p01_identify"
    assert reply.warnings == ("A lane failed.",)


def test_values_of_fields_that_are_never_stored_are_left_out() -> None:
    told = {item.key: item.value_text for item in record().rejected_values}
    assert told == {"team": "canary-team", "bridge": NOT_STORED, "note": NOT_STORED, "else": NOT_STORED}
