"""An open PostgreSQL database: reads, and units of work that are whole or not at all."""

import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, nullcontext
from functools import partial
from typing import Any, TypeVar

import psycopg
from psycopg_pool import AsyncConnectionPool

from opsconductor.adapters.sql_statements import Statements
from opsconductor.adapters.storage.postgresql import audit_chain
from opsconductor.adapters.storage.postgresql.changes import Change
from opsconductor.adapters.storage.postgresql.connection import Connection, conninfo, cut_when_silent, prepare
from opsconductor.adapters.storage.postgresql.errors import as_our_error, is_connection_lost
from opsconductor.adapters.storage.postgresql.group_commit import GroupCommit, OutcomeUnknown, Unit
from opsconductor.adapters.storage.postgresql.transaction import Transaction
from opsconductor.domain.audit import AuditEntry
from opsconductor.ports.audit import AuditSeal

_SQL = Statements(__package__, "schema")

T = TypeVar("T")
Read = Callable[[Transaction], Awaitable[T]]
ClockOffset = Callable[[], int]
"""Milliseconds that the store's clock is moved by; a test's own."""

_CONNECTIONS = 8
_WAIT_S = 3.0  # for a connection of the pool
_AT_ONCE_S = 1.0  # a dead connection shows at its first use


class PostgresDatabase:
    """Several processes may have the same database open. Reads see the last commit."""

    def __init__(self, url: str, role: str, seal: AuditSeal, clock_offset_ms: ClockOffset | None) -> None:
        """Made by `open_database`, which has looked at role, schema and durability before."""
        self._seal = seal
        self._clock_offset_ms = clock_offset_ms
        _keep_quiet()
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            conninfo(url),
            connection_class=psycopg.AsyncConnection[tuple[Any, ...]],
            configure=partial(prepare, role=role),
            min_size=0,
            max_size=_CONNECTIONS,
            timeout=_WAIT_S,
            reconnect_timeout=_WAIT_S,
            num_workers=1,
            open=False,
        )
        self._commits = GroupCommit(self._perform)

    async def open(self) -> None:
        """Connections are made when they are wanted."""
        await self._pool.open()

    async def read(self, tenant: str, work: Read[T]) -> T:
        """What `work` finds among the rows of one tenant. Raises `store.*`."""

        async def of_tenant(transaction: Transaction) -> T:
            await transaction.serve(tenant)
            return await work(transaction)

        return await self._read(of_tenant)

    async def read_for(self, purpose: str, work: Read[T], wanted: str = "") -> T:
        """What `work` finds among the rows that the policy of `purpose` opens, of all tenants. Raises `store.*`."""

        async def of_all(transaction: Transaction) -> T:
            await transaction.reach(purpose, wanted)
            return await work(transaction)

        return await self._read(of_all)

    async def write(self, changes: Sequence[Change], audit: Sequence[AuditEntry]) -> None:
        """Do the changes and chain the audit entries in one transaction, durable when this returns.

        Raises what a change raises, and `store.*`: nothing is written then, unless the connection broke while it
        committed; the error says so, and only a new look tells.
        """
        await self._commits.write((tuple(changes), tuple(audit)))

    async def schema_version(self) -> int:
        """Number of the newest migration applied. Raises `store.*`."""

        async def version(transaction: Transaction) -> int:
            return int((await transaction.rows(_SQL["version"], {}))[0][0])

        return await self._read(version)

    async def aclose(self) -> None:
        """Let what is under way finish, then close every connection."""
        await self._commits.close()
        await self._pool.close(timeout=1.0)

    async def _read(self, work: Read[T]) -> T:
        async def once() -> T:
            async with self._transaction() as transaction:
                return await work(transaction)

        try:
            return await self._once_more(once)
        except (psycopg.Error, UnicodeEncodeError) as error:
            raise as_our_error(error) from error

    async def _perform(self, units: Sequence[Unit]) -> None:
        """Every unit in one transaction; whatever one raises takes them all back."""
        await self._once_more(partial(self._perform_once, units))

    async def _once_more(self, work: Callable[[], Awaitable[T]]) -> T:
        """Again when a connection turns out to be dead at once; a server that is away was waited for already.

        Nothing was written: a commit that broke raises OutcomeUnknown.
        """
        begun = time.monotonic()
        try:
            return await work()
        except psycopg.Error as error:
            if not is_connection_lost(error) or time.monotonic() - begun > _AT_ONCE_S:
                raise
        await self._pool.check()  # the server was started anew: other connections are dead too
        return await work()

    async def _perform_once(self, units: Sequence[Unit]) -> None:
        async with self._transaction(writes=True) as transaction:
            entries = [entry for _, audit in units for entry in audit]
            heads = await audit_chain.hold_heads(transaction, entries)  # first, so that no two writers cross
            for changes, _ in units:
                for change in changes:
                    await change(transaction)
            await audit_chain.append(transaction, self._seal, heads, entries)

    @asynccontextmanager
    async def _transaction(self, *, writes: bool = False) -> AsyncIterator[Transaction]:
        async with self._pool.connection() as connection:
            with cut_when_silent(connection):
                pipeline = connection.pipeline()
                async with AsyncExitStack() as stack:
                    transaction = Transaction(connection, await stack.enter_async_context(pipeline))
                    if self._clock_offset_ms is not None:
                        await transaction.offset_clock(self._clock_offset_ms())
                    yield transaction
                    await connection.execute("COMMIT", prepare=False)
                    with _outcome() if writes else nullcontext():
                        await stack.aclose()  # waits for what was sent, the commit last


@contextmanager
def _outcome() -> Iterator[None]:
    """Raise OutcomeUnknown for what breaks while a commit is waited for, unless the server itself refused."""
    try:
        yield
    except psycopg.Error as error:
        if error.sqlstate is None or error.sqlstate[:2] in ("08", "57", "XX"):
            raise OutcomeUnknown from error
        raise  # a statement that nobody had waited for was refused, and all is taken back


def _keep_quiet() -> None:
    # What psycopg would write to the terminal is raised where it matters.
    for name in ("psycopg", "psycopg.pool"):
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
