import uuid
from datetime import UTC, datetime

from opsconductor.adapters.ids.uuid7 import Uuid7Ids
from opsconductor.testing.doubles.clock.moving import MovingClockDouble


def milliseconds(minted: str) -> int:
    return uuid.UUID(minted.partition("_")[2]).int >> 80


def test_the_identifier_holds_the_time_in_milliseconds() -> None:
    moment = datetime(2031, 2, 3, 4, 5, 6, 789_000, tzinfo=UTC)
    minted = Uuid7Ids(MovingClockDouble(moment)).new("turn")
    assert milliseconds(minted) == int(moment.timestamp() * 1000)
    assert uuid.UUID(minted.removeprefix("turn_")).version == 7
    assert uuid.UUID(minted.removeprefix("turn_")).variant == uuid.RFC_4122


def test_identifiers_rise_while_the_clock_stands_and_when_it_is_set_back() -> None:
    clock = MovingClockDouble()
    ids = Uuid7Ids(clock)
    minted = [ids.new("a") for _ in range(5000)]
    clock.advance(-3600)
    minted += [ids.new("a") for _ in range(10)]
    assert minted == sorted(minted)
    assert len(set(minted)) == len(minted)


def test_two_processes_do_not_mint_the_same_at_the_same_time() -> None:
    clock = MovingClockDouble()
    assert Uuid7Ids(clock).new("a") != Uuid7Ids(clock).new("a")
