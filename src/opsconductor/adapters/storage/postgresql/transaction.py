"""One open transaction: it works for one tenant at a time, and the database sees to it.

Statements are sent without waiting wherever nothing depends on their answer; an error shows at the next wait.
"""

from collections.abc import Mapping
from typing import Any

import psycopg

from opsconductor.adapters.storage.postgresql.connection import Connection
from opsconductor.adapters.storage.postgresql.text_form import given_back, stored_row

Row = tuple[Any, ...]
Cursor = psycopg.AsyncCursor[Row]

_TENANT = "SELECT set_config('app.tenant', %(tenant)s, true)"
_REACH = "SELECT set_config('app.reach', %(purpose)s, true), set_config('app.wanted', %(wanted)s, true)"
_OWNER = "SELECT app_serve_owner_of(%(kind)s, %(id)s)"
_HOLD = {
    "execution": "SELECT * FROM app_hold_execution(%(id)s)",
    "approval": "SELECT * FROM app_hold_approval(%(id)s)",
}
_HEAD = "SELECT seq, hash FROM app_hold_head(%(tenant)s)"
_CLOCK = "SELECT set_config('app.clock_offset_ms', %(offset)s, true)"


class Transaction:
    """Statements of one transaction; before `serve` or `reach` it sees no row of anybody."""

    def __init__(self, connection: Connection, pipeline: psycopg.AsyncPipeline) -> None:
        """The first statement begins the transaction; whoever made this ends it, and the pipeline."""
        self._connection = connection
        self._pipeline = pipeline
        self._tenant: str | None = None

    async def offset_clock(self, milliseconds: int) -> None:
        """Move the store's clock for this transaction; tests only."""
        await self.send(_CLOCK, {"offset": str(milliseconds)})

    async def serve(self, tenant: str) -> None:
        """From here on rows of this tenant are seen and changed, and nobody else's."""
        if tenant != self._tenant:
            await self.send(_TENANT, {"tenant": tenant})
            self._tenant = tenant

    async def serve_owner_of(self, kind: str, row_id: str) -> None:
        """Serve the tenant of a row whose id the caller has; nobody is served where there is no such row.

        `kind`: identity | token | execution | approval | message.
        """
        self._tenant = None
        await self.send(_OWNER, {"kind": kind, "id": row_id})

    async def hold(self, kind: str, row_id: str) -> list[Row]:
        """The same, and nobody else changes that row before the commit; what stands in it, or nothing."""
        self._tenant = None
        return await self.rows(_HOLD[kind], {"id": row_id})

    async def ask_for_head(self, tenant: str) -> Cursor:
        """Hold the end of the tenant's audit chain until the commit; `answer` has its number and hash."""
        self._tenant = tenant
        return await self._connection.execute(_HEAD, stored_row({"tenant": tenant}))

    async def answer(self, asked: Cursor) -> list[Row]:
        """The rows of a statement that was sent before."""
        return [tuple(given_back(value) for value in found) for found in await asked.fetchall()]

    async def reach(self, purpose: str, wanted: str = "") -> None:
        """Read what the policy of this purpose opens of all tenants, and only that."""
        await self.send(_REACH, {"purpose": purpose, "wanted": wanted})

    async def send(self, statement: str, row: Mapping[str, Any]) -> None:
        """A statement whose answer nobody waits for."""
        await self._connection.execute(statement, stored_row(row))

    async def rows(self, statement: str, row: Mapping[str, Any]) -> list[Row]:
        """The rows that the statement gives."""
        return await self.answer(await self._connection.execute(statement, stored_row(row)))

    async def change(self, statement: str, row: Mapping[str, Any]) -> int:
        """How many rows the statement changed: 0 when its condition did not hold."""
        cursor = await self._connection.execute(statement, stored_row(row))
        await self._pipeline.sync()
        return cursor.rowcount
