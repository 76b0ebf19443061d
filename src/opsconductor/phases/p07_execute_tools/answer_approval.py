"""What a person's word on an approval comes to, before anything of it runs."""

from dataclasses import dataclass
from functools import partial

from opsconductor.domain.approvals import ApprovalState
from opsconductor.domain.errors import InternalFault, OpsConductorError
from opsconductor.domain.turn import ApprovalAnswer, GateVerdict, ToolPhaseResult, TurnContext
from opsconductor.phases.p07_execute_tools.gate import Gate
from opsconductor.stages.c_plan.planner import Plan
from opsconductor.stages.e_execute.approval_manager import ApprovalManager, Decided
from opsconductor.stages.e_execute.approvals.plan_editor import PlanEditor
from opsconductor.stages.e_execute.steps.run_context import RunContext

WAITING = (ApprovalState.PENDING, ApprovalState.CHANGES_REQUESTED)


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What is told, and the run where the decision started one."""

    planned: ToolPhaseResult
    run: RunContext | None = None


class AnswerApproval:
    """Gate and approvals on the frozen plan."""

    def __init__(self, approvals: ApprovalManager, editor: PlanEditor, gate: Gate, plan: Plan) -> None:
        self._approvals = approvals
        self._editor = editor
        self._gate = gate
        self._plan = plan

    async def run(self, context: TurnContext) -> Answered:
        """A decision that cannot be taken is a refusal, not a crash."""
        answer = context.input.approval
        if answer is None:
            raise InternalFault("internal.fault", "An approval turn came without a decision.")
        try:
            decided = await self._decided(context, answer)
        except OpsConductorError as error:
            return Answered(planned=ToolPhaseResult(refusal_code=error.code, refusal=error.message))
        plan = decided.execution.plan
        started = decided.approval.state is ApprovalState.CONSUMED
        verdict = GateVerdict(
            outcome="run" if started else "approve" if decided.approval.state in WAITING else "refuse",
            level=decided.approval.level,
            risk=plan.risk,
            reasons=(f"{answer.decision} by {context.input.identity.name}",),
        )
        planned = ToolPhaseResult(
            plan=plan, verdict=verdict, approval=decided.approval, execution=decided.result, told=decided.told
        )
        if not started:
            return Answered(planned=planned)
        run = RunContext(
            execution=decided.execution,
            catalogue=context.catalogue,
            approvals=decided.decisions,
            started=True,
            actor=context.input.identity.identity_id,
            approval_id=decided.approval.approval_id,
            done=decided.done,
            confirmed=decided.confirmed,
        )
        return Answered(planned=planned, run=run)

    async def _decided(self, context: TurnContext, answer: ApprovalAnswer) -> Decided:
        if answer.decision == "edit":
            replan = partial(self._plan.run, context.tenant, context.catalogue)
            return await self._editor.edit(context, answer, replan, partial(self._gate.judge_edited, context))
        return await self._approvals.decide(context, answer, partial(self._gate.judge_again, context))
