"""The asset store in the same SQLite file as the record, through the same writer."""

import asyncio
import sqlite3
from collections.abc import Sequence
from functools import partial

from opsconductor.adapters.asset_store.sqlite import asking, importing
from opsconductor.adapters.asset_store.sqlite.database import Database
from opsconductor.adapters.asset_store.sqlite.rows import list_of, to_asset, to_match
from opsconductor.adapters.sql_statements import Statements
from opsconductor.domain.assets import FILTER_FIELDS, Asset, AssetAnswer, AssetMatch, AssetQuery, Vocabulary
from opsconductor.domain.audit import AuditEntry
from opsconductor.ports.asset_store import ImportDiff
from opsconductor.ports.clock import Clock, timestamp

_SQL = Statements(__package__, "assets")

_MANY = 100
"""Matches of more texts than this leave the event loop's thread."""


class SqliteAssetStore:
    """See the port. An asset is its own row and its kind, which it shares: counts are sums over few kinds."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Over an open database, which its opener closes; `clock` dates the audit entries."""
        self._database = database
        self._clock = clock
        self._vocabularies: dict[str, Vocabulary] = {}

    async def put_assets(
        self, tenant: str, source: str, assets: Sequence[Asset], *, retire_missing: bool, dry_run: bool, actor: str
    ) -> ImportDiff:
        """See the port."""
        batch = await asyncio.to_thread(importing.batch_of, tenant, source, assets, retire_missing)
        if dry_run:
            changes = await self._database.read_aside(partial(importing.compare, batch=batch))
            return changes.diff(source)
        return await self._database.write(partial(self._import, batch=batch, actor=actor))

    def _import(self, connection: sqlite3.Connection, batch: importing.Batch, actor: str) -> ImportDiff:
        changes = importing.compare(connection, batch)
        if changes.any:
            importing.apply(connection, batch, changes)
        diff = changes.diff(batch.source)
        entry = AuditEntry(
            tenant=batch.tenant,
            at=timestamp(self._clock.now()),
            actor=actor,
            action="assets.imported",
            subject=batch.source,
            detail={
                "added": len(diff.added),
                "updated": len(diff.updated),
                "unchanged": diff.unchanged,
                "retired": len(diff.retired),
                "revision": diff.revision,
            },
        )
        self._database.append_audit(connection, [entry])
        return diff

    async def query(self, tenant: str, query: AssetQuery) -> AssetAnswer:
        """See the port."""
        asking.check(query)
        return await self._database.read_aside(partial(asking.answer, tenant=tenant, query=query))

    async def match(self, tenant: str, texts: Sequence[str]) -> tuple[tuple[AssetMatch, ...], ...]:
        """See the port."""
        return await self._matches(("by_name", "by_address"), tenant, texts)

    async def running_service(self, tenant: str, names: Sequence[str]) -> tuple[tuple[AssetMatch, ...], ...]:
        """See the port."""
        return await self._matches(("by_service",), tenant, names)

    async def _matches(
        self, statements: Sequence[str], tenant: str, texts: Sequence[str]
    ) -> tuple[tuple[AssetMatch, ...], ...]:
        work = partial(_matches, statements=statements, tenant=tenant, texts=texts)
        return await (self._database.read_aside(work) if len(texts) > _MANY else self._database.read(work))

    async def names(self, tenant: str) -> tuple[str, ...]:
        """See the port."""
        return await self._database.read_aside(partial(_names, tenant=tenant))

    async def assets(self, tenant: str, asset_ids: Sequence[str]) -> tuple[Asset, ...]:
        """See the port."""
        work = partial(_assets, tenant=tenant, asset_ids=asset_ids)
        return await (self._database.read_aside(work) if len(asset_ids) > _MANY else self._database.read(work))

    async def vocabulary(self, tenant: str) -> Vocabulary:
        """See the port; read again only when the revision has risen."""
        kept = self._vocabularies.get(tenant)
        if kept is None or kept.revision != await self.revision(tenant):
            kept = await self._database.read_aside(partial(_vocabulary, tenant=tenant))
            self._vocabularies[tenant] = kept
        return kept

    async def revision(self, tenant: str) -> int:
        """See the port."""
        return await self._database.read(partial(importing.revision, tenant=tenant))


def _matches(
    connection: sqlite3.Connection, statements: Sequence[str], tenant: str, texts: Sequence[str]
) -> tuple[tuple[AssetMatch, ...], ...]:
    values = {"tenant": tenant, "texts": list_of(text.casefold() for text in texts)}
    found: list[dict[str, AssetMatch]] = [{} for _ in texts]
    for statement in statements:
        for key, *row in connection.execute(_SQL[statement], values).fetchall():
            found[key].setdefault(row[0], to_match(row))
    return tuple(tuple(matches.values()) for matches in found)


def _names(connection: sqlite3.Connection, tenant: str) -> tuple[str, ...]:
    return tuple(name for (name,) in connection.execute(_SQL["names"], (tenant,)).fetchall())


def _assets(connection: sqlite3.Connection, tenant: str, asset_ids: Sequence[str]) -> tuple[Asset, ...]:
    values = {"tenant": tenant, "ids": list_of(asset_ids)}
    return tuple(map(to_asset, connection.execute(_SQL["by_id"], values).fetchall()))


def _vocabulary(connection: sqlite3.Connection, tenant: str) -> Vocabulary:
    kinds = connection.execute(_SQL["words_of_kinds"], (tenant,)).fetchall()
    services = connection.execute(_SQL["words_of_services"], (tenant,)).fetchall()
    words = dict(zip(asking.KIND_FIELDS, map(set, zip(*kinds, strict=True)), strict=False))
    words["service"] = {name for (name,) in services}
    return Vocabulary(
        revision=importing.revision(connection, tenant),
        values={name: tuple(sorted(words.get(name, set()) - {""})) for name in FILTER_FIELDS if name != "name"},
    )
