"""`tools/*.yaml`: one tool a file. A tool that leaves out what safety needs does not load."""

from collections.abc import Mapping, Sequence

from opsconductor.adapters.catalogue.files.declare_rollout import check_rollout, declare_rollout
from opsconductor.adapters.catalogue.files.declare_run import CONNECTORS, Known, declare_run
from opsconductor.adapters.catalogue.files.input_schema import declare_inputs
from opsconductor.adapters.catalogue.files.items import Declaration, Item, mapping
from opsconductor.adapters.catalogue.files.reading import NAME, WORD, Fields
from opsconductor.domain.catalogue import Effect, RiskLevel
from opsconductor.domain.errors import BadInput
from opsconductor.domain.json_value import Json
from opsconductor.ports.schema import Schemas
from opsconductor.stages.c_plan.limits import step_timeout_s

PLATFORMS = ("windows", "linux", "network")
OUTPUT_TYPES = ("integer", "boolean", "string", "object", "array")
UNITS = ("bytes", "percent", "milliseconds", "seconds")
_SHORTEST_REASON = 15


def declare_tool(fields: Fields, schemas: Schemas) -> Item:
    """The tool's declaration; adds faults for what is wrong with it."""
    name = fields.name("name", NAME, "small letters, digits and dashes, such as disk-usage")
    effect = fields.choice("effect", [effect.value for effect in Effect], required=True)
    connector = fields.choice("connector", CONNECTORS, required=True)
    inputs = declare_inputs(fields, schemas)
    given = list(mapping(inputs.get("properties"))) if inputs else None
    sure = [one for one in given or () if one in _required(inputs)] if inputs else None
    data: Declaration = {
        "name": name,
        "version": fields.text("version", required=True, longest=40),
        "description": fields.text("description", required=True),
        "platforms": _platforms(fields),
        "effect": effect,
        "risk": fields.choice("risk", [risk.value for risk in RiskLevel], required=True),
        "connector": connector,
        "inputs": inputs,
        "run": _run(fields, "run", connector, given, sure, required=True),
        "output": _output(fields),
        **_estimate(fields),
        "timeout_class": fields.text("timeout_class", required=True),
        "targets": _targets(fields, inputs),
        "preconditions": _criteria(fields, "preconditions"),
        "success": _criteria(fields, "success"),
        "probe": _probe(fields, connector, given, sure),
        "no_probe_reason": fields.text("no_probe_reason"),
        **declare_rollout(fields, effect),
        "credential": fields.text("credential"),
        "redact": fields.texts("redact"),
        "examples": fields.texts("examples", longest=300),
        "answer": fields.text("answer"),
        "target_label": fields.text("target_label", longest=200),
        "outside_inventory_level": fields.whole("outside_inventory_level", 1, 3, 1),
    }
    fields.finish()
    _check_effect(fields, data)
    check_rollout(fields, data)
    _check_times(fields, data)
    _check_redact(fields, data)
    return Item(name=name, data=data, fields=fields)


def _estimate(fields: Fields) -> Declaration:
    """Seconds for one target, or an expression that gives them for all."""
    if not fields.holds_fields("estimate"):
        return {"estimate_ms": fields.milliseconds("estimate", required=True)}
    estimate = fields.child("estimate", "the estimate")
    expression = estimate.text("seconds", required=True, longest=300) if estimate is not None else ""
    if estimate is not None:
        estimate.finish()
    return {"estimate_ms": 0, "estimate": expression}


def _required(inputs: Mapping[str, Json]) -> Sequence[Json]:
    required = inputs.get("required")
    return required if isinstance(required, list) else []


def _platforms(fields: Fields) -> list[Json]:
    if not fields.has("platforms"):
        fields.fault(fields.start, "The tool lacks platforms.", "Add `platforms: []` when any will do.")
        return []
    platforms = fields.json("platforms")
    if not isinstance(platforms, list) or not all(platform in PLATFORMS for platform in platforms):
        fields.fault("platforms", "platforms is no list of known platforms.", f"Write some of {', '.join(PLATFORMS)}.")
        return []
    return platforms


def _run(fields: Fields, key: str, connector: str, given: Known, sure: Known, *, required: bool) -> Declaration:
    run = fields.child(key, key, required=required)
    return declare_run(run, connector, given, sure) if run is not None else {}


