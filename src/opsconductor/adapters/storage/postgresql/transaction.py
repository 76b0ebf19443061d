"""One open transaction: it works for one tenant at a time, and the database sees to it."""

from collections.abc import Mapping
from typing import Any

from opsconductor.adapters.storage.postgresql.connection import Connection
from opsconductor.adapters.storage.postgresql.text_form import given_back, stored, stored_row

Row = tuple[Any, ...]

_TENANT = "SELECT set_config('app.tenant', %s, true)"
_REACH = "SELECT set_config('app.reach', %s, true), set_config('app.wanted', %s, true)"
_OWNER = "SELECT app_serve_owner_of(%(kind)s, %(id)s)"
_CLOCK = "SELECT set_config('app.clock_offset_ms', %s, true)"


class Transaction:
    """Statements of one transaction; before `serve` or `reach` it sees no row of anybody."""

    def __init__(self, connection: Connection) -> None:
        """The first statement begins the transaction; whoever made this ends it."""
        self._connection = connection
        self._tenant: str | None = None

    async def offset_clock(self, milliseconds: int) -> None:
        """Move the store's clock for this transaction; tests only."""
        await self._connection.execute(_CLOCK, (str(milliseconds),))

    async def serve(self, tenant: str) -> None:
        """From here on rows of this tenant are seen and changed, and nobody else's."""
        if tenant != self._tenant:
            await self._connection.execute(_TENANT, (stored(tenant),))
            self._tenant = tenant

    async def serve_owner_of(self, kind: str, row_id: str) -> str | None:
        """Serve the tenant of a row whose id the caller has; None, and nobody is served, when there is no such row.

        `kind`: identity | token | execution | approval | message.
        """
        self._tenant = None
        found = (await self.rows(_OWNER, {"kind": kind, "id": row_id}))[0][0]
        self._tenant = found
        return None if found is None else str(found)

    async def reach(self, purpose: str, wanted: str = "") -> None:
        """Read what the policy of this purpose opens of all tenants, and only that."""
        await self._connection.execute(_REACH, (purpose, stored(wanted)))

    async def rows(self, statement: str, row: Mapping[str, Any]) -> list[Row]:
        """The rows that the statement gives."""
        cursor = await self._connection.execute(statement, stored_row(row))
        return [tuple(given_back(value) for value in found) for found in await cursor.fetchall()]

    async def change(self, statement: str, row: Mapping[str, Any]) -> int:
        """How many rows the statement changed: 0 when its condition did not hold."""
        cursor = await self._connection.execute(statement, stored_row(row))
        return cursor.rowcount
