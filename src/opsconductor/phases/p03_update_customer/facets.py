"""What is known of the targets of a message, by facet: rules and lanes look at these, not at names."""

from collections.abc import Iterable, Mapping

from opsconductor.domain.assets import Asset
from opsconductor.domain.customer import VariableEntry
from opsconductor.domain.entities import Entity

FACETS = ("environment", "role", "type", "platform", "site", "owner", "service", "criticality")
_PREFERENCES = ("preferred_", "default_")


def facets_of(
    assets: Iterable[Asset], entities: Iterable[Entity], data: Mapping[str, VariableEntry]
) -> Mapping[str, tuple[str, ...]]:
    """Facet → distinct values in order: of the resolved assets and of what the message says.

    A facet that neither tells takes the customer's preference (`preferred_environment`), when there is one.
    """
    known = list({asset.asset_id: asset for asset in assets}.values())
    said = list(entities)
    facets: dict[str, tuple[str, ...]] = {}
    if not (known or said or data):
        return facets
    for facet in FACETS:
        mentioned = [entity.value for entity in said if entity.type == facet and entity.match == "exact"]
        held = [getattr(asset, facet) for asset in known] if facet != "service" else []
        if facet == "service" and not mentioned:
            held = [service.name for asset in known for service in asset.services]
        values = [value for value in (*held, *mentioned) if value] or _preferred(facet, data)
        if values:
            facets[facet] = tuple(dict.fromkeys(values))
    return facets


def _preferred(facet: str, data: Mapping[str, VariableEntry]) -> list[str]:
    for prefix in _PREFERENCES:
        entry = data.get(prefix + facet)
        value = None if entry is None else entry.value
        if isinstance(value, str) and value:
            return [value]
        if isinstance(value, list | tuple):
            return [one for one in value if isinstance(one, str)]
    return []
