"""No tenant sees or changes what another has: every method of the port is tried, and one without a trial fails."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, is_dataclass
from inspect import getmembers, isfunction
from typing import Any

from opsconductor.domain.approvals import ApprovalState
from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.execution import StepStatus
from opsconductor.ports.storage import IdempotencyRow, Storage, UnitOfWork
from opsconductor.testing.contracts.storage import samples
from opsconductor.testing.contracts.storage.opened import Opened, Promise, committed
from opsconductor.testing.contracts.storage.samples import identifier

MINE, THEIRS = 1, 2
TENANTS: Mapping[int, str] = {MINE: "mine", THEIRS: "theirs-4711"}
STRANGERS = ("", "MINE", "mine ", "theirs-471", "theirs%", "theirs_4711", "' OR 1=1 --", "*")

Read = Callable[[Storage, str, int], Awaitable[Any]]
"""Asks on behalf of a tenant for what belongs to the tenant of this number."""

READS: Mapping[str, Read] = {
    "session": lambda store, who, whose: store.session(who, session_of(whose)),
    "latest_session": lambda store, who, whose: store.latest_session(who, identifier("idn", whose)),
    "customer_data": lambda store, who, whose: store.customer_data(who, identifier("idn", whose)),
    "tenant_settings": lambda store, who, whose: store.tenant_settings(who),
    "turn_record": lambda store, who, whose: store.turn_record(who, identifier("turn", whose)),
    "record_digests": lambda store, who, whose: store.record_digests(who, limit=50),
    "turns of a session": lambda store, who, whose: store.turns(who, session_id=session_of(whose)),
    "memories about something": lambda store, who, whose: store.memories(who, ("billing",), 50),
    "turns": lambda store, who, whose: store.turns(who),
    "accepted_turn": lambda store, who, whose: store.accepted_turn(who, identifier("turn", whose)),
    "idempotency": lambda store, who, whose: store.idempotency(who, f"key-{whose}"),
    "execution": lambda store, who, whose: store.execution(who, identifier("exec", whose)),
    "executions": lambda store, who, whose: store.executions(who),
    "open_execution": lambda store, who, whose: store.open_execution(who, f"tool-key-{whose}"),
    "executions_of_group": lambda store, who, whose: store.executions_of_group(who, identifier("turn", whose)),
    "output": lambda store, who, whose: store.output(who, f"ref-{whose}"),
    "target_holder": lambda store, who, whose: store.target_holder(who, f"target-{whose}"),
    "moves": lambda store, who, whose: store.moves(who, identifier("exec", whose)),
    "journal": lambda store, who, whose: store.journal(who, identifier("exec", whose)),
    "later_changes": lambda store, who, whose: store.later_changes(
        who, identifier("asset", whose), identifier("exec", whose + 10)
    ),
    "approval": lambda store, who, whose: store.approval(who, identifier("appr", whose)),
    "approvals": lambda store, who, whose: store.approvals(who),
    "approvals_of": lambda store, who, whose: store.approvals_of(who, identifier("exec", whose)),
    "reviews_due": lambda store, who, whose: store.reviews_due(who),
    "identity": lambda store, who, whose: store.identity(who, f"person-{whose}"),
    "identity_by_id": lambda store, who, whose: store.identity_by_id(who, identifier("idn", whose)),
    "identities": lambda store, who, whose: store.identities(who),
    "tokens": lambda store, who, whose: store.tokens(who),
    "memories": lambda store, who, whose: store.memories(who, (), 50),
    "counts": lambda store, who, whose: store.counts(who),
    "audit": lambda store, who, whose: store.audit(who),
    "audit_head": lambda store, who, whose: store.audit_head(who),
}
ACROSS_TENANTS: Mapping[str, str] = {
    "begin": "reads nothing",
    "open_turns": "recovery of a process",
    "running_executions": "recovery of a process",
    "abandoned_executions": "the reaper",
    "unknown_executions_due": "the second look",
    "identity_of_user": "who a local user is comes before the tenant",
    "identity_of_token": "whose a token is comes before the tenant",
    "outbox_due": "what follows a turn, of all tenants",
    "tenants": "the names alone, for examination offline",
    "schema_version": "of the store",
}
"""Methods that no tenant is asked for on purpose, and why; no door hands their answers on."""

Write = Callable[[UnitOfWork, int], None]
"""What the tenant MINE may try in a unit, with ids of the tenant of this number."""

WITH_A_TENANT: Mapping[str, Write] = {
    "accept_turn": lambda unit, whose: unit.accept_turn(samples.accepted(whose, "mine", message="taken over")),
    "remember_key": lambda unit, whose: unit.remember_key(_key(whose, "mine", "other")),
    "take_session": lambda unit, whose: unit.take_session("mine", session_of(whose), "thief", 30, "owner"),
    "release_session": lambda unit, whose: unit.release_session("mine", session_of(whose), "owner"),
    "save_session": lambda unit, whose: unit.save_session(
        samples.session("mine", session_id=session_of(whose), last_request="taken over"), 1, "owner"
    ),
    "save_customer_data": lambda unit, whose: unit.save_customer_data(
        "mine", identifier("idn", whose), (samples.entry("k", "taken over"),)
    ),
    "finish_turn": lambda unit, whose: unit.finish_turn(samples.record(whose, "mine", message="taken over")),
    "add_execution": lambda unit, whose: unit.add_execution(samples.execution(whose, "mine", request="taken over")),
    "lock_target": lambda unit, whose: unit.lock_target("mine", f"target-{whose}", identifier("exec", whose), 300),
    "keep_output": lambda unit, whose: unit.keep_output(
        "mine", identifier("exec", whose), f"ref-{whose}", b"taken over"
    ),
    "add_approval": lambda unit, whose: unit.add_approval(samples.approval(whose, "mine", level=0)),
    "append_audit": lambda unit, whose: unit.append_audit(samples.audit_entry(whose, "mine")),
    "add_outbox": lambda unit, whose: unit.add_outbox(samples.message(whose, "mine")),
    "add_memory": lambda unit, whose: unit.add_memory(samples.memory(whose, "mine", text="taken over")),
    "add_counts": lambda unit, whose: unit.add_counts("mine", "2026-05-05", {"turns": 7}, f"counted-{whose}"),
    "add_identity": lambda unit, whose: unit.add_identity(samples.identity(whose, "mine", roles=frozenset())),
    "change_identity": lambda unit, whose: unit.change_identity(
        samples.identity(whose, "mine", roles=frozenset(), disabled=True)
    ),
    "save_tenant_settings": lambda unit, whose: unit.save_tenant_settings("mine", {"x": "taken over"}),
}
BY_ID_ALONE: Mapping[str, Write] = {
    "move_execution": lambda unit, whose: unit.move_execution(samples.move("running", "failed", whose)),
    "claim_execution": lambda unit, whose: unit.claim_execution(identifier("exec", whose), "w", 30, 1),
    "renew_lease": lambda unit, whose: unit.renew_lease(identifier("exec", whose), "owner", 1, 300),
    "request_cancel": lambda unit, whose: unit.request_cancel(identifier("exec", whose), "somebody"),
    "look_again": lambda unit, whose: unit.look_again(identifier("exec", whose), 1),
    "refreeze_execution": lambda unit, whose: unit.refreeze_execution(
        identifier("exec", whose), samples.plan(), "sha256:x", samples.HASH, ""
    ),
    "save_result": lambda unit, whose: unit.save_result(
        identifier("exec", whose), samples.result(identifier("exec", whose))
    ),
    "record_intent": lambda unit, whose: unit.record_intent(samples.intent(2, whose)),
    "record_result": lambda unit, whose: unit.record_result(identifier("exec", whose), samples.step_result(), 1),
    "settle_result": lambda unit, whose: unit.settle_result(
        identifier("exec", whose), samples.step_result(StepStatus.FAILED), 1
    ),
    "decide_approval": lambda unit, whose: unit.decide_approval(
        identifier("appr", whose), samples.decision(who="x"), ApprovalState.APPROVED
    ),
    "withdraw_approval": lambda unit, whose: unit.withdraw_approval(identifier("appr", whose)),
    "review_approval": lambda unit, whose: unit.review_approval(identifier("appr", whose), samples.decision()),
    "consume_approval": lambda unit, whose: unit.consume_approval(identifier("appr", whose), samples.HASH),
    "expire_approval": lambda unit, whose: unit.expire_approval(identifier("appr", whose)),
    "finish_outbox": lambda unit, whose: unit.finish_outbox(identifier("msg", whose)),
    "retry_outbox": lambda unit, whose: unit.retry_outbox(identifier("msg", whose), 60, "x"),
    "add_token": lambda unit, whose: unit.add_token(samples.token(whose + 10, identity_id=identifier("idn", whose))),
    "use_token": lambda unit, whose: unit.use_token(identifier("tok", whose), samples.AT),
    "revoke_token": lambda unit, whose: unit.revoke_token(identifier("tok", whose), samples.AT),
}
"""The id alone names the row; a read for the tenant settles who may name it. Tried with ids of one's own."""


