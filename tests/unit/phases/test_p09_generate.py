"""Drafts: the template is always there, and a model is asked with the facts alone."""

import pytest

from opsconductor.domain.approvals import ApprovalDecision, ApprovalState
from opsconductor.domain.decision import Clarification
from opsconductor.domain.errors import Unavailable
from opsconductor.domain.response import Draft, FactsBlock, ReplyKind, ResponsePlan, ResponseType
from opsconductor.domain.turn import ToolPhaseResult
from opsconductor.phases.p09_generate import Generate, plain_message
from opsconductor.ports.llm import Wording, WordingRequest
from opsconductor.stages.d_answer.answer import Answer
from opsconductor.testing.approvals import an_approval
from opsconductor.testing.contracts.lanes import a_catalogue
from opsconductor.testing.doubles.llm.obedient import ObedientWordingDouble
from opsconductor.testing.executions import HOSTS, a_change, a_plan, a_step
from opsconductor.testing.turns import MOMENT, a_context

CHANGE = a_change()
PLAN = a_plan(a_step(CHANGE, HOSTS[0]))
RESPONSE = ResponsePlan(
    type=ResponseType.ANSWER,
    kind=ReplyKind.ANSWER,
    must_include=("Mind the gap.",),
    must_avoid=("all good",),
    question="Which host?",
    options=("app-01", "app-02"),
)


async def draft(executed: ToolPhaseResult, wording: Wording | None = None, **more: object) -> Draft:
    context = a_context("the words of the user", catalogue=a_catalogue(tools={CHANGE.name: CHANGE}))
    return await Generate(Answer(), wording).run(context, RESPONSE, executed, **more)  # type: ignore[arg-type]


def rejected(reason: str) -> ToolPhaseResult:
    decision = ApprovalDecision(
        who="id_2", who_name="approver", decision="reject", reason=reason, at=MOMENT, how="cli", level=1
    )
    return ToolPhaseResult(plan=PLAN, approval=an_approval(PLAN, state=ApprovalState.REJECTED, decisions=(decision,)))


@pytest.mark.parametrize(
    ("executed", "words"),
    [
        (ToolPhaseResult(refusal_code="rights.denied", refusal="You may not."), "You may not. Nothing was run."),
        (ToolPhaseResult(refusal_code="execution.unknown_outcome", refusal="It broke off."), "It broke off."),
        (ToolPhaseResult(), "outside what I can do"),
        (ToolPhaseResult(info={"answer": "Hello."}), "Hello."),
        (ToolPhaseResult(plan=PLAN, approval=an_approval(PLAN)), "This plan waits for approval"),
        (rejected("not tonight."), "rejected by approver, so nothing was run. Reason: not tonight."),
        (rejected(""), "The plan was rejected by approver, so nothing was run."),
    ],
)
async def test_the_template_says_what_happened_and_what_must_be_said(executed: ToolPhaseResult, words: str) -> None:
    made = await draft(executed)
    assert words in made.message
    assert made.message.endswith("\nMind the gap.")
    assert (made.worded_by, made.attempt) == ("template", 1)


async def test_a_question_numbers_its_choices() -> None:
    made = await draft(ToolPhaseResult(clarification=Clarification(question="Which host?")))
    assert made.message.startswith("Which host?\n1. app-01\n2. app-02")


async def test_a_model_sees_facts_and_no_words_of_the_user() -> None:
    model = ObedientWordingDouble()
    made = await draft(ToolPhaseResult(info={"answer": "Hello."}), model, hints=("wrong",), attempt=2)
    assert (made.worded_by, made.attempt, made.message) == ("model", 2, "Hello.\nMind the gap.")
    (request,) = model.requests
    assert request == WordingRequest(
        facts=("Hello.",), must_include=("Mind the gap.",), must_avoid=("all good",), hints=("wrong",), channel="cli"
    )
    assert "words of the user" not in repr(request)


async def test_a_model_that_does_not_answer_is_done_without() -> None:
    class Silent:
        async def word(self, request: WordingRequest) -> str:
            raise Unavailable("embedder.unavailable", "No model here.")

    made = await draft(ToolPhaseResult(info={"answer": "Hello."}), Silent())
    assert (made.worded_by, made.message) == ("template", "Hello.\nMind the gap.")


def test_the_plain_message_is_the_facts_then_what_must_be_said() -> None:
    assert plain_message(FactsBlock(facts=("One.", "Two.")), RESPONSE) == "One.\nTwo.\nMind the gap."
