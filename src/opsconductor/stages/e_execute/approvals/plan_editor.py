"""Replaces a waiting plan by an edited one: new hash, new approval, the old one withdrawn, in one transaction."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from opsconductor.domain.approvals import Approval
from opsconductor.domain.errors import Conflict, NotFound, Refused, Unavailable
from opsconductor.domain.execution import Execution, ExecutionStatus
from opsconductor.domain.turn import ApprovalAnswer, GateVerdict, TurnContext
from opsconductor.ports.clock import Clock
from opsconductor.ports.inventory import Inventory
from opsconductor.ports.schema import Schemas
from opsconductor.ports.storage import Storage
from opsconductor.stages.e_execute.approval_manager import ApprovalManager, Decided
from opsconductor.stages.e_execute.approvals.approval_rows import ApprovalRows
from opsconductor.stages.e_execute.approvals.editing import Editing, Replan
from opsconductor.stages.e_execute.approvals.envelopes import is_intact, tool_key
from opsconductor.stages.e_execute.approvals.frozen_plan import FrozenPlan, load_frozen_plan
from opsconductor.stages.e_execute.approvals.standing import check_standing
from opsconductor.stages.e_execute.settling.overdue import Overdue

Level = Callable[[FrozenPlan], Awaitable[GateVerdict]]
"""The gate's verdict on a plan that was edited, with the level at which it has to be approved."""


class PlanEditor:
    """Only the requester edits, and only what has not begun to run."""

    def __init__(
        self, storage: Storage, inventory: Inventory, schemas: Schemas, approvals: ApprovalManager, clock: Clock
    ) -> None:
        self._storage = storage
        self._inventory = inventory
        self._editing = Editing(schemas, inventory)
        self._approvals = approvals
        self._overdue = Overdue(storage, clock)
        self._rows = ApprovalRows(clock)

    async def edit(self, context: TurnContext, answer: ApprovalAnswer, replan: Replan, judge: Level) -> Decided:
        """The edited plan with its new approval, stored. `replan` is stage C, `judge` the gate.

        Raises `approval.not_found|not_yours|hash_mismatch|not_pending|expired`, `execution.duplicate` when the same
        order is open already, `store.conflict` when somebody decided meanwhile, what `Editing.selection` and
        stage C raise, and what the gate refuses with. The old plan goes on waiting then.
        """
        approval, execution = await self._asked(context, answer)
        selection = await self._editing.selection(context.tenant, context.catalogue, execution.plan, answer.changes)
        plan = await replan(selection)
        ids = sorted({target.asset_id for step in plan.steps for target in step.targets})
        assets = tuple(await self._inventory.assets(context.tenant, ids)) if ids else ()
        edited = replace(execution, plan=plan)
        frozen = await load_frozen_plan(self._storage, context, edited, approval, assets)
        verdict = await judge(frozen)
        if verdict.outcome == "refuse":
            raise Refused(verdict.code, verdict.reasons[0])
        edited = replace(edited, tool_key=tool_key(frozen.intent or "", plan))
        asked = self._approvals.question(edited, context, max(verdict.level, 1))
        edited = replace(edited, plan_hash=asked.plan_hash)
        await self._store(context, answer, approval, edited, asked)
        told = f"It replaces {approval.approval_id}, which is withdrawn."
        return Decided(approval=asked, execution=edited, told=told)

    async def _asked(self, context: TurnContext, answer: ApprovalAnswer) -> tuple[Approval, Execution]:
        approval = await self._storage.approval(context.tenant, answer.approval_id)
        if approval is None:
            raise NotFound("approval.not_found", f"There is no approval {answer.approval_id}.")
        execution = await self._storage.execution(context.tenant, approval.execution_id)
        if execution is None:
            raise NotFound("execution.not_found", f"The execution of {approval.approval_id} is gone.")
        if context.input.identity.identity_id != execution.requester:
            raise Refused("approval.not_yours", "Only the person who asked for a plan edits it.")
        right = answer.plan_hash == approval.plan_hash
        if right:
            await check_standing(self._storage, approval)
        if not right or not is_intact(approval, execution):
            raise Conflict("approval.hash_mismatch", "The plan you edit is not the plan that is stored.")
        if approval.step_id:
            raise Conflict("approval.not_pending", "This plan has begun to run and is no longer edited.")
        if await self._overdue.close(approval):
            raise Conflict("approval.expired", f"This approval expired at {approval.expires_at}; nothing was run.")
        if execution.status is not ExecutionStatus.AWAITING_APPROVAL:
            raise Conflict("execution.cancelled", f"The execution of this plan is already {execution.status.value}.")
        return approval, execution

    async def _store(
        self, context: TurnContext, answer: ApprovalAnswer, old: Approval, edited: Execution, asked: Approval
    ) -> None:
        actor = context.input.identity.identity_id
        unit = self._storage.begin()
        unit.withdraw_approval(old.approval_id)
        unit.refreeze_execution(edited.execution_id, edited.plan, asked.plan_hash, old.plan_hash, edited.tool_key)
        unit.add_approval(asked)
        why, new = answer.reason, asked.approval_id
        unit.append_audit(self._rows.audit(old, actor, "approval.withdrawn", why, replaced_by=new))
        unit.append_audit(self._rows.audit(asked, actor, "approval.requested", why, replaces=old.approval_id))
        try:
            await unit.commit()
        except Unavailable:
            # Done and not acknowledged is done: the plan that is stored is the one that is told.
            if await self._storage.approval(asked.tenant, asked.approval_id) is None:
                raise
