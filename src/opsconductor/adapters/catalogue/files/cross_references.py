"""What one item of a pack says about others: names that must exist, circles, and expressions over declared fields."""

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

from opsconductor.adapters.catalogue.files.declare_scenario import logic_names, names_in
from opsconductor.adapters.catalogue.files.expression_names import (
    ENFORCEMENT,
    check_expression,
    condition_names,
)
from opsconductor.adapters.catalogue.files.faults import did_you_mean
from opsconductor.adapters.catalogue.files.items import Item, PackItems, inputs_of, mapping
from opsconductor.adapters.catalogue.files.reading import Fields
from opsconductor.adapters.catalogue.files.templates import check_templates
from opsconductor.adapters.catalogue.files.tool_references import check_tool, exists
from opsconductor.domain.catalogue import Effect
from opsconductor.domain.json_value import Json
from opsconductor.domain.knowledge import Mode
from opsconductor.domain.rules import RelationKind
from opsconductor.domain.scenarios import StepKind
from opsconductor.ports.expressions import Expressions
from opsconductor.ports.schema import Schemas

_ORDERED = (RelationKind.DEPENDS_ON, RelationKind.SPECIALIZES)


def check_cross_references(pack: PackItems, expressions: Expressions, schemas: Schemas) -> None:
    """Add every fault that shows only when the whole pack is read."""
    for tool in pack.tools.values():
        check_tool(tool, pack.tools, expressions, schemas)
        check_templates(tool)
    for rule in pack.rules.values():
        _check_rule(rule, pack, expressions)
    for kind in _ORDERED:
        _check_circles(pack.rules, kind)
    for scenario in pack.scenarios.values():
        _check_scenario(scenario, pack, expressions)
    _check_intents(pack)
    _check_glossary(pack.glossary)


def _items(value: Json) -> list[Mapping[str, Json]]:
    return [mapping(item) for item in value] if isinstance(value, list) else []


def _check_rule(rule: Item, pack: PackItems, expressions: Expressions) -> None:
    fields, data = rule.fields, rule.data
    names = condition_names(pack.customer_fields)
    check_expression(expressions, fields, "condition", str(data["condition"]), names, "condition")
    check_expression(expressions, fields, "enforcement", str(data["enforcement"]), ENFORCEMENT, "enforcement")
    exists(fields, "tool", "tool", str(data["tool"]), pack.tools)
    exists(fields, "scenario", "scenario", str(data["scenario"]), pack.scenarios)
    for kind, targets in mapping(data["relations"]).items():
        for index, target in enumerate(targets if isinstance(targets, list) else ()):
            line = fields.place("relations", f"{kind}.{index}")
            if target == rule.name:
                fields.fault(line, f"The rule {kind} itself.", "Remove it.")
            exists(fields, line, "rule", str(target), pack.rules)
    known = {"host", *(name for tool in pack.tools.values() for name in inputs_of(tool))}
    for name in names_in(str(data["text"])):
        if name not in known:
            remedy = did_you_mean(name, known, "Use an input of a tool")
            fields.fault("text", f"text uses {{{name}}}, which no tool has.", remedy)


def _check_circles(rules: Mapping[str, Item], kind: RelationKind) -> None:
    graph = {}
    for rule in rules.values():
        targets = mapping(rule.data["relations"]).get(kind.value)
        graph[rule.name] = [str(target) for target in targets] if isinstance(targets, list) else []
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle = list(dict.fromkeys(error.args[1]))
        fields = next(rules[name].fields for name in circle if name in rules)
        fields.fault("relations", f"Rules {kind.value} each other: {', '.join(circle)}.", "Take one relation out.")


def _check_scenario(scenario: Item, pack: PackItems, expressions: Expressions) -> None:
    fields = scenario.fields
    for intent, line in fields.texts_with_lines("intents"):
        exists(fields, line, "intent", intent, pack.intents)
    steps = _items(scenario.data["steps"])
    for index, step in enumerate(steps):
        if step["kind"] == StepKind.ACTION:
            _check_binding(fields, index, mapping(step["binding"]), pack)
        elif step["kind"] == StepKind.LOGIC:
            _check_logic(fields, index, steps, pack, expressions)


def _check_binding(fields: Fields, index: int, binding: Mapping[str, Json], pack: PackItems) -> None:
    line = fields.place("steps", f"{index}.binding.tool")
    if not exists(fields, line, "tool", str(binding.get("tool", "")), pack.tools):
        return
    inputs = inputs_of(pack.tools[str(binding["tool"])])
    for name in mapping(binding.get("variables")):
        exists(fields, fields.place("steps", f"{index}.binding.variables.{name}"), "input", name, inputs)


def _check_logic(
    fields: Fields, index: int, steps: list[Mapping[str, Json]], pack: PackItems, expressions: Expressions
) -> None:
    given = logic_names(steps, index)
    action = mapping(steps[index - 1].get("binding")) if index else {}
    tool = pack.tools.get(str(action.get("tool", "")))
    output = mapping(tool.data["output"]) if tool is not None else None
    names = {**dict.fromkeys(given), "output": output}
    for number, transition in enumerate(_items(steps[index]["transitions"])):
        line = fields.place("steps", f"{index}.transitions.{number}.condition")
        check_expression(expressions, fields, line, str(transition["condition"]), names, "condition")
        for name in names_in(str(transition["text"])):
            if name not in given:
                line = fields.place("steps", f"{index}.transitions.{number}.text")
                remedy = did_you_mean(name, given, "Use an input that the action binds")
                fields.fault(line, f"text uses {{{name}}}, which is not known there.", remedy)


def _check_intents(pack: PackItems) -> None:
    said: dict[str, str] = dict.fromkeys(pack.out_of_scope, "out_of_scope.yaml")
    for intent in pack.intents.values():
        fields = intent.fields
        for name, line in fields.texts_with_lines("tools"):
            if exists(fields, line, "tool", name, pack.tools):
                changes = pack.tools[name].data["effect"] not in ("", Effect.READ)
                if intent.data["mode"] == Mode.INFO and changes:
                    fields.fault(line, f"An intent that asks uses {name}, which changes things.", "Write `mode: act`.")
        _each(fields, said, intent.name)


def _each(fields: Fields, said: dict[str, str], owner: str) -> None:
    """An example that stands for two things teaches neither."""
    for example, line in fields.texts_with_lines("examples"):
        other = said.setdefault(example, owner)
        if other != owner:
            fields.fault(line, f"The example {example!r} stands in {other} too.", "Keep it in one place.")


def _check_glossary(glossary: Mapping[str, Item]) -> None:
    words: dict[str, str] = {name: item.place for name, item in glossary.items()}
    for item in glossary.values():
        for alias, line in item.fields.texts_with_lines("aliases"):
            other = words.setdefault(alias.lower(), item.place)
            if other != item.place or alias.lower() == item.name:
                item.fields.fault(line, f"The word {alias!r} is taken by {other}.", "Give each word one meaning.")
