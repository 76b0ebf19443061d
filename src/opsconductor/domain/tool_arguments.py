"""Puts inputs into a tool's declared argv or body: each placeholder is replaced whole, nothing is spliced."""

from collections.abc import Mapping, Sequence

from opsconductor.domain.json_value import Json


def filled(template: Json, inputs: Mapping[str, Json]) -> Json:
    """The template with every `{"input": NAME}` replaced by that input; keys whose input is absent are left out."""
    if isinstance(template, Mapping):
        if set(template) == {"input"}:
            return inputs.get(str(template["input"]))
        pairs = ((key, filled(value, inputs)) for key, value in template.items())
        return {key: value for key, value in pairs if value is not None}
    if isinstance(template, (list, tuple)):
        return [item for item in (filled(part, inputs) for part in template) if item is not None]
    return template


def filled_argv(argv: Sequence[str | Mapping[str, str]], inputs: Mapping[str, Json]) -> list[str]:
    """The argument list; an absent optional input drops its argument."""
    parts = (filled(part, inputs) for part in argv)
    return [str(part) for part in parts if part is not None]
