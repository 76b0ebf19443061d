"""Sessions belong to whoever holds their lock; customer data is kept entry by entry."""

from typing import Any

from opsconductor.testing.contracts.storage import samples
from opsconductor.testing.contracts.storage.opened import Opened, Promise, refused
from opsconductor.testing.contracts.storage.samples import identifier

_SESSION = identifier("sess", 1)


async def _take(opened: Opened, owner: str, instead_of: str = "") -> None:
    async with opened.unit() as unit:
        unit.take_session("default", _SESSION, owner, 30, instead_of)


async def _save(opened: Opened, expected: int, owner: str = "a", **fields: Any) -> None:
    saved = samples.session(turn_count=expected + 1, **fields)
    async with opened.unit() as unit:
        unit.save_session(saved, expected, owner)


async def keeps_a_session_but_not_its_variables(opened: Opened) -> None:
    """Values of SESSION scope live in memory only."""
    await _take(opened, "a")
    await _save(opened, 0, variables={"secret": "x"})
    assert await opened.storage.session("default", _SESSION) == samples.session(turn_count=1)
    await _save(opened, 1, last_intent="information/help")
    assert await opened.storage.session("default", _SESSION) == samples.session(
        turn_count=2, last_intent="information/help"
    )


async def knows_no_session_that_was_only_locked(opened: Opened) -> None:
    """A lock is not a conversation yet."""
    await _take(opened, "a")
    assert await opened.storage.session("default", _SESSION) is None


async def saves_only_what_follows_the_stored_turn(opened: Opened) -> None:
    """Turn numbers have no gaps, and nobody's turn is overwritten."""
    await _take(opened, "a")
    for wrong in (1, 7):
        async with refused("store.conflict"):
            await _save(opened, wrong)
    await _save(opened, 0)
    for wrong in (0, 2):
        async with refused("store.conflict"):
            await _save(opened, wrong)
    stored = await opened.storage.session("default", _SESSION)
    assert stored is not None
    assert stored.turn_count == 1


async def saves_only_for_the_holder_of_the_lock(opened: Opened) -> None:
    """Not without a lock, and not once another has it."""
    async with refused("session.busy"):
        await _save(opened, 0)
    await _take(opened, "a")
    opened.clock.advance(31)
    await _save(opened, 0)  # late, but nobody else came
    await _take(opened, "b")
    async with refused("session.busy"):
        await _save(opened, 1)
    await _save(opened, 1, owner="b")


async def gives_a_lock_to_one_owner(opened: Opened) -> None:
    """The other one is told who holds it."""
    await _take(opened, "a")
    async with refused("session.busy", holder="a"):
        await _take(opened, "b")
    async with opened.unit() as unit:
        unit.take_session("default", identifier("sess", 2), "b", 30)


async def gives_an_expired_lock_to_the_next(opened: Opened) -> None:
    """By the store's clock, and not a moment before."""
    await _take(opened, "a")
    opened.clock.advance(29)
    async with refused("session.busy"):
        await _take(opened, "b")
    opened.clock.advance(2)
    await _take(opened, "b")
    async with refused("session.busy"):
        await _take(opened, "a")


async def renews_a_lock_for_its_owner(opened: Opened) -> None:
    """Taking it again counts from now."""
    await _take(opened, "a")
    opened.clock.advance(25)
    await _take(opened, "a")
    opened.clock.advance(25)
    async with refused("session.busy"):
        await _take(opened, "b")


async def gives_a_dead_owners_lock_to_who_names_it(opened: Opened) -> None:
    """And nobody else's."""
    await _take(opened, "a")
    async with refused("session.busy"):
        await _take(opened, "b", instead_of="c")
    await _take(opened, "b", instead_of="a")
    async with refused("session.busy"):
        await _take(opened, "a")


async def frees_a_lock_for_its_owner_only(opened: Opened) -> None:
    """A late owner cannot free the next one's lock."""
    await _take(opened, "a")
    async with opened.unit() as unit:
        unit.release_session("default", _SESSION, "b")
    async with refused("session.busy"):
        await _take(opened, "b")
    async with opened.unit() as unit:
        unit.release_session("default", _SESSION, "a")
    await _take(opened, "b")


async def finds_the_session_an_identity_used_last(opened: Opened) -> None:
    """Of its own sessions, by use and not by age."""
    for number, expected in ((1, 0), (2, 0), (1, 1)):
        session_id = identifier("sess", number)
        saved = samples.session(session_id=session_id, turn_count=expected + 1)
        async with opened.unit() as unit:
            unit.take_session("default", session_id, "a", 30)
            unit.save_session(saved, expected, "a")
    other = samples.session(session_id=identifier("sess", 3), identity_id=identifier("idn", 2))
    async with opened.unit() as unit:
        unit.take_session("default", other.session_id, "a", 30)
        unit.save_session(other, 0, "a")
    found = await opened.storage.latest_session("default", identifier("idn", 1))
    assert found is not None
    assert found.session_id == identifier("sess", 1)
    assert await opened.storage.latest_session("default", identifier("idn", 9)) is None


async def keeps_customer_data_entry_by_entry(opened: Opened) -> None:
    """A later value replaces its own entry alone."""
    odd = tuple(samples.entry(f"key {index} {text[:40]}", text) for index, text in enumerate(samples.ODD_TEXTS))
    async with opened.unit() as unit:
        unit.save_customer_data("default", "c", odd)
    changed = samples.entry(odd[0].key, {"new": [1.5, True, None]})
    async with opened.unit() as unit:
        unit.save_customer_data("default", "c", (changed,))
    found = await opened.storage.customer_data("default", "c")
    assert found == {one.key: one for one in (changed, *odd[1:])}
    assert await opened.storage.customer_data("default", "d") == {}


PROMISES: tuple[Promise, ...] = (
    keeps_a_session_but_not_its_variables,
    knows_no_session_that_was_only_locked,
    saves_only_what_follows_the_stored_turn,
    saves_only_for_the_holder_of_the_lock,
    gives_a_lock_to_one_owner,
    gives_an_expired_lock_to_the_next,
    renews_a_lock_for_its_owner,
    gives_a_dead_owners_lock_to_who_names_it,
    frees_a_lock_for_its_owner_only,
    finds_the_session_an_identity_used_last,
    keeps_customer_data_entry_by_entry,
)
