"""An estimate that is an expression: it reads what every call has, and is tried once, so that text is never seconds."""

from collections.abc import Mapping

from opsconductor.adapters.catalogue.files.expression_names import check_expression, estimate_names
from opsconductor.adapters.catalogue.files.items import Item, inputs_of, mapping
from opsconductor.domain.errors import BadInput
from opsconductor.domain.json_value import Json
from opsconductor.ports.expressions import Expressions

_SAMPLES: Mapping[str, Json] = {"integer": 1, "number": 1, "boolean": False, "array": [], "object": {}}
_FORM = "Write an expression that gives seconds, such as 5 + 2 * targets."
_MIXED = "Whole numbers and fractions do not mix: 0.5 * double(targets)."


def check_estimate(tool: Item, expressions: Expressions) -> None:
    """Add a fault when the expression reads what a call may lack, or comes to something that is no number."""
    expression = str(tool.data.get("estimate", ""))
    if not expression or not tool.data["inputs"]:
        return
    fields, line = tool.fields, tool.fields.place("estimate", "seconds")
    given, sure = _samples(tool)
    check_expression(expressions, fields, line, expression, estimate_names(given), "estimate")
    try:
        unsure = any(path not in sure for path in expressions.paths(expression))
    except BadInput:
        return
    tried = expressions.attempt(expression, {"input": given, "targets": 1})
    if tried is None:
        fields.fault(line, "The estimate is too costly an expression.", "Write it more simply.")
    elif tried.value is None and not tried.missing and not unsure:
        fields.fault(line, f"The estimate cannot be used: {tried.fault}.", f"{_FORM} {_MIXED}")
    elif tried.value is not None and (isinstance(tried.value, bool) or not isinstance(tried.value, int | float)):
        fields.fault(line, "The estimate comes to no number.", _FORM)


def _samples(tool: Item) -> tuple[dict[str, Json], frozenset[str]]:
    """A value for each input that every call has, and the paths whose value is as good as any other."""
    schema = mapping(tool.data["inputs"])
    wanted = schema.get("required")
    required = wanted if isinstance(wanted, list) else []
    target = mapping(tool.data["targets"]).get("input")
    given: dict[str, Json] = {}
    sure = {"targets"}
    for name, declared in inputs_of(tool).items():
        spec = mapping(declared)
        if name == target or (name not in required and "default" not in spec):
            continue
        choices = spec.get("enum")
        kind = str(spec.get("type", ""))
        if "default" in spec:
            given[name] = spec["default"]
        elif isinstance(choices, list) and choices:
            given[name] = choices[0]
        else:
            given[name] = _SAMPLES.get(kind, "a")
        if kind in _SAMPLES:
            sure.add(f"input.{name}")
    return given, frozenset(sure)
