"""The secret of a token, and what is kept of it."""

import hashlib
import secrets


def new_token() -> str:
    """A new bearer secret: 256 random bits, recognisable by its prefix."""
    return "opsc_" + secrets.token_urlsafe(32)


def token_hash(secret: str) -> str:
    """What is stored of a token: hex SHA-256. 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()
