"""An accepted request is there until it has its record, and the record comes back as it was."""

from dataclasses import replace

from opsconductor.ports.storage import KEY_LIFETIME_S, IdempotencyRow
from opsconductor.testing.contracts.storage import samples
from opsconductor.testing.contracts.storage.opened import Opened, Promise, refused
from opsconductor.testing.contracts.storage.samples import identifier


async def _turn(opened: Opened, number: int, session: int = 1, tenant: str = "default") -> None:
    fields = {"session_id": identifier("sess", session)}
    async with opened.unit() as unit:
        unit.accept_turn(samples.accepted(number, tenant, **fields))
        unit.finish_turn(samples.record(number, tenant, **fields))


async def keeps_a_request_from_its_acceptance_on(opened: Opened) -> None:
    """Another process sees it at once, and as open."""
    request = samples.accepted()
    async with opened.unit() as unit:
        unit.accept_turn(request)
    async with opened.again() as other:
        assert await other.accepted_turn("default", request.turn_id) == request
        assert await other.open_turns() == (request,)
        assert await other.turn_record("default", request.turn_id) is None


async def accepts_a_request_once(opened: Opened) -> None:
    """The same turn id again is a conflict."""
    async with opened.unit() as unit:
        unit.accept_turn(samples.accepted())
    async with refused("store.conflict"), opened.unit() as unit:
        unit.accept_turn(samples.accepted(message="another"))
    found = await opened.storage.accepted_turn("default", identifier("turn", 1))
    assert found == samples.accepted()


async def gives_the_record_back_as_it_was(opened: Opened) -> None:
    """Equal in every field, and the request counts as finished."""
    await _turn(opened, 1)
    assert await opened.storage.turn_record("default", identifier("turn", 1)) == samples.record()
    assert await opened.storage.accepted_turn("default", identifier("turn", 1)) == replace(
        samples.accepted(), state="finished"
    )
    assert await opened.storage.open_turns() == ()


async def appends_one_record_to_an_accepted_turn(opened: Opened) -> None:
    """No record without a request, no second one, and none by another tenant."""
    async with refused("store.conflict"), opened.unit() as unit:
        unit.finish_turn(samples.record())
    async with opened.unit() as unit:
        unit.accept_turn(samples.accepted())
    async with refused("store.conflict"), opened.unit() as unit:
        unit.finish_turn(samples.record(tenant="other"))
    async with opened.unit() as unit:
        unit.finish_turn(samples.record())
    async with refused("store.conflict"), opened.unit() as unit:
        unit.finish_turn(samples.record(message="changed"))
    assert await opened.storage.turn_record("default", identifier("turn", 1)) == samples.record()


async def lists_records_newest_first(opened: Opened) -> None:
    """All of a tenant, or of one session, at most as many as asked."""
    for number in range(1, 31):
        await _turn(opened, number, session=number % 2 + 1)
    listed = await opened.storage.turns("default")
    assert [record.number for record in listed] == list(range(30, 0, -1))
    assert [record.number for record in await opened.storage.turns("default", limit=3)] == [30, 29, 28]
    of_session = await opened.storage.turns("default", session_id=identifier("sess", 2), limit=2)
    assert [record.number for record in of_session] == [29, 27]
    assert await opened.storage.turns("other") == ()


async def lists_open_requests_of_all_tenants_oldest_first(opened: Opened) -> None:
    """What recovery has to look at."""
    requests = [samples.accepted(number, tenant) for number, tenant in ((3, "a"), (1, "b"), (2, "a"))]
    for request in requests:
        async with opened.unit() as unit:
            unit.accept_turn(request)
    await _turn(opened, 4)
    assert await opened.storage.open_turns() == tuple(requests)


async def keeps_odd_ids_and_texts(opened: Opened) -> None:
    """Whatever a client sends as a name or a message comes back to the letter."""
    for number, odd in enumerate((*samples.ODD_IDS, *samples.ODD_TEXTS[1:])):
        fields = {"turn_id": odd, "turn_group": odd + "'", "message": odd, "channel": odd, "owner": odd}
        request = samples.accepted(number, **fields, identity_id=odd, approval_id=odd, received_at=odd, session_id=odd)
        async with opened.unit() as unit:
            unit.accept_turn(request)
        assert await opened.storage.accepted_turn("default", odd) == request


