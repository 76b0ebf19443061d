import inspect
import sqlite3
import threading
from itertools import pairwise

import pytest

from opsconductor.adapters.storage.sqlite import SqliteDatabase, SqliteStorage, packed
from opsconductor.domain.execution import ExecutionStatus
from opsconductor.ports.storage import Storage
from opsconductor.testing.contracts.storage import samples
from opsconductor.testing.contracts.storage.samples import identifier

BUDGET = 6 * 1024  # bytes a turn


def test_it_has_the_ports_methods_and_their_arguments() -> None:
    for name, promised in inspect.getmembers(Storage, inspect.isfunction):
        if not name.startswith("_") and name != "begin":
            assert inspect.signature(getattr(SqliteStorage, name)) == inspect.signature(promised), name


async def a_read_turn(storage: SqliteStorage, number: int) -> None:
    """Three commits as a turn that reads makes them, and what follows its reply."""
    owner = f"4711-{number}"
    unit = storage.begin()
    unit.accept_turn(samples.accepted(number))
    unit.take_session("default", identifier("sess", 1), owner, 30)
    unit.append_audit(samples.audit_entry(number, action="turn.accepted", detail={"channel": "cli"}))
    await unit.commit()
    unit = storage.begin()
    unit.add_execution(samples.execution(number))
    unit.move_execution(samples.move("pending", "running", number))
    unit.claim_execution(identifier("exec", number), "4711", 15, 0)
    unit.record_intent(samples.intent(1, number))
    unit.append_audit(samples.audit_entry(number, action="execution.started", detail={"plan": samples.HASH}))
    await unit.commit()
    unit = storage.begin()
    unit.save_session(samples.session(turn_count=number), number - 1, owner)
    unit.record_result(identifier("exec", number), samples.step_result(), 1, claim=1)
    unit.move_execution(samples.move("running", "succeeded", number), claim=1)
    unit.save_result(identifier("exec", number), samples.result(identifier("exec", number)))
    unit.finish_turn(samples.record(number))
    for phase in range(12):
        unit.append_audit(samples.audit_entry(number, detail={"phase": f"p{phase:02d}_execute_tools", "us": 12345}))
    for topic in (1, 2):
        unit.add_outbox(samples.message(2 * number + topic))
    unit.release_session("default", identifier("sess", 1), owner)
    await unit.commit()
    unit = storage.begin()
    unit.add_memory(samples.memory(number))
    unit.add_counts("default", "2026-05-05", {"turns": 1}, identifier("msg", 2 * number + 1))
    for topic in (1, 2):
        unit.finish_outbox(identifier("msg", 2 * number + topic))
    await unit.commit()


async def test_a_turn_takes_at_most_6_kib_and_the_hundredth_no_more_than_the_first(
    database: SqliteDatabase, connection: sqlite3.Connection
) -> None:
    storage = SqliteStorage(database)
    sizes = []
    for number in range(1, 151):
        await a_read_turn(storage, number)
        if number % 50 == 0:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            sizes.append(database.path.stat().st_size)
    first, second = ((after - before) / 50 for before, after in pairwise(sizes))
    assert first < BUDGET
    assert second < BUDGET
    assert second < first * 1.25
    execution = await storage.execution("default", identifier("exec", 150))
    assert execution is not None
    assert execution.status is ExecutionStatus.SUCCEEDED


@pytest.mark.parametrize(("limit", "aside"), [(5, False), (500, True)])
async def test_reads_of_many_rows_leave_the_event_loops_thread(
    database: SqliteDatabase, monkeypatch: pytest.MonkeyPatch, limit: int, aside: bool
) -> None:
    storage, threads = SqliteStorage(database), set()
    unit = storage.begin()
    unit.accept_turn(samples.accepted())
    unit.finish_turn(samples.record())
    unit.add_execution(samples.execution())
    unit.add_approval(samples.approval())
    unit.append_audit(samples.audit_entry())
    await unit.commit()

    def noticing(stored: str | bytes) -> str:
        threads.add(threading.current_thread() is threading.main_thread())
        return packed.unpack(stored)

    for module in ("executions", "audit_chain"):
        monkeypatch.setattr(f"opsconductor.adapters.storage.sqlite.{module}.unpack", noticing)
    assert len(await storage.executions("default", limit=limit)) == 1
    assert len(await storage.audit("default", limit=limit)) == 1
    assert threads == {not aside}
    assert len(await storage.turns("default", limit=limit)) == 1
    assert len(await storage.approvals("default", limit=limit)) == 1


async def test_it_tells_its_schemas_version(database: SqliteDatabase) -> None:
    assert await SqliteStorage(database).schema_version() >= 1
