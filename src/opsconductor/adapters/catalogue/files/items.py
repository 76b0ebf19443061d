"""What has been read of a pack so far: each item's plain declaration, and the fields that know its lines."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from opsconductor.adapters.catalogue.files.reading import Fields
from opsconductor.domain.json_value import Json

Declaration = dict[str, Json]
"""Plain data: whole numbers, texts, booleans, lists, mappings. What is hashed, kept and built from."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One tool, rule, scenario, intent, term or field of the pack."""

    name: str  # "" when it has none that can be used
    data: Declaration
    fields: Fields

    @property
    def place(self) -> str:
        """`tools/service-restart.yaml:1`."""
        return f"{self.fields.file}:{self.fields.start}"


@dataclass(kw_only=True)
class PackItems:
    """All items of a pack."""

    agent: Item | None = None
    tools: dict[str, Item] = field(default_factory=dict)
    rules: dict[str, Item] = field(default_factory=dict)
    scenarios: dict[str, Item] = field(default_factory=dict)
    intents: dict[str, Item] = field(default_factory=dict)
    glossary: dict[str, Item] = field(default_factory=dict)
    customer_fields: dict[str, Item] = field(default_factory=dict)
    out_of_scope: list[str] = field(default_factory=list)

    def keep(self, kind: dict[str, Item], item: Item, key: str) -> None:
        """Add an item to one of the kinds; a name that is taken is a fault at its field `key`."""
        if item.name in kind:
            other = kind[item.name].place
            item.fields.fault(key, f"The {key} {item.name!r} is taken by {other}.", "Choose another one.")
        elif item.name:
            kind[item.name] = item


def inputs_of(tool: Item) -> Mapping[str, Json]:
    """The tool's declared inputs by name."""
    return mapping(mapping(tool.data["inputs"]).get("properties"))


def mapping(value: Json) -> Mapping[str, Json]:
    """`value` when it is a mapping, else an empty one."""
    return value if isinstance(value, Mapping) else {}
