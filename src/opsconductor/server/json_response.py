"""JSON as it leaves: UTF-8, no spaces, the same bytes for the same value."""

import json

from starlette.responses import Response

from opsconductor.domain.json_value import Json


def json_bytes(value: Json) -> bytes:
    """`value` as compact UTF-8 JSON in the order of its keys."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8", "backslashreplace")


def json_response(value: Json, status: int = 200) -> Response:
    """A response with `value` as its body."""
    return Response(json_bytes(value), status, media_type="application/json")
