"""Who may write for a run and change a target, and for how long: by the store's clock alone."""

import sqlite3

from opsconductor.adapters.sql_statements import Statements
from opsconductor.adapters.storage.sqlite.changes import Change
from opsconductor.adapters.storage.sqlite.executions import demand_execution, fenced
from opsconductor.adapters.storage.sqlite.packed import pack, unpack
from opsconductor.domain.errors import Conflict

_SQL = Statements(__package__, "leases")


def claiming(execution_id: str, owner: str, lease_s: float, expected_claim: int) -> Change:
    """Take a run over, or take it first."""
    row = {**_lease(execution_id, lease_s), "owner": owner, "claim": expected_claim}
    return _or_fenced("claim", execution_id, row)


def renewing(execution_id: str, owner: str, claim: int, lease_s: float) -> Change:
    """Hold the run, and the targets it holds, for longer."""
    row = {**_lease(execution_id, lease_s), "owner": owner, "claim": claim}
    held = _or_fenced("renew", execution_id, row)

    def change(connection: sqlite3.Connection) -> None:
        held(connection)
        connection.execute(_SQL["renew_targets"], row)

    return change


def cancelling(execution_id: str, actor: str) -> Change:
    """From here on no intent is taken."""
    row = {"execution_id": pack(execution_id), "actor": pack(actor)}

    def change(connection: sqlite3.Connection) -> None:
        if connection.execute(_SQL["cancel"], row).rowcount == 0:
            status = demand_execution(connection, execution_id)
            raise Conflict("execution.not_cancellable", f"The execution is already {status}.", status=status)

    return change


def locking_target(tenant: str, target_id: str, execution_id: str, lease_s: float) -> Change:
    """Keep other runs away from a target; the refusal's fact `holder` names the run that has it."""
    row = {**_lease(execution_id, lease_s), "tenant": tenant, "target_id": pack(target_id)}

    def change(connection: sqlite3.Connection) -> None:
        if connection.execute(_SQL["lock_target"], row).rowcount == 0:
            demand_execution(connection, execution_id)
            holder = unpack(connection.execute(_SQL["target_holder"], row).fetchall()[0][0])
            raise Conflict("target.busy", f"{target_id} is being changed by {holder}.", holder=holder)

    return change


def looking_again(execution_id: str, after_s: float | None) -> Change:
    """When the unknown outcome is due to be looked at; None: not any more."""
    row = {"execution_id": pack(execution_id), "after_ms": None if after_s is None else int(after_s * 1000)}

    def change(connection: sqlite3.Connection) -> None:
        if connection.execute(_SQL["look_again"], row).rowcount == 0:
            status = demand_execution(connection, execution_id)
            raise Conflict("store.conflict", f"The execution is {status}: there is nothing to look at again.")

    return change


def target_holder(connection: sqlite3.Connection, tenant: str, target_id: str) -> str | None:
    """The execution that holds the target now."""
    row = {"tenant": tenant, "target_id": pack(target_id)}
    rows = connection.execute(_SQL["target_holder"], row).fetchall()
    return unpack(rows[0][0]) if rows else None


def _lease(execution_id: str, lease_s: float) -> dict[str, object]:
    return {"execution_id": pack(execution_id), "lease_ms": int(lease_s * 1000)}


def _or_fenced(statement: str, execution_id: str, row: dict[str, object]) -> Change:
    def change(connection: sqlite3.Connection) -> None:
        if connection.execute(_SQL[statement], row).rowcount == 0:
            demand_execution(connection, execution_id)
            raise fenced()

    return change
