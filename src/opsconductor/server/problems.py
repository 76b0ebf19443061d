"""Errors as problem documents (RFC 9457): our codes, the next step, never a traceback."""

import json
from collections.abc import Mapping

from starlette.responses import Response

from opsconductor.domain.errors import BadInput, InternalFault, NotFound, OpsConductorError
from opsconductor.domain.json_value import Json

MEDIA_TYPE = "application/problem+json"
_TOO_LARGE = 413


def document(error: OpsConductorError, instance: str) -> Mapping[str, Json]:
    """The members of the problem document of `error` met at the path `instance`; its facts stand beside them."""
    return {
        **error.facts,
        "type": f"urn:opsconductor:error:{error.code}",
        "title": (type(error).__doc__ or "").strip(),
        "status": error.spec.status,
        "detail": error.message,
        "instance": instance,
        "code": error.code,
        "next_step": error.next_step,
    }


def problem(error: OpsConductorError, instance: str, headers: Mapping[str, str] | None = None) -> Response:
    """The response for `error`; a body that was too large also ends the connection, so that it is not read on."""
    added = dict(headers or {})
    if error.spec.status == 401:
        added["WWW-Authenticate"] = "Bearer"
    if error.spec.status == _TOO_LARGE:
        added["Connection"] = "close"
    body = json.dumps(document(error, instance), ensure_ascii=False).encode("utf-8", "backslashreplace")
    return Response(body, error.spec.status, added, MEDIA_TYPE)


def internal_fault(reference: str) -> InternalFault:
    """A mistake of ours; the log and the reader share its reference."""
    return InternalFault("internal.fault", f"The server met a fault (reference {reference}).", reference=reference)


def refused_by_routing(status: int, method: str, path: str) -> OpsConductorError:
    """What the router found wrong: a method the path does not take, or no such path."""
    if status == 405:
        return BadInput("request.method", f"{path} does not take {method}.")
    return NotFound("request.not_found", "There is nothing at this path.")
