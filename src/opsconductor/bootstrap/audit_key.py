"""The key that seals a home's audit chains: made with the home, and never quietly replaced."""

from opsconductor.adapters.audit.hmac_seal import load_or_create_key
from opsconductor.domain.errors import InternalFault
from opsconductor.settings import Settings


def audit_key(settings: Settings) -> bytes:
    """The home's key; a new home gets one.

    Raises `home.unusable`, and `audit.broken` when a used home has lost its own: under another key its chains could be
    neither checked nor continued.
    """
    path = settings.home / "keys" / "audit.key"
    if settings.database.exists() and not path.exists():
        raise InternalFault(
            "audit.broken",
            f"The audit key {path} is missing, and this home has records sealed with it.",
            next_step="Put the keys folder back from a backup of this home.",
        )
    return load_or_create_key(path)