async def refuses_half_a_character_pair(opened: Opened) -> None:
    """What is no text cannot be stored, and nothing of the unit is."""
    async with refused("request.bad_text"), opened.unit() as unit:
        unit.accept_turn(samples.accepted())
        unit.accept_turn(samples.accepted(2, message="\ud800"))
    assert await opened.storage.open_turns() == ()


async def binds_an_idempotency_key_once(opened: Opened) -> None:
    """Per tenant; the unit that tries again changes nothing."""
    row = IdempotencyRow(
        tenant="default", key="k", body_hash=samples.HASH, turn_id=identifier("turn", 1), created_at=samples.AT
    )
    async with opened.unit() as unit:
        unit.remember_key(row)
    async with refused("store.conflict"), opened.unit() as unit:
        unit.accept_turn(samples.accepted(2))
        unit.remember_key(replace(row, turn_id=identifier("turn", 2)))
    assert await opened.storage.idempotency("default", "k") == row
    assert await opened.storage.open_turns() == ()
    async with opened.unit() as unit:
        unit.remember_key(replace(row, tenant="other"))
    assert await opened.storage.idempotency("other", "k") == replace(row, tenant="other")


async def lets_an_idempotency_key_go_after_its_time(opened: Opened) -> None:
    """Then it may be used for something else."""
    row = IdempotencyRow(tenant="default", key="k", body_hash="a", turn_id="t", created_at=samples.AT)
    async with opened.unit() as unit:
        unit.remember_key(row)
    opened.clock.advance(KEY_LIFETIME_S - 60)
    assert await opened.storage.idempotency("default", "k") == row
    opened.clock.advance(61)
    assert await opened.storage.idempotency("default", "k") is None
    async with opened.unit() as unit:
        unit.remember_key(replace(row, body_hash="b"))
    assert await opened.storage.idempotency("default", "k") == replace(row, body_hash="b")


async def seals_a_record_with_the_row_that_closes_it(opened: Opened) -> None:
    """The row's detail holds the digest of what is stored; every later look at the store gives the same digest."""
    closing = samples.audit_entry(1)
    async with opened.unit() as unit:
        unit.accept_turn(samples.accepted())
        unit.append_audit(samples.audit_entry(2))
        unit.finish_turn(samples.record(), closing)
    rows = await opened.storage.audit("default")
    ((turn_id, digest),) = await opened.storage.record_digests("default", limit=5)
    assert (turn_id, digest[:7], len(digest)) == (identifier("turn", 1), "sha256:", 71)
    assert [dict(row.entry.detail) for row in rows] == [
        dict(samples.audit_entry(2).detail),
        {**closing.detail, "record": digest},
    ]
    async with opened.again() as other:
        assert await other.record_digests("default", limit=5) == ((turn_id, digest),)


async def lists_digests_of_records_newest_first(opened: Opened) -> None:
    """Page after page, each record once, of one tenant; equal records have equal digests, others do not."""
    for number in range(1, 6):
        await _turn(opened, number)
    await _turn(opened, 6, tenant="other")
    first = await opened.storage.record_digests("default", limit=3)
    rest = await opened.storage.record_digests("default", limit=3, before=first[-1][0])
    assert [turn_id for turn_id, _ in (*first, *rest)] == [identifier("turn", number) for number in (5, 4, 3, 2, 1)]
    assert len({digest for _, digest in (*first, *rest)}) == 5
    assert await opened.storage.record_digests("default", limit=3, before=identifier("turn", 1)) == ()
    assert await opened.storage.record_digests("default", limit=3, before=identifier("turn", 6)) == ()


PROMISES: tuple[Promise, ...] = (
    keeps_a_request_from_its_acceptance_on,
    accepts_a_request_once,
    gives_the_record_back_as_it_was,
    appends_one_record_to_an_accepted_turn,
    lists_records_newest_first,
    seals_a_record_with_the_row_that_closes_it,
    lists_digests_of_records_newest_first,
    lists_open_requests_of_all_tenants_oldest_first,
    keeps_odd_ids_and_texts,
    refuses_half_a_character_pair,
    binds_an_idempotency_key_once,
    lets_an_idempotency_key_go_after_its_time,
)
