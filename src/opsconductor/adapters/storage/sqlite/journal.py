"""The step journal: what is about to be done, what came of it, and the full outputs."""

import sqlite3
import zlib

from opsconductor.adapters.sql_statements import Statements
from opsconductor.adapters.storage.sqlite.blobs import from_blob, from_optional_blob, to_blob
from opsconductor.adapters.storage.sqlite.changes import Change
from opsconductor.adapters.storage.sqlite.executions import demand_claim, demand_execution, fenced, not_found
from opsconductor.adapters.storage.sqlite.packed import pack
from opsconductor.domain.errors import Conflict, InternalFault, OpsConductorError
from opsconductor.domain.execution import StepIntent, StepResult, StepStatus
from opsconductor.domain.states import check_step_move
from opsconductor.ports.storage import StepJournal

_SQL = Statements(__package__, "journal")

_LEVEL = 6  # outputs are large, and written once
_SETTLED = frozenset({(StepStatus.UNKNOWN, StepStatus.SUCCEEDED), (StepStatus.UNKNOWN, StepStatus.FAILED)})
_UNDONE = (StepStatus.SUCCEEDED, StepStatus.COMPENSATED)


def recording_intent(intent: StepIntent) -> Change:
    """Add an attempt that has no result yet."""
    row = {
        "execution_id": pack(intent.execution_id),
        "step_id": intent.step_id,
        "target_id": pack(intent.target_id),
        "attempt": intent.attempt,
        "claim": intent.claim,
        "intent": to_blob(intent),
    }

    def change(connection: sqlite3.Connection) -> None:
        if connection.execute(_SQL["add_intent"], row).rowcount == 0:
            raise _why_not_taken(connection, intent)

    return change


def _why_not_taken(connection: sqlite3.Connection, intent: StepIntent) -> OpsConductorError:
    standing = connection.execute(_SQL["standing"], (pack(intent.execution_id),)).fetchall()
    if not standing:
        return not_found()
    status, claim, is_held, cancelled_by = standing[0]
    if status != "running" or claim != intent.claim or not is_held:
        return fenced()
    if cancelled_by is not None:
        return Conflict("execution.cancelled", "The execution was cancelled; no further step begins.")
    return Conflict("store.conflict", f"Attempt {intent.attempt} of {intent.step_id} exists already.")


def recording_result(execution_id: str, result: StepResult, attempt: int, claim: int | None) -> Change:
    """Give an open attempt its result, unless a newer attempt or another process has taken its place."""
    row = {**_row(execution_id, result, attempt), "claim": claim}

    def change(connection: sqlite3.Connection) -> None:
        check_step_move(StepStatus.INTENT, result.status)
        if connection.execute(_SQL["add_step_result"], row).rowcount == 0:
            demand_execution(connection, execution_id)
            if claim is not None:
                demand_claim(connection, execution_id, claim)
            refusal = f"Attempt {attempt} of {result.step_id} is not open, or a newer one has taken its place."
            raise Conflict("store.conflict", refusal)

    return change


def settling_result(execution_id: str, result: StepResult, attempt: int) -> Change:
    """Replace an unknown outcome by a known one, or a success by its proven undoing."""
    row = _row(execution_id, result, attempt)

    def change(connection: sqlite3.Connection) -> None:
        demand_execution(connection, execution_id)
        rows = connection.execute(_SQL["result"], row).fetchall()
        recorded = from_optional_blob(StepResult, rows[0][0]) if rows else None
        step = (recorded.status if recorded is not None else StepStatus.INTENT, result.status)
        if step not in _SETTLED and step != _UNDONE:
            refusal = f"Attempt {attempt} of {result.step_id} is {step[0]}: it cannot be settled as {step[1]}."
            raise Conflict("execution.not_unknown", refusal)
        connection.execute(_SQL["replace_step_result"], row)

    return change


def keeping_output(tenant: str, execution_id: str, output_ref: str, body: bytes) -> Change:
    """Keep a full output, compressed."""
    row = {
        "tenant": tenant,
        "execution_id": pack(execution_id),
        "output_ref": pack(output_ref),
        "body": zlib.compress(body, _LEVEL),
    }

    def change(connection: sqlite3.Connection) -> None:
        if connection.execute(_SQL["keep_output"], row).rowcount == 0:
            demand_execution(connection, execution_id)

    return change


def journal(connection: sqlite3.Connection, tenant: str, execution_id: str) -> tuple[StepJournal, ...]:
    """Every attempt in order."""
    rows = connection.execute(_SQL["journal"], (tenant, pack(execution_id))).fetchall()
    return tuple(
        StepJournal(intent=from_blob(StepIntent, intent), result=from_optional_blob(StepResult, result))
        for intent, result in rows
    )


def later_changes(
    connection: sqlite3.Connection, tenant: str, target_id: str, execution_id: str
) -> tuple[StepIntent, ...]:
    """Changes that other executions have begun on the target since; reads have no approval."""
    row = {"tenant": tenant, "target_id": pack(target_id), "execution_id": pack(execution_id)}
    found = (from_blob(StepIntent, intent) for (intent,) in connection.execute(_SQL["later_intents"], row).fetchall())
    return tuple(intent for intent in found if intent.approval_id)


def output(connection: sqlite3.Connection, tenant: str, output_ref: str) -> bytes | None:
    """A full output that was kept."""
    rows = connection.execute(_SQL["output"], (tenant, pack(output_ref))).fetchall()
    if not rows:
        return None
    try:
        return zlib.decompress(rows[0][0])
    except zlib.error as error:
        raise InternalFault("store.corrupt", "A stored output cannot be read.") from error


def _row(execution_id: str, result: StepResult, attempt: int) -> dict[str, object]:
    return {
        "execution_id": pack(execution_id),
        "step_id": result.step_id,
        "target_id": pack(result.target_id),
        "attempt": attempt,
        "result": to_blob(result),
    }
