"""Reads S, the store after recovery, through the storage port: the same for every engine of it."""

from collections.abc import Callable, Iterable, Sequence

from opsconductor.domain.approvals import Approval
from opsconductor.domain.audit import ChainedAudit
from opsconductor.domain.execution import Execution
from opsconductor.ports.storage import Storage
from opsconductor.testing.invariants.evidence import StoreAfter, StoredExecution, StoredTurn

MOST = 10_000
"""So many rows of a kind are read at most."""

Verify = Callable[[Iterable[ChainedAudit]], int | None]
"""Number of the first audit row that is not what was sealed, as the seal's `verify` gives it; None when all are."""


def unchecked(rows: Iterable[ChainedAudit]) -> int | None:
    """For a chain that is verified elsewhere."""
    return None


async def read_store(
    storage: Storage,
    verify: Verify = unchecked,
    *,
    turn_ids: Sequence[str] = (),
    keys: Sequence[str] = (),
    tenant: str = "default",
) -> StoreAfter:
    """What one tenant's store holds; `turn_ids` are the requests that clients know of. Raises `store.*`."""
    audit = await storage.audit(tenant, limit=MOST)
    approvals = await storage.approvals(tenant, limit=MOST)
    executions = await storage.executions(tenant, limit=MOST)
    bound = {key: await storage.idempotency(tenant, key) for key in keys}
    return StoreAfter(
        turns=await _turns(storage, tenant, turn_ids),
        executions=tuple([await _execution(storage, execution, approvals) for execution in executions]),
        identities=await storage.identities(tenant),
        audit=audit,
        broken_chains=() if verify(audit) is None else (tenant,),
        keys={key: row.turn_id for key, row in bound.items() if row is not None},
    )


async def _turns(storage: Storage, tenant: str, turn_ids: Sequence[str]) -> tuple[StoredTurn, ...]:
    finished = {record.turn_id: record for record in await storage.turns(tenant, limit=MOST)}
    unfinished = {turn.turn_id for turn in await storage.open_turns() if turn.tenant == tenant}
    found = []
    for turn_id in sorted({*finished, *unfinished, *turn_ids}):
        accepted = await storage.accepted_turn(tenant, turn_id)
        if accepted is not None:
            found.append(StoredTurn(accepted=accepted, record=finished.get(turn_id)))
    return tuple(found)


async def _execution(storage: Storage, execution: Execution, approvals: Sequence[Approval]) -> StoredExecution:
    return StoredExecution(
        execution=execution,
        moves=await storage.moves(execution.tenant, execution.execution_id),
        journal=await storage.journal(execution.tenant, execution.execution_id),
        approvals=tuple(one for one in approvals if one.execution_id == execution.execution_id),
    )
