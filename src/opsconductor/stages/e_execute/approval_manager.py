"""Freezes a plan into an approval, and decides it: what runs is exactly the hash that enough people approved."""

from dataclasses import dataclass, replace
from datetime import timedelta

from opsconductor.domain.approvals import Approval, ApprovalDecision, ApprovalState
from opsconductor.domain.assets import Asset
from opsconductor.domain.catalogue import Catalogue
from opsconductor.domain.errors import BadInput, Conflict, NotFound, Refused, Unavailable
from opsconductor.domain.execution import Execution, ExecutionResultV1, ExecutionStatus, StepResult
from opsconductor.domain.identity import Identity
from opsconductor.domain.plan import PlanV1, planned_target
from opsconductor.domain.turn import ApprovalAnswer, TurnContext
from opsconductor.ports.authorizer import Authorizer
from opsconductor.ports.clock import Clock, timestamp
from opsconductor.ports.ids import Ids
from opsconductor.ports.inventory import Inventory
from opsconductor.ports.processes import Processes
from opsconductor.ports.storage import Storage, UnitOfWork
from opsconductor.stages.e_execute.approvals.approval_rows import ApprovalRows
from opsconductor.stages.e_execute.approvals.approvers import Approvers, Question, approvers_now, is_enough
from opsconductor.stages.e_execute.approvals.envelopes import envelope_of, hash_of, is_intact
from opsconductor.stages.e_execute.approvals.frozen_plan import Judge, load_frozen_plan
from opsconductor.stages.e_execute.approvals.standing import check_standing
from opsconductor.stages.e_execute.approvals.waiting_words import given_so_far, owed_review
from opsconductor.stages.e_execute.settling.lease import LEASE_S
from opsconductor.stages.e_execute.steps.ended_early import cancelled, decisions_of, done_so_far

VALID_FOR = timedelta(minutes=30)
NEEDED = {0: 1, 1: 1, 2: 1, 3: 2}
"""So many distinct people approve a plan of that level."""
STEP_BY_STEP = 3
"""From this level on each changing step is confirmed as it comes."""
TRIES = 5
"""So often a decision is taken anew that another one at the same moment has overtaken."""


@dataclass(frozen=True, kw_only=True)
class Decided:
    """An approval after a person's word, and its execution: running when it was approved."""

    approval: Approval
    execution: Execution
    done: tuple[StepResult, ...] = ()  # what an earlier part of the run has done, for one that goes on
    confirmed: frozenset[str] | None = None  # level 3: changing steps that may run without another word
    decisions: tuple[ApprovalDecision, ...] = ()  # all that were taken on the execution
    result: ExecutionResultV1 | None = None  # what a run came to that this decision ended in the middle
    told: str = ""  # who is still needed, or what is owed


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """What a decision is about, as stored."""

    approval: Approval
    execution: Execution
    question: Question
    rights: Approvers
    answer: ApprovalAnswer
    identity: Identity
    context: TurnContext


def start_reason(turn_id: str) -> str:
    """Why an execution began to run: which turn's approval started it."""
    return f"approved in {turn_id}"


