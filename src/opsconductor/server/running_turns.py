"""The turns under way in this server: each runs to its end whether or not its client still waits, and only once."""

import asyncio
import contextlib
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from opsconductor.domain.errors import BadInput, Conflict, OpsConductorError, Unavailable
from opsconductor.domain.json_value import Json
from opsconductor.domain.turn import TurnInput, TurnReply
from opsconductor.ports.canonical import canonical_bytes
from opsconductor.ports.storage import Storage

PhaseObserver = Callable[[str, str, float], None]

KEY_LENGTH = 200


class TurnTaker(Protocol):
    """What carries out a turn: the engine."""

    async def take_turn(self, turn: TurnInput, observer: PhaseObserver | None = None) -> TurnReply:
        """The told reply. Raises OpsConductorError for what is refused before it is accepted."""
        ...


@dataclass(kw_only=True)
class RunningTurn:
    """One turn under way: its end as a future, and who wants to hear of its phases."""

    turn: TurnInput
    end: asyncio.Future[TurnReply]
    observers: list[PhaseObserver] = field(default_factory=list)

    def tell(self, phase: str, event: str, at_ms: float) -> None:
        """Pass a phase's start or end on to everybody who listens."""
        for observer in tuple(self.observers):
            observer(phase, event, at_ms)


class RunningTurns:
    """Starts turns in a task group of the server's life time, so that a client that hangs up ends none."""

    def __init__(self, engine: TurnTaker, storage: Storage, tasks: asyncio.TaskGroup) -> None:
        self._engine = engine
        self._storage = storage
        self._tasks = tasks
        self._by_key: dict[str, RunningTurn] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._closing = False

    async def take(self, turn: TurnInput, observer: PhaseObserver | None = None) -> TurnReply:
        """The reply to this turn; see `begin`. Raises what the engine refuses before it accepts the turn."""
        return await asyncio.shield(self.begin(turn, observer))

    def begin(self, turn: TurnInput, observer: PhaseObserver | None = None) -> "asyncio.Future[TurnReply]":
        """Start the turn and give its end, which is not to be cancelled.

        The same idempotency key with the same body gives the first reply again, waiting for it where it still runs.
        Raises `request.idempotency_reused` for another body, `server.shutting_down`.
        """
        if self._closing:
            raise Unavailable("server.shutting_down", "The server is stopping.")
        known = self._by_key.get(turn.idempotency_key) if turn.idempotency_key else None
        if known is None:
            known = self._start(turn, observer)
        elif known.turn.body_hash != turn.body_hash:
            raise _reused()
        elif observer is not None:
            known.observers.append(observer)
        return known.end

    async def drain(self, grace_s: float) -> int:
        """Take no more turns and let those under way finish; how many had to be cut after `grace_s`."""
        self._closing = True
        if not self._running:
            return 0
        _, late = await asyncio.wait(self._running, timeout=grace_s)
        if late:
            self.cut()
            await asyncio.wait(late)
        return len(late)

    def cut(self) -> None:
        """Cancel every turn under way; the next start's recovery settles what they leave."""
        for task in tuple(self._running):
            task.cancel()

    def _start(self, turn: TurnInput, observer: PhaseObserver | None) -> RunningTurn:
        end: asyncio.Future[TurnReply] = asyncio.get_running_loop().create_future()
        end.add_done_callback(_look_at_it)
        running = RunningTurn(turn=turn, end=end, observers=[observer] if observer else [])
        if turn.idempotency_key:
            self._by_key[turn.idempotency_key] = running
        task = self._tasks.create_task(self._run(running), name=turn.turn_id)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return running

    async def _run(self, running: RunningTurn) -> None:
        """Carry one turn out and settle its future; nothing leaves this task, or the group would end all others."""
        try:
            reply = await self._reply(running)
            running.end.set_result(reply)
        except asyncio.CancelledError:
            running.end.set_exception(Unavailable("server.shutting_down", "The server stopped before the turn ended."))
            raise
        except Exception as error:
            running.end.set_exception(error)
        finally:
            if running.turn.idempotency_key:
                del self._by_key[running.turn.idempotency_key]

    async def _reply(self, running: RunningTurn) -> TurnReply:
        turn = running.turn
        if not turn.idempotency_key:
            return await self._engine.take_turn(turn, running.tell)
        told = await self._told_before(turn)
        if told is not None:
            return told
        try:
            reply = await self._engine.take_turn(turn, running.tell)
        except Conflict as error:
            told = await self._told_before(turn) if error.code == "store.conflict" else None
            if told is None:
                raise
            return told
        # The stored reply, as every repetition will give it, byte for byte.
        record = await self._storage.turn_record(turn.identity.tenant, turn.turn_id)
        return record.reply if record else reply

    async def _told_before(self, turn: TurnInput) -> TurnReply | None:
        row = await self._storage.idempotency(turn.identity.tenant, turn.idempotency_key)
        if row is None:
            return None
        if row.body_hash != turn.body_hash:
            raise _reused()
        record = await self._storage.turn_record(turn.identity.tenant, row.turn_id)
        if record is None:
            raise Conflict(
                "request.in_progress",
                "A request with this Idempotency-Key was accepted and has no reply yet.",
                turn_id=row.turn_id,
            )
        return record.reply


def idempotency_of(header: str | None, identity_id: str, path: str, body: Mapping[str, Json]) -> tuple[str, str]:
    """The key as stored and a digest of path and body: the same key on another path is another request.

    Raises `request.invalid`.
    """
    key = scoped_key(header, identity_id)
    digest = hashlib.sha256(canonical_bytes({"path": path, "body": dict(body)})).hexdigest() if key else ""
    return key, digest


def scoped_key(key: str | None, identity_id: str) -> str:
    """The key as it is stored: two identities never share one. Raises `request.invalid`."""
    if key is None:
        return ""
    if not (0 < len(key) <= KEY_LENGTH and key.isascii() and key.isprintable()):
        raise BadInput(
            "request.invalid",
            f"Idempotency-Key: 1 to {KEY_LENGTH} printable ASCII characters.",
            field="Idempotency-Key",
        )
    return f"{identity_id}:{key}"


def _reused() -> OpsConductorError:
    return Conflict("request.idempotency_reused", "This Idempotency-Key was used for another request.")


def _look_at_it(end: "asyncio.Future[TurnReply]") -> None:
    """An error that nobody waited for is not reported as lost: the turn's own record tells it."""
    with contextlib.suppress(asyncio.CancelledError):
        end.exception()
