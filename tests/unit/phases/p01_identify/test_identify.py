"""Who asks, in which session: nothing is accepted that is not allowed, and what is accepted is never lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from opsconductor.adapters.audit.hmac_seal import HmacSeal
from opsconductor.adapters.processes.file_locks import open_processes
from opsconductor.adapters.session_memory.in_process import InProcessSessionMemory
from opsconductor.adapters.storage.sqlite import open_storage
from opsconductor.adapters.telemetry.turn_trace import ClockTurnTrace
from opsconductor.domain.catalogue import Catalogue
from opsconductor.domain.customer import CustomerDataField, Scope, VariableEntry
from opsconductor.domain.errors import BadInput, Conflict, NotFound, OpsConductorError, Refused, Unavailable
from opsconductor.domain.identity import Identity, Role
from opsconductor.domain.turn import ApprovalAnswer, Trigger, TurnContext, TurnInput
from opsconductor.phases.p01_identify.identify import Identify
from opsconductor.phases.p01_identify.session_locks import SESSION_LEASE_S
from opsconductor.ports.storage import Storage
from opsconductor.testing.contracts.lanes import a_catalogue
from opsconductor.testing.doubles.clock.moving import MovingClockDouble
from opsconductor.testing.doubles.ids.counting import CountingIdsDouble
from opsconductor.testing.doubles.storage.failing import REFUSE, FailingStorageDouble, at_method
from opsconductor.testing.turns import MOMENT

ME = Identity(identity_id="id_1", tenant="default", name="requester", roles=frozenset({Role.REQUESTER}))
OTHER = replace(ME, identity_id="id_2", name="other")
FIELDS = (
    CustomerDataField(key="team", scope=Scope.BUSINESS, type="string", examples=("my team is {value}",)),
    CustomerDataField(key="bridge", scope=Scope.SESSION, type="string"),
)


class GivenCatalogues:
    """A catalogues double: always the same one."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def current(self) -> Catalogue:
        return self.catalogue


@dataclass
class Door:
    """P1 over a real store."""

    identify: Identify
    stored: Storage
    clock: MovingClockDouble
    memory: InProcessSessionMemory
    owner: str

    async def turn(self, message: str = "how many assets", **changes: Any) -> TurnContext:
        self.trace = ClockTurnTrace(self.clock)
        turn = replace(TurnInput(turn_id="turn_1", identity=ME, message=message), **changes)
        with self.trace.phase("p01_identify"):
            return await self.identify.run(turn, self.trace)

    async def refused(self, *arguments: Any, **changes: Any) -> OpsConductorError:
        """The error; nothing has been accepted."""
        with pytest.raises(OpsConductorError) as error:
            await self.turn(*arguments, **changes)
        assert await self.stored.open_turns() == ()
        return error.value

    async def end(self, context: TurnContext) -> None:
        """What P11 does to the session."""
        owner = f"{self.owner}/{context.input.turn_id}"
        unit = self.stored.begin()
        session = context.session
        unit.save_session(replace(session, turn_count=session.turn_count + 1), session.turn_count, owner)
        unit.release_session("default", session.session_id, owner)
        await unit.commit()


@asynccontextmanager
async def door(
    home: Path, *, wrap: Any = lambda storage: storage, sleeping_advances: bool = True, **parts: Any
) -> AsyncIterator[Door]:
    clock = MovingClockDouble(sleeping_advances=sleeping_advances)
    memory = InProcessSessionMemory()
    catalogue = a_catalogue(customer_fields=FIELDS, **parts)
    now_ms = lambda: int(clock.now().timestamp() * 1000)  # noqa: E731
    with open_processes(home / "run") as processes:
        async with open_storage(home / "a.db", HmacSeal(bytes(32)), now_ms) as stored:
            identify = Identify(wrap(stored), GivenCatalogues(catalogue), memory, processes, clock, CountingIdsDouble())
            yield Door(identify, stored, clock, memory, processes.me)


