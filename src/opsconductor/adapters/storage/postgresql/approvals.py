"""Approvals: every step from pending on is a compare-and-set."""

import dataclasses

from opsconductor.adapters.sql_statements import Statements
from opsconductor.adapters.storage.postgresql.bodies import from_body, from_optional_body, to_body
from opsconductor.adapters.storage.postgresql.changes import Change
from opsconductor.adapters.storage.postgresql.times import milliseconds
from opsconductor.adapters.storage.postgresql.transaction import Row, Transaction
from opsconductor.domain.approvals import Approval, ApprovalDecision, ApprovalState
from opsconductor.domain.errors import Conflict, InternalFault, NotFound

_SQL = Statements(__package__, "approvals")

_DECIDED = frozenset(
    {
        ApprovalState.PENDING,
        ApprovalState.APPROVED,
        ApprovalState.REJECTED,
        ApprovalState.CHANGES_REQUESTED,
        ApprovalState.WITHDRAWN,
    }
)
_OPEN = frozenset({ApprovalState.PENDING, ApprovalState.CHANGES_REQUESTED})


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Held:
    """An approval whose row is locked until the commit."""

    tenant: str
    state: ApprovalState
    plan_hash: str
    in_time: bool
    owes_review: bool
    said: int  # how many people have decided


def adding(approval: Approval) -> Change:
    """Insert the question, with what has been said about it."""
    row = {
        "approval_id": approval.approval_id,
        "tenant": approval.tenant,
        "execution_id": approval.execution_id,
        "plan_hash": approval.plan_hash,
        "state": approval.state.value,
        "expires_ms": milliseconds(approval.expires_at),
        "break_glass": any(decision.break_glass for decision in approval.decisions),
        "review": None if approval.review is None else to_body(approval.review),
        "body": to_body(dataclasses.replace(approval, decisions=(), review=None)),
    }

    async def change(transaction: Transaction) -> None:
        await transaction.serve(approval.tenant)
        await transaction.send(_SQL["add_approval"], row)
        for decision in approval.decisions:
            await _add_decision(transaction, approval.tenant, approval.approval_id, decision)

    return change


def deciding(
    approval_id: str, decision: ApprovalDecision, state: ApprovalState, expected_decisions: int | None
) -> Change:
    """pending → `state`, and the decision beside it; pending again while more people have to decide."""
    row = {"approval_id": approval_id, "state": state.value, "break_glass": decision.break_glass}

    async def change(transaction: Transaction) -> None:
        if state not in _DECIDED:
            raise InternalFault("internal.fault", f"A decision cannot make an approval {state}.")
        held = await _hold(transaction, approval_id)
        _demand_pending(held)
        if not held.in_time:
            raise Conflict("approval.expired", "The time to decide is over.")
        await transaction.send(_SQL["decide"], row)
        await _add_decision(transaction, held.tenant, approval_id, decision)
        if expected_decisions not in (None, held.said):
            raise Conflict("store.conflict", "Somebody else has decided in the meantime.")

    return change


def withdrawing(approval_id: str) -> Change:
    """pending | changes_requested → withdrawn."""

    async def change(transaction: Transaction) -> None:
        held = await _hold(transaction, approval_id)
        if held.state not in _OPEN:
            raise _not_pending(held.state)
        await _set(transaction, approval_id, ApprovalState.WITHDRAWN)

    return change


def reviewing(approval_id: str, review: ApprovalDecision) -> Change:
    """What a second person says afterwards of an approval that was given without them."""
    row = {"approval_id": approval_id, "review": to_body(review)}

    async def change(transaction: Transaction) -> None:
        if not (await _hold(transaction, approval_id)).owes_review:
            raise Conflict("approval.not_reviewable", "No break-glass approval is owed a review here.")
        await transaction.send(_SQL["review"], row)

    return change


def consuming(approval_id: str, plan_hash: str) -> Change:
    """approved → consumed, for exactly that plan."""

    async def change(transaction: Transaction) -> None:
        held = await _hold(transaction, approval_id)
        if held.plan_hash != plan_hash:
            raise Conflict("approval.hash_mismatch", "What would run is not what was approved.")
        if held.state is not ApprovalState.APPROVED:
            raise _not_pending(held.state)
        await _set(transaction, approval_id, ApprovalState.CONSUMED)

    return change


def expiring(approval_id: str) -> Change:
    """pending → expired."""

    async def change(transaction: Transaction) -> None:
        _demand_pending(await _hold(transaction, approval_id))
        await _set(transaction, approval_id, ApprovalState.EXPIRED)

    return change


async def approval(transaction: Transaction, tenant: str, approval_id: str) -> Approval | None:
    """One approval with its decisions."""
    rows = await transaction.rows(_SQL["approval"], {"tenant": tenant, "approval_id": approval_id})
    return _approval(rows[0]) if rows else None


async def approvals(
    transaction: Transaction, tenant: str, state: ApprovalState | None, limit: int
) -> tuple[Approval, ...]:
    """The newest approvals of a tenant, or those in one state."""
    statement = _SQL["approvals" if state is None else "approvals_in_state"]
    row = {"tenant": tenant, "state": "" if state is None else state.value, "limit": limit}
    return tuple(map(_approval, await transaction.rows(statement, row)))


async def of_execution(transaction: Transaction, tenant: str, execution_id: str) -> tuple[Approval, ...]:
    """All approvals of one execution, oldest first."""
    rows = await transaction.rows(_SQL["of_execution"], {"tenant": tenant, "execution_id": execution_id})
    return tuple(map(_approval, rows))


async def reviews_due(transaction: Transaction, tenant: str) -> tuple[Approval, ...]:
    """Break-glass approvals without a review, oldest first."""
    return tuple(map(_approval, await transaction.rows(_SQL["reviews_due"], {"tenant": tenant})))


async def _hold(transaction: Transaction, approval_id: str) -> _Held:
    standing = await transaction.hold("approval", approval_id)
    if not standing:
        raise NotFound("approval.not_found", "There is no such approval.")
    tenant, state, plan_hash, in_time, owes_review, said = standing[0]
    return _Held(
        tenant=tenant,
        state=ApprovalState(state),
        plan_hash=plan_hash,
        in_time=in_time,
        owes_review=owes_review,
        said=said,
    )


async def _set(transaction: Transaction, approval_id: str, state: ApprovalState) -> None:
    await transaction.send(_SQL["set"], {"approval_id": approval_id, "state": state.value})


async def _add_decision(transaction: Transaction, tenant: str, approval_id: str, decision: ApprovalDecision) -> None:
    row = {"tenant": tenant, "approval_id": approval_id, "who": decision.who, "body": to_body(decision)}
    if await transaction.change(_SQL["add_decision"], row) == 0:
        raise Conflict("approval.already_decided", f"{decision.who_name} has decided this already.")


def _approval(row: Row) -> Approval:
    state, review, body, decisions = row
    return dataclasses.replace(
        from_body(Approval, body),
        state=ApprovalState(state),
        decisions=tuple(from_body(ApprovalDecision, said) for said in decisions),
        review=from_optional_body(ApprovalDecision, review),
    )


def _demand_pending(held: _Held) -> None:
    if held.state is not ApprovalState.PENDING:
        raise _not_pending(held.state)


def _not_pending(state: ApprovalState) -> Conflict:
    return Conflict("approval.not_pending", f"The approval is {state}.")
