import pytest

from opsconductor.domain.errors import Conflict
from opsconductor.testing.contracts.storage.opened import Opened, StoreClock, refused


def test_the_clock_moves_when_told() -> None:
    clock = StoreClock()
    before = clock()
    clock.advance(60)
    assert 60_000 <= clock() - before < 120_000


async def test_a_refusal_must_come_with_its_code_and_its_facts() -> None:
    async with refused("session.busy", holder="a"):
        raise Conflict("session.busy", "x", holder="a")
    with pytest.raises(AssertionError):
        async with refused("session.busy"):
            pass
    with pytest.raises(AssertionError):
        async with refused("session.busy"):
            raise Conflict("store.conflict", "x")
    with pytest.raises(AssertionError):
        async with refused("session.busy", holder="a"):
            raise Conflict("session.busy", "x", holder="b")


async def test_a_block_that_fails_commits_nothing(opened: Opened) -> None:
    async def fails() -> None:
        async with opened.unit() as unit:
            unit.take_session("default", "s", "a", 30)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fails()
    async with opened.unit() as unit:
        unit.take_session("default", "s", "b", 30)
