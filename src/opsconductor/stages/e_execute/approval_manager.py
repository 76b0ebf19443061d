"""Freezes a plan into an approval, and decides it: what runs is exactly the hash that was approved."""

from dataclasses import dataclass, replace
from datetime import timedelta

from opsconductor.domain.approvals import Approval, ApprovalDecision, ApprovalState
from opsconductor.domain.assets import Asset
from opsconductor.domain.audit import AuditEntry
from opsconductor.domain.catalogue import Catalogue
from opsconductor.domain.errors import Conflict, NotFound, Refused, Unavailable
from opsconductor.domain.execution import Execution, ExecutionMove, ExecutionStatus
from opsconductor.domain.identity import Identity
from opsconductor.domain.plan import ApprovalEnvelope, PlanV1, envelope_content, hashed_step, planned_target
from opsconductor.domain.turn import ApprovalAnswer, TurnContext
from opsconductor.ports.authorizer import Authorizer, Permission
from opsconductor.ports.canonical import digest
from opsconductor.ports.clock import Clock, timestamp
from opsconductor.ports.ids import Ids
from opsconductor.ports.inventory import Inventory
from opsconductor.ports.processes import Processes
from opsconductor.ports.storage import Storage
from opsconductor.stages.e_execute.frozen_plan import Judge, load_frozen_plan

ENVELOPE_VERSION = 1
VALID_FOR = timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True)
class Decided:
    """An approval after a person's word, and its execution: running when it was approved."""

    approval: Approval
    execution: Execution


def start_reason(turn_id: str) -> str:
    """Why an execution began to run: which turn's approval started it."""
    return f"approved in {turn_id}"


