"""Assets from a table: one row an asset, columns mapped by their names or as the caller says."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from opsconductor.adapters.asset_records import FIELDS, Faults, Record, build_assets, read_table, read_text
from opsconductor.domain.asset_naming import is_secret_name, snake
from opsconductor.domain.errors import BadInput
from opsconductor.ports.asset_import import ImportedAssets, ImportOptions
from opsconductor.ports.secrets import Secrets

SOURCE = "csv"

_OTHER_NAMES = {
    "hostname": "name",
    "host": "name",
    "tenant": "owner",
    "ip_address": "ip",
    "address": "ip",
    "primary_ip": "ip",
    "operating_system": "os",
    "env": "environment",
    "service": "services",
}


class CsvImporter:
    """Reads a CSV file in UTF-8 with a header line."""

    async def read(self, source: str | Path, tenant: str, options: ImportOptions) -> ImportedAssets:
        """See the port; `options.columns` maps a column to a field, and an empty field leaves the column out."""
        return await asyncio.to_thread(_read, Path(source), tenant, options.columns)


def open_importer(secrets: Secrets | None = None) -> CsvImporter:
    """The engine; a file needs no credential."""
    return CsvImporter()


def _read(path: Path, tenant: str, columns: Mapping[str, str]) -> ImportedAssets:
    text = read_text(path)
    faults = Faults(source=path.name)
    if "\x00" in text:
        faults.add("the text holds U+0000", line=text.count("\n", 0, text.index("\x00")) + 1)
        faults.raise_any()
    header, rows = read_table(text, faults)
    if not header:
        faults.add("the file is empty", line=1)
        faults.raise_any()
    targets = _targets(header, columns, faults)
    faults.raise_any()
    records = []
    for line, cells in rows:
        if len(cells) != len(header):
            faults.add(f"{len(cells)} cells where the header has {len(header)}", line=line)
            continue
        if any(cell.strip() for name, cell in zip(header, cells, strict=True) if not name):
            faults.add("a cell stands below a column without a name", line=line)
        records.append(_record(targets, cells, line))
    warnings = [
        f"Column {name!r} was left out: an inventory keeps no credentials."
        for name, target in zip(header, targets, strict=True)
        if target is None and snake(name) and name not in columns
    ]
    return ImportedAssets(source=SOURCE, assets=build_assets(records, tenant, SOURCE, faults), warnings=tuple(warnings))


def _targets(header: Sequence[str], columns: Mapping[str, str], faults: Faults) -> list[str | None]:
    """Per column the field or attribute it fills, None for one that is left out."""
    for name, target in columns.items():
        if target and target not in FIELDS:
            raise BadInput("request.invalid", f"There is no field {target!r}; fields are {', '.join(FIELDS)}.")
        if name not in header:
            faults.add(f"there is no column {name!r}", line=1, column=name)
    taken = {target for target in columns.values() if target}
    taken |= {snake(name) for name in header if name not in columns and snake(name) in FIELDS}
    targets: list[str | None] = []
    for name in header:
        key = snake(name)
        if name in columns:
            targets.append(columns[name] or None)
        elif not key or is_secret_name(key):
            targets.append(None)
        else:
            other = _OTHER_NAMES.get(key, key)
            targets.append(key if other in taken and other != key else other)
            taken.add(targets[-1] or "")
    _check(header, targets, faults)
    return targets


def _check(header: Sequence[str], targets: Sequence[str | None], faults: Faults) -> None:
    for index, (name, target) in enumerate(zip(header, targets, strict=True)):
        if target is not None and target in targets[:index]:
            faults.add(f"a second column for {target}", line=1, column=name)
    if "name" not in targets:
        faults.add("there is no column for the name; map one with --map COLUMN=name", line=1, column="name")


def _record(targets: Sequence[str | None], cells: Sequence[str], line: int) -> Record:
    given = {target: cell for target, cell in zip(targets, cells, strict=True) if target is not None}
    fields = {key: value for key, value in given.items() if key in FIELDS}
    return Record(fields=fields, attributes={k: v for k, v in given.items() if k not in fields}, line=line)
