"""A store on a real PostgreSQL, one filled with rows of two tenants, and statements behind its back."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from opsconductor.adapters.audit.hmac_seal import HmacSeal
from opsconductor.adapters.storage.postgresql import PostgresStorage, StoreAddress, open_storage
from opsconductor.adapters.storage.postgresql.connection import Connection, connect
from opsconductor.domain.errors import OpsConductorError
from opsconductor.ports.storage import IdempotencyRow, Storage, UnitOfWork
from opsconductor.testing.contracts.storage import samples
from opsconductor.testing.servers.databases import TestDatabase

SEAL = HmacSeal(b"k" * 32)
LATER_MS = 60_000


@pytest.fixture
def address(postgresql_database: TestDatabase) -> StoreAddress:
    return StoreAddress(url=postgresql_database.url)


@pytest.fixture
async def store(address: StoreAddress) -> AsyncIterator[PostgresStorage]:
    async with open_storage(address, SEAL) as opened:
        yield opened


@pytest.fixture
async def other(address: StoreAddress) -> AsyncIterator[PostgresStorage]:
    """The same store as another process has it open."""
    async with open_storage(address, SEAL) as opened:
        yield opened


Race = Callable[[Callable[[UnitOfWork, int], None]], Awaitable[list[str]]]


@pytest.fixture
def race(store: PostgresStorage, other: PostgresStorage) -> Race:
    """Twelve units at once, from two sides: the code each was refused with, "" for those that were done."""

    async def of(fill: Callable[[UnitOfWork, int], None]) -> list[str]:
        async def one(number: int) -> str:
            unit = (store, other)[number % 2].begin()
            fill(unit, number)
            try:
                await unit.commit()
            except OpsConductorError as error:
                return error.code
            return ""

        return await asyncio.gather(*map(one, range(1, 13)))

    return of


@pytest.fixture
async def connection(address: StoreAddress) -> AsyncIterator[Connection]:
    """A connection of the role that works, as the engine has them."""
    opened = await connect(address.url)
    yield opened
    await opened.close()


@pytest.fixture
async def filled(store: PostgresStorage) -> PostgresStorage:
    """A store in which tenants a and b have rows in every table."""
    await fill(store, "a", 1)
    await fill(store, "b", 2)
    return store


@pytest.fixture
def scans(postgresql_database: TestDatabase) -> Callable[[str], list[str]]:
    """What a statement reads from end to end, once indexes are worth it: nothing, when they lead to all it needs."""

    def of(statement: str) -> list[str]:
        plan = postgresql_database.run(f"SET enable_seqscan = off; EXPLAIN {statement}")
        assert plan, "no plan"
        return [str(line) for (line,) in plan if "Seq Scan" in str(line)]

    return of


async def fill(store: Storage, tenant: str, number: int) -> None:
    """Rows of one tenant in every table."""
    session, identity = samples.identifier("sess", number), samples.identifier("idn", number)
    execution = samples.identifier("exec", number)
    decided = samples.approval(number, tenant, decisions=(samples.decision(),))
    unit = store.begin()
    unit.accept_turn(samples.accepted(number, tenant, session_id=session))
    unit.finish_turn(samples.record(number, tenant))
    unit.accept_turn(samples.accepted(number + 10, tenant, session_id=session))
    unit.take_session(tenant, session, "x", 30)
    unit.save_session(samples.session(tenant, session_id=session, identity_id=identity), 0, "x")
    unit.save_customer_data(tenant, "c", (samples.entry("k", 1),))
    unit.remember_key(
        IdempotencyRow(tenant=tenant, key="k", body_hash="h", turn_id=f"t{number}", created_at=samples.AT)
    )
    unit.add_execution(samples.execution(number, tenant))
    unit.move_execution(samples.move("pending", "running", number))
    unit.claim_execution(execution, "x", 30, 0)
    unit.lock_target(tenant, "asset", execution, 30)
    unit.record_intent(samples.intent(number=number, claim=1))
    unit.keep_output(tenant, execution, "ref", b"output")
    unit.add_approval(decided)
    unit.add_identity(samples.identity(number, tenant, os_uid=1000 + number))
    unit.add_token(samples.token(number, identity_id=identity))
    unit.add_memory(samples.memory(number, tenant, entities=("e",)))
    unit.add_counts(tenant, "2026-05-05", {"turns": 1}, f"m{number}")
    unit.add_outbox(samples.message(number, tenant))
    unit.append_audit(samples.audit_entry(number, tenant))
    unit.save_tenant_settings(tenant, {"x": 1})
    await unit.commit()
