"""A double of the connector with a world behind it: it acts, or hangs, or acts and then hangs up, as it was told."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from opsconductor.domain.json_value import Json
from opsconductor.ports.connector import ConnectorCall, ConnectorResult

ACT = "act"  # do it and say so
ACT_THEN_HANG_UP = "act_then_hang_up"  # do it; the connection breaks before the answer
ACT_THEN_HANG = "act_then_hang"  # do it; no answer ever comes
ACT_THEN_FAIL = "act_then_fail"  # do it; the answer claims that it failed
HANG = "hang"  # nothing happens and no answer comes
HANG_UP = "hang_up"  # nothing happens and the connection breaks
LIE = "lie"  # nothing happens and the answer claims success
FAIL = "fail"  # nothing happens and the answer says so
NOT_SENT = "not_sent"  # the far side is never reached

_ACTS = frozenset({ACT, ACT_THEN_HANG_UP, ACT_THEN_HANG, ACT_THEN_FAIL})
_HANGS = frozenset({HANG, ACT_THEN_HANG})


@dataclass
class World:
    """What really happened: a counter for each target that effects raise and probes read; `effects` is its own log."""

    counters: dict[str, int] = field(default_factory=dict)
    effects: list[str] = field(default_factory=list)

    def count(self, target: str) -> int:
        """How often an effect reached this target."""
        return self.counters.get(target, 0)

    def act(self, target: str) -> None:
        """An effect reaches the target."""
        self.counters[target] = self.count(target) + 1
        self.effects.append(target)


class ScriptedConnectorDouble:
    """A call whose argv begins with `read` reads the world; any other acts on it as the next word of the script says.

    `calls` logs every call in order, before anything happens. The script's last word holds for all later calls.
    """

    def __init__(
        self,
        *script: str,
        world: World | None = None,
        output: Mapping[str, Json] | None = None,
        readable: bool = True,
        before: Callable[[ConnectorCall], None] = lambda call: None,
    ) -> None:
        """`before` is called as a call arrives: to look at the store, or to move the time."""
        self.world = world or World()
        self.calls: list[ConnectorCall] = []
        self.readable = readable
        self._script = list(script) or [ACT]
        self._output = output
        self._before = before

    @property
    def changes(self) -> list[ConnectorCall]:
        """The calls that were meant to act."""
        return [call for call in self.calls if not _reads(call)]

    async def call(self, call: ConnectorCall) -> ConnectorResult:
        """See the port."""
        self.calls.append(call)
        self._before(call)
        target = call.target.name if call.target is not None else ""
        if _reads(call):
            return self._reading(target)
        word = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        if word in _ACTS:
            self.world.act(target)
        if word in _HANGS:
            await asyncio.Event().wait()
        return self._answer(word, target)

    def _reading(self, target: str) -> ConnectorResult:
        if not self.readable:
            return ConnectorResult(outcome="not_sent", error_code="connector.unreachable", error="Nobody answers.")
        return _done({"count": self.world.count(target)})

    def _answer(self, word: str, target: str) -> ConnectorResult:
        if word in (ACT, LIE):
            return _done(self._output if self._output is not None else {"count": self.world.count(target)})
        if word in (FAIL, ACT_THEN_FAIL):
            said = "The command ended with exit status 1: no."
            return ConnectorResult(
                outcome="done", response={"exit": 1}, error_code="connector.failed", error=said, request={"argv": ["x"]}
            )
        if word == NOT_SENT:
            return ConnectorResult(outcome="not_sent", error_code="connector.unreachable", error="Nobody answers.")
        return ConnectorResult(outcome="unknown", error_code="connector.unreachable", error="The connection broke.")


def _done(output: Json) -> ConnectorResult:
    response = {"exit": 0, "bytes": 2}
    return ConnectorResult(outcome="done", ok=True, output=output, request={"argv": ["x"]}, response=response)


def _reads(call: ConnectorCall) -> bool:
    return bool(call.run.argv) and call.run.argv[0] == "read"
