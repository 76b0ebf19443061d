"""JSON lines on standard error for `serve`, with secrets taken out at the last step before they are written."""

import logging
import re
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any, TextIO

import structlog

from opsconductor.domain.errors import BadInput
from opsconductor.domain.secret_forms import without_secret_forms
from opsconductor.server.door_keeper import Seen

LEVELS = ("debug", "info", "warning", "error")
HIDDEN = "[hidden]"

_SECRET_NAME = re.compile(
    r"token|secret|passw|passphrase|credential|authori[sz]ation|cookie|private_key|api_?key", re.I
)
_NAMES_OF_IDS = frozenset({"token_id", "credential_ref"})


def hide(text: str) -> str:
    """`text` without tokens, headers, sign-in links, keys, and what stands beside the word password."""
    return without_secret_forms(text, HIDDEN)


def redacted(value: Any, name: str = "") -> Any:
    """`value` with every secret in it hidden, whether its name or its own form gives it away."""
    if name and name not in _NAMES_OF_IDS and _SECRET_NAME.search(name) and value not in (None, "", False, True):
        return HIDDEN
    if isinstance(value, str):
        return hide(value)
    if isinstance(value, bytes):
        return hide(value.decode("utf-8", "replace"))
    if isinstance(value, Mapping):
        return {str(key): redacted(item, str(key)) for key, item in value.items()}
    if isinstance(value, Sequence | set | frozenset):
        return [redacted(item) for item in value]
    return value if isinstance(value, int | float | None) else hide(str(value))


def configure(level: str, stream: TextIO) -> None:
    """Send everything that is logged in this process to `stream`, a JSON object a line. Raises `settings.invalid`."""
    if level not in LEVELS:
        raise BadInput("settings.invalid", f"log_level must be one of {', '.join(LEVELS)}, not {level!r}.")
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Any] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        _redact,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=last))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # Every command on every host would be several lines.
    logging.getLogger("asyncssh").setLevel("DEBUG" if level == "debug" else "WARNING")
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def log_request(seen: Seen) -> None:
    """One line for an answered request; a fault is an error, everything else is information."""
    log = structlog.stdlib.get_logger("opsconductor.server")
    fields = {
        "request_id": seen.request_id,
        "method": seen.method,
        "path": seen.path,
        "status": seen.status,
        "ms": round(seen.seconds * 1000, 1),
    }
    if seen.fault:
        log.error("http.fault", reference=seen.fault, **fields)
    else:
        log.info("http.request", **fields)


def _redact(logger: Any, method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    hidden: dict[str, Any] = redacted(dict(event))
    return hidden