def _output(fields: Fields) -> Declaration:
    """Declared output fields: only these are kept, and only their types can become arguments."""
    data: Declaration = {}
    for name, field in fields.named("output", "the output field").items():
        if not WORD.fullmatch(name):
            field.fault(field.start, f"{name!r} is no name of a field.", "Use small letters, digits and underscores.")
        declared: Declaration = {"type": field.choice("type", OUTPUT_TYPES, required=True)}
        if field.has("unit"):
            declared["unit"] = field.choice("unit", UNITS)
        if field.has("enum"):
            declared["enum"] = [*field.texts("enum", required=True)]
        field.finish()
        data[name] = declared
    return data


def _targets(fields: Fields, inputs: Mapping[str, Json]) -> Declaration:
    """{} for `targets: none`."""
    if not fields.has("targets"):
        fields.fault(
            fields.start, "The tool lacks targets.", "Add `targets: none`, or `targets: {input: host, max: 1}`."
        )
        return {}
    if fields.json("targets") == "none":
        return {}
    targets = fields.child("targets", "targets")
    if targets is None:
        return {}
    name = targets.text("input", required=True)
    data: Declaration = {"input": name, "max": targets.whole("max", 1, 10_000, 1, required=True)}
    targets.finish()
    declared = mapping(mapping(inputs.get("properties")).get(name))
    if name and declared.get("x-entity") != "asset":
        targets.fault("input", f"{name!r} is no input with x-entity: asset.", "Name the input that holds the asset.")
    return data


def _criteria(fields: Fields, key: str) -> list[Json]:
    found: list[Json] = []
    for criterion in fields.children(key, "the criterion"):
        declared: Declaration = {
            "expression": criterion.text("expression", required=True),
            "message": criterion.text("message", required=True, longest=300),
        }
        criterion.finish()
        found.append(declared)
    return found


def _probe(fields: Fields, connector: str, given: Known, sure: Known) -> Declaration:
    probe = fields.child("probe", "the probe")
    if probe is None:
        return {}
    data: Declaration = {
        "run": _run(probe, "run", connector, given, sure, required=True),
        "settle_ms": probe.milliseconds("settle"),
        "done": probe.text("done", required=True),
        "not_done": probe.text("not_done", required=True),
    }
    probe.finish()
    return data


def _check_effect(fields: Fields, data: Declaration) -> None:
    """An effect that nobody can read back must say why; a read has nothing to read back."""
    effect, reason = data["effect"], str(data["no_probe_reason"])
    if data["probe"] and (reason or effect == Effect.READ):
        fields.fault(
            "probe", "A probe stands where none is needed.", "Keep the probe or no_probe_reason; a read has neither."
        )
    elif effect and effect != Effect.READ and not data["probe"] and len(reason) < _SHORTEST_REASON:
        remedy = "Add a probe that reads the effect back, or say in no_probe_reason why there can be none."
        fields.fault("effect", f"A tool with the effect {effect} has no probe.", remedy)
    if effect == Effect.COMPENSATABLE and not data["undo"]:
        fields.fault(
            "effect",
            "A compensatable tool names no undo.",
            "Add `undo: {tool: NAME, inputs: …}` of the tool that reverses it.",
        )
    if data["connector"] == "ssh" and not data["targets"]:
        fields.fault("targets", "A tool that runs on hosts names no target.", "Add `targets: {input: host, max: 1}`.")


def _check_times(fields: Fields, data: Declaration) -> None:
    try:
        limit = step_timeout_s(str(data["timeout_class"]))
    except BadInput as error:
        if data["timeout_class"]:
            fields.fault("timeout_class", error.message, "Write one such as fast_read, medium_change, long_deploy.")
        return
    estimate = data["estimate_ms"]
    if fields.has("estimate") and estimate == 0 and "estimate" not in data:
        fields.fault("estimate", "The estimate is 0.", "Write how many seconds one target takes, such as 1.")
    if isinstance(estimate, int) and estimate > limit * 1000:
        fault = f"The estimate is longer than the {limit:g} s that {data['timeout_class']} allows."
        fields.fault("estimate", fault, "Choose a longer timeout_class.")


def _check_redact(fields: Fields, data: Declaration) -> None:
    known = [*mapping(mapping(data["inputs"]).get("properties")), *mapping(data["output"])]
    for name, line in fields.texts_with_lines("redact"):
        if name not in known:
            fields.fault(line, f"{name!r} is neither input nor output.", f"Use some of {', '.join(known)}.")
