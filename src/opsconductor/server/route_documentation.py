"""What the API reference says beside the code: bodies that we read ourselves, problems, and how to say who one is."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from opsconductor.server.schemas import json_schema

IDEMPOTENCY_HEADER: Mapping[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key with the same body gives the same reply, byte for byte; with another body a 409.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$"},
}
SECURITY_SCHEMES: Mapping[str, Any] = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A token of `opsconductor tokens create`."},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "", "description": "Set by the one-time sign-in link."},
}
PROBLEM_SCHEMA: Mapping[str, Any] = {
    "title": "Problem",
    "type": "object",
    "description": "RFC 9457: what went wrong and what to try next. Further members give the facts.",
    "additionalProperties": True,
    "required": ["type", "title", "status", "detail", "instance", "code", "next_step"],
    "properties": {
        "type": {"type": "string", "description": "urn:opsconductor:error: and the code"},
        "title": {"type": "string", "description": "The kind of error in words"},
        "status": {"type": "integer", "description": "The HTTP status"},
        "detail": {"type": "string", "description": "What is wrong here, one sentence"},
        "instance": {"type": "string", "description": "The path that was called"},
        "code": {"type": "string", "description": "Stable code area.reason"},
        "next_step": {"type": "string", "description": "What to try next"},
    },
}
OPEN: Mapping[str, Any] = {"security": []}
"""For a path that answers everybody."""


def body_of(kind: type, *headers: Mapping[str, Any]) -> dict[str, Any]:
    """The documentation of a JSON body of that kind, and of the headers that go with it."""
    schema = json_schema(kind)
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    return {"requestBody": body, "parameters": [dict(header) for header in headers]}


def problems_of(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The documentation of problem documents with these statuses."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}
