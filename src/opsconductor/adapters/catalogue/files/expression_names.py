"""Which names and fields an expression may use, by where it stands; checked when the pack is loaded."""

from collections.abc import Collection, Mapping
from types import MappingProxyType

from opsconductor.adapters.catalogue.files.faults import did_you_mean
from opsconductor.adapters.catalogue.files.reading import Fields
from opsconductor.domain.errors import BadInput
from opsconductor.ports.expressions import Expressions

Names = Mapping[str, Collection[str] | None]
"""Name → its fields; None when anything may follow. `x[]` stands for an element of the list `x`."""

TARGET = ("name", "type", "platform", "environment", "role", "criticality", "services", "connector")
ENFORCEMENT: Names = MappingProxyType({"reply": ("text", "kind"), "channel": ()})
_CONDITION: Names = MappingProxyType(
    {
        "intent": (),
        "mode": (),
        "request": ("text", "words"),
        "targets": (),
        "targets[]": ("name", "platform", "environment", "production", "criticality"),
        "tools": (),
        "tools[]": (),
        "channel": (),
        "identity": ("name", "roles"),
        "plan": ("steps", "targets", "level", "risk"),
    }
)


def condition_names(customer_fields: Collection[str]) -> Names:
    """Names of rule conditions."""
    return {**_CONDITION, "customer": tuple(customer_fields)}


def precondition_names(inputs: Collection[str] | None) -> Names:
    """Names of a tool's preconditions: nothing has run."""
    return {"input": inputs, "target": TARGET}


def success_names(inputs: Collection[str] | None, output: Collection[str], *, changes: bool) -> Names:
    """Names of a tool's success criteria; a probe's readings exist for tools with an effect only."""
    names: Names = {**precondition_names(inputs), "output": tuple(output), "exit": (), "status": ()}
    return {**names, "before": None, "after": None} if changes else names


def probe_names(inputs: Collection[str] | None) -> Names:
    """Names of a probe's verdicts."""
    return {**precondition_names(inputs), "before": None, "after": None}


def risk_rule_names(inputs: Collection[str] | None, *, targets: bool) -> Names:
    """Names of a tool's risk rules: judged when a call is planned."""
    return {"input": inputs, **({"target": (*TARGET, "production")} if targets else {})}


def estimate_names(inputs: Collection[str] | None) -> Names:
    """Names of a tool's estimate: the inputs it always has, and how many targets there are."""
    return {"input": inputs, "targets": ()}


def check_expression(
    expressions: Expressions, fields: Fields, key: int | str, expression: str, names: Names, what: str
) -> None:
    """A fault when `expression`, the `what` at a field or line, does not parse or uses something undeclared."""
    if not expression:
        return
    try:
        expressions.check(expression, frozenset(name for name in names if not name.endswith("[]")))
        paths = expressions.paths(expression)
    except BadInput as error:
        fields.fault(key, f"The {what} cannot be used: {error.message}", error.next_step)
        return
    for path in paths:
        name, _, rest = path.partition(".")
        known = names.get(name)
        part = rest.partition(".")[0]
        if part and name in names and known is not None and part.removesuffix("[]") not in known:
            remedy = did_you_mean(part, known, f"{name} has") if known else f"{name} has no fields."
            fields.fault(key, f"The {what} reads {name}.{part}, which does not exist.", remedy)
