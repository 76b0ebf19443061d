"""Asks people for a plan, or for the next step of one; the same order is asked for once."""

from dataclasses import replace

from opsconductor.domain.decision import DecisionV1
from opsconductor.domain.execution import Execution, Paused
from opsconductor.domain.plan import PlanV1
from opsconductor.domain.turn import GateVerdict, ToolPhaseResult, TurnContext
from opsconductor.ports.authorizer import Authorizer
from opsconductor.ports.clock import Clock, timestamp
from opsconductor.ports.storage import Storage
from opsconductor.stages.e_execute.approval_manager import NEEDED, ApprovalManager
from opsconductor.stages.e_execute.approvals.approvers import Outlook, Question, approvers_now
from opsconductor.stages.e_execute.approvals.envelopes import tool_key
from opsconductor.stages.e_execute.approvals.open_orders import OpenOrders
from opsconductor.stages.e_execute.approvals.waiting_words import (
    begun_already,
    nobody_could,
    waits_already,
    who_is_needed,
)
from opsconductor.stages.e_execute.settling.overdue import Overdue
from opsconductor.stages.e_execute.steps.ended_early import so_far
from opsconductor.stages.e_execute.steps.run_context import RunContext

CONFIRMS = "It is confirmed by the person who asked for it, or by an approver."


class AskApproval:
    """Proposals, which P11 stores."""

    def __init__(self, storage: Storage, authorizer: Authorizer, approvals: ApprovalManager, clock: Clock) -> None:
        self._storage = storage
        self._authorizer = authorizer
        self._approvals = approvals
        self._orders = OpenOrders(storage)
        self._overdue = Overdue(storage, clock)
        self._clock = clock

    async def run(
        self, context: TurnContext, planned: ToolPhaseResult, plan: PlanV1, verdict: GateVerdict
    ) -> ToolPhaseResult:
        """The proposal; or the same order, when it is open already; or why nobody here could ever approve it."""
        key = tool_key(_intent(planned.decision), plan)
        known = await self.known(context, planned, key)
        if known is not None:
            return known
        outlook = await self._outlook(context, plan, verdict.level)
        if outlook is not None and not outlook.possible:
            words = nobody_could(outlook, verdict.level, verdict.reasons)
            refused = replace(verdict, outcome="refuse", code="gate.second_person", reasons=(words, *verdict.reasons))
            return replace(planned, verdict=refused, refusal_code="gate.second_person", refusal=words)
        execution, approval = self._approvals.propose(context, plan, verdict.level, verdict.mode, key)
        told = who_is_needed(outlook, approval.approval_id) if outlook is not None else ""
        return replace(planned, proposed=execution, approval=approval, told=told)

    async def known(self, context: TurnContext, planned: ToolPhaseResult, key: str) -> ToolPhaseResult | None:
        """What there is already of this order; None when it is a new one."""
        same = await self._orders.same_as(context, key)
        if same is None:
            return None
        question = await self._orders.question_of(same)
        if question is not None and await self._overdue.close(question):
            return None
        unproposed = replace(planned, proposed=None, plan=same.plan)
        if question is not None:
            return replace(unproposed, approval=question, told=waits_already(same, question))
        if same.result is not None:
            return replace(unproposed, approval=None, execution=same.result)
        return replace(
            unproposed, approval=None, refusal_code="execution.duplicate", refusal=begun_already(same), told=""
        )

    async def pause(
        self, context: TurnContext, planned: ToolPhaseResult, run: RunContext, at: Paused
    ) -> ToolPhaseResult:
        """A level-3 run that has come to its next changing step: what it has done, and the question about the step."""
        execution: Execution = run.execution
        level = planned.approval.level if planned.approval is not None else execution.plan.approval_level
        approval = self._approvals.question(execution, context, level, at.step_id)
        now = timestamp(self._clock.now())
        told = f"{planned.told} {CONFIRMS}".strip()
        return replace(
            planned, approval=approval, paused=at, execution=so_far(execution, at.done, run.approvals, now), told=told
        )

    async def _outlook(self, context: TurnContext, plan: PlanV1, level: int) -> Outlook | None:
        """Who may approve; None when the person who asks may simply confirm."""
        identity = context.input.identity
        question = Question(
            tenant=context.tenant,
            requester=identity.identity_id,
            level=level,
            needed=NEEDED.get(level, 1),
            plan=plan,
        )
        rights = await approvers_now(self._storage, self._authorizer, context.tenant, context.catalogue)
        if question.needed == 1 and rights.may(identity, question).allowed:
            return None
        return rights.outlook(await self._storage.identities(context.tenant), question)


def _intent(decision: DecisionV1 | None) -> str:
    return decision.intent.label if decision is not None and decision.intent is not None else ""
