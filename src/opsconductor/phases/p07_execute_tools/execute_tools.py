"""P7 execute_tools: what the request comes to, stage by stage. An approval's turn starts at the gate's frozen plan.

reads: snapshot, resolved entities, intent lane, rules, orchestration; for an approval the stored plan
writes: execution start, intents and effects' results through stage E
"""

from dataclasses import replace

from opsconductor.domain.decision import Clarification, DecisionV1
from opsconductor.domain.errors import InternalFault, OpsConductorError
from opsconductor.domain.execution import ExecutionStatus, Paused
from opsconductor.domain.json_value import Json
from opsconductor.domain.knowledge import UNDO_INTENT, Intent
from opsconductor.domain.plan import PlanV1
from opsconductor.domain.retrieval import RetrievalResults
from opsconductor.domain.rules import SelectedRules
from opsconductor.domain.scenarios import Orchestration
from opsconductor.domain.selection import SelectionV1
from opsconductor.domain.snapshot import SituationalSnapshot
from opsconductor.domain.turn import (
    CustomerUpdate,
    GateVerdict,
    ToolPhaseResult,
    Trigger,
    TurnContext,
)
from opsconductor.phases.p07_execute_tools.answer_approval import AnswerApproval
from opsconductor.phases.p07_execute_tools.ask_approval import AskApproval
from opsconductor.phases.p07_execute_tools.gate import Gate
from opsconductor.phases.p07_execute_tools.plan_undo import PlanUndo
from opsconductor.phases.p07_execute_tools.standing_rules import with_hard_rules
from opsconductor.ports.telemetry import FaultReporter, TurnTrace
from opsconductor.stages.a_classify.classify import Classify
from opsconductor.stages.b_select.select import Select
from opsconductor.stages.c_plan.planner import Plan
from opsconductor.stages.e_execute.approval_manager import ApprovalManager
from opsconductor.stages.e_execute.executor import Executor
from opsconductor.stages.e_execute.settling.recovery import Recovery
from opsconductor.stages.e_execute.steps.dry_run import DryRun
from opsconductor.stages.e_execute.steps.run_context import RunContext


