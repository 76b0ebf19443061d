"""Puts inputs into a tool's declared argv or body: each placeholder is replaced whole, nothing is spliced."""

from collections.abc import Mapping, Sequence

from opsconductor.domain.json_value import Json


def filled(template: Json, inputs: Mapping[str, Json]) -> Json:
    """The template with every `{"input": NAME}` replaced by that input; keys whose input is absent are left out."""
    if isinstance(template, str):
        return template
    if isinstance(template, Mapping):
        if len(template) == 1 and "input" in template:
            return inputs.get(str(template["input"]))
        return {key: value for key, part in template.items() if (value := filled(part, inputs)) is not None}
    if isinstance(template, (list, tuple)):
        return [item for part in template if (item := filled(part, inputs)) is not None]
    return template


def filled_argv(argv: Sequence[str | Mapping[str, str]], inputs: Mapping[str, Json]) -> list[str]:
    """The argument list; an absent optional input drops its argument."""
    parts = (filled(part, inputs) for part in argv)
    return [str(part) for part in parts if part is not None]
