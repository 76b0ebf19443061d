"""Executions and their changes of state."""

from opsconductor.adapters.sql_statements import Statements
from opsconductor.adapters.storage.postgresql.bodies import from_body, from_optional_body, to_body
from opsconductor.adapters.storage.postgresql.changes import Change
from opsconductor.adapters.storage.postgresql.held_execution import demand_claim, hold, not_found
from opsconductor.adapters.storage.postgresql.transaction import Row, Transaction
from opsconductor.domain.errors import Conflict
from opsconductor.domain.execution import Execution, ExecutionMove, ExecutionResultV1, ExecutionStatus
from opsconductor.domain.plan import PlanV1
from opsconductor.domain.states import TERMINAL, check_execution_move

_SQL = Statements(__package__, "executions")


def adding(execution: Execution) -> Change:
    """Insert a frozen plan."""
    row = {
        "execution_id": execution.execution_id,
        "tenant": execution.tenant,
        "session_id": execution.session_id,
        "turn_id": execution.turn_id,
        "turn_group": execution.turn_group,
        "requester": execution.requester,
        "plan_hash": execution.plan_hash,
        "mode": execution.mode,
        "request": execution.request,
        "created_at": execution.created_at,
        "updated_at": execution.updated_at,
        "status": execution.status.value,
        "owner": execution.owner,
        "claim": execution.claim,
        "tool_key": execution.tool_key,
        "cancelled_by": execution.cancelled_by,
        "plan": to_body(execution.plan),
        "result": None if execution.result is None else to_body(execution.result),
    }

    async def change(transaction: Transaction) -> None:
        await transaction.serve(execution.tenant)
        await _demand_free_key(transaction, execution.tenant, execution.tool_key, execution.execution_id)
        await transaction.send(_SQL["add_execution"], row)

    return change


def moving(move: ExecutionMove, owner: str, claim: int | None) -> Change:
    """Change the state and record that it changed; the end of a run gives back what it held."""
    ends = move.target in TERMINAL or move.target is ExecutionStatus.AWAITING_APPROVAL
    row = {
        "execution_id": move.execution_id,
        "source": move.source.value,
        "target": move.target.value,
        "actor": move.actor,
        "at": move.at,
        "reason": move.reason,
        "owner": owner,
        "ends": ends,
        "is_unknown": move.target is ExecutionStatus.UNKNOWN,
    }

    async def change(transaction: Transaction) -> None:
        check_execution_move(move.source, move.target)
        held = await hold(transaction, move.execution_id)
        if claim is not None:
            demand_claim(held, claim)
        if held.status != move.source.value:
            raise Conflict("store.conflict", f"The execution is {held.status}, no longer {move.source}.")
        mine = {**row, "tenant": held.tenant}
        await transaction.send(_SQL["move"], mine)
        await transaction.send(_SQL["add_move"], mine)
        if ends:
            await transaction.send(_SQL["free_targets"], mine)

    return change


def saving_result(execution_id: str, result: ExecutionResultV1) -> Change:
    """Replace the result."""
    row = {"execution_id": execution_id, "result": to_body(result)}

    async def change(transaction: Transaction) -> None:
        await transaction.serve_owner_of("execution", execution_id)
        if await transaction.change(_SQL["save_result"], row) == 0:
            raise not_found()

    return change


def refreezing(execution_id: str, plan: PlanV1, plan_hash: str, replaced_hash: str, tool_key: str) -> Change:
    """Replace the plan, and its key, of an execution that waits for approval."""
    row = {
        "execution_id": execution_id,
        "plan": to_body(plan),
        "plan_hash": plan_hash,
        "replaced_hash": replaced_hash,
        "tool_key": tool_key,
    }

    async def change(transaction: Transaction) -> None:
        held = await hold(transaction, execution_id)
        await _demand_free_key(transaction, held.tenant, tool_key, execution_id)
        if await transaction.change(_SQL["refreeze"], row) == 0:
            raise Conflict("store.conflict", "The plan is not the one that was to be replaced, or no longer waits.")

    return change


