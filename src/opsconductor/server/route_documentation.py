"""What the API reference says beside the code: bodies that we read ourselves, problems, and how to say who one is."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel

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
OPEN: Mapping[str, Any] = {"security": []}
"""For a path that answers everybody."""


def body_of(model: type[BaseModel], *headers: Mapping[str, Any]) -> dict[str, Any]:
    """The documentation of a JSON body of that model, and of the headers that go with it."""
    schema = model.model_json_schema()
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    return {"requestBody": body, "parameters": [dict(header) for header in headers]}


def problems_of(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The documentation of problem documents with these statuses."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}
