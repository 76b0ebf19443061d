"""The client's own log: what it was promised and what it was shown, on disk before it goes on."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from opsconductor.domain.turn import TurnReply

REQUEST = "request"  # a turn was accepted; subject: its id
APPROVAL = "approval"  # an approval was taken; subject: its id
CANCEL = "cancel"  # a cancellation was taken; subject: the execution's id


@dataclass(frozen=True, kw_only=True)
class Acknowledged:
    """The engine said that it has something."""

    kind: str  # REQUEST | APPROVAL | CANCEL
    subject: str
    tenant: str = "default"
    at: float = 0.0  # seconds since 1970
    key: str = ""  # Idempotency-Key, where one was sent
    body: str = ""  # hash of what was sent with it
    execution_id: str = ""  # that the client was given


@dataclass(frozen=True, kw_only=True)
class Shown:
    """Words that a person was shown."""

    turn_id: str
    kind: str  # of reply
    message: str
    tenant: str = "default"
    execution_id: str = ""
    status: str = ""  # of the execution, "" when there is none


class ClientLog:
    """Appends to one file. Several processes may, one after the other."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def acknowledged(self, promise: Acknowledged) -> None:
        """Remember a promise; returns once it is on disk."""
        self._append({"acknowledged": asdict(promise)})

    def shown(self, reply: TurnReply, tenant: str = "default") -> None:
        """Remember a reply; returns once it is on disk."""
        self._append({"shown": asdict(shown_of(reply, tenant))})

    def _append(self, fact: dict[str, object]) -> None:
        with self._path.open("a") as file:
            file.write(json.dumps(fact) + "\n")
            file.flush()
            os.fsync(file.fileno())


def shown_of(reply: TurnReply, tenant: str = "default") -> Shown:
    """What a reply shows."""
    execution = reply.execution
    return Shown(
        turn_id=reply.turn_id,
        kind=reply.kind.value,
        message=reply.message,
        tenant=tenant,
        execution_id=execution.execution_id if execution is not None else "",
        status=execution.status.value if execution is not None else "",
    )


def read_client_log(path: Path) -> tuple[tuple[Acknowledged, ...], tuple[Shown, ...]]:
    """Promises and words, each in their order; a client that died before it wrote has none."""
    facts = list(_facts(path))
    promises = tuple(Acknowledged(**fact["acknowledged"]) for fact in facts if "acknowledged" in fact)
    return promises, tuple(Shown(**fact["shown"]) for fact in facts if "shown" in fact)


def _facts(path: Path) -> Iterator[dict[str, dict[str, Any]]]:
    if path.exists():
        yield from (json.loads(line) for line in path.read_text("utf-8").splitlines())
