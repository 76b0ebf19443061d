"""In production a failpoint does nothing."""

from opsconductor.ports.failpoints import NoFailpoints


async def test_reaching_a_failpoint_changes_nothing() -> None:
    assert (await NoFailpoints().hit("step.after_intent")) is None  # type: ignore[func-returns-value]
