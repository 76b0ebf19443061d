"""A, B, C, gate and E in order; what breaks off is told by the journal, and nothing runs twice or unasked."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from opsconductor.adapters.authorizer.cedar import CedarAuthorizer
from opsconductor.adapters.expressions.cel import open_expressions
from opsconductor.adapters.schema.json_schema import JsonSchemas
from opsconductor.adapters.telemetry.fault_log import FaultLog
from opsconductor.adapters.telemetry.turn_trace import ClockTurnTrace
from opsconductor.domain.approvals import ApprovalState
from opsconductor.domain.catalogue import Catalogue, Tool
from opsconductor.domain.decision import Clarification, DecisionV1, IntentGuess
from opsconductor.domain.errors import InternalFault
from opsconductor.domain.execution import ExecutionStatus, StepStatus
from opsconductor.domain.identity import Identity, Role
from opsconductor.domain.knowledge import Mode
from opsconductor.domain.response import ReplyKind
from opsconductor.domain.retrieval import EMPTY_RETRIEVAL
from opsconductor.domain.rules import Rule, RuleEffect, RuleScope, SelectedRules
from opsconductor.domain.scenarios import Orchestration, ToolBinding
from opsconductor.domain.selection import MissingParameter, SelectedTool, SelectionV1
from opsconductor.domain.turn import ApprovalAnswer, ToolPhaseResult, Trigger, TurnContext
from opsconductor.phases.p07_execute_tools.answer_approval import AnswerApproval
from opsconductor.phases.p07_execute_tools.ask_approval import AskApproval
from opsconductor.phases.p07_execute_tools.execute_tools import ExecuteTools
from opsconductor.phases.p07_execute_tools.gate import Gate
from opsconductor.phases.p07_execute_tools.plan_undo import PlanUndo
from opsconductor.phases.p08_plan_response import kind_of
from opsconductor.ports.connector import ConnectorCall, ConnectorResult
from opsconductor.ports.storage import Storage
from opsconductor.stages.c_plan.planner import Plan
from opsconductor.stages.e_execute.approvals.plan_editor import PlanEditor
from opsconductor.stages.e_execute.approvals.undo_order import UndoOrders
from opsconductor.stages.e_execute.steps.calls import ToolCalls
from opsconductor.stages.e_execute.steps.dry_run import DryRun
from opsconductor.testing.contracts.lanes import an_intent
from opsconductor.testing.doubles.connector.scripted import ScriptedConnectorDouble
from opsconductor.testing.doubles.failpoints.killing import KillingFailpointsDouble
from opsconductor.testing.doubles.storage.failing import DO_THEN_RAISE, REFUSE, FailingStorageDouble, at_method
from opsconductor.testing.executions import a_change, a_read
from opsconductor.testing.turns import a_context, a_snapshot, an_update
from tests.unit.stage_e import NoSecrets, StageE, open_stage_e

CHANGE = a_change()
READ = a_read()
SLOW = a_read("slow-read", estimate_s=40.0)
REQUESTER = a_context().input.identity
APPROVER = Identity(identity_id="id_2", tenant="default", name="approver", roles=frozenset({Role.APPROVER}))
DECISION = DecisionV1(
    decision_id="dec_1",
    mode=Mode.ACT,
    intent=IntentGuess(category="automation", action="restart", confidence=0.9),
    entities=(),
    overall_confidence=0.9,
    confidence_level="high",
    request="restart billing on app-01",
)


@dataclass
class Said:
    """Stages A and B as a test scripts them; `asked` tells which of them spoke."""

    decision: DecisionV1 = DECISION
    selection: SelectionV1 | None = None
    asked: list[str] = field(default_factory=list)

    def classify(self) -> Any:
        return _Stage(self, "A", self.decision)

    def select(self) -> Any:
        return _Stage(self, "B", self.selection)


class _Stage:
    def __init__(self, said: Said, name: str, result: Any) -> None:
        self._said = said
        self._name = name
        self._result = result

    async def run(self, *_: object) -> Any:
        self._said.asked.append(self._name)
        return self._result


@dataclass
class P7:
    """The phase over a real stage E."""

    stage: StageE
    phase: ExecuteTools
    said: Said
    log: Path

    async def run(self, *rules: Rule, orchestration: Orchestration | None = None, **turn: Any) -> ToolPhaseResult:
        return await self.in_context(self.stage.context(**turn), *rules, orchestration=orchestration)

    async def in_context(
        self, context: TurnContext, *rules: Rule, orchestration: Orchestration | None = None
    ) -> ToolPhaseResult:
        return await self.phase.run(
            context,
            a_snapshot(),
            an_update(),
            EMPTY_RETRIEVAL,
            SelectedRules(rules=rules),
            orchestration or Orchestration(),
            ClockTurnTrace(self.stage.clock),
        )

    async def decided(
        self,
        proposed: ToolPhaseResult,
        decision: str = "approve",
        requester: Identity | None = REQUESTER,
        catalogue: Catalogue | None = None,
        **turn: Any,
    ) -> ToolPhaseResult:
        """Store the proposal as P11 does, and answer it in a turn of its own."""
        assert proposed.approval is not None
        assert proposed.proposed is not None
        unit = self.stage.stored.begin()
        if requester is not None:
            unit.add_identity(requester)
        unit.add_execution(proposed.proposed)
        unit.add_approval(proposed.approval)
        await unit.commit()
        answer = ApprovalAnswer(
            approval_id=proposed.approval.approval_id,
            plan_hash=proposed.approval.plan_hash,
            decision=decision,
            reason="because",
        )
        context = self.stage.context(turn_id="turn_2", trigger=Trigger.APPROVAL, approval=answer, **turn)
        return await self.in_context(replace(context, catalogue=catalogue or context.catalogue))


def selecting(tool: Tool, *hosts: str, **changes: Any) -> SelectionV1:
    chosen = SelectedTool(
        name=tool.name, reason="", inputs={"service": "billing"}, targets=tuple(f"asset_{host}" for host in hosts)
    )
    return replace(SelectionV1(selection_id="sel_1", tools=(chosen,)), **changes)


@asynccontextmanager
async def p7(home: Path, said: Said, **parts: Any) -> AsyncIterator[P7]:
    async with open_stage_e(home, CHANGE, READ, SLOW, **parts) as stage:
        (home / "logs").mkdir()
        plan, gate = Plan(stage.inventory, open_expressions()), Gate(CedarAuthorizer(), open_expressions())
        editor = PlanEditor(stage.storage, stage.inventory, JsonSchemas(), stage.approvals, stage.clock)
        phase = ExecuteTools(
            said.classify(),
            said.select(),
            plan,
            gate,
            stage.approvals,
            AskApproval(stage.storage, CedarAuthorizer(), stage.approvals, stage.clock),
            AnswerApproval(stage.approvals, editor, gate, plan),
            stage.executor,
            stage.recovery,
            DryRun(ToolCalls({"ssh": stage.connector}, NoSecrets()), stage.inventory),
            PlanUndo(UndoOrders(stage.storage, stage.inventory, stage.prober), stage.storage, stage.ids),
            FaultLog(home / "logs", stage.clock, stage.ids),
        )
        yield P7(stage, phase, said, home / "logs" / "faults.jsonl")


async def test_a_read_runs_at_once(home: Path) -> None:
    async with p7(home, Said(selection=selecting(READ, "app-01", "app-02"))) as door:
        made = await door.run()
        assert door.said.asked == ["A", "B"]
    assert made.execution is not None
    assert made.execution.status is ExecutionStatus.SUCCEEDED
    assert made.verdict is not None
    assert (made.verdict.outcome, made.approval) == ("run", None)


@pytest.mark.parametrize(("tool", "words"), [(READ, "at once"), (CHANGE, "after an approval")])
async def test_a_dry_run_tells_the_calls_and_makes_none(home: Path, tool: Tool, words: str) -> None:
    async with p7(home, Said(selection=selecting(tool, "app-01"))) as door:
        context = door.stage.context()
        made = await door.in_context(replace(context, input=replace(context.input, dry_run=True)))
        assert door.stage.connector.calls == []
        assert await door.stage.stored.executions("default") == ()
    assert [one.target for one in made.commands if one.purpose == "run"] == ["app-01"]
    assert (made.execution, made.approval, made.proposed) == (None, None, None)
    assert words in str(made.info["answer"])
    assert kind_of(made) is ReplyKind.ANSWER


async def test_a_dry_run_of_what_is_not_allowed_is_refused_as_ever(home: Path) -> None:
    async with p7(home, Said(selection=selecting(READ, "app-01"))) as door:
        door.stage.inventory.down = True
        context = door.stage.context()
        made = await door.in_context(replace(context, input=replace(context.input, dry_run=True)))
    assert (made.commands, made.refusal_code) == ((), "inventory.unavailable")


async def test_a_change_waits_and_nothing_runs_or_is_stored(home: Path) -> None:
    async with p7(home, Said(selection=selecting(CHANGE, "app-01"))) as door:
        made = await door.run()
        assert door.stage.connector.calls == []
        assert await door.stage.stored.executions("default") == ()
    assert made.execution is None
    assert made.approval is not None
    assert made.proposed is not None
    assert made.approval.plan_hash == made.proposed.plan_hash != ""


async def test_an_approved_plan_runs_as_it_was_frozen(home: Path) -> None:
    async with p7(home, Said(selection=selecting(CHANGE, "app-01"))) as door:
        made = await door.decided(await door.run())
        assert door.said.asked == ["A", "B"]
        assert door.stage.connector.world.effects == ["app-01"]
    assert made.execution is not None
    assert made.execution.status is ExecutionStatus.SUCCEEDED
    assert [decision.who_name for decision in made.execution.approvals] == ["requester"]
    assert made.execution.plan_hash == made.approval.plan_hash  # type: ignore[union-attr]


async def test_a_rejected_plan_does_not_run_and_keeps_the_reason(home: Path) -> None:
    async with p7(home, Said(selection=selecting(CHANGE, "app-01"))) as door:
        made = await door.decided(await door.run(), "reject")
        assert door.stage.connector.calls == []
    assert made.execution is None
    assert made.approval is not None
    assert (made.approval.state, made.approval.decisions[-1].reason) == (ApprovalState.REJECTED, "because")


@pytest.mark.parametrize(
    "requester", [replace(REQUESTER, disabled=True), replace(REQUESTER, roles=frozenset({Role.VIEWER})), None]
)
async def test_an_approver_lends_no_rights_to_the_requester(home: Path, requester: Identity | None) -> None:
    async with p7(home, Said(selection=selecting(CHANGE, "app-01"))) as door:
        made = await door.decided(await door.run(), requester=requester, identity=APPROVER)
        assert door.stage.connector.calls == []
    assert (made.refusal_code, made.execution) == ("rights.denied", None)


def a_hard_rule(condition: str, **changes: Any) -> Rule:
    rule = Rule(
        rule_id="R-1",
        title="Not now",
        description="",
        scope=RuleScope.GLOBAL,
        effect=RuleEffect.DENY,
        hard=True,
        condition=condition,
    )
    return replace(rule, **changes)


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (a_hard_rule("mode == 'act' && targets.exists(t, t.name == 'app-01')"), "gate.denied_by_rule"),
        (a_hard_rule("request.words.exists(w, w == 'restart')"), "gate.denied_by_rule"),
        (a_hard_rule("intent == 'x'"), "gate.denied_by_rule"),  # the turn that planned it left no record: not judged
        (a_hard_rule("'requester' in identity.roles"), "gate.denied_by_rule"),
        (a_hard_rule("", facets={"environment": ("staging",)}), "gate.denied_by_rule"),
        (a_hard_rule("", effect=RuleEffect.RAISE_LEVEL, level=2), "approval.drift"),
        (a_hard_rule("", effect=RuleEffect.RAISE_LEVEL, level=1), ""),
        (a_hard_rule("", facets={"environment": ("production",)}), ""),
        (a_hard_rule("'approver' in identity.roles"), ""),
        (a_hard_rule("", enabled=False), ""),
        (a_hard_rule("", scope=RuleScope.AGENT), "gate.denied_by_rule"),
        (a_hard_rule("", scope=RuleScope.SCENARIO, scenario="another"), ""),
    ],
)
async def test_hard_rules_judge_the_frozen_plan_again(home: Path, rule: Rule, code: str) -> None:
    async with p7(home, Said(selection=selecting(CHANGE, "app-01"))) as door:
        proposed = await door.run()
        made = await door.decided(proposed, catalogue=replace(door.stage.catalogue, rules=(rule,)), identity=APPROVER)
        assert bool(door.stage.connector.changes) == (code == "")
    assert made.refusal_code == code


async def test_a_decision_that_cannot_be_taken_is_a_refusal(home: Path) -> None:
    async with p7(home, Said()) as door:
        answer = ApprovalAnswer(approval_id="appr_none", plan_hash="", decision="approve")
        made = await door.run(trigger=Trigger.APPROVAL, approval=answer)
        assert (made.refusal_code, made.execution) == ("approval.not_found", None)
        with pytest.raises(InternalFault):
            await door.run(trigger=Trigger.APPROVAL)
        with pytest.raises(InternalFault):
            await door.run(trigger=Trigger.JOB_FINISHED)


@pytest.mark.parametrize(
    ("tool", "hosts", "code"),
    [
        (CHANGE, ("app-01", "app-02"), "gate.second_person"),
        (SLOW, ("app-01",), "gate.background_unavailable"),
        (READ, (), "gate.empty_selector"),
        (READ, ("app-99",), "gate.no_target_matched"),
    ],
)
async def test_what_the_plan_or_the_gate_does_not_allow_is_refused(
    home: Path, tool: Tool, hosts: tuple[str, ...], code: str
) -> None:
    async with p7(home, Said(selection=selecting(tool, *hosts))) as door:
        made = await door.run()
        assert door.stage.connector.calls == []
    assert made.refusal_code == code
    assert made.refusal
    assert (made.execution, made.approval) == (None, None)


async def test_a_viewer_orders_no_change(home: Path) -> None:
    async with p7(home, Said(selection=selecting(CHANGE, "app-01"))) as door:
        context = door.stage.context()
        viewer = replace(context.input.identity, roles=frozenset({Role.VIEWER}))
        made = await door.in_context(replace(context, input=replace(context.input, identity=viewer)))
    assert made.refusal_code == "rights.denied"


async def test_forbidden_words_stop_before_anything_is_chosen(home: Path) -> None:
    rule = Rule(
        rule_id="R-1",
        title="Never",
        description="",
        scope=RuleScope.GLOBAL,
        effect=RuleEffect.DENY,
        hard=True,
        condition="'restart' in request.words",
    )
    async with p7(home, Said(selection=selecting(READ, "app-01"))) as door:
        made = await door.run(rule)
        assert door.said.asked == ["A"]
    assert (made.refusal_code, made.decision) == ("gate.denied_by_rule", DECISION)


@pytest.mark.parametrize(
    ("decision", "code"),
    [
        (replace(DECISION, out_of_scope=True), "scope.out_of_scope"),
        (replace(DECISION, ends_as="not_understood"), "scope.not_understood"),
    ],
)
async def test_what_is_not_understood_is_not_guessed(home: Path, decision: DecisionV1, code: str) -> None:
    async with p7(home, Said(decision=decision)) as door:
        assert (await door.run()).refusal_code == code
        assert door.said.asked == ["A"]


async def test_questions_come_from_the_scenario_the_decision_and_the_selection(home: Path) -> None:
    asked = Clarification(question="Which host?", options=("app-01",))
    missing = SelectionV1(
        selection_id="sel_1", tools=(), ready=False, missing_params=(MissingParameter(name="version", type="string"),)
    )
    choice = SelectionV1(selection_id="sel_1", tools=(), ready=False, clarification=asked)
    async with p7(home / "1", Said(decision=replace(DECISION, clarification=asked))) as door:
        assert (await door.run()).clarification == asked
        scenario = await door.run(orchestration=Orchestration(question="On which host?"))
        assert scenario.clarification is not None
        assert scenario.clarification.question == "On which host?"
    async with p7(home / "2", Said(selection=missing)) as door:
        told = (await door.run()).clarification
        assert told is not None
        assert "version" in told.question
    async with p7(home / "3", Said(selection=choice)) as door:
        assert (await door.run()).clarification == asked


async def test_a_scenarios_action_is_chosen_whatever_the_decision_doubts(home: Path) -> None:
    doubtful = replace(DECISION, clarification=Clarification(question="Which?"), out_of_scope=True)
    async with p7(home, Said(decision=doubtful, selection=selecting(READ, "app-01"))) as door:
        made = await door.run(orchestration=Orchestration(bindings=(ToolBinding(tool=READ.name),)))
    assert made.execution is not None


async def test_an_intent_without_tools_is_answered_from_the_catalogue(home: Path) -> None:
    async with p7(home, Said()) as door:
        context = door.stage.context()
        intent = replace(an_intent("automation/restart"), answer="I can: {tools}")
        made = await door.in_context(replace(context, catalogue=replace(context.catalogue, intents=(intent,))))
    assert made.info["answer"] == "I can: {tools}"
    assert made.execution is None


async def test_nothing_suitable_is_a_refusal(home: Path) -> None:
    none = SelectionV1(selection_id="sel_1", tools=(), explanation="No tool deletes.")
    async with p7(home, Said(selection=none)) as door:
        made = await door.run()
    assert (made.refusal_code, made.refusal) == ("scope.no_tool", "No tool deletes.")


class Breaking(ScriptedConnectorDouble):
    """Acts, and then raises what no connector may raise."""

    async def call(self, call: ConnectorCall) -> ConnectorResult:
        answer = await super().call(call)
        if call.run.argv[0] != "read":
            raise ZeroDivisionError(f"{call.inputs['service']}-canary")
        return answer


async def test_a_run_that_breaks_is_unknown_and_closed(home: Path) -> None:
    async with p7(home, Said(selection=selecting(CHANGE, "app-01")), connector=Breaking()) as door:
        made = await door.decided(await door.run())
        fault = door.log.read_text()
    assert made.execution is not None
    assert made.execution.status is ExecutionStatus.UNKNOWN
    assert made.closing is not None
    assert made.closing.move.target is ExecutionStatus.UNKNOWN
    assert "ZeroDivisionError" in fault
    assert "billing-canary" not in fault


async def test_a_read_that_breaks_failed(home: Path) -> None:
    looking = a_read(run=CHANGE.run)
    said = Said(selection=selecting(looking, "app-01"))
    async with p7(home, said, connector=Breaking()) as door:
        context = door.stage.context()
        catalogue = replace(context.catalogue, tools={looking.name: looking})
        made = await door.in_context(replace(context, catalogue=catalogue))
    assert made.execution is not None
    assert [result.status for result in made.execution.step_results] == [StepStatus.FAILED]


def failing(method: str, fault: str) -> Callable[[Storage], FailingStorageDouble]:
    return lambda storage: FailingStorageDouble(storage, at_method(method, fault))


async def test_a_start_that_is_not_recorded_is_told_as_such(home: Path) -> None:
    said = Said(selection=selecting(READ, "app-01"))
    async with p7(home, said, wrap=failing("add_execution", REFUSE)) as door:
        made = await door.run()
        assert door.stage.connector.calls == []
    assert (made.refusal_code, made.closing) == ("store.unavailable", None)


async def test_a_start_recorded_without_saying_so_is_closed(home: Path) -> None:
    said = Said(selection=selecting(READ, "app-01"))
    async with p7(home, said, wrap=failing("add_execution", DO_THEN_RAISE)) as door:
        made = await door.run()
        assert door.stage.connector.calls == []
    assert made.closing is not None
    assert made.closing.move.target is ExecutionStatus.FAILED


async def test_an_effect_interrupted_by_a_fault_of_ours_is_unknown(home: Path) -> None:
    failpoints = KillingFailpointsDouble(fail_at={"step.after_effect": RuntimeError()})
    said = Said(selection=selecting(CHANGE, "app-01"))
    async with p7(home, said, failpoints=failpoints) as door:
        made = await door.decided(await door.run())
        assert door.stage.connector.world.effects == ["app-01"]
    assert made.execution is not None
    assert made.execution.status is ExecutionStatus.UNKNOWN
