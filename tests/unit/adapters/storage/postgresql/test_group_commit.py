import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest
from psycopg import errors

from opsconductor.adapters.storage.postgresql.group_commit import GroupCommit, OutcomeUnknown, Unit
from opsconductor.adapters.storage.postgresql.transaction import Transaction
from opsconductor.domain.errors import Conflict, OpsConductorError
from opsconductor.testing.contracts.storage import samples
from opsconductor.testing.contracts.storage.opened import refused


def unit(number: int) -> Unit:
    async def nothing(transaction: Transaction) -> None:
        """A change that changes nothing."""

    return (nothing,), (samples.audit_entry(number),)


def subjects(units: Sequence[Unit]) -> list[str]:
    return [entry.subject[-1] for _, audit in units for entry in audit]


class Performed:
    """What was done in one transaction each, and what each transaction shall do first."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.first: Callable[[list[str]], Awaitable[None]] | None = None

    async def __call__(self, units: Sequence[Unit]) -> None:
        if self.first is not None:
            await self.first(subjects(units))
        self.groups.append(subjects(units))


@pytest.fixture
def performed() -> Performed:
    return Performed()


@pytest.fixture
def commits(performed: Performed) -> GroupCommit:
    return GroupCommit(performed)


async def test_units_that_wait_share_a_transaction_in_their_order(commits: GroupCommit, performed: Performed) -> None:
    async def slowly(group: list[str]) -> None:
        await asyncio.sleep(0)

    performed.first = slowly
    await asyncio.gather(*(commits.write(unit(number)) for number in range(1, 6)))
    assert performed.groups == [["1", "2", "3", "4", "5"]]
    await commits.write(unit(6))
    assert performed.groups[1:] == [["6"]]


async def test_one_that_fails_takes_no_other_with_it(commits: GroupCommit, performed: Performed) -> None:
    async def refuse_three(group: list[str]) -> None:
        await asyncio.sleep(0)
        if "3" in group:
            raise Conflict("store.conflict", "three")

    performed.first = refuse_three
    outcomes = await asyncio.gather(*(commits.write(unit(n)) for n in range(1, 6)), return_exceptions=True)
    assert [type(outcome).__name__ for outcome in outcomes] == ["NoneType", "NoneType", "Conflict", *["NoneType"] * 2]
    assert performed.groups == [["1"], ["2"], ["4"], ["5"]]


async def test_a_bug_in_a_unit_is_told_to_its_caller(commits: GroupCommit, performed: Performed) -> None:
    async def broken(group: list[str]) -> None:
        await asyncio.sleep(0)
        if "2" in group:
            raise ZeroDivisionError

    performed.first = broken
    outcomes = await asyncio.gather(*(commits.write(unit(n)) for n in (1, 2, 3)), return_exceptions=True)
    assert [type(outcome).__name__ for outcome in outcomes] == ["NoneType", "ZeroDivisionError", "NoneType"]


async def test_a_deadlock_is_tried_again_within_bounds(commits: GroupCommit, performed: Performed) -> None:
    left = [3]

    async def deadlock(group: list[str]) -> None:
        left[0] -= 1
        if left[0] >= 0:
            raise errors.DeadlockDetected("x")

    performed.first = deadlock
    await commits.write(unit(1))
    assert performed.groups == [["1"]]
    left[0] = 10**6
    async with refused("store.conflict"):
        await commits.write(unit(2))
    assert left[0] > 10**6 - 100


async def test_an_unknown_outcome_is_told_to_everybody(commits: GroupCommit, performed: Performed) -> None:
    async def lost(group: list[str]) -> None:
        await asyncio.sleep(0)
        raise OutcomeUnknown

    performed.first = lost
    outcomes = await asyncio.gather(*(commits.write(unit(n)) for n in (1, 2)), return_exceptions=True)
    for outcome in outcomes:
        assert isinstance(outcome, OpsConductorError)
        assert (outcome.code, outcome.facts) == ("store.unavailable", {"outcome": "unknown"})


async def test_a_leader_who_is_cancelled_sees_the_others_through(commits: GroupCommit, performed: Performed) -> None:
    held, begun = asyncio.Event(), asyncio.Event()

    async def hold(group: list[str]) -> None:
        begun.set()
        await held.wait()

    performed.first = hold
    outcomes: dict[int, str] = {}

    async def write(number: int) -> None:
        try:
            await commits.write(unit(number))
            outcomes[number] = "done"
        except asyncio.CancelledError:
            outcomes[number] = "cancelled"
            raise

    async with asyncio.TaskGroup() as group:
        first, *_ = [group.create_task(write(number)) for number in (1, 2, 3)]
        await begun.wait()
        first.cancel()
        await asyncio.sleep(0)
        assert outcomes == {}
        held.set()
    assert outcomes == {1: "cancelled", 2: "done", 3: "done"}
    assert performed.groups == [["1", "2", "3"]]


async def test_a_unit_whose_caller_gives_up_while_it_waits_is_not_done(
    commits: GroupCommit, performed: Performed
) -> None:
    held = asyncio.Event()

    async def hold(group: list[str]) -> None:
        await held.wait()

    performed.first = hold
    async with asyncio.TaskGroup() as group:
        group.create_task(commits.write(unit(1)))
        for _ in range(3):
            await asyncio.sleep(0)
        second = group.create_task(commits.write(unit(2)))
        for _ in range(3):
            await asyncio.sleep(0)
        second.cancel()
        await asyncio.sleep(0)
        held.set()
    assert performed.groups == [["1"]]


async def test_a_closed_store_takes_nothing(commits: GroupCommit, performed: Performed) -> None:
    await commits.close()
    async with refused("store.unavailable"):
        await commits.write(unit(1))
    assert performed.groups == []
