"""What the reply must be is decided by what was executed, before a word of it is written."""

from dataclasses import replace
from typing import Any

import pytest

from opsconductor.adapters.expressions.cel import open_expressions
from opsconductor.domain.approvals import ApprovalState
from opsconductor.domain.customer import RejectedValue
from opsconductor.domain.decision import Clarification, DecisionV1, IntentGuess
from opsconductor.domain.error_codes import CODES
from opsconductor.domain.execution import ExecutionResultV1, ExecutionStatus
from opsconductor.domain.json_value import Json
from opsconductor.domain.knowledge import Mode
from opsconductor.domain.response import ReplyKind, ResponsePlan, ResponseType
from opsconductor.domain.retrieval import LaneResult, RetrievalResults
from opsconductor.domain.rules import Rule, RuleEffect, RuleScope, SelectedRules
from opsconductor.domain.scenarios import Orchestration, ScenarioStep, StepKind, Transition
from opsconductor.domain.turn import ToolPhaseResult
from opsconductor.phases.p08_plan_response import SUCCESS_WORDS, PlanResponse, kind_of
from opsconductor.testing.approvals import an_approval
from opsconductor.testing.executions import HOSTS, a_change, a_plan, a_step
from opsconductor.testing.turns import a_context, an_update

PLAN = a_plan(a_step(a_change(), HOSTS[0]))
QUESTION = Clarification(question="Which host?", options=("app-01", "app-02"))


def execution(status: ExecutionStatus, output: Json = None) -> ExecutionResultV1:
    return ExecutionResultV1(
        execution_id="exec_1",
        plan_id="plan_1",
        plan_hash="",
        status=status,
        mode="immediate",
        started_at=None,
        completed_at=None,
        duration_s=None,
        step_results=(),
        success_count=0,
        failure_count=0,
        unknown_count=0,
        summary="",
        output=output,
    )


def ran(status: ExecutionStatus = ExecutionStatus.SUCCEEDED, output: Json = None) -> ToolPhaseResult:
    return ToolPhaseResult(plan=PLAN, execution=execution(status, output))


async def planned(executed: ToolPhaseResult, *rules: Rule, follow: Orchestration | None = None) -> ResponsePlan:
    return await PlanResponse(open_expressions()).run(
        a_context("restart billing on app-01"),
        an_update(),
        RetrievalResults(),
        SelectedRules(rules=rules),
        follow or Orchestration(),
        executed,
    )


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (ExecutionStatus.SUCCEEDED, ReplyKind.ANSWER),
        (ExecutionStatus.PARTIAL, ReplyKind.PARTIAL),
        (ExecutionStatus.FAILED, ReplyKind.FAILED),
        (ExecutionStatus.TIMED_OUT, ReplyKind.FAILED),
        (ExecutionStatus.UNKNOWN, ReplyKind.UNKNOWN),
        (ExecutionStatus.CANCELLED, ReplyKind.CANCELLED),
    ],
)
async def test_the_kind_follows_from_the_execution(status: ExecutionStatus, kind: ReplyKind) -> None:
    plan = await planned(ran(status))
    assert plan.kind is kind
    assert (plan.must_avoid == ()) is (kind is ReplyKind.ANSWER)
    assert plan.must_avoid in ((), SUCCESS_WORDS)
    if kind is not ReplyKind.ANSWER:
        assert plan.suggested_next == ("opsconductor executions show exec_1",)


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_refusal_is_a_refusal_a_failure_or_unknown(code: str) -> None:
    unknown = dict.fromkeys(("execution.unknown_outcome", "execution.fenced"), ReplyKind.UNKNOWN)
    expected = unknown.get(code, ReplyKind.REFUSED if CODES[code].exit == 6 else ReplyKind.FAILED)
    assert kind_of(ToolPhaseResult(refusal_code=code)) is expected


@pytest.mark.parametrize(
    ("executed", "kind", "type_"),
    [
        (ToolPhaseResult(clarification=QUESTION), ReplyKind.QUESTION, ResponseType.ASK),
        (ToolPhaseResult(info={"answer": "x"}), ReplyKind.ANSWER, ResponseType.ANSWER),
        (ToolPhaseResult(), ReplyKind.REFUSED, ResponseType.REFUSE),
        (ToolPhaseResult(refusal_code="gate.second_person"), ReplyKind.REFUSED, ResponseType.ESCALATE),
        (ToolPhaseResult(refusal_code="rights.denied"), ReplyKind.REFUSED, ResponseType.REFUSE),
        (ToolPhaseResult(refusal_code="store.unavailable"), ReplyKind.FAILED, ResponseType.ANSWER),
        (ToolPhaseResult(plan=PLAN, approval=an_approval(PLAN)), ReplyKind.APPROVAL_REQUIRED, ResponseType.CONFIRM),
        (
            ToolPhaseResult(plan=PLAN, approval=an_approval(PLAN, state=ApprovalState.REJECTED)),
            ReplyKind.CANCELLED,
            ResponseType.ANSWER,
        ),
        (replace(ran(), clarification=QUESTION), ReplyKind.ANSWER, ResponseType.MIXED),
    ],
)
async def test_kinds_and_types(executed: ToolPhaseResult, kind: ReplyKind, type_: ResponseType) -> None:
    plan = await planned(executed)
    assert (plan.kind, plan.type) == (kind, type_)