async def knows_every_method(opened: Opened) -> None:
    """A method that is in no table here has not been tried, and is a fault until it is."""
    assert _methods(Storage) ^ {*(name.split()[0] for name in READS), *ACROSS_TENANTS} == set()
    assert _methods(UnitOfWork) ^ {*WITH_A_TENANT, *BY_ID_ALONE, "commit"} == set()
    beside = _methods(type(opened.storage)) - _methods(Storage)
    assert not beside, f"the engine is read or written beside the port by {beside}"


async def shows_a_tenant_nothing_of_another(opened: Opened) -> None:
    """Whatever ids of another tenant somebody asks with, nothing that comes back is of that tenant."""
    await _two_tenants(opened)
    for name, read in READS.items():
        own = await read(opened.storage, TENANTS[THEIRS], THEIRS)
        known = _traces(own) or name == "audit_head"
        assert known, f"{name} tells its own tenant nothing of its own, so the trial would prove nothing"
        for who in (TENANTS[MINE], *STRANGERS):
            told = await read(opened.storage, who, THEIRS)
            assert told != own, f"{name} told {who!r} the same: {told}"
            assert not _traces(told), f"{name} told {who!r}: {told}"
            if who != TENANTS[MINE]:
                assert told in (None, (), {}, (0, ""), 0), f"{name} told {who!r}: {told}"


