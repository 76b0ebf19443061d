"""Errors as problem documents (RFC 9457), with our codes and never a traceback."""

import json
import logging
import secrets

from starlette.responses import Response

from opsconductor.domain.errors import InternalFault, OpsConductorError
from opsconductor.ports.telemetry import FaultReporter

MEDIA_TYPE = "application/problem+json"


def problem(error: OpsConductorError) -> Response:
    """The problem document of one of our errors; its facts stand beside the standard members."""
    document = {
        **error.facts,
        "type": f"urn:opsconductor:error:{error.code}",
        "title": (type(error).__doc__ or "").strip(),
        "status": error.spec.status,
        "detail": error.message,
        "code": error.code,
        "next_step": error.next_step,
    }
    headers = {"WWW-Authenticate": "Bearer"} if error.spec.status == 401 else None
    body = json.dumps(document, ensure_ascii=False).encode("utf-8", "backslashreplace")
    return Response(body, error.spec.status, headers, MEDIA_TYPE)


def fault(error: Exception, subject: str, faults: FaultReporter | None = None) -> Response:
    """The problem document of a mistake of ours: `faults` keeps what happened, the reader gets the reference."""
    if faults is None:
        reference = f"fault-{secrets.token_hex(6)}"
        logger = logging.getLogger("opsconductor.asset_service")
        logger.error("asset_service.fault reference=%s error=%s", reference, type(error).__name__)
    else:
        reference = faults.report(error, subject)
    return problem(
        InternalFault("internal.fault", f"The asset service met a fault ({reference}).", reference=reference)
    )
