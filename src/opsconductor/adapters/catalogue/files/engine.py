"""Catalogues from a pack folder: the last version without faults, looked at again at most once a second."""

from pathlib import Path
from typing import TYPE_CHECKING

import opsconductor
from opsconductor.adapters.catalogue.files.building import build
from opsconductor.adapters.catalogue.files.faults import Faults
from opsconductor.adapters.catalogue.files.kept_form import Kept, kept_path, read_kept, write_kept
from opsconductor.adapters.catalogue.files.sources import Sources, read_sources, stamp
from opsconductor.domain.catalogue import Catalogue, PackFault
from opsconductor.domain.errors import BadInput, NotFound
from opsconductor.domain.json_value import Json
from opsconductor.ports.canonical import digest
from opsconductor.ports.clock import Clock
from opsconductor.ports.expressions import Expressions
from opsconductor.ports.schema import Schemas

if TYPE_CHECKING:
    from opsconductor.adapters.catalogue.files.checking import Checked, Checker

LOOK_AGAIN_S = 1.0


class FileCatalogues:
    """The catalogue of one folder. A broken edit leaves the former version in place and shows in `last_faults`."""

    def __init__(
        self, folder: Path, cache: Path | None, clock: Clock, expressions: Expressions, schemas: Schemas
    ) -> None:
        """Loads the pack. `cache` is a folder for its checked form, None to keep none.

        Raises `pack.not_found`, and `pack.invalid` with the first fault and, in its facts, all of them.
        """
        self._folder, self._cache, self._clock = folder, cache, clock
        self._expressions, self._schemas = expressions, schemas
        self._faults: tuple[PackFault, ...] = ()
        self._seen = stamp(folder)
        self._looked = clock.monotonic()
        faults = Faults()
        sources = read_sources(folder, faults)
        self._digests = sources.digests
        found = self._load(sources, faults)
        if found is None:
            raise invalid_pack(self._faults)
        self._current = found

    def current(self) -> Catalogue:
        """See the port."""
        now = self._clock.monotonic()
        if now - self._looked >= LOOK_AGAIN_S:
            self._looked = now
            seen = stamp(self._folder)
            if seen != self._seen:
                self._seen = seen
                self._reload()
        return self._current

    @property
    def last_faults(self) -> tuple[PackFault, ...]:
        """Why the newest edit is not in use; empty when it is."""
        return self._faults

    def _reload(self) -> None:
        faults = Faults()
        try:
            sources = read_sources(self._folder, faults)
        except NotFound as error:
            self._faults = (PackFault(file="", line=0, fault=error.message, remedy=error.next_step),)
            return
        if sources.digests == self._digests and not len(faults) and not self._faults:
            return
        self._digests = sources.digests
        self._current = self._load(sources, faults) or self._current

    def _load(self, sources: Sources, faults: Faults) -> Catalogue | None:
        """The catalogue of what was read, or None; `last_faults` tells why."""
        path = kept_path(self._cache, self._folder) if self._cache is not None else None
        kept = read_kept(path, sources.digests) if path is not None and not len(faults) else None
        if kept is None:
            checked = _checker(self._expressions, self._schemas).check(sources, faults)
            self._faults = checked.faults
            if self._faults:
                return None
            kept = kept_of(checked)
            if path is not None:
                write_kept(path, sources.digests, kept)
        self._faults = ()
        return build(kept.declaration, kept.digest, kept.tool_digests, kept.places)


class FilePackChecker:
    """Checks pack folders for people who write them."""

    def __init__(self, expressions: Expressions, schemas: Schemas) -> None:
        self._expressions, self._schemas = expressions, schemas

    def check(self, folder: Path) -> tuple[PackFault, ...]:
        """See the port."""
        return _checker(self._expressions, self._schemas).check_folder(folder).faults


def open_catalogues(
    folder: Path, cache: Path | None, clock: Clock, expressions: Expressions, schemas: Schemas
) -> FileCatalogues:
    """The engine, with its pack loaded."""
    return FileCatalogues(folder, cache, clock, expressions, schemas)


def open_checker(expressions: Expressions, schemas: Schemas) -> FilePackChecker:
    """The checker; it holds nothing."""
    return FilePackChecker(expressions, schemas)


def default_pack() -> Path:
    """The folder of the pack that ships with the package."""
    return Path(opsconductor.__file__).parent / "packs" / "default"


def kept_of(checked: "Checked") -> Kept:
    """A declaration without faults with its digests."""
    tools: dict[str, str] = {}
    declared: Json = checked.declaration["tools"]
    for tool in declared if isinstance(declared, list) else ():
        tools[str(tool["name"])] = digest(tool)
    return Kept(
        declaration=checked.declaration,
        digest=digest(checked.declaration),
        tool_digests=tools,
        places=dict(checked.places),
    )


def invalid_pack(faults: tuple[PackFault, ...]) -> BadInput:
    """The refusal of a pack, with all its faults as facts."""
    first = faults[0]
    more = f" There are {len(faults) - 1} more faults." if len(faults) > 1 else ""
    listed: list[Json] = [{**vars(fault)} for fault in faults]
    return BadInput("pack.invalid", f"{first.file}:{first.line}: {first.fault} {first.remedy}{more}", faults=listed)


def _checker(expressions: Expressions, schemas: Schemas) -> "Checker":
    """Imported with the first check: a start from the kept form needs none of it (40 ms)."""
    from opsconductor.adapters.catalogue.files.checking import Checker

    return Checker(expressions, schemas)
