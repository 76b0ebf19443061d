"""A quick yes to values that fit: the common keywords, prepared once a schema. Any doubt is left to the library.

The library makes a validator anew for each part of each value; most values fit, and of those nothing else is asked.
"""

from collections.abc import Callable, Mapping
from typing import Any

from opsconductor.adapters.schema.json_schema.soundness import LOCAL, MAX_EXPANDED

Accepts = Callable[[Any], bool]
"""True only for a plain JSON value that fits; False says nothing."""

_SILENT = frozenset(
    {
        "title",
        "description",
        "default",
        "examples",
        "deprecated",
        "readOnly",
        "writeOnly",
        "$comment",
        "$schema",
        "$defs",
    }
)
_TYPES: Mapping[str, Accepts] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "null": lambda value: value is None,
}


def acceptance(schema: object, matches: Callable[[str, str], bool]) -> Accepts:
    """The quick yes for a plain schema; `matches` judges a pattern on a text."""
    try:
        return _Preparing(schema, matches).of(schema)
    except RecursionError:  # references in a circle, which no sound schema has
        return _never


def _never(_value: object) -> bool:
    return False


class _Preparing:
    """Prepares one schema; a keyword it does not know, or one that is not written soundly, makes it say nothing."""

    def __init__(self, root: object, matches: Callable[[str, str], bool]) -> None:
        self._root = root
        self._matches = matches
        self._parts_left = MAX_EXPANDED
        self._known: Mapping[str, Callable[[Any, Mapping[str, Any]], Accepts]] = {
            "type": self._type,
            "enum": self._enum,
            "$ref": self._reference,
            "properties": self._properties,
            "required": self._required,
            "additionalProperties": self._additional,
            "items": self._items,
            "pattern": self._pattern,
            "minimum": lambda limit, _: _number(limit, lambda value: value >= limit),
            "maximum": lambda limit, _: _number(limit, lambda value: value <= limit),
            "minLength": lambda limit, _: _size(str, limit, lambda size: size >= limit),
            "maxLength": lambda limit, _: _size(str, limit, lambda size: size <= limit),
            "minItems": lambda limit, _: _size(list, limit, lambda size: size >= limit),
            "maxItems": lambda limit, _: _size(list, limit, lambda size: size <= limit),
        }

    def of(self, schema: object) -> Accepts:
        """The quick yes for a part of the schema."""
        if not isinstance(schema, dict) or self._parts_left <= 0:
            return _never
        self._parts_left -= 1
        checks = []
        for keyword, limit in schema.items():
            if keyword in _SILENT or keyword.startswith("x-"):
                continue
            if keyword not in self._known:
                return _never
            checks.append(self._known[keyword](limit, schema))
        return _all(tuple(checks))

    def _type(self, kinds: object, _schema: object) -> Accepts:
        wanted = kinds if isinstance(kinds, list) else [kinds]
        tests = tuple(_TYPES.get(kind, _never) if isinstance(kind, str) else _never for kind in wanted)
        return tests[0] if len(tests) == 1 else lambda value: any(test(value) for test in tests)

    def _enum(self, choices: object, _schema: object) -> Accepts:
        texts = frozenset(one for one in choices if isinstance(one, str)) if isinstance(choices, list) else frozenset()
        return lambda value: isinstance(value, str) and value in texts

    def _reference(self, reference: object, _schema: object) -> Accepts:
        definitions = self._root.get("$defs") if isinstance(self._root, dict) else None
        if not isinstance(reference, str) or not reference.startswith(LOCAL) or not isinstance(definitions, dict):
            return _never
        return self.of(definitions.get(reference.removeprefix(LOCAL)))

    def _properties(self, properties: object, _schema: object) -> Accepts:
        if not isinstance(properties, dict):
            return _never
        parts = {name: self.of(part) for name, part in properties.items()}

        def fit(value: Any) -> bool:
            if isinstance(value, dict):
                for name, item in value.items():
                    if name in parts and not parts[name](item):
                        return False
            return True

        return fit

    def _required(self, names: object, _schema: object) -> Accepts:
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            return _never
        return lambda value: not isinstance(value, dict) or all(name in value for name in names)

    def _additional(self, allowed: object, schema: Mapping[str, Any]) -> Accepts:
        declared = schema.get("properties", {})
        if allowed is not False or not isinstance(declared, dict):
            return _never
        return lambda value: not isinstance(value, dict) or value.keys() <= declared.keys()

    def _items(self, part: object, _schema: object) -> Accepts:
        fits = self.of(part)
        return lambda value: not isinstance(value, list) or all(fits(item) for item in value)

    def _pattern(self, pattern: object, _schema: object) -> Accepts:
        if not isinstance(pattern, str):
            return _never
        return lambda value: not isinstance(value, str) or self._matches(pattern, value)


def _all(checks: tuple[Accepts, ...]) -> Accepts:
    if len(checks) == 1:
        return checks[0]

    def pass_all(value: Any) -> bool:
        for check in checks:  # noqa: SIM110 - `all` over a generator takes three times as long
            if not check(value):
                return False
        return True

    return pass_all


def _number(limit: object, fits: Accepts) -> Accepts:
    """For numbers alone; a limit that is none is left to the library."""
    if not _TYPES["number"](limit):
        return _never
    return lambda value: not _TYPES["number"](value) or fits(value)


def _size(kind: type[str] | type[list[Any]], limit: object, fits: Callable[[int], bool]) -> Accepts:
    if not _TYPES["integer"](limit):
        return _never
    return lambda value: not isinstance(value, kind) or fits(len(value))
