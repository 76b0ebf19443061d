"""What a turn would cost in bare asyncio: the storage calls of a real turn, recorded once and done again by hand.

A turn of the engine runs over `RecordingStorage` and `RecordingIds`; `prepared_turns` makes copies of all that it
stored, with ids of their own; `bare_turn` does the same reads, task groups, awaits and three commits with them.
"""

import asyncio
import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from opsconductor.domain.turn import Session
from opsconductor.ports.ids import Ids
from opsconductor.ports.storage import Storage

BARE_SESSION = "sess_bare"
AUDIT_ROWS = 11


@dataclass(frozen=True, kw_only=True)
class Call:
    """One method call as it was made."""

    name: str
    arguments: tuple[Any, ...]
    named: Mapping[str, Any]

    def on(self, target: object) -> Any:
        """Make it again."""
        return getattr(target, self.name)(*self.arguments, **self.named)


class RecordingIds:
    """The usual ids, remembered."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self.minted: list[str] = []

    def new(self, prefix: str) -> str:
        """See the port."""
        minted = self._ids.new(prefix)
        self.minted.append(minted)
        return minted


class RecordingStorage:
    """The usual storage; remembers what is read and what each unit of work is told, while `on`."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self.on = False
        self.reads: list[Call] = []
        self.units: list[list[Call]] = []

    def begin(self) -> Any:
        """See the port."""
        unit = self._storage.begin()
        if not self.on:
            return unit
        self.units.append([])
        return _RecordingUnit(unit, self.units[-1])

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._storage, name)
        if not self.on:
            return method

        def recorded(*arguments: Any, **named: Any) -> Any:
            self.reads.append(Call(name=name, arguments=arguments, named=named))
            return method(*arguments, **named)

        return recorded


class _RecordingUnit:
    def __init__(self, unit: object, calls: list[Call]) -> None:
        self._unit = unit
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._unit, name)
        if name == "commit":
            return method

        def recorded(*arguments: Any, **named: Any) -> Any:
            self._calls.append(Call(name=name, arguments=arguments, named=named))
            return method(*arguments, **named)

        return recorded


@dataclass(frozen=True, kw_only=True)
class PreparedTurn:
    """Everything one bare turn reads and stores."""

    reads: Mapping[str, Call]
    accept: Sequence[Call]  # the request and the session's lock
    start: Sequence[Call]  # the execution and the journal's intents
    finish: Sequence[Call]  # session, customer data, record, audit rows, outbox, the execution's end


def prepared_turns(recorded: RecordingStorage, ids: RecordingIds, session_id: str, count: int) -> list[PreparedTurn]:
    """`count` turns of a session of their own, one after the other, as the recorded one of `session_id` was."""
    accept, start, finish = recorded.units
    rows = [call for call in finish if call.name == "append_audit" or _seals(call)]
    assert len(rows) == AUDIT_ROWS, len(rows)
    minted, turns = tuple(ids.minted), []
    for number in range(count):
        names = {old: ids.new(old.partition("_")[0]) for old in minted} | {session_id: BARE_SESSION}
        units = [[_in_turn(_renamed(call, names), number) for call in unit] for unit in (accept, start, finish)]
        reads = {call.name: _renamed(call, names) for call in recorded.reads}
        assert len(reads) == len(recorded.reads) - 1, "the session is read twice, anything else once"
        turns.append(PreparedTurn(reads=reads, accept=units[0], start=units[1], finish=units[2]))
    return turns


async def bare_turn(storage: Storage, turn: PreparedTurn) -> None:
    """One turn's awaits, in the places where the phases have them."""
    await turn.reads["session"].on(storage)  # P1
    await _commit(storage, turn.accept)
    await turn.reads["session"].on(storage)
    async with asyncio.TaskGroup() as group:
        group.create_task(turn.reads["customer_data"].on(storage))
        group.create_task(turn.reads["tenant_settings"].on(storage))
    async with asyncio.TaskGroup() as group:  # P2: names, vocabulary
        group.create_task(_answer())
        group.create_task(_answer())
    await _answer()  # P4: the embedding, and the lanes with their rerankers
    async with asyncio.TaskGroup() as group:
        for _ in range(4):
            group.create_task(_lane())
    await _answer()  # P7: the intent model; the inventory's revision
    await _answer()
    await _commit(storage, turn.start)
    slots = asyncio.Semaphore(10)
    async with asyncio.TaskGroup() as group:
        group.create_task(_call(slots))
    async with asyncio.TaskGroup() as group:  # P11: session, customer data, record
        for _ in range(3):
            group.create_task(_answer())
    await _commit(storage, turn.finish)


async def bare_commits(storage: Storage, turn: PreparedTurn) -> None:
    """The three commits alone."""
    for calls in (turn.accept, turn.start, turn.finish):
        await _commit(storage, calls)


async def _commit(storage: Storage, calls: Sequence[Call]) -> None:
    unit = storage.begin()
    for call in calls:
        call.on(unit)
    await unit.commit()


async def _answer() -> None:
    """What a no-op answers with."""


async def _lane() -> None:
    await _answer()
    await _answer()


async def _call(slots: asyncio.Semaphore) -> None:
    async with slots, asyncio.timeout(10):
        await _answer()


def _seals(call: Call) -> bool:
    """Whether the call stores the record together with the row that seals it."""
    return call.name == "finish_turn" and len(call.arguments) > 1


def _in_turn(call: Call, number: int) -> Call:
    """The session as the turn `number` of its own session finds and leaves it."""
    if call.name != "save_session":
        return call
    session, _, owner = call.arguments
    assert isinstance(session, Session)
    return dataclasses.replace(call, arguments=(dataclasses.replace(session, turn_count=number + 1), number, owner))


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    """`value` with other ids in it; a lock's owner is a process and an id."""
    if isinstance(value, str) and type(value) is str:
        head, slash, tail = value.rpartition("/")
        return head + slash + names.get(tail, tail)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: _renamed(getattr(value, field.name), names) for field in dataclasses.fields(value)}
        return dataclasses.replace(value, **fields)
    if isinstance(value, Mapping):
        return {key: _renamed(item, names) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_renamed(item, names) for item in value)
    return value
