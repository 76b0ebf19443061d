"""The one place that knows which engine serves which port. Everything is opened here and closed in reverse."""

from opsconductor.adapters.catalogue.files import default_pack
from opsconductor.bootstrap.engine import Engine, FirstStart, Overrides
from opsconductor.bootstrap.examination import check_pack, database_facts, model_digest, pack_facts, postgresql_facts
from opsconductor.bootstrap.for_doors import IMPORTERS, fault_log, open_importer, to_json
from opsconductor.bootstrap.inventory_alone import open_asset_service
from opsconductor.bootstrap.opening import open_engine

__all__ = [
    "IMPORTERS",
    "Engine",
    "FirstStart",
    "Overrides",
    "check_pack",
    "database_facts",
    "default_pack",
    "fault_log",
    "model_digest",
    "open_asset_service",
    "open_engine",
    "open_importer",
    "pack_facts",
    "postgresql_facts",
    "to_json",
]
