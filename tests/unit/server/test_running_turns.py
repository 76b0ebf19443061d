import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from opsconductor.adapters.audit.hmac_seal import HmacSeal
from opsconductor.adapters.storage.sqlite import SqliteStorage, open_database
from opsconductor.domain.errors import BadInput, Conflict, OpsConductorError, Unavailable
from opsconductor.domain.identity import Identity
from opsconductor.domain.response import ReplyKind
from opsconductor.domain.turn import AcceptedTurn, Trigger, TurnInput, TurnReply
from opsconductor.ports.storage import IdempotencyRow
from opsconductor.server.running_turns import PhaseObserver, RunningTurns, scoped_key

ME = Identity(identity_id="idn_1", tenant="default", name="requester")


class GatedEngine:
    """Takes a turn when it is let, and counts how often it did."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.taken = 0
        self.error: Exception | None = None

    async def take_turn(self, turn: TurnInput, observer: PhaseObserver | None = None) -> TurnReply:
        self.taken += 1
        if observer:
            observer("p01_identify", "start", 0.0)
        await self.gate.wait()
        if self.error:
            raise self.error
        return reply_of(turn)


class Stage:
    """Turns over a real store, carried out by the engine above."""

    def __init__(self, engine: GatedEngine, storage: SqliteStorage, turns: RunningTurns) -> None:
        self.engine, self.storage, self.turns = engine, storage, turns


@asynccontextmanager
async def stage(folder: Path) -> AsyncIterator[Stage]:
    async with open_database(folder / "db", HmacSeal(b"k" * 32)) as database, asyncio.TaskGroup() as tasks:
        engine, storage = GatedEngine(), SqliteStorage(database)
        yield Stage(engine, storage, RunningTurns(engine, storage, tasks))


def a_turn(number: int, key: str = "", body: str = "b") -> TurnInput:
    return TurnInput(turn_id=f"turn_{number}", identity=ME, message="m", idempotency_key=key, body_hash=body)


def reply_of(turn: TurnInput) -> TurnReply:
    return TurnReply(turn_id=turn.turn_id, session_id="s", kind=ReplyKind.ANSWER, message="done")


async def accept(storage: SqliteStorage, turn: TurnInput) -> None:
    unit = storage.begin()
    unit.accept_turn(
        AcceptedTurn(
            turn_id=turn.turn_id,
            tenant="default",
            session_id="s",
            turn_group=turn.turn_id,
            identity_id=ME.identity_id,
            channel="api",
            trigger=Trigger.MESSAGE,
            message="m",
            approval_id="",
            received_at="2026-01-01T00:00:00.000Z",
            owner="o",
        )
    )
    unit.remember_key(
        IdempotencyRow(
            tenant="default",
            key=turn.idempotency_key,
            body_hash=turn.body_hash,
            turn_id=turn.turn_id,
            created_at="2026-01-01T00:00:00.000Z",
        )
    )
    await unit.commit()


async def code_of(coming: "asyncio.Future[TurnReply] | object") -> str:
    with pytest.raises(OpsConductorError) as refused:
        await coming  # type: ignore[misc]
    return refused.value.code


async def test_a_turn_runs_on_when_its_client_hangs_up(tmp_path: Path) -> None:
    async with stage(tmp_path) as at, asyncio.TaskGroup() as clients:
        end = at.turns.begin(a_turn(1))
        client = clients.create_task(at.turns.take(a_turn(2)))
        await asyncio.sleep(0)
        client.cancel()
        at.engine.gate.set()
        assert (await end).turn_id == "turn_1"
        assert await at.turns.drain(5) == 0
        assert at.engine.taken == 2


async def test_the_same_request_twice_at_once_runs_once_and_both_get_its_reply(tmp_path: Path) -> None:
    async with stage(tmp_path) as at, asyncio.TaskGroup() as clients:
        told: list[str] = []

        def hear(phase: str, event: str, at_ms: float) -> None:
            told.append(phase)

        both = [clients.create_task(at.turns.take(a_turn(number, "k"), hear)) for number in (1, 2)]
        await asyncio.sleep(0)
        at.engine.gate.set()
        assert [(await one).turn_id for one in both] == ["turn_1", "turn_1"]
        assert at.engine.taken == 1
        assert told


async def test_the_same_key_with_another_body_is_refused_at_once_and_after_a_restart(tmp_path: Path) -> None:
    async with stage(tmp_path) as at:
        at.turns.begin(a_turn(1, "k"))
        with pytest.raises(Conflict) as refused:
            at.turns.begin(a_turn(2, "k", "other"))
        assert refused.value.code == "request.idempotency_reused"
        at.engine.gate.set()
        await accept(at.storage, a_turn(3, "stored"))
        assert await code_of(at.turns.take(a_turn(4, "stored", "other"))) == "request.idempotency_reused"
        assert at.engine.taken == 1


async def test_a_request_that_another_process_has_not_finished_is_not_run_again(tmp_path: Path) -> None:
    async with stage(tmp_path) as at:
        at.engine.gate.set()
        await accept(at.storage, a_turn(3, "stored"))
        assert await code_of(at.turns.take(a_turn(4, "stored"))) == "request.in_progress"
        assert at.engine.taken == 0


async def test_a_key_that_another_process_took_meanwhile_is_looked_up_again(tmp_path: Path) -> None:
    async with stage(tmp_path) as at:
        at.engine.error = Conflict("store.conflict", "The key exists.")
        running = at.turns.begin(a_turn(1, "k"))
        while not at.engine.taken:
            await asyncio.sleep(0)
        await accept(at.storage, a_turn(2, "k"))
        at.engine.gate.set()
        assert await code_of(running) == "request.in_progress"


async def test_what_the_engine_refuses_reaches_the_client_and_frees_the_key(tmp_path: Path) -> None:
    async with stage(tmp_path) as at:
        at.engine.gate.set()
        at.engine.error = BadInput("request.empty", "Empty.")
        assert await code_of(at.turns.take(a_turn(1, "k"))) == "request.empty"
        at.engine.error = None
        assert (await at.turns.take(a_turn(2, "k"))).turn_id == "turn_2"


async def test_a_fault_of_one_turn_ends_no_other(tmp_path: Path) -> None:
    async with stage(tmp_path) as at:
        at.engine.gate.set()
        at.engine.error = ValueError("ours")
        with pytest.raises(ValueError, match="ours"):
            await at.turns.take(a_turn(1))
        at.engine.error = None
        assert (await at.turns.take(a_turn(2))).turn_id == "turn_2"


async def test_a_stopping_server_finishes_what_runs_and_takes_nothing_new(tmp_path: Path) -> None:
    async with stage(tmp_path) as at, asyncio.TaskGroup() as others:
        running = at.turns.begin(a_turn(1))
        drained = others.create_task(at.turns.drain(30))
        await asyncio.sleep(0)
        with pytest.raises(Unavailable) as refused:
            at.turns.begin(a_turn(2))
        assert refused.value.code == "server.shutting_down"
        at.engine.gate.set()
        assert await drained == 0
        assert (await running).message == "done"


async def test_what_does_not_finish_in_time_is_cut_and_told(tmp_path: Path) -> None:
    async with stage(tmp_path) as at:
        running = at.turns.begin(a_turn(1))
        assert await at.turns.drain(0.01) == 1
        assert await code_of(running) == "server.shutting_down"


@pytest.mark.parametrize("key", ["", "x" * 201, "ä", "a\nb", "\x00"])
def test_keys_are_short_and_printable(key: str) -> None:
    with pytest.raises(BadInput, match="Idempotency-Key"):
        scoped_key(key, "idn_1")


def test_two_identities_never_share_a_key() -> None:
    assert scoped_key("k", "idn_1") != scoped_key("k", "idn_2")
    assert scoped_key(None, "idn_1") == ""


def test_a_turn_without_a_key_is_its_own(tmp_path: Path) -> None:
    async def story() -> int:
        async with stage(tmp_path) as at:
            at.engine.gate.set()
            await at.turns.take(a_turn(1))
            await at.turns.take(replace(a_turn(1), turn_id="turn_2"))
            return at.engine.taken

    assert asyncio.run(story()) == 2
