"""Packs as folders of YAML: checked with file, line and remedy, reloaded when they change, quick to start from."""

from opsconductor.adapters.catalogue.files.engine import (
    FileCatalogues,
    FilePackChecker,
    default_pack,
    open_catalogues,
    open_checker,
)

__all__ = ["FileCatalogues", "FilePackChecker", "default_pack", "open_catalogues", "open_checker"]