async def lets_no_tenant_change_anything_of_another(opened: Opened) -> None:
    """A unit in the name of one tenant with the other's ids is refused, or touches nothing of the other."""
    await _two_tenants(opened)
    before = await all_of_theirs(opened.storage)
    for name, write in (*WITH_A_TENANT.items(), *BY_ID_ALONE.items()):
        for whose in (THEIRS, MINE) if name in WITH_A_TENANT else (MINE,):
            with suppress(OpsConductorError):
                async with opened.unit() as unit:
                    write(unit, whose)
            after = await all_of_theirs(opened.storage)
            changed = [read for read in READS if after[read] != before[read]]
            assert not changed, f"{name} with ids of {TENANTS[whose]} changed {changed}"


async def gives_an_id_to_one_tenant_only(opened: Opened) -> None:
    """An id that alone names a row is never given twice, so that what is done by id cannot reach another tenant."""
    await _two_tenants(opened)
    for name in ("add_execution", "add_approval", "add_identity", "accept_turn"):
        refused = False
        try:
            async with opened.unit() as unit:
                WITH_A_TENANT[name](unit, THEIRS)
        except OpsConductorError:
            refused = True
        assert refused, f"{name} took an id that another tenant has"


def _methods(protocol: type) -> set[str]:
    return {name for name, _ in getmembers(protocol, isfunction) if not name.startswith("_")}