class ApprovalManager:
    """The only place that makes, checks and decides approvals."""

    def __init__(
        self,
        storage: Storage,
        inventory: Inventory,
        authorizer: Authorizer,
        processes: Processes,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._storage = storage
        self._inventory = inventory
        self._authorizer = authorizer
        self._processes = processes
        self._clock = clock
        self._ids = ids

    def propose(self, context: TurnContext, plan: PlanV1, level: int, mode: str) -> tuple[Execution, Approval]:
        """Freeze `plan`: mint the execution and the envelope whose hash people approve. Stored by P11, not here."""
        now = self._clock.now()
        execution = self.mint(context, plan, mode, ExecutionStatus.AWAITING_APPROVAL)
        envelope = ApprovalEnvelope(
            version=ENVELOPE_VERSION,
            tenant=context.tenant,
            execution_id=execution.execution_id,
            requester=context.input.identity.identity_id,
            plan_digest=plan.plan_digest,
            steps=tuple(hashed_step(step) for step in plan.steps),
            risk=plan.risk,
            approval_level=level,
            policy_digest=self._authorizer.policy_digest,
            catalogue_digest=context.catalogue.digest,
            inventory_revision=plan.inventory_revision,
            expires_at=timestamp(now + VALID_FOR),
            nonce=self._ids.new("nonce"),
        )
        plan_hash = digest(envelope_content(envelope))
        approval = Approval(
            approval_id=self._ids.new("appr"),
            tenant=context.tenant,
            execution_id=execution.execution_id,
            plan_hash=plan_hash,
            envelope=envelope,
            level=level,
            state=ApprovalState.PENDING,
            requester=context.input.identity.identity_id,
            turn_id=context.input.turn_id,
            created_at=timestamp(now),
            expires_at=envelope.expires_at,
        )
        return replace(execution, plan_hash=plan_hash), approval

    def mint(self, context: TurnContext, plan: PlanV1, mode: str, status: ExecutionStatus) -> Execution:
        """A new execution of `plan` for this turn."""
        return Execution(
            execution_id=self._ids.new("exec"),
            tenant=context.tenant,
            session_id=context.session.session_id,
            turn_id=context.input.turn_id,
            turn_group=context.input.turn_group or context.input.turn_id,
            requester=context.input.identity.identity_id,
            plan=plan,
            plan_hash="",
            status=status,
            mode=mode,
            request=context.input.message,
            created_at=timestamp(self._clock.now()),
            owner=self._processes.me,
        )

    async def decide(self, context: TurnContext, answer: ApprovalAnswer, judge: Judge) -> Decided:
        """Take a person's decision; on approval, consuming it and starting the run is one transaction.

        Before that `judge` looks at the plan once more: what the world has come to forbid since does not run.
        Raises `approval.not_found|hash_mismatch|not_pending|expired|drift|not_yours` and what `judge` refuses with;
        nothing runs then.
        """
        identity = context.input.identity
        approval = await self._storage.approval(context.tenant, answer.approval_id)
        if approval is None:
            raise NotFound("approval.not_found", f"There is no approval {answer.approval_id}.")
        execution = await self._storage.execution(context.tenant, approval.execution_id)
        if execution is None:
            raise NotFound("execution.not_found", f"The execution of {approval.approval_id} is gone.")
        self._check_rights(identity, approval)
        self._check_hash(answer, approval, execution)
        if approval.state is not ApprovalState.PENDING:
            raise Conflict("approval.not_pending", f"This approval is already {approval.state.value}.")
        if timestamp(self._clock.now()) >= approval.expires_at:
            await self._close(approval, execution, identity, "expired")
            raise Conflict("approval.expired", f"This approval expired at {approval.expires_at}; nothing was run.")
        if answer.decision != "approve":
            return await self._reject(approval, execution, identity, answer, context.input.channel)
        assets = await self._targets(execution)
        drift = self._drift(execution, approval, context.catalogue, assets)
        if drift:
            await self._close(approval, execution, identity, f"drift: {drift}")
            raise Conflict("approval.drift", f"{drift} Nothing was run.")
        verdict = await judge(await load_frozen_plan(self._storage, context, execution, approval, assets))
        if verdict.outcome == "refuse":
            raise Refused(verdict.code, verdict.reasons[0])
        return await self._approve(approval, execution, answer, context)

    def _check_rights(self, identity: Identity, approval: Approval) -> None:
        own = identity.identity_id in (approval.requester, approval.envelope.requester)
        verdict = self._authorizer.decide(
            identity,
            Permission(action="approve", tenant=approval.tenant, facts={"level": approval.level, "own_request": own}),
        )
        if not verdict.allowed:
            raise Refused("approval.not_yours", verdict.reason)

    def _check_hash(self, answer: ApprovalAnswer, approval: Approval, execution: Execution) -> None:
        """The person's hash, the stored hash, and the hash of what would run must be one and the same."""
        would_run = replace(
            approval.envelope,
            tenant=execution.tenant,
            execution_id=execution.execution_id,
            requester=execution.requester,
            plan_digest=execution.plan.plan_digest,
            steps=tuple(hashed_step(step) for step in execution.plan.steps),
            risk=execution.plan.risk,
            approval_level=approval.level,
            inventory_revision=execution.plan.inventory_revision,
            expires_at=approval.expires_at,
        )
        hashes = {answer.plan_hash, approval.plan_hash, execution.plan_hash, digest(envelope_content(would_run))}
        if len(hashes) != 1:
            raise Conflict("approval.hash_mismatch", "The plan you decided on is not the plan that is stored.")

    async def _targets(self, execution: Execution) -> tuple[Asset, ...]:
        """The plan's targets as the inventory has them now."""
        ids = sorted({target.asset_id for step in execution.plan.steps for target in step.targets})
        return tuple(await self._inventory.assets(execution.tenant, ids)) if ids else ()

    def _drift(self, execution: Execution, approval: Approval, catalogue: Catalogue, assets: tuple[Asset, ...]) -> str:
        """What changed since the plan was shown, in words; "" when nothing that matters did."""
        for step in execution.plan.steps:
            tool = catalogue.tools.get(step.tool)
            if tool is None or tool.digest != step.tool_digest:
                return f"The tool {step.tool} has changed since this plan was shown."
        if self._authorizer.policy_digest != approval.envelope.policy_digest:
            return "The access policy has changed since this plan was shown."
        if catalogue.digest != approval.envelope.catalogue_digest:
            return "The pack of tools and rules has changed since this plan was shown."
        now = [planned_target(asset) for asset in assets]
        changed = [target.name for step in execution.plan.steps for target in step.targets if target not in now]
        return f"The inventory's entry of {changed[0]} has changed since this plan was shown." if changed else ""

    async def _approve(
        self, approval: Approval, execution: Execution, answer: ApprovalAnswer, context: TurnContext
    ) -> Decided:
        identity = context.input.identity
        decision = self._decision(approval, identity, answer, context.input.channel)
        move = self._move(execution, ExecutionStatus.RUNNING, identity, start_reason(context.input.turn_id))
        unit = self._storage.begin()
        unit.decide_approval(approval.approval_id, decision, ApprovalState.APPROVED)
        unit.consume_approval(approval.approval_id, approval.plan_hash)
        unit.move_execution(move, owner=self._processes.me)
        unit.append_audit(self._audit(approval, identity, "approval.approved", answer.reason))
        unit.append_audit(self._audit(approval, identity, "execution.started", ""))
        try:
            await unit.commit()
        except Unavailable:
            # Done and not acknowledged: the start is ours to carry out, or nobody ever would.
            if move not in await self._storage.moves(execution.tenant, execution.execution_id):
                raise
        consumed = replace(approval, state=ApprovalState.CONSUMED, decisions=(*approval.decisions, decision))
        running = replace(execution, status=ExecutionStatus.RUNNING, owner=self._processes.me)
        return Decided(approval=consumed, execution=running)

    async def _reject(
        self, approval: Approval, execution: Execution, identity: Identity, answer: ApprovalAnswer, how: str
    ) -> Decided:
        decision = self._decision(approval, identity, answer, how)
        unit = self._storage.begin()
        unit.decide_approval(approval.approval_id, decision, ApprovalState.REJECTED)
        unit.move_execution(self._move(execution, ExecutionStatus.CANCELLED, identity, "rejected"))
        unit.append_audit(self._audit(approval, identity, "approval.rejected", answer.reason))
        await unit.commit()
        rejected = replace(approval, state=ApprovalState.REJECTED, decisions=(*approval.decisions, decision))
        return Decided(approval=rejected, execution=replace(execution, status=ExecutionStatus.CANCELLED))

    async def _close(self, approval: Approval, execution: Execution, identity: Identity, why: str) -> None:
        """End an approval that can no longer be given."""
        unit = self._storage.begin()
        unit.expire_approval(approval.approval_id)
        unit.move_execution(self._move(execution, ExecutionStatus.CANCELLED, identity, why))
        unit.append_audit(self._audit(approval, identity, "approval.expired", why))
        await unit.commit()

    def _decision(self, approval: Approval, identity: Identity, answer: ApprovalAnswer, how: str) -> ApprovalDecision:
        return ApprovalDecision(
            who=identity.identity_id,
            who_name=identity.name,
            decision="approve" if answer.decision == "approve" else "reject",
            reason=answer.reason,
            at=timestamp(self._clock.now()),
            how=how,
            level=approval.level,
        )

    def _move(self, execution: Execution, target: ExecutionStatus, identity: Identity, why: str) -> ExecutionMove:
        return ExecutionMove(
            execution_id=execution.execution_id,
            source=ExecutionStatus.AWAITING_APPROVAL,
            target=target,
            actor=identity.identity_id,
            at=timestamp(self._clock.now()),
            reason=why,
        )

    def _audit(self, approval: Approval, identity: Identity, action: str, reason: str) -> AuditEntry:
        return AuditEntry(
            tenant=approval.tenant,
            at=timestamp(self._clock.now()),
            actor=identity.identity_id,
            action=action,
            subject=approval.approval_id,
            detail={"execution": approval.execution_id, "plan_hash": approval.plan_hash, "reason": reason},
        )