class ExecuteTools:
    """Runs stages A, B, C, the gate and E in this order, and stops where there is nothing more to do."""

    def __init__(
        self,
        classify: Classify,
        select: Select,
        plan: Plan,
        gate: Gate,
        approvals: ApprovalManager,
        asking: AskApproval,
        answers: AnswerApproval,
        executor: Executor,
        recovery: Recovery,
        dry_run: DryRun,
        undo: PlanUndo,
        faults: FaultReporter,
    ) -> None:
        self._classify = classify
        self._select = select
        self._plan = plan
        self._gate = gate
        self._approvals = approvals
        self._asking = asking
        self._answers = answers
        self._executor = executor
        self._recovery = recovery
        self._dry_run = dry_run
        self._undo = undo
        self._faults = faults

    async def run(
        self,
        context: TurnContext,
        snapshot: SituationalSnapshot,
        customer: CustomerUpdate,
        retrieved: RetrievalResults,
        rules: SelectedRules,
        orchestration: Orchestration,
        trace: TurnTrace,
    ) -> ToolPhaseResult:
        """What was understood, planned, allowed and executed."""
        if context.input.trigger is Trigger.APPROVAL:
            return await self._answer_approval(context, trace)
        if context.input.trigger is Trigger.UNDO:
            decision = self._undo.decision(context)
            return await self._take_back(context, customer, rules, decision, trace)
        if context.input.trigger is not Trigger.MESSAGE:
            raise InternalFault("internal.fault", f"No turn is opened by {context.input.trigger.value} here.")
        forbidden = await self._gate.judge_request(context, customer, rules)
        with trace.part("A classify"):
            decision = await self._classify.run(context, snapshot, customer, retrieved)
        if forbidden is not None:
            return _refusal(forbidden, ToolPhaseResult(decision=decision))
        if decision.intent is not None and decision.intent.label == UNDO_INTENT:
            return await self._take_back(context, customer, rules, decision, trace)
        told = _without_tools(context, decision, customer, retrieved, orchestration)
        if told is not None:
            return told
        with trace.part("B select"):
            selection = await self._select.run(context, decision, customer, rules, orchestration)
        if not selection.ready or not selection.tools:
            return _not_ready(decision, selection)
        return await self._plan_and_run(context, customer, rules, orchestration, decision, selection, trace)

    async def _take_back(
        self,
        context: TurnContext,
        customer: CustomerUpdate,
        rules: SelectedRules,
        decision: DecisionV1,
        trace: TurnTrace,
    ) -> ToolPhaseResult:
        """A plan of the declared undo, judged like any other."""
        try:
            with trace.part("B select"):
                undoing = await self._undo.run(context, rules)
        except OpsConductorError as error:
            return ToolPhaseResult(decision=decision, refusal_code=error.code, refusal=error.message)
        planned = await self._plan_and_run(
            context, customer, undoing.rules, Orchestration(), decision, undoing.selection, trace
        )
        return replace(planned, told=f"{undoing.told} {planned.told}".strip()) if planned.proposed else planned

    async def same_order(self, context: TurnContext, executed: ToolPhaseResult) -> ToolPhaseResult:
        """What there is of an order that somebody else gave while this turn planned it; `executed` proposed it."""
        key = executed.proposed.tool_key if executed.proposed is not None else ""
        return await self._asking.known(context, executed, key) or executed

    async def _plan_and_run(
        self,
        context: TurnContext,
        customer: CustomerUpdate,
        rules: SelectedRules,
        orchestration: Orchestration,
        decision: DecisionV1,
        selection: SelectionV1,
        trace: TurnTrace,
    ) -> ToolPhaseResult:
        try:
            with trace.part("C plan"):
                explained = await self._plan.explained(context.tenant, context.catalogue, selection)
        except OpsConductorError as error:
            return ToolPhaseResult(
                decision=decision, selection=selection, refusal_code=error.code, refusal=error.message
            )
        plan = explained.plan
        with trace.part("gate"):
            bearing = with_hard_rules(context.catalogue, rules, plan, explained.assets, orchestration)
            verdict = await self._gate.judge_plan(context, decision, customer, bearing, plan)
        planned = ToolPhaseResult(decision=decision, selection=selection, plan=plan, verdict=verdict)
        if verdict.outcome == "refuse":
            return _refusal(verdict, planned)
        if context.input.dry_run:
            return await self._told_only(context, planned, plan, verdict)
        if verdict.outcome == "approve":
            return await self._asking.run(context, planned, plan, verdict)
        execution = self._approvals.mint(context, plan, verdict.mode, ExecutionStatus.RUNNING)
        run = RunContext(execution=execution, catalogue=context.catalogue, actor=context.input.identity.identity_id)
        return await self._execute(context, planned, plan, decision, run, trace)

    async def _told_only(
        self, context: TurnContext, planned: ToolPhaseResult, plan: PlanV1, verdict: GateVerdict
    ) -> ToolPhaseResult:
        """What the plan would send; nothing is stored of it but this turn."""
        try:
            commands = await self._dry_run.commands(context.tenant, plan, context.catalogue)
        except OpsConductorError as error:
            return replace(planned, refusal_code=error.code, refusal=error.message)
        return replace(planned, commands=commands, info={"intent": "dry_run", "answer": DRY[verdict.outcome]})

    async def _answer_approval(self, context: TurnContext, trace: TurnTrace) -> ToolPhaseResult:
        """Gate and E on the frozen plan."""
        with trace.part("gate"):
            answered = await self._answers.run(context)
        if answered.run is None:
            return answered.planned
        return await self._execute(context, answered.planned, answered.run.execution.plan, None, answered.run, trace)

    async def _execute(
        self,
        context: TurnContext,
        planned: ToolPhaseResult,
        plan: PlanV1,
        decision: DecisionV1 | None,
        run: RunContext,
        trace: TurnTrace,
    ) -> ToolPhaseResult:
        """Stage E; if it breaks while effects may be under way, the journal tells what is known of them."""
        try:
            with trace.part("E execute"):
                ended = await self._executor.execute_plan(plan, decision, run)
        except Exception as fault:  # round the job: whatever broke, no outcome is guessed
            return await self._broken_off(planned, run, fault)
        if isinstance(ended, Paused):
            return await self._asking.pause(context, planned, run, ended)
        return replace(planned, execution=ended.result, closing=ended)

    async def _broken_off(self, planned: ToolPhaseResult, run: RunContext, fault: Exception) -> ToolPhaseResult:
        """Told by the journal; a start that was never recorded is a failure of which nothing was run."""
        reference = self._faults.report(fault, run.execution.execution_id)
        try:
            elsewhere = await self._recovery.ended_elsewhere(run)
            if elsewhere is not None:
                return replace(planned, execution=elsewhere.result)
            closing = await self._recovery.settle_broken(run)
        except OpsConductorError:
            words = f"The run broke off (reference {reference}); its outcome is not known yet."
            return replace(planned, refusal_code="execution.unknown_outcome", refusal=words)
        if closing is not None:
            return replace(planned, execution=closing.result, closing=closing)
        if isinstance(fault, OpsConductorError):
            return replace(planned, refusal_code=fault.code, refusal=fault.message)
        return replace(planned, refusal_code="internal.fault", refusal=f"The run broke off (reference {reference}).")


