"""What the step journal costs: journalled steps a second beside bare pairs of commits of the same store, same run.

Usage: .venv/bin/python bench/journal.py [--store sqlite|postgresql|both] [--json]. For each number of workers:
bare_pairs       the store's own driver, a connection a worker: one small row and COMMIT, twice; as durable as ours
journalled       one step in the journal: intent, audit row, target lock in one commit; result, audit row in another
whole_steps      all of the engine around it: rights, preconditions, three calls of a far side that answers at once
The ratio is journalled / bare_pairs; target >= 0.5. Medians of rounds in which they take turns. Without a disk that
waits (see fsync_p50_ms) it is the processor that is measured, of which bare commits need next to nothing.
"""

import argparse
import asyncio
import json
import os
import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from dataclasses import dataclass, replace
from pathlib import Path

import uvloop

from opsconductor.adapters.audit.hmac_seal import HmacSeal
from opsconductor.adapters.clock.system import SystemClock
from opsconductor.adapters.expressions.cel import open_expressions
from opsconductor.adapters.ids.uuid7 import Uuid7Ids
from opsconductor.adapters.storage.sqlite import open_storage as open_sqlite
from opsconductor.domain.assets import Asset
from opsconductor.domain.errors import Unavailable
from opsconductor.domain.execution import Closing, Execution, ExecutionStatus, StepError, StepStatus
from opsconductor.domain.plan import PlanStep, planned_target
from opsconductor.ports.clock import timestamp
from opsconductor.ports.failpoints import NoFailpoints
from opsconductor.ports.storage import Storage
from opsconductor.stages.e_execute.execution_engine import ExecutionEngine
from opsconductor.stages.e_execute.executor import Executor
from opsconductor.stages.e_execute.settling.lease import LEASE_S
from opsconductor.stages.e_execute.steps.calls import ToolCalls
from opsconductor.stages.e_execute.steps.journal import StepJournalWriter
from opsconductor.stages.e_execute.steps.on_target import OnTarget, first_try
from opsconductor.stages.e_execute.steps.probing import Prober
from opsconductor.stages.e_execute.steps.run_context import RunContext
from opsconductor.testing.contracts.lanes import a_catalogue
from opsconductor.testing.doubles.connector.scripted import ScriptedConnectorDouble
from opsconductor.testing.doubles.inventory.in_memory import InMemoryInventoryDouble, an_asset
from opsconductor.testing.executions import a_change, a_plan, a_step

