"""A message may claim only what a stored result shows."""

import pytest

from opsconductor.domain.json_value import Json
from opsconductor.domain.response import Draft, Evidence, FactsBlock, ReplyKind, ResponsePlan, ResponseType
from opsconductor.phases.p10_enforce.evidence import check_evidence

FACT = "app-01: billing was restarted and runs as process 4712."
BLOCK = FactsBlock(
    facts=(FACT,),
    evidence=(
        Evidence(claim="app-01", step="step_1@app-01", path="target.name", value="app-01"),
        Evidence(claim="4712", step="step_1@app-01", path="output.pid", value=4712),
        Evidence(claim="restarted", step="step_1@app-01", path="status", value="succeeded"),
    ),
)
PLAN = ResponsePlan(type=ResponseType.ANSWER, kind=ReplyKind.ANSWER)
STORED: dict[str, Json] = {"output": {"pid": 4712}, "status": "succeeded", "target": {"name": "app-01"}}
SOURCES: dict[str, Json] = {"step_1@app-01": STORED}


def check(message: str, block: FactsBlock = BLOCK, sources: dict[str, Json] = SOURCES) -> set[str]:
    draft = Draft(message=message, block=block, attempt=1, worded_by="model")
    return {violation.rule for violation in check_evidence(draft, PLAN, sources)}


def test_the_facts_alone_pass() -> None:
    assert check(FACT) == set()


def test_kind_words_round_the_facts_pass() -> None:
    assert check(f"Here is what I found:\n{FACT}\nAnything else?") == set()


@pytest.mark.parametrize(
    "message",
    [
        FACT.replace("4712", "4711"),
        FACT.replace("app-01", "app-02"),
        FACT.replace("restarted", "stopped"),
        FACT.replace("was", "was not"),
        "All fine.",
        f"{FACT} Also app-02 was restarted.",
        f"{FACT} It took 3 seconds.",
        f"{FACT} Everything is healthy.",
        f"{FACT} That is not true.",
        f"{FACT} I'll check again.",
    ],
)
def test_a_changed_or_added_claim_is_found(message: str) -> None:
    assert check(message) & {"evidence.altered", "evidence.added"}


def test_a_number_without_evidence_is_found_even_in_our_own_fact() -> None:
    block = FactsBlock(facts=("You have 7 assets.",), evidence=())
    assert "evidence.missing" in check("You have 7 assets.", block)


def test_evidence_must_still_hold_in_the_stored_result() -> None:
    changed: dict[str, Json] = {"step_1@app-01": {"output": {"pid": 9}, "status": "succeeded"}}
    assert "evidence.differs" in check(FACT, sources=changed)


def test_a_key_with_dots_is_found_in_the_stored_result() -> None:
    block = FactsBlock(
        facts=("3 at DM-Akron v1.2.",),
        evidence=(Evidence(claim="3", step="s", path="output.breakdown.DM-Akron v1.2", value=3),
                  Evidence(claim="DM-Akron v1.2", step="s", path="output.breakdown", value="DM-Akron v1.2")),
    )  # fmt: skip
    stored: dict[str, Json] = {"s": {"output": {"breakdown": {"DM-Akron v1.2": 3}}, "status": "succeeded"}}
    assert check("3 at DM-Akron v1.2.", block, stored) == set()
