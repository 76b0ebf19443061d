import hashlib

from opsconductor.domain.token_secrets import new_token, token_hash


def test_a_token_is_recognisable_and_never_the_same_twice() -> None:
    tokens = {new_token() for _ in range(50)}
    assert len(tokens) == 50
    assert all(token.startswith("opsc_") and len(token) == 48 for token in tokens)


def test_the_store_keeps_the_sha256_of_the_secret() -> None:
    assert token_hash("opsc_x") == hashlib.sha256(b"opsc_x").hexdigest()
