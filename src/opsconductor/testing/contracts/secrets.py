"""What every engine of the secrets port promises, tried with the credential `known` = b"hunter2" in place."""

from collections.abc import Awaitable, Callable

from opsconductor.domain.errors import OpsConductorError
from opsconductor.ports.secrets import Secrets


async def _refusal(secrets: Secrets, reference: str) -> OpsConductorError:
    try:
        await secrets.get("default", reference)
    except OpsConductorError as error:
        return error
    raise AssertionError(f"{reference!r} gave a credential")


async def a_credential_is_given_byte_for_byte(secrets: Secrets) -> None:
    """Each time it is asked for."""
    assert [await secrets.get("default", "known") for _ in range(2)] == [b"hunter2"] * 2


async def an_unknown_reference_is_told_and_no_credential_with_it(secrets: Secrets) -> None:
    """`secret.missing`, whatever the reference looks like."""
    for reference in ("unknown", "", "../known", "known\x00", "/etc/passwd", "known/../known"):
        error = await _refusal(secrets, reference)
        assert error.code == "secret.missing"
        assert "hunter2" not in error.message


PROMISES: tuple[Callable[[Secrets], Awaitable[None]], ...] = (
    a_credential_is_given_byte_for_byte,
    an_unknown_reference_is_told_and_no_credential_with_it,
)
