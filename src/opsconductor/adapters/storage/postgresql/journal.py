"""The step journal: what is about to be done, what came of it, and the full outputs."""

import zlib

from opsconductor.adapters.sql_statements import Statements
from opsconductor.adapters.storage.postgresql.bodies import from_body, from_optional_body, to_body
from opsconductor.adapters.storage.postgresql.changes import Change
from opsconductor.adapters.storage.postgresql.held_execution import demand_claim, fenced, hold
from opsconductor.adapters.storage.postgresql.transaction import Transaction
from opsconductor.domain.errors import Conflict, InternalFault
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
        "execution_id": intent.execution_id,
        "step_id": intent.step_id,
        "target_id": intent.target_id,
        "attempt": intent.attempt,
        "intent": to_body(intent),
    }

    async def change(transaction: Transaction) -> None:
        held = await hold(transaction, intent.execution_id)
        if held.status != "running" or held.claim != intent.claim or not held.is_leased:
            raise fenced()
        if held.cancelled_by:
            raise Conflict("execution.cancelled", "The execution was cancelled; no further step begins.")
        await transaction.send(_SQL["add_intent"], {**row, "tenant": held.tenant})  # there already: `store.conflict`

    return change


def recording_result(execution_id: str, result: StepResult, attempt: int, claim: int | None) -> Change:
    """Give an open attempt its result, unless a newer attempt or another process has taken its place."""
    row = _row(execution_id, result, attempt)

    async def change(transaction: Transaction) -> None:
        check_step_move(StepStatus.INTENT, result.status)
        held = await hold(transaction, execution_id)
        if claim is not None:
            demand_claim(held, claim)
        if await transaction.change(_SQL["add_step_result"], {**row, "tenant": held.tenant}) == 0:
            refusal = f"Attempt {attempt} of {result.step_id} is not open, or a newer one has taken its place."
            raise Conflict("store.conflict", refusal)

    return change


def settling_result(execution_id: str, result: StepResult, attempt: int) -> Change:
    """Replace an unknown outcome by a known one, or a success by its proven undoing."""
    row = _row(execution_id, result, attempt)

    async def change(transaction: Transaction) -> None:
        held = await hold(transaction, execution_id)
        mine = {**row, "tenant": held.tenant}
        rows = await transaction.rows(_SQL["result"], mine)
        recorded = from_optional_body(StepResult, rows[0][0]) if rows else None
        step = (recorded.status if recorded is not None else StepStatus.INTENT, result.status)
        if step not in _SETTLED and step != _UNDONE:
            refusal = f"Attempt {attempt} of {result.step_id} is {step[0]}: it cannot be settled as {step[1]}."
            raise Conflict("execution.not_unknown", refusal)
        await transaction.send(_SQL["replace_step_result"], mine)

    return change


def keeping_output(tenant: str, execution_id: str, output_ref: str, body: bytes) -> Change:
    """Keep a full output, compressed."""
    row = {
        "tenant": tenant,
        "execution_id": execution_id,
        "output_ref": output_ref,
        "body": zlib.compress(body, _LEVEL),
    }

    async def change(transaction: Transaction) -> None:
        await transaction.serve(tenant)
        if await transaction.change(_SQL["keep_output"], row):
            return
        await hold(transaction, execution_id)  # whoever's it is, it must be there

    return change


async def journal(transaction: Transaction, tenant: str, execution_id: str) -> tuple[StepJournal, ...]:
    """Every attempt in order."""
    rows = await transaction.rows(_SQL["journal"], {"tenant": tenant, "execution_id": execution_id})
    return tuple(
        StepJournal(intent=from_body(StepIntent, intent), result=from_optional_body(StepResult, result))
        for intent, result in rows
    )


async def later_changes(
    transaction: Transaction, tenant: str, target_id: str, execution_id: str
) -> tuple[StepIntent, ...]:
    """Changes that other executions have begun on the target since; reads have no approval."""
    row = {"tenant": tenant, "target_id": target_id, "execution_id": execution_id}
    found = [from_body(StepIntent, intent) for (intent,) in await transaction.rows(_SQL["later_intents"], row)]
    return tuple(intent for intent in found if intent.approval_id)


async def output(transaction: Transaction, tenant: str, output_ref: str) -> bytes | None:
    """A full output that was kept."""
    rows = await transaction.rows(_SQL["output"], {"tenant": tenant, "output_ref": output_ref})
    if not rows:
        return None
    try:
        return zlib.decompress(rows[0][0])
    except zlib.error as error:
        raise InternalFault("store.corrupt", "A stored output cannot be read.") from error


def _row(execution_id: str, result: StepResult, attempt: int) -> dict[str, object]:
    return {
        "execution_id": execution_id,
        "step_id": result.step_id,
        "target_id": result.target_id,
        "attempt": attempt,
        "result": to_body(result),
    }