async def test_a_turn_is_accepted_in_one_commit(home: Path) -> None:
    failing: list[FailingStorageDouble] = []

    def watch(storage: Storage) -> FailingStorageDouble:
        failing.append(FailingStorageDouble(storage))
        return failing[0]

    async with door(home, wrap=watch) as p1:
        context = await p1.turn(idempotency_key="key", body_hash="hash", received_at=MOMENT)
        (accepted,) = await p1.stored.open_turns()
        key = await p1.stored.idempotency("default", "key")
        audit = [row.entry.action for row in await p1.stored.audit("default")]
    assert failing[0].commits == [("accept_turn", "remember_key", "append_audit", "take_session")]
    assert (accepted.message, accepted.owner, accepted.turn_group) == ("how many assets", p1.owner, "turn_1")
    assert key is not None
    assert (key.body_hash, audit) == ("hash", ["turn.accepted"])
    assert context.session.turn_count == 0
    assert context.tenant == "default"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("", "request.empty"),
        ("  \n", "request.empty"),
        ("\u200b", "request.empty"),
        ("a\x00b", "request.bad_text"),
        ("x" * 16_385, "request.too_large"),
    ],
)
async def test_a_message_that_cannot_be_taken_is_not_accepted(home: Path, message: str, code: str) -> None:
    async with door(home) as p1:
        error = await p1.refused(message)
    assert isinstance(error, BadInput)
    assert error.code == code


async def test_the_disabled_and_strange_agents_are_not_served(home: Path) -> None:
    async with door(home) as p1:
        assert isinstance(await p1.refused(identity=replace(ME, disabled=True)), Refused)
        assert isinstance(await p1.refused(agent="sales"), NotFound)
        answer = ApprovalAnswer(approval_id="appr_1", plan_hash="", decision="approve")
        disabled = replace(ME, disabled=True)
        error = await p1.refused("", identity=disabled, trigger=Trigger.APPROVAL, approval=answer)
        assert error.code == "identity.unknown"


async def test_a_session_is_its_owners_alone(home: Path) -> None:
    async with door(home) as p1:
        await p1.end(await p1.turn(session_id="sess_1"))
        unit = p1.stored.begin()
        await unit.commit()
        with pytest.raises(NotFound) as error:
            await p1.turn(turn_id="turn_2", identity=OTHER, session_id="sess_1")
        assert error.value.code == "session.not_found"
        elsewhere = replace(OTHER, tenant="elsewhere")
        context = await p1.turn(turn_id="turn_3", identity=elsewhere, session_id="sess_1")
        assert (context.tenant, context.session.turn_count) == ("elsewhere", 0)


async def test_a_session_that_became_anothers_meanwhile_is_not_shown(home: Path) -> None:
    async with door(home, sleeping_advances=False) as p1:
        first = await p1.turn(session_id="sess_1")
        async with asyncio.TaskGroup() as group:
            second = group.create_task(_told(p1.turn(turn_id="turn_2", identity=OTHER, session_id="sess_1")))
            await _until(lambda: p1.clock.sleeping == 1)
            await p1.end(first)
            p1.clock.advance(1)
        assert second.result() == "session.not_found"
        third = await p1.turn(turn_id="turn_3", session_id="sess_1")
        assert third.session.turn_count == 1


async def test_an_approver_may_answer_in_the_requesters_session(home: Path) -> None:
    async with door(home) as p1:
        await p1.end(await p1.turn(session_id="sess_1"))
        answer = ApprovalAnswer(approval_id="appr_1", plan_hash="sha256:1", decision="approve")
        context = await p1.turn(
            "", turn_id="turn_2", identity=OTHER, session_id="sess_1", trigger=Trigger.APPROVAL, approval=answer
        )
    assert context.session.identity_id == "id_1"


async def test_two_messages_at_once_are_both_accepted_and_take_turns(home: Path) -> None:
    async with door(home, sleeping_advances=False) as p1:
        first = await p1.turn(session_id="sess_1")
        async with asyncio.TaskGroup() as group:
            second = group.create_task(p1.turn(turn_id="turn_2", session_id="sess_1"))
            await _until(lambda: p1.clock.sleeping == 1)
            assert {turn.turn_id for turn in await p1.stored.open_turns()} == {"turn_1", "turn_2"}
            await p1.end(first)
            p1.clock.advance(1)
        assert second.result().session.turn_count == 1


