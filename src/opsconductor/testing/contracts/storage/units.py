"""A unit of work is whole or not at all, for everyone who reads, and no tenant sees another's."""

import asyncio
from dataclasses import replace

from opsconductor.ports.storage import IdempotencyRow
from opsconductor.testing.contracts.storage import samples
from opsconductor.testing.contracts.storage.opened import Opened, Promise, refused
from opsconductor.testing.contracts.storage.samples import identifier


async def shows_nothing_before_the_commit(opened: Opened) -> None:
    """Methods only collect."""
    unit = opened.storage.begin()
    unit.accept_turn(samples.accepted())
    unit.append_audit(samples.audit_entry())
    assert await opened.storage.open_turns() == ()
    await unit.commit()
    assert await opened.storage.open_turns() == (samples.accepted(),)


async def changes_everything_or_nothing(opened: Opened) -> None:
    """The last condition undoes the first change, audit included."""
    async with opened.unit() as unit:
        unit.add_approval(samples.approval())
    async with refused("approval.not_pending"), opened.unit() as unit:
        unit.accept_turn(samples.accepted())
        unit.take_session("default", identifier("sess", 1), "a", 30)
        unit.add_execution(samples.execution())
        unit.add_outbox(samples.message())
        unit.add_memory(samples.memory())
        unit.add_identity(samples.identity())
        unit.add_counts("default", "2026-05-05", {"turns": 1}, "m")
        unit.save_customer_data("default", "c", (samples.entry("k", 1),))
        unit.append_audit(samples.audit_entry())
        unit.consume_approval(identifier("appr", 1), samples.HASH)
    store = opened.storage
    assert await store.open_turns() == ()
    assert await store.executions("default") == ()
    assert await store.outbox_due(10) == ()
    assert await store.memories("default", (), 10) == ()
    assert await store.identities("default") == ()
    assert await store.counts("default") == {}
    assert await store.customer_data("default", "c") == {}
    assert await store.audit("default") == ()
    async with opened.unit() as unit:
        unit.take_session("default", identifier("sess", 1), "b", 30)


async def may_be_tried_again_after_it_failed(opened: Opened) -> None:
    """Once its condition holds; and once committed it is empty."""
    unit = opened.storage.begin()
    unit.accept_turn(samples.accepted())
    unit.take_session("default", identifier("sess", 1), "b", 30)
    async with opened.unit() as first:
        first.take_session("default", identifier("sess", 1), "a", 30)
    async with refused("session.busy"):
        await unit.commit()
    opened.clock.advance(31)
    await unit.commit()
    await unit.commit()
    assert await opened.storage.open_turns() == (samples.accepted(),)


async def does_nothing_when_it_is_empty(opened: Opened) -> None:
    """Which is not an error."""
    async with opened.unit():
        pass


async def leaves_its_neighbours_alone(opened: Opened) -> None:
    """Of forty units at the same time every second fails, and only those."""
    async with opened.unit() as unit:
        unit.accept_turn(samples.accepted(0))

    async def one(number: int) -> None:
        async with opened.unit() as unit:
            unit.append_audit(samples.audit_entry(number))
            unit.accept_turn(samples.accepted(number))
            if number % 2:
                unit.accept_turn(samples.accepted(0))

    outcomes = await asyncio.gather(*map(one, range(1, 41)), return_exceptions=True)
    assert [outcome is None for outcome in outcomes] == [number % 2 == 0 for number in range(1, 41)]
    kept = [turn.turn_id for turn in await opened.storage.open_turns()]
    assert kept == [identifier("turn", number) for number in range(0, 41, 2)]
    assert [row.seq for row in await opened.storage.audit("default")] == list(range(1, 21))


async def is_read_by_whoever_comes_after_it(opened: Opened) -> None:
    """By its own process and by another, at once."""
    async with opened.again() as other:
        for number in range(1, 51):
            async with opened.unit() as unit:
                unit.accept_turn(samples.accepted(number))
            assert len(await opened.storage.open_turns()) == number
            assert len(await other.open_turns()) == number