def _without_tools(
    context: TurnContext,
    decision: DecisionV1,
    customer: CustomerUpdate,
    retrieved: RetrievalResults,
    orchestration: Orchestration,
) -> ToolPhaseResult | None:
    """The turn's end when no tool is wanted or none may be chosen yet; None when stage B has to speak."""
    if decision.ends_as in ENDINGS:
        words = ENDINGS[decision.ends_as] or _noted(customer)
        return ToolPhaseResult(decision=decision, info={"intent": decision.ends_as, "answer": words})
    if decision.ends_as == "not_understood":
        return ToolPhaseResult(decision=decision, refusal_code="scope.not_understood", refusal=NOT_UNDERSTOOD)
    if orchestration.question:
        asked = Clarification(question=orchestration.question, reason="scenario")
        return ToolPhaseResult(decision=decision, clarification=asked)
    if orchestration.bindings:
        return None
    if decision.out_of_scope:
        return ToolPhaseResult(decision=decision, refusal_code="scope.out_of_scope")
    if decision.clarification is not None:
        return ToolPhaseResult(decision=decision, clarification=decision.clarification)
    intent = _intent(context, decision)
    if intent is not None and not intent.tools:
        return ToolPhaseResult(decision=decision, info=_info(context, intent, retrieved))
    return None


DRY = {
    "run": "Nothing was run. This is what would be sent, at once.",
    "approve": "Nothing was run. This is what would be sent after an approval.",
}
ENDINGS = {"withdrawn": "All right, I leave it. Nothing was run.", "thanked": "You are welcome.", "noted": ""}
NOT_UNDERSTOOD = "I still do not understand what you want."


def _noted(customer: CustomerUpdate) -> str:
    """What was taken over from the message."""
    if not customer.changed:
        return "I did not take over any value."
    return "Noted: " + "; ".join(f"{entry.key} is {entry.value}" for entry in customer.changed) + "."


def _intent(context: TurnContext, decision: DecisionV1) -> Intent | None:
    return context.catalogue.intents_by_label.get(decision.intent.label) if decision.intent is not None else None


def _info(context: TurnContext, intent: Intent, retrieved: RetrievalResults) -> dict[str, Json]:
    """Facts for an intent that needs no tool: the catalogue and what is remembered."""
    return {
        "intent": intent.label,
        "answer": intent.answer,
        "tools": [
            {"name": tool.name, "description": tool.description, "effect": tool.effect.value}
            for tool in context.catalogue.tools.values()
        ],
        "memories": [scored.item.text for scored in retrieved.memories.items],
    }


def _not_ready(decision: DecisionV1, selection: SelectionV1) -> ToolPhaseResult:
    if selection.clarification is not None:
        return ToolPhaseResult(decision=decision, selection=selection, clarification=selection.clarification)
    if selection.missing_params:
        wanted = ", ".join(parameter.name for parameter in selection.missing_params)
        question = Clarification(question=f"I need one more thing: {wanted}?", reason="missing_input")
        return ToolPhaseResult(decision=decision, selection=selection, clarification=question)
    return ToolPhaseResult(
        decision=decision,
        selection=selection,
        refusal_code=selection.refusal_code or "scope.no_tool",
        refusal=selection.explanation or "No tool of this installation does that.",
    )


def _refusal(verdict: GateVerdict, result: ToolPhaseResult) -> ToolPhaseResult:
    return replace(result, verdict=verdict, refusal_code=verdict.code, refusal=verdict.reasons[0])
