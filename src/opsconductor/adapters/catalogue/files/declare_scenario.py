"""`scenarios/*.yaml`: runbooks of steps that ask, act and conclude."""

import re
from collections.abc import Mapping, Sequence

from opsconductor.adapters.catalogue.files.faults import did_you_mean
from opsconductor.adapters.catalogue.files.items import Declaration, Item, mapping
from opsconductor.adapters.catalogue.files.reading import NAME, Fields
from opsconductor.domain.entities import ENTITY_TYPES
from opsconductor.domain.scenarios import StepKind

END = "end"
_NAMED = re.compile(r"\{([\w.]+)\}")


def declare_scenario(fields: Fields) -> Item:
    """The scenario's declaration; adds faults for what is wrong with it."""
    steps = [(_step(step), step) for step in fields.children("steps", "the step")]
    data: Declaration = {
        "scenario_id": fields.name("id", NAME, "small letters, digits and dashes, such as triage-service"),
        "version": fields.whole("version", 1, 1_000_000, 1, required=True),
        "title": fields.text("title", required=True, longest=160),
        "description": fields.text("description", required=True),
        "intents": [*fields.texts("intents", required=True)],
        "examples": [*fields.texts("examples", longest=300)],
        "steps": [step for step, _ in steps],
    }
    fields.finish()
    if not steps:
        fields.fault("steps", "The scenario has no steps.", "Add steps; the first one is where it starts.")
    _check_steps(steps)
    return Item(name=str(data["scenario_id"]), data=data, fields=fields)


def _step(fields: Fields) -> Declaration:
    kind = fields.choice("kind", [kind.value for kind in StepKind], required=True)
    data: Declaration = {
        "step_id": fields.name("id", NAME, "small letters, digits and dashes"),
        "kind": kind,
        "text": fields.text("text", longest=1_000),
        "variable": fields.choice("variable", ENTITY_TYPES),
        "binding": _binding(fields.child("binding", "the binding")),
        "transitions": [_transition(transition) for transition in fields.children("transitions", "the transition")],
    }
    fields.finish()
    _check_kind(fields, kind, data)
    return data


def _binding(fields: Fields | None) -> Declaration:
    if fields is None:
        return {}
    variables = fields.words("variables")
    for name, variable in variables.items():
        if variable and variable not in ENTITY_TYPES:
            remedy = did_you_mean(variable, ENTITY_TYPES, "Use one of")
            fields.fault("variables", f"{variable!r}, for {name}, is no scenario variable.", remedy)
    data: Declaration = {
        "tool": fields.text("tool", required=True),
        "when": fields.choice("when", ("BEFORE", "DURING", "AFTER"), default="DURING"),
        "variables": {**variables},
    }
    fields.finish()
    return data


def _transition(fields: Fields) -> Declaration:
    data: Declaration = {
        "target": fields.text("target", required=True),
        "condition": fields.text("condition"),
        "priority": fields.whole("priority", -1_000, 1_000, 0),
        "text": fields.text("text", longest=1_000),
    }
    fields.finish()
    return data


def _check_kind(fields: Fields, kind: str, data: Declaration) -> None:
    wanted = {StepKind.QUESTION: ("text", "variable"), StepKind.ACTION: ("binding",), StepKind.LOGIC: ("transitions",)}
    for known, keys in wanted.items():
        for key in keys:
            if kind == known and not fields.has(key):
                fields.fault(fields.start, f"A {kind} step lacks {key}.", f"Add {key} to it.")
            elif kind and kind != known and fields.has(key) and key not in ("text", "transitions"):
                fields.fault(key, f"A {kind} step does not use {key}.", f"Remove {key}.")
    for transition in data["transitions"] if isinstance(data["transitions"], list) else ():
        if kind and kind != StepKind.LOGIC and (mapping(transition)["condition"] or mapping(transition)["text"]):
            remedy = "Decide in a LOGIC step behind the ACTION."
            fields.fault("transitions", f"A {kind} step chooses or says something in a transition.", remedy)


def _check_steps(steps: Sequence[tuple[Declaration, Fields]]) -> None:
    seen: dict[str, int] = {}
    for step, fields in steps:
        name = str(step["step_id"])
        if name in seen or name == END:
            fields.fault("id", f"The step id {name!r} is taken.", "Choose another one.")
        seen[name] = fields.start
    for index, (step, fields) in enumerate(steps):
        transitions = step["transitions"] if isinstance(step["transitions"], list) else []
        for number, transition in enumerate(transitions):
            target = str(mapping(transition)["target"])
            if target and target not in (*seen, END):
                line = fields.place("transitions", f"{number}.target")
                fields.fault(line, f"There is no step {target!r}.", did_you_mean(target, (*seen, END), "Use one of"))
        before = steps[index - 1][0]["kind"] if index else ""
        if step["kind"] == StepKind.LOGIC and before != StepKind.ACTION:
            remedy = "Put the LOGIC step right behind the ACTION whose output it judges."
            fields.fault("kind", "A LOGIC step does not follow an ACTION.", remedy)


def names_in(text: str) -> list[str]:
    """The names that `{…}` stands for in a text that is told."""
    return _NAMED.findall(text)


def logic_names(steps: Sequence[Mapping[str, object]], index: int) -> list[str]:
    """What the LOGIC step at `index` may name beside `output`: the inputs that the ACTION before it binds."""
    binding = steps[index - 1].get("binding") if index else None
    variables = binding.get("variables") if isinstance(binding, Mapping) else None
    return list(variables) if isinstance(variables, Mapping) else []
