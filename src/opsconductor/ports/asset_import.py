"""Reading assets from where they are kept today; what is read is complete, or it is refused with its faults."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from opsconductor.domain.assets import Asset
from opsconductor.domain.errors import BadInput
from opsconductor.domain.json_value import Json

FAULTS_SHOWN = 100


@dataclass(frozen=True, kw_only=True)
class ImportFault:
    """One thing that is wrong with a source."""

    line: int  # from 1; 0 when no line is to blame
    column: str  # field, column or variable; empty when none is to blame
    message: str
    file: str = ""  # when it is not the file that was named


@dataclass(frozen=True, kw_only=True)
class ImportOptions:
    """What the caller knows about the source."""

    columns: Mapping[str, str] = field(default_factory=dict)  # csv: column as the file words it → field of ours
    kind: str = ""  # netbox export: device | virtual_machine, when the columns do not tell
    token_ref: str = ""  # netbox API: reference of its token


@dataclass(frozen=True, kw_only=True)
class ImportedAssets:
    """What a source holds, ready for `AssetStore.put_assets`."""

    source: str  # csv | ansible | netbox
    assets: tuple[Asset, ...]
    warnings: tuple[str, ...] = ()  # what was left out on purpose, one sentence each


class AssetImporter(Protocol):
    """Reads one kind of source; nothing in it is executed and nothing is stored."""

    async def read(self, source: str | Path, tenant: str, options: ImportOptions) -> ImportedAssets:
        """All assets of the source, for the isolation tenant of the caller; the same source gives the same assets.

        Raises `import.bad_file` with `facts["faults"]` (each {file, line, column, message}; at most 100, all of them
        counted in `facts["fault_count"]`), `import.unreadable`, and `secret.missing` for an unknown token reference.
        """
        ...


def bad_file(source: str, faults: Sequence[ImportFault]) -> BadInput:
    """`import.bad_file` for these faults; its message words the first one."""
    first = faults[0]
    line = f"line {first.line}" if first.line else ""
    where = ", ".join(part for part in (first.file, line, first.column) if part)
    more = f" ({len(faults) - 1} more)" if len(faults) > 1 else ""
    shown: list[Json] = [
        {"file": fault.file, "line": fault.line, "column": fault.column, "message": fault.message}
        for fault in faults[:FAULTS_SHOWN]
    ]
    return BadInput(
        "import.bad_file",
        f"{source}: {where + ': ' if where else ''}{first.message}{more}.",
        source=source,
        faults=shown,
        fault_count=len(faults),
    )