AT_ONCE = (1, 4, 16)
STEPS = 40  # of each worker, in each round
ROUNDS = 5
CHANGE = a_change()
CLOCK = SystemClock()
IDS = Uuid7Ids(CLOCK)
Pair = Callable[[], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Store:
    """An open store of ours, and how to open a worker's way to two bare commits in the same database."""

    storage: Storage
    open_pair: Callable[[int], AbstractAsyncContextManager[Pair]]


async def main(stores: tuple[str, ...], as_json: bool) -> None:
    """Measure and print."""
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        figures["fsync_p50_ms"] = fsync_ms(Path(folder))
        for name in stores:
            async with STORES[name](Path(folder)) as store:
                figures |= await measured(name, store)
    if as_json:
        print(json.dumps({name: round(value, 3) for name, value in figures.items()}, indent=1))
        return
    for name, value in figures.items():
        print(f"{name:40} {value:10.3f}")


async def measured(name: str, store: Store) -> dict[str, float]:
    """All figures of one store."""
    figures: dict[str, float] = {}
    await rate(1, lambda worker: whole_steps(store, worker))  # imports, plans of expressions and pages are warm
    for count in AT_ONCE:
        found: dict[str, list[float]] = {"bare_pairs": [], "journalled": [], "whole_steps": []}
        for _ in range(ROUNDS):
            found["bare_pairs"].append(await rate(count, lambda worker: bare_pairs(store, worker)))
            found["journalled"].append(await rate(count, lambda worker: journalled(store, worker)))
            found["whole_steps"].append(await rate(count, lambda worker: whole_steps(store, worker)))
        pairs = zip(found["journalled"], found["bare_pairs"], strict=True)
        figures |= {f"{name}_{count}_{what}_s": statistics.median(rates) for what, rates in found.items()}
        figures[f"{name}_{count}_ratio"] = statistics.median(steps / bare for steps, bare in pairs)
    return figures


async def rate(count: int, work: Callable[[int], Awaitable[float]]) -> float:
    """STEPS pieces of work each, by so many at once; pieces a second, by the time that the slowest worker took."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_awaited(work(worker))) for worker in range(count)]
    return count * STEPS / max(task.result() for task in tasks)


async def _awaited(work: Awaitable[float]) -> float:
    return await work


async def bare_pairs(store: Store, worker: int) -> float:
    """Two bare commits, again and again; the seconds it took."""
    async with store.open_pair(worker) as pair:
        began = time.perf_counter()
        for _ in range(STEPS):
            await pair()
        return time.perf_counter() - began


async def journalled(store: Store, worker: int) -> float:
    """Intent and result of one step after the other; the seconds it took."""
    hosts = hosts_of(worker)
    run = await started(store.storage, a_step(CHANGE, *hosts))
    journal = StepJournalWriter(store.storage, CLOCK)
    works = [OnTarget(run=run, step=run.execution.plan.steps[0], tool=CHANGE, target=planned_target(h)) for h in hosts]
    began = time.perf_counter()
    for work in works:
        trying = first_try(work, timestamp(CLOCK.now()))
        await journal.intend(run, trying, {"count": 0})
        ended = replace(trying, status=StepStatus.SUCCEEDED, output={"count": 1}, completed_at=timestamp(CLOCK.now()))
        await journal.conclude(run, ended)
    return time.perf_counter() - began


async def whole_steps(store: Store, worker: int) -> float:
    """One run whose only step goes over all targets, one after the other; the seconds it took."""
    hosts = hosts_of(worker)
    storage = store.storage
    calls = ToolCalls({"ssh": ScriptedConnectorDouble()}, NoSecrets())
    expressions = open_expressions()
    journal = StepJournalWriter(storage, CLOCK)
    engine = ExecutionEngine(
        calls,
        InMemoryInventoryDouble(hosts),
        expressions,
        journal,
        Prober(calls, expressions, CLOCK),
        CLOCK,
        NoFailpoints(),
        rights_stand,
    )
    run = await started(storage, a_step(CHANGE, *hosts))
    began = time.perf_counter()
    ended = await Executor(engine, storage, CLOCK, NoFailpoints()).execute_plan(run.execution.plan, None, run)
    took = time.perf_counter() - began
    assert isinstance(ended, Closing)
    assert ended.result.success_count == STEPS, ended.result.summary
    unit = storage.begin()
    unit.move_execution(ended.move, claim=ended.claim)
    await unit.commit()
    return took


def hosts_of(worker: int) -> tuple[Asset, ...]:
    """Targets that no other worker and no other run has."""
    return tuple(an_asset(f"{IDS.new('host')}-{worker}", platform="linux") for _ in range(STEPS))


async def started(storage: Storage, step: PlanStep) -> RunContext:
    """A run that its approval has started, which no step's figure counts."""
    execution = Execution(
        execution_id=IDS.new("exec"),
        tenant="default",
        session_id=IDS.new("sess"),
        turn_id=IDS.new("turn"),
        turn_group="",
        requester=IDS.new("idn"),
        plan=a_plan(step, timeout_s=600.0),
        plan_hash="sha256:" + "0" * 64,
        status=ExecutionStatus.RUNNING,
        mode="immediate",
        request="restart billing",
        created_at="2026-05-05T12:00:00.000Z",
        updated_at="2026-05-05T12:00:00.000Z",
        owner="bench",
    )
    execution = replace(execution, turn_group=execution.turn_id)
    unit = storage.begin()
    unit.add_execution(execution)
    unit.claim_execution(execution.execution_id, execution.owner, LEASE_S, 0)
    await unit.commit()
    catalogue = a_catalogue(tools={CHANGE.name: CHANGE}, rules=())
    return RunContext(execution=replace(execution, claim=1), catalogue=catalogue, started=True)


async def rights_stand(run: RunContext, step: PlanStep) -> StepError | None:
    """Nobody's rights were withdrawn."""
    return None


class NoSecrets:
    """There is no credential."""

    async def get(self, tenant: str, reference: str) -> bytes:
        """See the port."""
        raise Unavailable("secret.missing", f"There is no credential {reference}.")


def fsync_ms(folder: Path) -> float:
    """The median of 100 fsyncs of 4 KiB on this disk."""
    descriptor = os.open(folder / "fsync", os.O_WRONLY | os.O_CREAT)
    spent = []
    for _ in range(100):
        os.write(descriptor, b"x" * 4096)
        began = time.perf_counter()
        os.fsync(descriptor)
        spent.append((time.perf_counter() - began) * 1000)
    os.close(descriptor)
    return statistics.median(spent)


@asynccontextmanager
async def sqlite(folder: Path) -> AsyncIterator[Store]:
    """WAL and synchronous=FULL, as always."""
    path = folder / "opsconductor.db"
    one_writes = threading.Lock()  # SQLite lets one write; waiting here spares the bare commits its busy polling

    @asynccontextmanager
    async def open_pair(worker: int) -> AsyncIterator[Pair]:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA synchronous = FULL")

        def pair() -> None:
            for number in range(2):
                with one_writes:
                    connection.execute("BEGIN IMMEDIATE")
                    connection.execute("INSERT INTO bare (worker, number) VALUES (?, ?)", (worker, number))
                    connection.execute("COMMIT")

        yield lambda: asyncio.to_thread(pair)
        connection.close()

    async with open_sqlite(path, HmacSeal(bytes(32))) as storage:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE bare (worker INTEGER, number INTEGER)")
            connection.commit()
        yield Store(storage=storage, open_pair=open_pair)


@asynccontextmanager
async def postgresql(folder: Path) -> AsyncIterator[Store]:
    """A real server of this machine, `synchronous_commit` on."""
    import psycopg

    from opsconductor.adapters.storage.postgresql import StoreAddress
    from opsconductor.adapters.storage.postgresql import open_storage as open_postgresql
    from opsconductor.testing.servers.postgresql import postgres_server

    with postgres_server(folder) as server:

        @asynccontextmanager
        async def open_pair(worker: int) -> AsyncIterator[Pair]:
            async with await psycopg.AsyncConnection.connect(server.url) as connection:

                async def pair() -> None:
                    for number in range(2):
                        await connection.execute("INSERT INTO bare (worker, number) VALUES (%s, %s)", (worker, number))
                        await connection.commit()

                yield pair

        async with open_postgresql(StoreAddress(url=server.url), HmacSeal(bytes(32))) as storage:
            async with await psycopg.AsyncConnection.connect(server.url, autocommit=True) as connection:
                await connection.execute("CREATE TABLE bare (worker INTEGER, number INTEGER)")
            yield Store(storage=storage, open_pair=open_pair)


STORES = {"sqlite": sqlite, "postgresql": postgresql}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", choices=[*STORES, "both"], default="both")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    wanted = tuple(STORES) if chosen.store == "both" else (chosen.store,)
    uvloop.run(main(wanted, chosen.json))