async def test_a_question_carries_its_choices() -> None:
    plan = await planned(ToolPhaseResult(clarification=QUESTION))
    assert (plan.question, plan.options, plan.contributions) == ("Which host?", ("app-01", "app-02"), ("ASK",))


async def test_what_waits_for_approval_names_the_next_commands() -> None:
    approval = an_approval(PLAN)
    plan = await planned(ToolPhaseResult(plan=PLAN, approval=approval))
    assert plan.suggested_next == (
        f"opsconductor approvals approve {approval.approval_id}",
        f"opsconductor approvals reject {approval.approval_id}",
    )
    assert plan.contributions == ("CONFIRM", "ACTION_HINT")


async def test_a_refusal_suggests_what_its_code_suggests() -> None:
    plan = await planned(ToolPhaseResult(refusal_code="rights.denied"))
    assert plan.suggested_next == (CODES["rights.denied"].next_step,)


def says(text: str, condition: str = "", **changes: Any) -> Rule:
    rule = Rule(
        rule_id="R-1",
        title="",
        description="",
        scope=RuleScope.AGENT,
        effect=RuleEffect.MUST_SAY,
        text=text,
        condition=condition,
    )
    return replace(rule, **changes)


@pytest.mark.parametrize(
    ("text", "condition", "said"),
    [
        ("Connections to {service} end.", "", ("Connections to billing end.",)),
        ("{host} is outside production.", "", ("app-01 is outside production.",)),
        ("{nobody} knows.", "", ()),
        ("Said.", "'service-restart' in tools", ("Said.",)),
        ("Said.", "targets.exists(t, t.environment == 'production')", ()),
        ("Said.", "nowhere == 1", ()),
        ("Said.", "plan.targets == 1 && identity.name == 'requester'", ("Said.",)),
    ],
)
async def test_rules_that_must_say(text: str, condition: str, said: tuple[str, ...]) -> None:
    assert (await planned(ran(), says(text, condition))).must_include == said


@pytest.mark.parametrize("status", [ExecutionStatus.FAILED, ExecutionStatus.UNKNOWN, ExecutionStatus.PARTIAL])
async def test_nothing_is_said_about_a_change_that_did_not_happen(status: ExecutionStatus) -> None:
    assert (await planned(ran(status), says("Connections ended."))).must_include == ()


async def test_a_value_is_never_read_as_a_placeholder() -> None:
    step = replace(PLAN.steps[0], inputs={"service": "{host}", "host": "x"})
    executed = replace(ran(), plan=replace(PLAN, steps=(step,)))
    assert (await planned(executed, says("About {service}."))).must_include == ("About {host}.",)


LOGIC = ScenarioStep(
    step_id="conclude",
    kind=StepKind.LOGIC,
    transitions=(
        Transition(target="end", text="suggest: restart {service} on {host}"),
        Transition(target="end", priority=10, condition="output.running", text="{service} runs as {output.pid}."),
        Transition(target="end", priority=20, condition="output.broken", text="{output.gone} is broken."),
    ),
)


@pytest.mark.parametrize(
    ("output", "told", "suggested"),
    [
        ({"running": True, "broken": False, "pid": 12}, ("billing runs as 12.",), ()),
        ({"running": True, "pid": 12}, ("billing runs as 12.",), ()),
        ({"running": True}, (), ()),
        ({"running": False}, (), ("restart billing on app-01",)),
        ({}, (), ("restart billing on app-01",)),
        ({"broken": True}, (), ()),
    ],
)
async def test_logic_steps_speak_by_this_turns_results(
    output: Json, told: tuple[str, ...], suggested: tuple[str, ...]
) -> None:
    follow = Orchestration(follow_ups=(LOGIC,), inputs={"service": "billing", "host": "app-01"})
    plan = await planned(ran(output=output), follow=follow)
    assert plan.must_include == told
    assert plan.suggested_next == suggested
    failed = await planned(ran(ExecutionStatus.FAILED, output), follow=follow)
    assert failed.must_include == ()


async def test_what_was_not_taken_and_what_failed_is_a_warning() -> None:
    update = an_update(rejected=(RejectedValue(key="team", value_text="x", reason="it is not one of a, b."),))
    retrieved = RetrievalResults(memories=LaneResult(warning="The memories are not available."))
    plan = await PlanResponse(open_expressions()).run(
        a_context(), update, retrieved, SelectedRules(), Orchestration(), ran()
    )
    assert plan.warnings == ("The memories are not available.", "I did not take team: it is not one of a, b.")


async def test_conditions_know_intent_and_mode() -> None:
    decision = DecisionV1(
        decision_id="dec_1",
        mode=Mode.ACT,
        intent=IntentGuess(category="automation", action="service_restart", confidence=0.9),
        entities=(),
        overall_confidence=0.9,
        confidence_level="high",
        request="",
    )
    rule = says("Said.", "intent == 'automation/service_restart' && mode == 'act'")
    assert (await planned(replace(ran(), decision=decision), rule)).must_include == ("Said.",)
