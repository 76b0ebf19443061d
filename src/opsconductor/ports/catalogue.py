"""The loaded pack, as running turns see it."""

from pathlib import Path
from typing import Protocol

from opsconductor.domain.catalogue import Catalogue, PackFault


class Catalogues(Protocol):
    """Gives the current catalogue. A turn keeps the one it started with."""

    def current(self) -> Catalogue:
        """The newest version that passed its check. Looks for changed files at most once a second."""
        ...


class PackChecker(Protocol):
    """Checks a pack folder."""

    def check(self, folder: Path) -> tuple[PackFault, ...]:
        """All faults with file, line and remedy; empty when the pack is sound. Raises `pack.not_found`."""
        ...
