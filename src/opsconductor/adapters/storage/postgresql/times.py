"""Times as the store's clock compares them."""

import re
from datetime import UTC, datetime, timedelta

_TIME = re.compile(r"[1-9]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def milliseconds(text: str | None) -> int | None:
    """Milliseconds since 1970 of a time in the one spelling; None for any other text."""
    if text is None or not _TIME.fullmatch(text):
        return None
    try:
        return (datetime.fromisoformat(text) - _EPOCH) // _MILLISECOND
    except ValueError:
        return None
