"""Reads and checks a whole pack: its files become items, its items one declaration, and every fault is told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from opsconductor.adapters.catalogue.files.cross_references import check_cross_references
from opsconductor.adapters.catalogue.files.declare_agent import declare_agent
from opsconductor.adapters.catalogue.files.declare_customer import declare_customer_field
from opsconductor.adapters.catalogue.files.declare_knowledge import declare_intent, declare_out_of_scope, declare_term
from opsconductor.adapters.catalogue.files.declare_rule import declare_rule
from opsconductor.adapters.catalogue.files.declare_scenario import declare_scenario
from opsconductor.adapters.catalogue.files.declare_tool import declare_tool
from opsconductor.adapters.catalogue.files.faults import Faults
from opsconductor.adapters.catalogue.files.items import Declaration, Item, PackItems
from opsconductor.adapters.catalogue.files.reading import Fields
from opsconductor.adapters.catalogue.files.sources import Sources, read_sources
from opsconductor.adapters.catalogue.files.yaml_nodes import Node, YamlError, read_yaml
from opsconductor.domain.catalogue import PackFault
from opsconductor.domain.json_value import Json
from opsconductor.ports.expressions import Expressions
from opsconductor.ports.schema import Schemas

AGENT = "agent.yaml"


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A pack that was read. The declaration is whole only without faults."""

    faults: tuple[PackFault, ...]
    declaration: Declaration  # everything that has a meaning: what the digest covers
    places: Mapping[str, str]  # tool → file:line


class Checker:
    """Checks packs with the engines that will run them."""

    def __init__(self, expressions: Expressions, schemas: Schemas) -> None:
        self._expressions = expressions
        self._schemas = schemas

    def check_folder(self, folder: Path) -> Checked:
        """Read a folder and check it. Raises `pack.not_found`."""
        faults = Faults()
        return self.check(read_sources(folder, faults), faults)

    def check(self, sources: Sources, faults: Faults) -> Checked:
        """Check what was read; `faults` holds those of the reading."""
        pack = PackItems()
        unread = len(faults)
        for file, content in sources.files.items():
            try:
                node = read_yaml(content)
            except YamlError as error:
                faults.add(file, error.line, error.fault, error.remedy)
                unread += 1
            else:
                self._declare(pack, file, node, faults)
        if AGENT not in sources.files:
            faults.add(AGENT, 1, "The pack has no agent.yaml.", "Write it: pack, version, id, name and description.")
        if not unread:  # a file that could not be read would make everything that names its items look wrong
            check_cross_references(pack, self._expressions, self._schemas)
        return Checked(
            faults=faults.sorted(),
            declaration=_declaration(pack),
            places={tool.name: tool.place for tool in pack.tools.values()},
        )

    def _declare(self, pack: PackItems, file: str, node: Node, faults: Faults) -> None:
        folder = file.partition("/")[0]
        if file == AGENT:
            pack.agent = declare_agent(Fields(node, file, faults, "the agent"))
        elif file == "out_of_scope.yaml":
            pack.out_of_scope = declare_out_of_scope(Fields(node, file, faults, "the list"))
        else:
            kind, declare, what, key = self._kind(pack, folder)
            for one in node.items if node.items is not None else (node,):
                pack.keep(kind, declare(Fields(one, file, faults, what)), key)

    def _kind(self, pack: PackItems, folder: str) -> tuple[dict[str, Item], Callable[[Fields], Item], str, str]:
        """Where the items of a file belong, how each is declared, what it is called, and the field that names it."""
        return {
            "tools": (pack.tools, self._tool, "the tool", "name"),
            "rules": (pack.rules, declare_rule, "the rule", "id"),
            "scenarios": (pack.scenarios, declare_scenario, "the scenario", "id"),
            "intents": (pack.intents, declare_intent, "the intent", "label"),
            "glossary.yaml": (pack.glossary, declare_term, "the term", "term"),
            "customer_fields.yaml": (pack.customer_fields, self._customer_field, "the field", "key"),
        }[folder]

    def _tool(self, fields: Fields) -> Item:
        return declare_tool(fields, self._schemas)

    def _customer_field(self, fields: Fields) -> Item:
        return declare_customer_field(fields, self._schemas)


def _declaration(pack: PackItems) -> Declaration:
    return {
        "agent": pack.agent.data if pack.agent is not None else {},
        "tools": _data(pack.tools),
        "rules": _data(pack.rules),
        "scenarios": _data(pack.scenarios),
        "intents": _data(pack.intents),
        "glossary": _data(pack.glossary),
        "customer_fields": _data(pack.customer_fields),
        "out_of_scope": [*pack.out_of_scope],
    }


def _data(kind: Mapping[str, Item]) -> list[Json]:
    return [item.data for item in kind.values()]
