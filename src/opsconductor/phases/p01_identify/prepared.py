"""What P1 makes once for a catalogue: the layers of the configuration with their digest, and the mask's fields."""

from collections.abc import Mapping
from dataclasses import dataclass

from opsconductor.domain.catalogue import Catalogue
from opsconductor.domain.customer import CustomerDataField, MaskedField, SchemaMask, VariableEntry
from opsconductor.domain.json_value import Json
from opsconductor.domain.turn import Configured
from opsconductor.ports.canonical import digest

CODE_DEFAULTS: Mapping[str, Json] = {
    "act_confidence": 0.7,
    "info_confidence": 0.5,
    "clarify_rounds": 2,
    "max_targets": 200,
}


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """The settings of a tenant, with all layers."""

    values: Mapping[str, Configured]
    digest: str
    made_of: str  # the tenant's own layer as text, in which 1, 1.0 and True differ


class Prepared:
    """What does not change from turn to turn for as long as the catalogue is the same."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._declared = {**_layer("code", CODE_DEFAULTS), **_layer("pack", catalogue.agent.settings)}
        self._absent = {field.key: _masked(field, exists=False) for field in catalogue.customer_fields}
        self._existing = {field.key: _masked(field, exists=True) for field in catalogue.customer_fields}
        self._of_tenants: dict[str, Configuration] = {}

    def mask(self, customer_data: Mapping[str, VariableEntry]) -> SchemaMask:
        """The fields of the customer, with what is known and without its values."""
        return {key: (self._existing if key in customer_data else self._absent)[key] for key in self._absent}

    def configuration(self, tenant: str, settings: Mapping[str, Json]) -> Configuration:
        """Behaviour settings with the layer that set each: code < pack < tenant."""
        made_of = repr(settings)
        known = self._of_tenants.get(tenant)
        if known is None or known.made_of != made_of:
            values = {**self._declared, **_layer("tenant", settings)}
            known = Configuration(values=values, digest=_digest(values), made_of=made_of)
            self._of_tenants[tenant] = known
        return known


def _layer(source: str, settings: Mapping[str, Json]) -> dict[str, Configured]:
    return {key: Configured(value=value, source=source) for key, value in settings.items()}


def _digest(configuration: Mapping[str, Configured]) -> str:
    """Fractional settings count as text, since floats are not hashed."""
    return digest({key: str(item.value) for key, item in configuration.items()})


def _masked(field: CustomerDataField, *, exists: bool) -> MaskedField:
    return MaskedField(scope=field.scope, type=field.type, exists=exists, examples=field.examples)
