"""Answer templates are checked with the renderer's own pattern: a template that loads can be rendered."""

from collections.abc import Collection, Mapping

from opsconductor.adapters.catalogue.files.faults import did_you_mean
from opsconductor.adapters.catalogue.files.items import Item, mapping
from opsconductor.adapters.catalogue.files.reading import Fields
from opsconductor.domain.json_value import Json
from opsconductor.stages.d_answer.template import PLACEHOLDER

FILTERS = ("bytes", "list")
_OF_TYPE = {"bytes": "integer", "list": "array"}


def check_templates(tool: Item) -> None:
    """Faults of a tool's `answer` and `target_label`."""
    if not tool.data["inputs"]:
        return  # they could not be read, so nothing can be said of their names
    inputs = mapping(mapping(tool.data["inputs"]).get("properties"))
    output = mapping(tool.data["output"])
    known: dict[str, Collection[str] | None] = {"input": inputs, "target": ("name",)}
    _check(tool.fields, "target_label", str(tool.data["target_label"]), known, inputs, output)
    readings: dict[str, Collection[str] | None] = {"before": None, "after": None} if tool.data["probe"] else {}
    _check(tool.fields, "answer", str(tool.data["answer"]), {**known, "output": output, **readings}, inputs, output)


def _check(
    fields: Fields,
    key: str,
    template: str,
    known: Mapping[str, Collection[str] | None],
    inputs: Collection[str],
    output: Mapping[str, Json],
) -> None:
    plain = PLACEHOLDER.sub("", template)
    if "{" in plain or "}" in plain:
        fields.fault(key, f"{key} has braces that are no field.", "Write {output.FIELD} or {output.FIELD|filter}.")
    if any(character.isdigit() for character in plain):
        fields.fault(key, f"{key} states a number of its own.", "Numbers come from the output: {output.FIELD}.")
    for match in PLACEHOLDER.finditer(template):
        name, _, rest = match[1].partition(".")
        if name not in known:
            name, rest = "input", match[1]
        fields_of = known[name]
        part = rest.partition(".")[0]
        if fields_of is not None and part not in fields_of:
            remedy = did_you_mean(part, [*fields_of, *(inputs if name == "input" else ())], "Use one of")
            fields.fault(key, f"{key} uses {{{match[1]}}}, which does not exist.", remedy)
        elif match[2]:
            _check_filter(fields, key, match[2], mapping(output.get(part)).get("type") if name == "output" else None)


def _check_filter(fields: Fields, key: str, name: str, kind: Json) -> None:
    if ":" in name:
        if kind not in (None, "boolean"):
            fields.fault(key, f"{key} chooses words by a field that is no boolean.", "Use it for true and false only.")
    elif name not in FILTERS:
        remedy = did_you_mean(name, FILTERS, "Use `words if true:words if false`, or one of")
        fields.fault(key, f"{key} uses the filter {name!r}, which does not exist.", remedy)
    elif kind not in (None, _OF_TYPE[name]):
        fields.fault(key, f"{key} uses {name} on a field of type {kind}.", f"Use it on {_OF_TYPE[name]} fields.")
