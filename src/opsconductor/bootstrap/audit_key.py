"""The key that seals a home's audit chains: made with the home, and never quietly replaced."""

from pathlib import Path

from opsconductor.adapters.audit.hmac_seal import load_or_create_key
from opsconductor.domain.errors import InternalFault
from opsconductor.settings import Settings

SQLITE = b"SQLite format 3\x00"


def audit_key(settings: Settings) -> bytes:
    """The home's key; a new home gets one.

    Raises `home.unusable`, and `audit.broken` when a used home has lost its own: under another key its chains could be
    neither checked nor continued.
    """
    path = settings.home / "keys" / "audit.key"
    if _is_used(settings.database) and not path.exists():
        raise InternalFault(
            "audit.broken",
            f"The audit key {path} is missing, and this home has records sealed with it.",
            next_step="Put the keys folder back from a backup of this home.",
        )
    return load_or_create_key(path)


def _is_used(database: Path) -> bool:
    """Whether a database was made there; one that cannot be read or is none is the store's to tell."""
    try:
        with database.open("rb") as file:
            return file.read(len(SQLITE)) == SQLITE
    except OSError:
        return False