async def execution(transaction: Transaction, tenant: str, execution_id: str) -> Execution | None:
    """One execution."""
    rows = await transaction.rows(_SQL["execution"], {"tenant": tenant, "execution_id": execution_id})
    return _execution(rows[0]) if rows else None


async def executions(transaction: Transaction, tenant: str, limit: int, before: str) -> tuple[Execution, ...]:
    """The newest executions of a tenant, or of those older than `before`."""
    row = {"tenant": tenant, "limit": limit, "before": before}
    return tuple(map(_execution, await transaction.rows(_SQL["executions_before" if before else "executions"], row)))


async def running(transaction: Transaction) -> tuple[Execution, ...]:
    """Executions that run, of all tenants, oldest first."""
    return tuple(map(_execution, await transaction.rows(_SQL["running"], {})))


async def abandoned(transaction: Transaction) -> tuple[Execution, ...]:
    """Executions that run although their lease is over, of all tenants, oldest first."""
    return tuple(map(_execution, await transaction.rows(_SQL["abandoned"], {})))


async def to_look_at(transaction: Transaction, limit: int) -> tuple[Execution, ...]:
    """Executions whose outcome is unknown and due to be looked at again, of all tenants."""
    return tuple(map(_execution, await transaction.rows(_SQL["to_look_at"], {"limit": limit})))


async def of_group(transaction: Transaction, tenant: str, turn_group: str) -> tuple[Execution, ...]:
    """Those of one turn group, oldest first."""
    rows = await transaction.rows(_SQL["of_group"], {"tenant": tenant, "turn_group": turn_group})
    return tuple(map(_execution, rows))


async def open_execution(transaction: Transaction, tenant: str, tool_key: str) -> Execution | None:
    """The one that waits, is queued or runs under this key."""
    rows = await transaction.rows(_SQL["open_execution"], {"tenant": tenant, "tool_key": tool_key})
    return _execution(rows[0]) if rows else None


async def moves(transaction: Transaction, tenant: str, execution_id: str) -> tuple[ExecutionMove, ...]:
    """The changes of state in order."""
    rows = await transaction.rows(_SQL["moves"], {"tenant": tenant, "execution_id": execution_id})
    return tuple(
        ExecutionMove(
            execution_id=execution_id,
            source=ExecutionStatus(source),
            target=ExecutionStatus(target),
            actor=actor,
            at=at,
            reason=reason,
        )
        for source, target, actor, at, reason in rows
    )


async def _demand_free_key(transaction: Transaction, tenant: str, tool_key: str, mine: str) -> None:
    if not tool_key:
        return
    row = {"tenant": tenant, "tool_key": tool_key, "execution_id": mine}
    await transaction.send(_SQL["one_key_at_a_time"], row)
    if found := await transaction.rows(_SQL["open_with_key"], row):
        other = str(found[0][0])
        raise Conflict("execution.duplicate", f"The same order is already open as {other}.", execution=other)


def _execution(row: Row) -> Execution:
    execution_id, tenant, session_id, turn_id, group, requester, plan_hash, mode, request, created_at, *changing = row
    status, owner, updated_at, plan, result, claim, tool_key, cancelled_by = changing
    return Execution(
        execution_id=execution_id,
        tenant=tenant,
        session_id=session_id,
        turn_id=turn_id,
        turn_group=group,
        requester=requester,
        plan=from_body(PlanV1, plan),
        plan_hash=plan_hash,
        status=ExecutionStatus(status),
        mode=mode,
        request=request,
        created_at=created_at,
        owner=owner,
        result=from_optional_body(ExecutionResultV1, result),
        updated_at=updated_at,
        claim=claim,
        tool_key=tool_key,
        cancelled_by=cancelled_by,
    )
