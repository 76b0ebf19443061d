"""What the doors need of the adapters beside the engine: JSON, importers, the fault log."""

from importlib import import_module

from opsconductor.adapters.clock.system import SystemClock
from opsconductor.adapters.ids.uuid7 import Uuid7Ids
from opsconductor.adapters.json_codec import dump
from opsconductor.adapters.secrets.files import FileSecrets
from opsconductor.adapters.telemetry.fault_log import FaultLog
from opsconductor.domain.errors import BadInput
from opsconductor.domain.json_value import Json
from opsconductor.ports.asset_import import AssetImporter
from opsconductor.ports.telemetry import FaultReporter
from opsconductor.settings import Settings

IMPORTERS = ("ansible", "csv", "netbox")


def to_json(value: object) -> Json:
    """A domain value, or a tuple or mapping of them, as plain JSON data for a door."""
    return dump(value)


def fault_log(settings: Settings) -> FaultReporter:
    """Where a door writes down what broke outside any turn."""
    clock = SystemClock()
    return FaultLog(settings.home / "logs", clock, Uuid7Ids(clock))


def open_importer(settings: Settings, kind: str) -> AssetImporter:
    """The importer of that kind, loaded when it is wanted. Raises `request.invalid` for a kind that there is not."""
    if kind not in IMPORTERS:
        raise BadInput("request.invalid", f"There is no import from {kind!r}; there is {', '.join(IMPORTERS)}.")
    module = import_module(f"opsconductor.adapters.asset_import.{kind}")
    importer: AssetImporter = module.open_importer(FileSecrets(settings.home / "keys"))
    return importer
