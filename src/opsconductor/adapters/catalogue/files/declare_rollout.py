"""How a tool goes about several targets and about failure: rollout, verification, retries, undo; and its risk rules."""

from opsconductor.adapters.catalogue.files.items import Declaration, mapping
from opsconductor.adapters.catalogue.files.reading import Fields
from opsconductor.domain.catalogue import Effect, RiskLevel
from opsconductor.domain.json_value import Json
from opsconductor.domain.plan import READS_AT_ONCE

ON_FAILURE = ("stop", "continue", "undo")
MOST_RETRIES = 10
LONGEST_PAUSE_MS = 60_000
_SOURCES = ("input", "before")


def declare_rollout(fields: Fields, effect: str) -> Declaration:
    """The part of a tool's declaration that says how it is rolled out, tried again and undone."""
    return {
        "undo": _undo(fields),
        "verify": fields.text("verify"),
        "rollout": _rollout(fields, effect),
        "retries": fields.whole("retries", 0, MOST_RETRIES, 0),
        "retry_pause_ms": _pause(fields),
        "on_failure": fields.choice("on_failure", ON_FAILURE, default="stop"),
        "risk_rules": _risk_rules(fields),
    }


def check_rollout(fields: Fields, data: Declaration) -> None:
    """Faults that need no other tool: what contradicts the tool's own effect, targets and probe."""
    effect, undo = data["effect"], mapping(data["undo"])
    if data["retries"] and effect in (Effect.COMPENSATABLE, Effect.IRREVERSIBLE):
        fault = f"A tool with the effect {effect} is tried again, which could do it twice."
        fields.fault("retries", fault, "Remove retries; only reads and idempotent tools have them.")
    if data["on_failure"] == "undo" and not undo:
        fields.fault("on_failure", "on_failure is undo, and there is no undo.", "Add `undo: {tool: NAME, inputs: …}`.")
    if undo and effect == Effect.READ:
        fields.fault("undo", "A read has an undo.", "Remove it; a read changes nothing.")
    if undo and effect == Effect.IRREVERSIBLE:
        fields.fault("undo", "An irreversible tool has an undo.", "Remove it, or write `effect: compensatable`.")
    _check_undo_inputs(fields, data)
    _check_widths(fields, data)


def _undo(fields: Fields) -> Declaration:
    undo = fields.child("undo", "the undo")
    if undo is None:
        return {}
    inputs = undo.json("inputs")
    data: Declaration = {"tool": undo.text("tool", required=True), "inputs": dict(mapping(inputs))}
    if inputs is not None and not isinstance(inputs, dict):
        undo.fault("inputs", "inputs is no mapping.", "Write `inputs: {NAME: {before: FIELD}}`.")
    undo.finish()
    return data


def _rollout(fields: Fields, effect: str) -> Declaration:
    at_once = READS_AT_ONCE if effect == Effect.READ else 1
    rollout = fields.child("rollout", "the rollout")
    if rollout is None:
        return {"canary": 0, "batch": 0, "concurrency": at_once}
    data: Declaration = {
        "canary": rollout.whole("canary", 0, 10_000, 0),
        "batch": rollout.whole("batch", 0, 10_000, 0),
        "concurrency": rollout.whole("concurrency", 1, 100, at_once),
    }
    rollout.finish()
    return data


def _pause(fields: Fields) -> int:
    if not fields.has("retry_pause_s"):
        return 1_000
    pause = fields.milliseconds("retry_pause_s")
    if pause > LONGEST_PAUSE_MS:
        fields.fault("retry_pause_s", "retry_pause_s is longer than a minute.", "Write 60 or less.")
    return pause


def _risk_rules(fields: Fields) -> list[Json]:
    found: list[Json] = []
    for rule in fields.children("risk_rules", "the risk rule"):
        declared: Declaration = {
            "when": rule.text("when", required=True),
            "risk": rule.choice("risk", [risk.value for risk in RiskLevel], required=True),
            "because": rule.text("because", required=True, longest=200),
        }
        rule.finish()
        found.append(declared)
    return found


def _check_undo_inputs(fields: Fields, data: Declaration) -> None:
    """Each value is literal, or names an input of this tool, or a field that its probe read before."""
    properties = mapping(mapping(data["inputs"]).get("properties"))
    for name, value in mapping(mapping(data["undo"]).get("inputs")).items():
        line = fields.place("undo", f"inputs.{name}")
        if not isinstance(value, dict | list):
            continue
        source = next(iter(value), "") if isinstance(value, dict) and len(value) == 1 else ""
        if source not in _SOURCES or not isinstance(mapping(value).get(source), str):
            remedy = "Write text, {input: NAME} or {before: FIELD}."
            fields.fault(line, f"The undo's input {name!r} is none of the known forms.", remedy)
        elif source == "input" and data["inputs"] and mapping(value)["input"] not in properties:
            known = ", ".join(properties) or "none"
            fields.fault(line, f"There is no input {mapping(value)['input']!r}.", f"Use one of: {known}.")
        elif source == "before" and not data["probe"]:
            remedy = "Add a probe; it is read before the change."
            fields.fault(line, f"The undo's input {name!r} needs a reading, and there is no probe.", remedy)


def _check_widths(fields: Fields, data: Declaration) -> None:
    """A rollout over fewer targets than its parts hold is a mistake."""
    rollout, targets = mapping(data["rollout"]), mapping(data["targets"])
    most = targets.get("max", 1)
    for name in ("canary", "batch"):
        size = rollout[name]
        if isinstance(size, int) and isinstance(most, int) and size and size >= most:
            remedy = f"Write less than {most}, or allow more targets."
            line = fields.place("rollout", name)
            fields.fault(line, f"{name} is {size}, and the tool takes {most} at most.", remedy)
    if data["verify"] and not targets:
        fields.fault("verify", "A tool without targets has nothing to verify part by part.", "Remove verify.")