def session_of(whose: int) -> str:
    """The session of the tenant of this number."""
    return identifier("sess", whose)


def _key(whose: int, tenant: str, body: str) -> IdempotencyRow:
    return IdempotencyRow(
        tenant=tenant,
        key=f"key-{whose}",
        body_hash=body,
        turn_id=identifier("turn", whose),
        created_at=samples.AT,
    )


async def _two_tenants(opened: Opened) -> None:
    for number, tenant in TENANTS.items():
        await fill(opened.storage, number, tenant)


async def fill(storage: Storage, number: int, tenant: str) -> None:
    """Everything a tenant can have, each thing with this number in its id."""
    execution, person = identifier("exec", number), identifier("idn", number)
    async with committed(storage) as unit:
        unit.add_identity(samples.identity(number, tenant))
        unit.add_token(samples.token(number, identity_id=person))
        unit.accept_turn(samples.accepted(number, tenant, identity_id=person, session_id=session_of(number)))
        unit.finish_turn(samples.record(number, tenant, requester=person, session_id=session_of(number)))
        unit.take_session(tenant, session_of(number), "owner", 300)
        session = samples.session(
            tenant, session_id=session_of(number), customer_id=person, identity_id=person, turn_count=1
        )
        unit.save_session(session, 0, "owner")
        unit.save_customer_data(tenant, person, (samples.entry("k", tenant),))
        unit.remember_key(_key(number, tenant, "body"))
        unit.save_tenant_settings(tenant, {"x": tenant})
        unit.add_memory(samples.memory(number, tenant))
        unit.add_counts(tenant, "2026-05-05", {f"turns-{number}": number}, f"counted-{number}")
        unit.add_outbox(samples.message(number, tenant))
        unit.append_audit(samples.audit_entry(number, tenant, actor=person))
    async with committed(storage) as unit:
        waiting = samples.execution(number, tenant, tool_key=f"tool-key-{number}", requester=person)
        unit.add_execution(waiting)
        unit.move_execution(samples.move("pending", "running", number))
        unit.claim_execution(execution, "owner", 300, 0)
        unit.record_intent(samples.intent(1, number, target_id=identifier("asset", number)))
        unit.lock_target(tenant, f"target-{number}", execution, 300)
        unit.keep_output(tenant, execution, f"ref-{number}", tenant.encode())
        glass = samples.decision(break_glass=True, who=person)
        unit.add_approval(samples.approval(number, tenant, requester=person, decisions=(glass,)))


async def all_of_theirs(storage: Storage) -> dict[str, Any]:
    """What the tenant THEIRS reads of its own, by the name of the read."""
    return {name: await read(storage, TENANTS[THEIRS], THEIRS) for name, read in READS.items()}


def _traces(told: Any) -> list[str]:
    """What in an answer can only be of the other tenant."""
    marks = (TENANTS[THEIRS], f"{THEIRS:012x}", f"-{THEIRS}")
    return [text for text in _texts(told) if any(mark in text for mark in marks)]


def _texts(value: Any) -> Sequence[str]:
    if is_dataclass(value) and not isinstance(value, type):
        return [text for one in fields(value) for text in _texts(getattr(value, one.name))]
    if isinstance(value, Mapping):
        return [text for key, item in value.items() for text in (*_texts(key), *_texts(item))]
    if isinstance(value, list | tuple | set | frozenset):
        return [text for item in value for text in _texts(item)]
    return [value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)]


PROMISES: tuple[Promise, ...] = (
    knows_every_method,
    shows_a_tenant_nothing_of_another,
    lets_no_tenant_change_anything_of_another,
    gives_an_id_to_one_tenant_only,
)