async def test_waiting_for_a_busy_session_ends(home: Path) -> None:
    async with door(home) as p1:
        unit = p1.stored.begin()
        unit.take_session("default", "sess_1", "somebody", 10 * SESSION_LEASE_S)
        await unit.commit()
        with pytest.raises(Conflict) as error:
            await p1.turn(session_id="sess_1")
    assert error.value.code == "session.busy"


async def test_a_dead_owners_lock_is_taken_over_and_accepts_nothing(home: Path) -> None:
    async with door(home) as p1:
        unit = p1.stored.begin()
        unit.take_session("default", "sess_1", "dead/turn_1", SESSION_LEASE_S)
        await unit.commit()
        turn = TurnInput(turn_id="turn_1", identity=ME, message="x", session_id="sess_1")
        trace = ClockTurnTrace(p1.clock)
        context = await p1.identify.resume(turn, trace)
        assert p1.clock.monotonic() == 0
        assert await p1.stored.open_turns() == ()
        await p1.end(context)


async def test_a_store_that_does_not_take_the_turn_says_so(home: Path) -> None:
    def refuse(storage: Storage) -> FailingStorageDouble:
        return FailingStorageDouble(storage, at_method("accept_turn", REFUSE))

    async with door(home, wrap=refuse) as p1:
        assert isinstance(await p1.refused(), Unavailable)


async def test_the_mask_tells_what_exists_and_no_value(home: Path) -> None:
    entry = VariableEntry(key="team", value="canary-4711", source="user", confidence=1.0, updated_at=MOMENT)
    async with door(home) as p1:
        unit = p1.stored.begin()
        unit.save_customer_data("default", "id_1", (entry,))
        await unit.commit()
        p1.memory.keep("sess_1", {"bridge": replace(entry, key="bridge", value="canary-session")})
        context = await p1.turn(session_id="sess_1")
    assert {key: item.value for key, item in context.customer_data.items()} == {
        "team": "canary-4711",
        "bridge": "canary-session",
    }
    assert {key: field.exists for key, field in context.mask.items()} == {"team": True, "bridge": True}
    assert "canary" not in repr(context.mask)


async def test_settings_come_from_code_pack_and_tenant_in_this_order(home: Path) -> None:
    agent = replace(a_catalogue().agent, settings={"act_confidence": 0.8, "clarify_rounds": 3})
    async with door(home, agent=agent) as p1:
        unit = p1.stored.begin()
        unit.save_tenant_settings("default", {"clarify_rounds": 1})
        await unit.commit()
        context = await p1.turn()
    told = {key: (item.value, item.source) for key, item in context.configuration.items()}
    assert told["info_confidence"] == (0.5, "code")
    assert told["act_confidence"] == (0.8, "pack")
    assert told["clarify_rounds"] == (1, "tenant")


async def test_customer_data_and_configuration_are_loaded_side_by_side(home: Path) -> None:
    def slow(storage: Storage) -> Storage:
        return _Slow(storage, clock)  # type: ignore[return-value]

    clock = MovingClockDouble(sleeping_advances=False)
    async with door(home, wrap=slow) as p1:
        p1.clock = clock
        async with asyncio.TaskGroup() as group:
            running = group.create_task(p1.turn())
            await _until(lambda: clock.sleeping == 2)
            clock.advance(0.05)
            await running
        (timing,) = p1.trace.timings()
    parts = {part.name: part for part in timing.parts}
    assert list(parts)[:4] == ["tenant", "agent", "customer", "session"]
    data, configuration = parts["customer_data"], parts["configuration"]
    assert (data.started_ms, data.ms) == (configuration.started_ms, configuration.ms) == (0.0, 50.0)
    assert timing.ms == 50.0


class _Slow:
    """Customer data and settings take a while."""

    def __init__(self, inner: Storage, clock: MovingClockDouble) -> None:
        self._inner = inner
        self._clock = clock

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def customer_data(self, tenant: str, customer_id: str) -> Any:
        await self._clock.sleep(0.05)
        return await self._inner.customer_data(tenant, customer_id)

    async def tenant_settings(self, tenant: str) -> Any:
        await self._clock.sleep(0.05)
        return await self._inner.tenant_settings(tenant)


async def _told(work: Any) -> str:
    try:
        await work
    except OpsConductorError as error:
        return error.code
    return ""


async def _until(holds: Any) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0)
