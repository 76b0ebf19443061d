"""What every engine of the schema port promises; `PROMISES` holds one check each."""

import http.server
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from opsconductor.domain.errors import BadInput
from opsconductor.domain.json_value import Json, JsonObject
from opsconductor.ports.schema import Schemas

_RESTART: JsonObject = {
    "type": "object",
    "additionalProperties": False,
    "required": ["host", "service"],
    "properties": {
        "host": {"type": "string", "x-entity": "asset"},
        "service": {"$ref": "#/$defs/name", "x-entity": "service"},
        "wait_s": {"type": "integer", "minimum": 0, "maximum": 60},
        "mode": {"enum": ["graceful", "hard"]},
        "only": {"type": "array", "items": {"type": "object", "properties": {"port": {"type": "integer"}}}},
    },
    "$defs": {"name": {"type": "string", "pattern": "^[a-z][a-z0-9-]*$", "maxLength": 60}},
}


def _refusal(schemas: Schemas, schema: JsonObject) -> str:
    try:
        schemas.check_schema(schema)
    except BadInput as refusal:
        return refusal.code
    return ""


@contextmanager
def _listening() -> Iterator[tuple[str, list[str]]]:
    """A real HTTP server that would serve a schema, its address, and the requests it got."""
    requests: list[str] = []

    class Serve(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"type": "string"}')

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Serve) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/schema.json", requests
        finally:
            server.shutdown()
            thread.join()


def takes_what_fits(schemas: Schemas) -> None:
    """A sound schema passes its check, and a value that fits has no faults."""
    schemas.check_schema(_RESTART)
    value: Json = {"host": "app-01", "service": "billing", "wait_s": 5, "mode": "hard", "only": ({"port": 80},)}
    assert schemas.faults(_RESTART, value) == ()


def tells_every_fault_with_its_path(schemas: Schemas) -> None:
    """Dotted paths into the value; the fields that are missing or unknown are named by theirs."""
    value: Json = {"service": "Not a name", "wait_s": 61, "mode": "soft", "only": [{"port": "http"}], "hsot": "app-01"}
    assert {fault.path for fault in schemas.faults(_RESTART, value)} == {
        *("host", "service", "wait_s", "mode", "only.0.port", "hsot")
    }
    assert [fault.path for fault in schemas.faults(_RESTART, "app-01")] == [""]


def never_repeats_the_value(schemas: Schemas) -> None:
    """A message may be shown where the value must not be."""
    value: Json = {"host": ["hunter2"], "service": "hunter2 " * 99, "wait_s": "hunter2", "mode": "hunter2"}
    faults = schemas.faults(_RESTART, value)
    assert len(faults) >= 4
    assert not [fault for fault in faults if "hunter2" in fault.message]


def takes_no_fraction_for_a_whole_number(schemas: Schemas) -> None:
    """1.0 and true are no integers: what passes must be hashable."""
    for value in (1.0, 1.5, True):
        assert schemas.faults({"type": "integer"}, value)
    assert not schemas.faults({"type": "integer"}, 1)


def tells_what_is_no_json(schemas: Schemas) -> None:
    """NaN, odd keys, other objects and bottomless nesting are faults, not exceptions."""
    deep: Json = 1
    for _ in range(10_000):
        deep = [deep]
    odd: tuple[Any, ...] = (float("nan"), {1: 2}, {"a": object()}, deep, b"x")
    for value in odd:
        assert schemas.faults({}, value)


def fetches_nothing(schemas: Schemas) -> None:
    """A reference that leads elsewhere is refused, and nobody is asked for it, whether at load or at use."""
    with _listening() as (address, requests):
        for schema in (
            {"$ref": address},
            {"properties": {"a": {"items": {"$ref": address + "#/x"}}}},
            {"$defs": {"a": {"allOf": [{"$ref": "//127.0.0.1/x"}]}}},
            {"$ref": "other.json"},
            {"$ref": "file:///etc/passwd"},
        ):
            assert _refusal(schemas, schema) == "schema.remote_ref", schema
        for schema in ({"$id": address}, {"$schema": address}, {"$dynamicRef": address}, {"$ref": "#/nowhere"}):
            assert _refusal(schemas, schema) == "schema.invalid", schema
        assert schemas.faults({"$ref": address}, "x")
        assert requests == []


def refuses_what_nothing_would_check(schemas: Schemas) -> None:
    """A misspelt keyword, type or format would silently let everything pass."""
    unchecked: tuple[JsonObject, ...] = (
        {"minimun": 1},
        {"type": "strin"},
        {"format": "email"},
        {"properties": {"a": {"patern": "x"}}},
        {"patternProperties": {".*": {}}},
        {"minimum": "1"},
        {"required": "a"},
        {"properties": {"a": 3}},
    )
    for schema in unchecked:
        assert _refusal(schemas, schema) == "schema.invalid", schema
    schemas.check_schema({"x-entity": "asset", "x-anything": {"typo": 1}})


def refuses_references_that_never_end(schemas: Schemas) -> None:
    """Circles, and trees that double at every step."""
    circle: JsonObject = {
        "$ref": "#/$defs/a",
        "$defs": {"a": {"items": {"$ref": "#/$defs/b"}}, "b": {"$ref": "#/$defs/a"}},
    }
    doubling: dict[str, Json] = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(40)}
    doubling["d40"] = {}
    started = time.monotonic()
    assert _refusal(schemas, circle) == "schema.invalid"
    assert _refusal(schemas, {"$ref": "#/$defs/d0", "$defs": doubling}) == "schema.invalid"
    assert time.monotonic() - started < 2


def runs_patterns_in_linear_time(schemas: Schemas) -> None:
    """Patterns that stall other engines answer at once; those that need such an engine are refused."""
    started = time.monotonic()
    for pattern in ("^(a+)+$", "^(a|aa)+$", "^(a|a?)+$", "(x+x+)+y", "^([a-z]+)*[0-9]$"):
        schemas.check_schema({"pattern": pattern})
        assert schemas.faults({"pattern": pattern}, ("a" if "x" not in pattern else "x") * 50_000 + "!")
    assert time.monotonic() - started < 2
    for pattern in (r"(a)\1", "(?=a)b", "(?<!a)b", "a{2000}", "(", "x" * 100_000):
        assert _refusal(schemas, {"pattern": pattern}) == "schema.invalid", pattern[:20]
    assert schemas.faults({"pattern": "^a$"}, "a\n")
    assert schemas.faults({"pattern": "."}, "\ud800")


PROMISES: tuple[Callable[[Schemas], None], ...] = (
    takes_what_fits,
    tells_every_fault_with_its_path,
    never_repeats_the_value,
    takes_no_fraction_for_a_whole_number,
    tells_what_is_no_json,
    fetches_nothing,
    refuses_what_nothing_would_check,
    refuses_references_that_never_end,
    runs_patterns_in_linear_time,
)
