"""S is read whole: finished and unfinished requests, executions with their journal, and a chain that is checked."""

from pathlib import Path

from opsconductor.adapters.audit.hmac_seal import HmacSeal
from opsconductor.adapters.storage.sqlite import open_storage
from opsconductor.ports.storage import IdempotencyRow
from opsconductor.testing.contracts.storage import samples
from opsconductor.testing.invariants.collecting import read_store


async def test_the_store_is_read_as_it_stands(home: Path) -> None:
    seal = HmacSeal(bytes(32))
    async with open_storage(home / "a.db", seal) as storage:
        unit = storage.begin()
        for number in (1, 2):
            unit.accept_turn(samples.accepted(number))
        unit.remember_key(
            IdempotencyRow(
                tenant="default", key="k", body_hash="b", turn_id=samples.identifier("turn", 1), created_at=samples.AT
            )
        )
        unit.add_execution(samples.execution())
        unit.add_approval(samples.approval())
        unit.append_audit(samples.audit_entry())
        unit.finish_turn(samples.record(1))
        await unit.commit()
        found = await read_store(storage, seal.verify, turn_ids=("turn_unknown",), keys=("k", "other"))
        forged = await read_store(storage, HmacSeal(b"x" * 32).verify)
    assert [turn.record is not None for turn in found.turns] == [True, False]
    assert [stored.approvals[0].approval_id for stored in found.executions] == [samples.identifier("appr", 1)]
    assert (found.keys, found.broken_chains) == ({"k": samples.identifier("turn", 1)}, ())
    assert forged.broken_chains == ("default",)
