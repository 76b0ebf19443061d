"""What a tool says of other tools and in expressions: names that must exist, and calls that the others must take."""

from collections.abc import Collection, Mapping

from opsconductor.adapters.catalogue.files.declare_run import placeholders
from opsconductor.adapters.catalogue.files.estimates import check_estimate
from opsconductor.adapters.catalogue.files.expression_names import (
    check_expression,
    precondition_names,
    probe_names,
    risk_rule_names,
    success_names,
)
from opsconductor.adapters.catalogue.files.faults import did_you_mean
from opsconductor.adapters.catalogue.files.items import Item, inputs_of, mapping
from opsconductor.adapters.catalogue.files.reading import Fields
from opsconductor.domain.catalogue import Effect
from opsconductor.domain.json_value import Json
from opsconductor.ports.expressions import Expressions
from opsconductor.ports.schema import Schemas

_OPTIONS = ("-", "-x", "-1", "--help")
_UNDOES = (Effect.IDEMPOTENT, Effect.COMPENSATABLE)


def check_tool(tool: Item, tools: Mapping[str, Item], expressions: Expressions, schemas: Schemas) -> None:
    """Add every fault of `tool` that shows only beside the other `tools`, or in its expressions."""
    fields, data = tool.fields, tool.data
    _check_undo(tool, tools)
    _check_verify(tool, tools)
    _check_expressions(tool, expressions)
    check_estimate(tool, expressions)
    probe = mapping(data["probe"])
    for run, line in ((mapping(data["run"]), fields.line("run")), (mapping(probe.get("run")), fields.line("probe"))):
        _check_options(fields, line, run, tool, schemas)


def exists(fields: Fields, key: int | str, what: str, name: str, known: Collection[str]) -> bool:
    """Whether `name` is one of the known ones; a fault when it is not."""
    if name and name not in known:
        fields.fault(key, f"There is no {what} {name!r}.", did_you_mean(name, known, "Use one of"))
    return name in known


def _check_undo(tool: Item, tools: Mapping[str, Item]) -> None:
    """The undo is a tool that can itself be done twice or reversed, and is given all that it takes."""
    undo = mapping(tool.data["undo"])
    name, line = str(undo.get("tool", "")), tool.fields.place("undo", "tool")
    if not name or not exists(tool.fields, line, "tool", name, tools):
        return
    other = tools[name]
    if other.data["effect"] not in ("", *_UNDOES):
        fault = f"The undo {name} has the effect {other.data['effect']}."
        tool.fields.fault(line, fault, "Name a tool that is idempotent or compensatable.")
    _check_targets(tool, other, line)
    given = mapping(undo.get("inputs"))
    if name == tool.name and not any("before" in mapping(value) for value in given.values()):
        remedy = "Give it a value from before: {before: FIELD}."
        tool.fields.fault(line, f"{name} undoes itself by doing the same again.", remedy)
    own = mapping(other.data["targets"]).get("input", "")
    for key in given:
        at = tool.fields.place("undo", f"inputs.{key}")
        if key == own:
            tool.fields.fault(at, f"The undo names its target {key!r}.", "Remove it; it runs on the step's own target.")
        elif other.data["inputs"]:
            exists(tool.fields, at, "input", key, inputs_of(other))
    for key in _required(other):
        if key not in (own, *given):
            remedy = f"Add it below undo, such as `{key}: {{input: {key}}}`."
            tool.fields.fault(line, f"The undo {name} needs the input {key!r}.", remedy)


def _check_verify(tool: Item, tools: Mapping[str, Item]) -> None:
    """The verification reads, on the same targets, with inputs that the step has too."""
    name = str(tool.data["verify"])
    if not name or not exists(tool.fields, "verify", "tool", name, tools):
        return
    other = tools[name]
    if other.data["effect"] not in ("", Effect.READ):
        tool.fields.fault("verify", f"The verification {name} changes something.", "Name a tool that only reads.")
    _check_targets(tool, other, tool.fields.line("verify"))
    own = mapping(other.data["targets"]).get("input", "")
    for key in _required(other):
        if key != own and tool.data["inputs"] and key not in inputs_of(tool):
            remedy = "Name a tool that takes no more than this one."
            tool.fields.fault("verify", f"The verification {name} needs the input {key!r}.", remedy)


def _check_targets(tool: Item, other: Item, line: int) -> None:
    """The other tool works wherever this one does."""
    mine, theirs = mapping(tool.data["targets"]), mapping(other.data["targets"])
    if bool(mine) != bool(theirs):
        fault = f"{other.name} has {'targets' if theirs else 'no target'}, unlike this tool."
        tool.fields.fault(line, fault, "Name a tool that works on the same targets.")
    most, width = mine.get("max", 1), theirs.get("max", 1)
    if isinstance(most, int) and isinstance(width, int) and mine and theirs and width < most:
        fault = f"{other.name} takes {width} targets at most, and this tool {most}."
        tool.fields.fault(line, fault, "Let both take as many.")
    platforms = other.data["platforms"]
    here = tool.data["platforms"]
    if isinstance(platforms, list) and isinstance(here, list) and platforms and not set(here or [""]) <= set(platforms):
        fault = f"{other.name} works on {', '.join(str(one) for one in platforms)} only."
        tool.fields.fault(line, fault, "Name a tool for the same platforms.")


def _required(tool: Item) -> list[str]:
    required = mapping(tool.data["inputs"]).get("required")
    return [str(name) for name in required] if isinstance(required, list) else []


def _check_expressions(tool: Item, expressions: Expressions) -> None:
    fields, data = tool.fields, tool.data
    inputs = inputs_of(tool) if data["inputs"] else None
    changes = data["effect"] != Effect.READ
    for key, part, names in (
        ("preconditions", "expression", precondition_names(inputs)),
        ("success", "expression", success_names(inputs, mapping(data["output"]), changes=changes)),
        ("risk_rules", "when", risk_rule_names(inputs, targets=bool(data["targets"]))),
    ):
        for index, item in enumerate(_items(data[key])):
            line = fields.place(key, f"{index}.{part}")
            check_expression(expressions, fields, line, str(item[part]), names, part)
    probe = mapping(data["probe"])
    for key in ("done", "not_done") if probe else ():
        line = fields.place("probe", key)
        check_expression(expressions, fields, line, str(probe[key]), probe_names(inputs), key)


def _check_options(fields: Fields, line: int, run: Mapping[str, Json], tool: Item, schemas: Schemas) -> None:
    """A value on a command line that may begin with a dash would be read as an option of the program."""
    schema = mapping(tool.data["inputs"])
    definitions = mapping(schema.get("$defs"))
    for name in dict.fromkeys(placeholders(run.get("argv"))):
        declared = mapping(inputs_of(tool).get(name))
        closed = {"$defs": definitions, **declared}
        if declared.get("x-entity") != "asset" and not all(schemas.faults(closed, option) for option in _OPTIONS):
            remedy = f"Give {name} a pattern that begins with a letter or digit, such as ^[A-Za-z0-9][A-Za-z0-9_.-]*$."
            fields.fault(line, f"The input {name!r} on the command line may begin with a dash.", remedy)


def _items(value: Json) -> list[Mapping[str, Json]]:
    return [mapping(item) for item in value] if isinstance(value, list) else []
