"""Who may write for a run and change a target, and for how long: by the store's clock alone."""

from opsconductor.adapters.sql_statements import Statements
from opsconductor.adapters.storage.postgresql.changes import Change
from opsconductor.adapters.storage.postgresql.held_execution import fenced, hold, not_found
from opsconductor.adapters.storage.postgresql.transaction import Transaction
from opsconductor.domain.errors import Conflict
from opsconductor.domain.states import TERMINAL

_SQL = Statements(__package__, "leases")


def claiming(execution_id: str, owner: str, lease_s: float, expected_claim: int) -> Change:
    """Take a run over, or take it first."""
    row = {**_lease(execution_id, lease_s), "owner": owner}

    async def change(transaction: Transaction) -> None:
        held = await hold(transaction, execution_id)
        if held.status != "running" or held.claim != expected_claim:
            raise fenced()
        await transaction.send(_SQL["claim"], row)

    return change


def renewing(execution_id: str, owner: str, claim: int, lease_s: float) -> Change:
    """Hold the run, and the targets it holds, for longer."""
    row = {**_lease(execution_id, lease_s), "owner": owner, "claim": claim}

    async def change(transaction: Transaction) -> None:
        held = await hold(transaction, execution_id)
        if await transaction.change(_SQL["renew"], row) == 0:
            raise fenced()
        await transaction.send(_SQL["renew_targets"], {**row, "tenant": held.tenant})

    return change


def cancelling(execution_id: str, actor: str) -> Change:
    """From here on no intent is taken."""

    async def change(transaction: Transaction) -> None:
        held = await hold(transaction, execution_id)
        if held.status in TERMINAL:
            refusal = f"The execution is already {held.status}."
            raise Conflict("execution.not_cancellable", refusal, status=held.status)
        await transaction.send(_SQL["cancel"], {"execution_id": execution_id, "actor": actor})

    return change


def looking_again(execution_id: str, after_s: float | None) -> Change:
    """When the unknown outcome is due to be looked at; None: not any more."""
    row = {"execution_id": execution_id, "after_ms": None if after_s is None else int(after_s * 1000)}

    async def change(transaction: Transaction) -> None:
        held = await hold(transaction, execution_id)
        if held.status != "unknown":
            raise Conflict("store.conflict", f"The execution is {held.status}: there is nothing to look at again.")
        await transaction.send(_SQL["look_again"], row)

    return change


def locking_target(tenant: str, target_id: str, execution_id: str, lease_s: float) -> Change:
    """Keep other runs away from a target; the refusal's fact `holder` names the run that has it."""
    row = {**_lease(execution_id, lease_s), "tenant": tenant, "target_id": target_id}

    async def change(transaction: Transaction) -> None:
        await transaction.serve(tenant)
        await transaction.send(_SQL["hold_target"], row)
        if not await transaction.rows(_SQL["is_there"], row):
            raise not_found()
        if await transaction.change(_SQL["lock_target"], row) == 0:
            holder = str((await transaction.rows(_SQL["last_holder"], row))[0][0])
            raise Conflict("target.busy", f"{target_id} is being changed by {holder}.", holder=holder)

    return change


async def target_holder(transaction: Transaction, tenant: str, target_id: str) -> str | None:
    """The execution that holds the target now."""
    rows = await transaction.rows(_SQL["target_holder"], {"tenant": tenant, "target_id": target_id})
    return str(rows[0][0]) if rows else None


def _lease(execution_id: str, lease_s: float) -> dict[str, object]:
    return {"execution_id": execution_id, "lease_ms": int(lease_s * 1000)}
