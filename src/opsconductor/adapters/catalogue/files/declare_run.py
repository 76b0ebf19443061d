"""What a tool or its probe asks a connector to do: an argv list, an HTTP request or a built-in. Values stay data."""

from collections.abc import Mapping, Sequence

from opsconductor.adapters.catalogue.files.items import Declaration
from opsconductor.adapters.catalogue.files.reading import Fields
from opsconductor.domain.json_value import Json

CONNECTORS: Mapping[str, str] = {"http": "http", "ssh": "argv", "network": "builtin"}
"""Connector → the one form of `run` that it takes."""

BUILTINS = ("tcp_connect",)
SERVICES = ("asset_service",)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
PARSES = ("json", "text", "none")


Known = Sequence[str] | None
"""Names of inputs; None when the inputs themselves could not be read, so that nothing can be said of them."""


def declare_run(fields: Fields, connector: str, given: Known, sure: Known) -> Declaration:
    """The run's declaration.

    `given` are the tool's declared inputs, `sure` those that are always there: only these may stand in an argv.
    """
    data: Declaration = {"parse": fields.choice("parse", PARSES, default="json"), "ok_exits": _exits(fields)}
    wanted = CONNECTORS.get(connector, "")
    for form in ("argv", "http", "builtin"):
        if fields.has(form) and wanted and form != wanted:
            fields.fault(form, f"The connector {connector} takes no {form}.", f"Write {wanted} instead.")
    if wanted == "argv":
        data["argv"] = _argv(fields, sure)
    elif wanted == "http":
        data["http"] = _http(fields.child("http", "the request", required=True), given)
    elif wanted == "builtin":
        data["builtin"] = fields.choice("builtin", BUILTINS, required=True)
    fields.finish()
    return data


def placeholders(value: Json) -> list[str]:
    """The inputs that `{input: NAME}` mappings within a value name."""
    if isinstance(value, Mapping):
        if set(value) == {"input"}:
            return [str(value["input"])]
        return [name for item in value.values() for name in placeholders(item)]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [name for item in value for name in placeholders(item)]
    return []


def _exits(fields: Fields) -> list[Json]:
    exits = fields.json("ok_exits")
    if exits is None:
        return [0]
    if not isinstance(exits, list) or not all(type(code) is int and 0 <= code <= 255 for code in exits) or not exits:
        fields.fault("ok_exits", "ok_exits is no list of exit codes.", "Write numbers from 0 to 255, such as [0].")
        return [0]
    return exits


def _argv(fields: Fields, sure: Known) -> list[Json]:
    """Each element is literal text, or exactly one input: nothing is spliced into text."""
    argv = fields.json("argv")
    if not isinstance(argv, list) or not argv:
        fields.fault(
            "argv", "argv is no list of words.", 'Write the program and its arguments: argv: ["svc", "status"].'
        )
        return []
    if not isinstance(argv[0], str):
        fields.fault("argv", "The first word of argv is no literal text.", "Name the program itself.")
    for index, word in enumerate(argv):
        line = fields.place("argv", str(index))
        if isinstance(word, str):
            _literal(fields, line, word)
        elif _is_placeholder(word):
            _known(fields, line, placeholders(word)[0], sure, "An argv takes only required inputs")
        else:
            fields.fault(line, "A word of argv is neither text nor an input.", "Write text, or {input: NAME}.")
    return argv


def _http(fields: Fields | None, given: Known) -> Declaration:
    """A request to one of our services, to the address in an input, or (neither named) to a service of the target."""
    if fields is None:
        return {}
    data: Declaration = {"method": fields.choice("method", METHODS, required=True)}
    if fields.has("service"):
        data["service"] = fields.choice("service", SERVICES)
    for key in ("url", "body"):
        value = fields.json(key)
        if value is not None:
            data[key] = value
            _check_values(fields, key, "", value, given)
    if fields.has("path"):
        data["path"] = fields.text("path", longest=500)
    fields.finish()
    if "service" in data and "url" in data:
        fields.fault("url", "The request names two addresses.", "Keep service or url.")
    if "url" in data and not _is_placeholder(data["url"]):
        fields.fault("url", "url is no input.", "Write url: {input: NAME}.")
    path = str(data.get("path", "/"))
    if not path.startswith("/") or "{" in path:
        fields.fault(
            "path", f"path {path!r} is no plain path.", "Write a path such as /query; values go into the body."
        )
    return data


def _check_values(fields: Fields, key: str, path: str, value: Json, given: Known) -> None:
    """Placeholders name declared inputs, and no text tries to splice one in."""
    line = fields.place(key, path)
    if _is_placeholder(value):
        _known(fields, line, placeholders(value)[0], given, "Use a declared input")
    elif isinstance(value, Mapping):
        if "input" in value:
            fields.fault(line, "{input: …} stands beside other keys.", "Write the input alone: {input: NAME}.")
        for name, item in value.items():
            _check_values(fields, key, f"{path}.{name}".lstrip("."), item, given)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _check_values(fields, key, f"{path}.{index}".lstrip("."), item, given)
    elif isinstance(value, str):
        _literal(fields, line, value)


def _is_placeholder(value: Json) -> bool:
    return isinstance(value, Mapping) and set(value) == {"input"} and isinstance(value["input"], str)


def _known(fields: Fields, line: int, name: str, known: Known, rule: str) -> None:
    if known is not None and name not in known:
        fields.fault(line, f"The input {name!r} cannot be used here.", f"{rule}: {', '.join(known) or 'none'}.")


def _literal(fields: Fields, line: int, text: str) -> None:
    if "{" in text or "}" in text:
        fields.fault(line, f"{text!r} has braces; nothing is filled into text.", "Make the input a value of its own.")