async def mixes_nothing_of_two_writers(opened: Opened) -> None:
    """Two that write at the same time: everything of both is there, and the chain has no gap."""
    async with opened.again() as other:
        sides = (opened, replace(opened, storage=other))

        async def one(number: int) -> None:
            async with sides[number % 2].unit() as unit:
                unit.accept_turn(samples.accepted(number))
                unit.append_audit(samples.audit_entry(number))

        await asyncio.gather(*map(one, range(100)))
    kept = sorted(turn.turn_id for turn in await opened.storage.open_turns())
    assert kept == [identifier("turn", number) for number in range(100)]
    rows = await opened.storage.audit("default")
    assert [row.seq for row in rows] == list(range(1, 101))
    assert sorted(row.entry.subject for row in rows) == kept


async def keeps_tenants_apart(opened: Opened) -> None:
    """What one tenant stored under some id, no other finds under it."""
    row = IdempotencyRow(tenant="a", key="k", body_hash="h", turn_id="t", created_at=samples.AT)
    async with opened.unit() as unit:
        unit.accept_turn(samples.accepted(1, "a"))
        unit.finish_turn(samples.record(1, "a"))
        unit.take_session("a", identifier("sess", 1), "x", 30)
        unit.save_session(samples.session("a"), 0, "x")
        unit.save_customer_data("a", "c", (samples.entry("k", 1),))
        unit.remember_key(row)
        unit.add_execution(samples.execution(1, "a", tool_key="key"))
        unit.move_execution(samples.move("pending", "running"))
        unit.claim_execution(identifier("exec", 1), "w", 30, 0)
        unit.record_intent(samples.intent())
        unit.lock_target("a", "t", identifier("exec", 1), 30)
        unit.keep_output("a", identifier("exec", 1), "ref", b"x")
        unit.add_approval(samples.approval(1, "a", decisions=(samples.decision(break_glass=True),)))
        unit.add_identity(samples.identity(1, "a"))
        unit.add_token(samples.token(1))
        unit.add_memory(samples.memory(1, "a", entities=("e",)))
        unit.add_counts("a", "2026-05-05", {"turns": 1}, "m")
        unit.append_audit(samples.audit_entry(1, "a"))
        unit.save_tenant_settings("a", {"x": 1})
    store = opened.storage
    for tenant, there in (("a", True), ("b", False), ("", False), ("A", False), ("a' OR 1=1 --", False)):
        found = (
            await store.accepted_turn(tenant, identifier("turn", 1)),
            await store.turn_record(tenant, identifier("turn", 1)),
            await store.turns(tenant),
            await store.session(tenant, identifier("sess", 1)),
            await store.latest_session(tenant, identifier("idn", 1)),
            await store.customer_data(tenant, "c"),
            await store.idempotency(tenant, "k"),
            await store.execution(tenant, identifier("exec", 1)),
            await store.executions(tenant),
            await store.moves(tenant, identifier("exec", 1)),
            await store.journal(tenant, identifier("exec", 1)),
            await store.approval(tenant, identifier("appr", 1)),
            await store.approvals(tenant),
            await store.approvals_of(tenant, identifier("exec", 1)),
            await store.reviews_due(tenant),
            await store.open_execution(tenant, "key"),
            await store.output(tenant, "ref"),
            await store.target_holder(tenant, "t"),
            await store.identity(tenant, "person-1"),
            await store.identity_by_id(tenant, identifier("idn", 1)),
            await store.identities(tenant),
            await store.tokens(tenant),
            await store.memories(tenant, ("e",), 10),
            await store.counts(tenant),
            await store.audit(tenant),
            (await store.audit_head(tenant))[0],
            await store.tenant_settings(tenant),
        )
        assert [bool(one) for one in found] == [there] * len(found)
    # The same session id is another session, free to lock.
    async with opened.unit() as unit:
        unit.take_session("b", identifier("sess", 1), "y", 30)
        unit.save_session(samples.session("b"), 0, "y")


PROMISES: tuple[Promise, ...] = (
    shows_nothing_before_the_commit,
    changes_everything_or_nothing,
    may_be_tried_again_after_it_failed,
    does_nothing_when_it_is_empty,
    leaves_its_neighbours_alone,
    is_read_by_whoever_comes_after_it,
    mixes_nothing_of_two_writers,
    keeps_tenants_apart,
)
