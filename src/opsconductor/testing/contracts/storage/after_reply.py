"""What follows a reply is delivered at least once, and doing it twice changes nothing."""

from dataclasses import replace

from opsconductor.testing.contracts.storage import samples
from opsconductor.testing.contracts.storage.opened import Opened, Promise
from opsconductor.testing.contracts.storage.samples import identifier


async def delivers_messages_oldest_first_until_they_are_done(opened: Opened) -> None:
    """Of all tenants; a message that is done twice stays done."""
    messages = [samples.message(3, "a"), samples.message(1, "b"), samples.message(2, "a", payload={})]
    for message in messages:
        async with opened.unit() as unit:
            unit.add_outbox(message)
    assert await opened.storage.outbox_due(10) == tuple(messages)
    assert await opened.storage.outbox_due(2) == tuple(messages[:2])
    for _ in range(2):
        async with opened.unit() as unit:
            unit.finish_outbox(identifier("msg", 3))
    assert await opened.storage.outbox_due(10) == tuple(messages[1:])


async def puts_a_failed_message_off(opened: Opened) -> None:
    """For as long as asked, by the store's clock, and counts the attempts."""
    async with opened.unit() as unit:
        unit.add_outbox(samples.message())
    for attempts in (1, 2):
        async with opened.unit() as unit:
            unit.retry_outbox(identifier("msg", 1), 10.5, "no room")
        opened.clock.advance(10)
        assert await opened.storage.outbox_due(10) == ()
        opened.clock.advance(1)
        assert await opened.storage.outbox_due(10) == (replace(samples.message(), attempts=attempts),)


async def keeps_a_memory_once(opened: Opened) -> None:
    """The same id again changes nothing."""
    for text in ("first", "second"):
        async with opened.unit() as unit:
            unit.add_memory(samples.memory(text=text))
    assert await opened.storage.memories("default", (), 10) == (samples.memory(text="first"),)


async def recalls_memories_about_any_of_the_entities(opened: Opened) -> None:
    """Newest first, each once, at most as many as asked; without entities the newest of all."""
    about = {1: ("a",), 2: ("b",), 3: ("a", "b"), 4: ("c",), 5: ()}
    for number, entities in about.items():
        async with opened.unit() as unit:
            unit.add_memory(samples.memory(number, entities=entities))

    async def recalled(*entities: str, limit: int = 10) -> list[str]:
        return [one.memory_id for one in await opened.storage.memories("default", entities, limit)]

    assert await recalled("a", "b") == [identifier("mem", number) for number in (3, 2, 1)]
    assert await recalled("a") == [identifier("mem", number) for number in (3, 1)]
    assert await recalled("a", "c", limit=2) == [identifier("mem", number) for number in (4, 3)]
    assert await recalled("d") == []
    assert await recalled(limit=2) == [identifier("mem", number) for number in (5, 4)]


async def recalls_no_memory_that_no_longer_holds(opened: Opened) -> None:
    """By the store's clock."""
    async with opened.unit() as unit:
        unit.add_memory(samples.memory(1, entities=("a",), valid_to="2020-01-01T00:00:00.000Z"))
        unit.add_memory(samples.memory(2, entities=("a",), valid_to="2096-01-01T00:00:00.000Z"))
    for entities in ((), ("a",)):
        (memory,) = await opened.storage.memories("default", entities, 10)
        assert memory.memory_id == identifier("mem", 2)


async def counts_a_message_once(opened: Opened) -> None:
    """Over all days, per tenant."""
    for day, number in (("2026-05-05", 1), ("2026-05-05", 1), ("2026-05-05", 2), ("2026-05-06", 3)):
        async with opened.unit() as unit:
            unit.add_counts("default", day, {"turns": 1, f"on {day}": 5}, identifier("msg", number))
    assert await opened.storage.counts("default") == {"turns": 3, "on 2026-05-05": 10, "on 2026-05-06": 5}
    assert await opened.storage.counts("other") == {}


PROMISES: tuple[Promise, ...] = (
    delivers_messages_oldest_first_until_they_are_done,
    puts_a_failed_message_off,
    keeps_a_memory_once,
    recalls_memories_about_any_of_the_entities,
    recalls_no_memory_that_no_longer_holds,
    counts_a_message_once,
)