class ApprovalManager:
    """The only place that decides approvals."""

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
        self._rows = ApprovalRows(clock)

    def propose(
        self, context: TurnContext, plan: PlanV1, level: int, mode: str, key: str = ""
    ) -> tuple[Execution, Approval]:
        """Freeze `plan`: mint the execution and the envelope whose hash people approve. Stored by P11, not here."""
        execution = replace(self.mint(context, plan, mode, ExecutionStatus.AWAITING_APPROVAL), tool_key=key)
        approval = self.question(execution, context, level)
        return replace(execution, plan_hash=approval.plan_hash), approval

    def question(self, execution: Execution, context: TurnContext, level: int, step_id: str = "") -> Approval:
        """A pending approval of the execution's plan, or of one step of it, asked in this turn."""
        now = self._clock.now()
        envelope = envelope_of(
            execution,
            level=level,
            needed=1 if step_id else NEEDED.get(level, 1),
            policy_digest=self._authorizer.policy_digest,
            catalogue_digest=context.catalogue.digest,
            expires_at=timestamp(now + VALID_FOR),
            nonce=self._ids.new("nonce"),
            step_id=step_id,
        )
        return Approval(
            approval_id=self._ids.new("appr"),
            tenant=execution.tenant,
            execution_id=execution.execution_id,
            plan_hash=hash_of(envelope),
            envelope=envelope,
            level=level,
            state=ApprovalState.PENDING,
            requester=execution.requester,
            turn_id=context.input.turn_id,
            created_at=timestamp(now),
            expires_at=envelope.expires_at,
            needed=envelope.needed,
            step_id=step_id,
        )

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
        """Take a person's decision; with the last yes that is needed, consuming it and starting the run is one
        transaction.

        Before that `judge` looks at the plan once more: what the world has come to forbid since does not run.
        Raises `approval.*`, `execution.cancelled` and what `judge` refuses with; nothing runs then.
        """
        for attempt in range(1, TRIES + 1):
            asked = await self._asked(context, answer)
            try:
                return await self._decided(asked, judge)
            except Conflict as overtaken:
                if overtaken.code == "approval.expired" and asked.approval.state is ApprovalState.PENDING:
                    await self._close(asked, "expired")
                    words = f"This approval expired at {asked.approval.expires_at}; nothing was run."
                    raise Conflict("approval.expired", words) from overtaken
                if overtaken.code != "store.conflict" or attempt == TRIES:
                    raise
        raise AssertionError("the last try raises")

    async def _asked(self, context: TurnContext, answer: ApprovalAnswer) -> _Asked:
        approval = await self._storage.approval(context.tenant, answer.approval_id)
        if approval is None:
            raise NotFound("approval.not_found", f"There is no approval {answer.approval_id}.")
        execution = await self._storage.execution(context.tenant, approval.execution_id)
        if execution is None:
            raise NotFound("execution.not_found", f"The execution of {approval.approval_id} is gone.")
        refrozen = not approval.step_id and execution.plan_hash != approval.plan_hash
        if refrozen or execution.status is not ExecutionStatus.AWAITING_APPROVAL:  # between the two reads, maybe
            approval = await self._storage.approval(context.tenant, answer.approval_id) or approval
        return _Asked(
            approval=approval,
            execution=execution,
            question=Question.of(approval, execution.plan),
            rights=await approvers_now(self._storage, self._authorizer, context.tenant, context.catalogue),
            answer=answer,
            identity=context.input.identity,
            context=context,
        )

    async def _decided(self, asked: _Asked, judge: Judge) -> Decided:
        approves = asked.answer.decision == "approve"
        self._check_rights(asked, approves)
        right = asked.answer.plan_hash == asked.approval.plan_hash
        if right:
            await check_standing(self._storage, asked.approval)
        if not right or not is_intact(asked.approval, asked.execution):
            raise Conflict("approval.hash_mismatch", "The plan you decided on is not the plan that is stored.")
        sends_back = asked.answer.decision == "request_changes"
        if not approves and not sends_back and asked.approval.state is ApprovalState.CHANGES_REQUESTED:
            return await self._withdraw(asked)
        _check_open(asked)
        if sends_back:
            return await self._send_back(asked)
        return await (self._approve(asked, judge) if approves else self._reject(asked))

    def _check_rights(self, asked: _Asked, approves: bool) -> None:
        if approves and asked.answer.break_glass:
            if asked.approval.step_id:
                raise BadInput("request.invalid", "A step is confirmed by one person; there is no glass to break.")
            verdict = asked.rights.may_break_glass(asked.identity, asked.question)
        else:
            right = asked.rights.may if approves else asked.rights.may_decline
            verdict = right(asked.identity, asked.question)
        if not verdict.allowed:
            raise Refused("approval.not_yours", verdict.reason)
        if not asked.answer.reason.strip() and (asked.answer.break_glass or asked.answer.decision == "request_changes"):
            raise BadInput("approval.reason_needed", "This decision needs a reason; nothing was decided.")

    async def _approve(self, asked: _Asked, judge: Judge) -> Decided:
        approval, execution = asked.approval, asked.execution
        assets = await self._targets(execution)
        drift = self._drift(execution, approval, asked.context.catalogue, assets)
        if drift:
            await self._close(asked, f"drift: {drift}")
            raise Conflict("approval.drift", f"{drift} Nothing was run.")
        verdict = await judge(await load_frozen_plan(self._storage, asked.context, execution, approval, assets))
        if verdict.outcome == "refuse":
            raise Refused(verdict.code, verdict.reasons[0])
        everybody = await self._storage.identities(approval.tenant)
        people = {asked.identity.identity_id: asked.identity}
        people |= {identity.identity_id: identity for identity in everybody}
        decision = self._rows.decision(approval, asked.identity, asked.answer, asked.context.input.channel)
        given = (*approval.decisions, decision)
        counted = asked.rights.counted(given, people, asked.question)
        if decision.who not in {one.who for one in counted}:
            raise Refused("approval.not_yours", f"{decision.who_name} may no longer approve this.")
        if is_enough(counted, approval.needed):
            return await self._start(asked, decision)
        unit = self._storage.begin()
        unit.decide_approval(approval.approval_id, decision, ApprovalState.PENDING, len(approval.decisions))
        unit.append_audit(self._rows.audit(approval, decision.who, "approval.partly_approved", decision.reason))
        await unit.commit()
        waiting = replace(approval, decisions=given)
        told = given_so_far(waiting, counted, asked.rights.outlook(people.values(), asked.question, given))
        return Decided(approval=waiting, execution=execution, told=told)

    async def _start(self, asked: _Asked, decision: ApprovalDecision) -> Decided:
        """One transaction: approved, consumed, running, and claimed by this process."""
        approval, execution = asked.approval, asked.execution
        actor, me = decision.who, self._processes.me
        move = self._rows.move(execution, ExecutionStatus.RUNNING, actor, start_reason(asked.context.input.turn_id))
        action = "approval.break_glass" if decision.break_glass else "approval.approved"
        unit = self._storage.begin()
        unit.decide_approval(approval.approval_id, decision, ApprovalState.APPROVED, len(approval.decisions))
        unit.consume_approval(approval.approval_id, approval.plan_hash)
        unit.move_execution(move, owner=me)
        unit.claim_execution(execution.execution_id, me, LEASE_S, execution.claim)
        unit.append_audit(self._rows.audit(approval, actor, action, decision.reason))
        started = "execution.resumed" if approval.step_id else "execution.started"
        unit.append_audit(self._rows.audit(approval, actor, started))
        try:
            await unit.commit()
        except Unavailable:
            # Done and not acknowledged: the start is ours to carry out, or nobody ever would.
            if move not in await self._storage.moves(execution.tenant, execution.execution_id):
                raise
        consumed = replace(approval, state=ApprovalState.CONSUMED, decisions=(*approval.decisions, decision))
        later = bool(approval.step_id)
        running = replace(execution, status=ExecutionStatus.RUNNING, owner=me, claim=execution.claim + 1)
        return Decided(
            approval=consumed,
            execution=running,
            done=await done_so_far(self._storage, execution) if later else (),
            confirmed=await self._confirmed(consumed),
            decisions=await decisions_of(self._storage, execution) if later else consumed.decisions,
            told=owed_review(consumed) if decision.break_glass else "",
        )

    async def _confirmed(self, approval: Approval) -> frozenset[str] | None:
        if approval.level < STEP_BY_STEP:
            return None
        known = await self._storage.approvals_of(approval.tenant, approval.execution_id) if approval.step_id else ()
        consumed = {one.step_id for one in known if one.step_id and one.state is ApprovalState.CONSUMED}
        return frozenset(consumed | ({approval.step_id} if approval.step_id else set()))

    async def _reject(self, asked: _Asked) -> Decided:
        approval, execution = asked.approval, asked.execution
        decision = self._rows.decision(approval, asked.identity, asked.answer, asked.context.input.channel)
        unit = self._storage.begin()
        unit.decide_approval(approval.approval_id, decision, ApprovalState.REJECTED, len(approval.decisions))
        unit.append_audit(self._rows.audit(approval, decision.who, "approval.rejected", decision.reason))
        result = await self._cancel(unit, asked, "rejected", f"{decision.who_name} rejected it.")
        await unit.commit()
        rejected = replace(approval, state=ApprovalState.REJECTED, decisions=(*approval.decisions, decision))
        return Decided(approval=rejected, execution=replace(execution, status=ExecutionStatus.CANCELLED), result=result)

    async def _send_back(self, asked: _Asked) -> Decided:
        """Changes are wanted: the execution goes on waiting, for an edited plan."""
        approval = asked.approval
        if approval.step_id:
            raise Conflict(
                "approval.not_pending", "This plan has begun to run and is no longer changed; reject the step."
            )
        decision = self._rows.decision(approval, asked.identity, asked.answer, asked.context.input.channel)
        state = ApprovalState.CHANGES_REQUESTED
        unit = self._storage.begin()
        unit.decide_approval(approval.approval_id, decision, state, len(approval.decisions))
        unit.append_audit(self._rows.audit(approval, decision.who, "approval.changes_requested", decision.reason))
        await unit.commit()
        back = replace(approval, state=state, decisions=(*approval.decisions, decision))
        return Decided(approval=back, execution=asked.execution)

    async def _withdraw(self, asked: _Asked) -> Decided:
        """A no to a plan that was sent back for changes: nobody edits it any more."""
        unit = self._storage.begin()
        unit.withdraw_approval(asked.approval.approval_id)
        actor = asked.identity.identity_id
        unit.append_audit(self._rows.audit(asked.approval, actor, "approval.withdrawn", asked.answer.reason))
        await self._cancel(unit, asked, "rejected", f"{asked.identity.name} rejected it.")
        await unit.commit()
        withdrawn = replace(asked.approval, state=ApprovalState.WITHDRAWN)
        return Decided(approval=withdrawn, execution=replace(asked.execution, status=ExecutionStatus.CANCELLED))

    async def _close(self, asked: _Asked, why: str) -> None:
        """End an approval that can no longer be given."""
        unit = self._storage.begin()
        unit.expire_approval(asked.approval.approval_id)
        unit.append_audit(self._rows.audit(asked.approval, asked.identity.identity_id, "approval.expired", why))
        await self._cancel(unit, asked, why, f"The approval of this step ended: {why}")
        await unit.commit()

    async def _cancel(self, unit: UnitOfWork, asked: _Asked, why: str, told: str) -> ExecutionResultV1 | None:
        """Into `unit`: the waiting execution ends; the result where some of it had run, else None."""
        execution, actor = asked.execution, asked.identity.identity_id
        unit.move_execution(self._rows.move(execution, ExecutionStatus.CANCELLED, actor, why))
        if not asked.approval.step_id:
            return None
        done = await done_so_far(self._storage, execution)
        approvals = await decisions_of(self._storage, execution)
        result = cancelled(execution, done, approvals, timestamp(self._clock.now()), told)
        if result is not None:
            unit.save_result(execution.execution_id, result)
        return result

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


def _check_open(asked: _Asked) -> None:
    """Raise unless the approval may still be decided by this person."""
    approval, execution = asked.approval, asked.execution
    if approval.state is ApprovalState.CHANGES_REQUESTED:
        who = approval.decisions[-1].who_name if approval.decisions else "Somebody"
        raise Conflict("approval.changes_requested", f"{who} asked for changes of this plan; nothing was run.")
    if any(decision.who == asked.identity.identity_id for decision in approval.decisions):
        words = f"{asked.identity.name} has decided this approval already; somebody else has to."
        raise Conflict("approval.already_decided", words)
    if execution.status is not ExecutionStatus.AWAITING_APPROVAL:
        raise Conflict("execution.cancelled", f"The execution of this plan is already {execution.status.value}.")
