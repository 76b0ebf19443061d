"""An import: what it would change, found by comparing, and then changed in one go."""

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from opsconductor.adapters.asset_store.sqlite.rows import COMPARED, compared, kind_of, service_names
from opsconductor.adapters.sql_statements import Statements
from opsconductor.domain.assets import Asset
from opsconductor.domain.errors import BadInput
from opsconductor.ports.asset_store import ImportDiff

_SQL = Statements(__package__, "assets")

_Row: TypeAlias = tuple[str | None, ...]


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What a source now says, ready to be compared."""

    tenant: str
    source: str
    assets: Mapping[str, tuple[Asset, _Row]]  # by source id
    retire_missing: bool


@dataclass(frozen=True, kw_only=True)
class Stored:
    """An asset as the store has it."""

    number: int
    retired: bool
    kind: int
    row: _Row


@dataclass(kw_only=True)
class Changes:
    """What a batch changes."""

    added: list[tuple[Asset, _Row]] = field(default_factory=list)
    returned: list[tuple[Stored, Asset, _Row]] = field(default_factory=list)  # retired once, named again
    updated: list[tuple[Stored, Asset, _Row]] = field(default_factory=list)
    retired: list[Stored] = field(default_factory=list)
    unchanged: int = 0
    revision: int = 0  # the one before

    @property
    def any(self) -> bool:
        """Whether anything changes."""
        return bool(self.added or self.returned or self.updated or self.retired)

    def diff(self, source: str) -> ImportDiff:
        """As it is told; the revision is the one after."""
        new = [asset for asset, _ in self.added] + [asset for _, asset, _ in self.returned]
        return ImportDiff(
            source=source,
            added=tuple(asset.name for asset in new),
            updated=tuple((asset.name, _differing(stored.row, row)) for stored, asset, row in self.updated),
            unchanged=self.unchanged,
            retired=tuple(str(stored.row[0]) for stored in self.retired),
            revision=self.revision + self.any,
        )


def batch_of(tenant: str, source: str, assets: Sequence[Asset], retire_missing: bool) -> Batch:
    """The batch, each asset once. Raises `import.bad_file` for one named twice, or of another source or tenant."""
    found: dict[str, tuple[Asset, _Row]] = {}
    for asset in assets:
        if asset.source != source or asset.tenant != tenant:
            raise BadInput("import.bad_file", f"{asset.name} belongs to {asset.tenant}/{asset.source}, not {source}.")
        if asset.source_id in found:
            other = found[asset.source_id][0].name
            raise BadInput("import.bad_file", f"{other} and {asset.name} have the same id {asset.source_id}.")
        found[asset.source_id] = (asset, compared(asset))
    return Batch(tenant=tenant, source=source, assets=found, retire_missing=retire_missing)


def compare(connection: sqlite3.Connection, batch: Batch) -> Changes:
    """What the batch changes."""
    changes = Changes(revision=revision(connection, batch.tenant))
    rows = connection.execute(_SQL["of_source"], (batch.tenant, batch.source)).fetchall()
    known = {row[3]: Stored(number=row[0], retired=bool(row[1]), kind=row[2], row=row[4:]) for row in rows}
    for source_id, (asset, row) in batch.assets.items():
        stored = known.get(source_id)
        if stored is None:
            changes.added.append((asset, row))
        elif stored.retired:
            changes.returned.append((stored, asset, row))
        elif stored.row == row:
            changes.unchanged += 1
        else:
            changes.updated.append((stored, asset, row))
    if batch.retire_missing:
        gone = (stored for source_id, stored in known.items() if source_id not in batch.assets)
        changes.retired.extend(stored for stored in gone if not stored.retired)
    return changes


def apply(connection: sqlite3.Connection, batch: Batch, changes: Changes) -> None:
    """Write the changes and raise the revision."""
    kinds = _Kinds(connection, batch)
    first = connection.execute(_SQL["newest_number"]).fetchall()[0][0] + 1
    new = [(number, asset, row) for number, (asset, row) in enumerate(changes.added, first)]
    again = [(stored.number, asset, row) for stored, asset, row in [*changes.updated, *changes.returned]]
    for stored in [*changes.retired, *(stored for stored, _, _ in changes.updated)]:
        kinds.leave(stored.kind)
    added, changed = [], []
    for number, asset, row in new:
        kind, key = kinds.enter(row), asset.name.casefold()
        names = (number, asset.asset_id, batch.tenant, batch.source, asset.source_id)
        added.append((*names, kind, row[0], key, *row[10:]))
    for number, asset, row in again:
        changed.append((kinds.enter(row), row[0], asset.name.casefold(), *row[10:], number))
    connection.executemany(_SQL["add_asset"], added)
    connection.executemany(_SQL["change_asset"], changed)
    connection.executemany(_SQL["retire_asset"], [(stored.number,) for stored in changes.retired])
    connection.executemany(_SQL["forget_services"], [(number,) for number, _, _ in again])
    services = [(key, number, name) for number, asset, _ in [*new, *again] for key, name in service_names(asset)]
    connection.executemany(_SQL["add_service"], services)
    kinds.save_counts()
    connection.execute(_SQL["raise_revision"], (batch.tenant,))


def revision(connection: sqlite3.Connection, tenant: str) -> int:
    """The tenant's revision; 0 before the first change."""
    rows = connection.execute(_SQL["revision"], (tenant,)).fetchall()
    return rows[0][0] if rows else 0


def _differing(old: _Row, new: _Row) -> tuple[str, ...]:
    return tuple(name for name, before, after in zip(COMPARED, old, new, strict=True) if before != after)


class _Kinds:
    """The kinds that a batch's assets are of, and how many more or fewer are of each; new ones are stored at once."""

    def __init__(self, connection: sqlite3.Connection, batch: Batch) -> None:
        self._connection = connection
        self._batch = batch
        rows = connection.execute(_SQL["kinds_of_source"], (batch.tenant, batch.source)).fetchall()
        self._numbers: dict[_Row, int] = {row[:-1]: row[-1] for row in rows}
        self._newest: int = connection.execute(_SQL["newest_kind"], (batch.tenant,)).fetchall()[0][0]
        self._more: Counter[int] = Counter()

    def enter(self, row: _Row) -> int:
        """An asset becomes one of its kind, whose number this is."""
        kind = kind_of(row)
        number = self._numbers.get(kind)
        if number is None:
            self._newest += 1
            number = self._numbers[kind] = self._newest
            self._connection.execute(_SQL["add_kind"], (self._batch.tenant, number, self._batch.source, *kind))
        self._more[number] += 1
        return number

    def leave(self, number: int) -> None:
        """An asset is no longer of that kind."""
        self._more[number] -= 1

    def save_counts(self) -> None:
        """Store how many are of each kind now."""
        rows = [(more, self._batch.tenant, number) for number, more in self._more.items() if more]
        self._connection.executemany(_SQL["count_kind"], rows)
