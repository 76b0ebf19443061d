"""Inventory filters from what a request names, in the inventory's own words."""

from collections.abc import Mapping

from opsconductor.domain.assets import FILTER_FIELDS, Vocabulary
from opsconductor.domain.json_value import Json
from opsconductor.stages.b_select.request import Request

Filters = Mapping[str, Json]

SELECTING = (*FILTER_FIELDS, "tag")
"""Entity types that say which assets are meant."""


def filters_of(request: Request, vocabulary: Vocabulary, fields: tuple[str, ...] = FILTER_FIELDS) -> dict[str, Json]:
    """Field → the value, or the list of values, that the request names; fields it does not name are left out."""
    if not request.entities:
        return {}
    found: dict[str, list[str]] = {}
    for field in fields:
        kinds = ("host",) if field == "name" else (field,)
        for entity in request.named(kinds):
            where, values = _spelled(field, entity.value, vocabulary)
            known = found.setdefault(where, [])
            known += [value for value in values if value not in known]
    return {field: values[0] if len(values) == 1 else values for field, values in found.items() if field in fields}


def _spelled(field: str, value: str, vocabulary: Vocabulary) -> tuple[str, list[str]]:
    """The field and the inventory's spelling: "windows" is a platform, "ubuntu" every release of it."""
    same = [known for known in vocabulary.values.get(field, ()) if known.casefold() == value.casefold()]
    if same or field != "os":
        return field, same or [value]
    platforms = [known for known in vocabulary.values.get("platform", ()) if known.casefold() == value.casefold()]
    if platforms:
        return "platform", platforms
    releases = [known for known in vocabulary.values.get("os", ()) if value.casefold() in known.casefold().split()]
    return "os", releases or [value]
