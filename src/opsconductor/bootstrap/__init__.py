"""The one place that knows which engine serves which port. Everything is opened here and closed in reverse."""

from opsconductor.bootstrap.engine import Engine, FirstStart, Overrides
from opsconductor.bootstrap.for_doors import IMPORTERS, fault_log, open_importer, to_json
from opsconductor.bootstrap.opening import open_engine

__all__ = ["IMPORTERS", "Engine", "FirstStart", "Overrides", "fault_log", "open_engine", "open_importer", "to_json"]
