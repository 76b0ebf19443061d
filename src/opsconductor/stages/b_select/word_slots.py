"""Slots that plain words fill: an enum value said as a word, a grouping said as "by site"."""

import re
from collections.abc import Mapping, Sequence

from opsconductor.stages.b_select.request import Request

_GROUPING = re.compile(
    r"(?<!sorted )(?<!ordered )\b(?:by|per|each|every|across)\s+(?:the\s+|its\s+|their\s+)?(\w+)(?:\s+(\w+))?"
)
_SAME_FIELD: Mapping[str, str] = {
    "operating system": "os",
    "kind": "type",
    "category": "type",
    "sort": "type",
    "location": "site",
    "place": "site",
    "datacenter": "site",
    "office": "site",
    "team": "owner",
    "tenant": "owner",
    "customer": "owner",
    "department": "owner",
    "env": "environment",
    "state": "status",
    "function": "role",
}


def enum_value(request: Request, values: Sequence[str]) -> str | None:
    """The one of `values` that the intent's own name holds (asset_count: count), else the one that is said."""
    by_word = {value.casefold().replace("_", " "): value for value in values}
    for word in reversed(request.action.split("_")):
        if word in by_word:
            return by_word[word]
    said = {
        value
        for spoken, value in by_word.items()
        if re.search(rf"(?<![\w-]){re.escape(spoken)}(?![\w-])", request.text.casefold())
    }
    return said.pop() if len(said) == 1 else None


def grouping(request: Request, fields: Sequence[str]) -> str | None:
    """The one of `fields` that the request wants its answer divided by."""
    for one, two in _GROUPING.findall(request.text.casefold()):
        for words in (f"{one} {two}", one):
            for spoken in (words, words.removesuffix("s"), re.sub("ies$", "y", words)):
                field = _SAME_FIELD.get(spoken, spoken)
                if field in fields:
                    return field
    return None
