"""A wired engine on a fresh home, as the doors open it, and one line to talk to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from opsconductor.bootstrap import Engine, Overrides, open_engine
from opsconductor.domain.turn import ApprovalAnswer, Trigger, TurnInput, TurnReply
from opsconductor.settings import load_settings


class Conversation:
    """One session of one identity with one engine."""

    def __init__(self, engine: Engine, name: str = "requester", session: str = "sess_story", channel: str = "cli"):
        self.engine = engine
        self.name = name
        self.session = session
        self.channel = channel

    async def say(self, text: str, session: str | None = None) -> TurnReply:
        """One message, one reply."""
        identity = await self.engine.storage.identity("default", self.name)
        assert identity is not None
        turn = TurnInput(
            turn_id=self.engine.ids.new("turn"),
            identity=identity,
            message=text,
            session_id=session or self.session,
            channel=self.channel,
        )
        return await self.engine.take_turn(turn)

    async def decide(self, asked: TurnReply, decision: str, reason: str = "", plan_hash: str = "") -> TurnReply:
        """Answer an approval that a reply asked for."""
        assert asked.approval is not None, asked.message
        identity = await self.engine.storage.identity("default", self.name)
        assert identity is not None
        turn = TurnInput(
            turn_id=self.engine.ids.new("turn"),
            identity=identity,
            trigger=Trigger.APPROVAL,
            approval=ApprovalAnswer(
                approval_id=asked.approval.approval_id,
                plan_hash=plan_hash or asked.approval.plan_hash,
                decision=decision,
                reason=reason,
            ),
            session_id=self.session,
            channel=self.channel,
        )
        return await self.engine.take_turn(turn)


@asynccontextmanager
async def talking(
    home: Path, *, lab: bool | None = None, overrides: Overrides | None = None, pack: Path | None = None
) -> AsyncIterator[Conversation]:
    """A conversation with an engine of its own."""
    flags = {"home": str(home), "pack": str(pack) if pack else ""}
    async with open_engine(load_settings(flags), lab=lab, overrides=overrides) as engine:
        yield Conversation(engine)


@pytest.fixture
async def plain(home: Path) -> AsyncIterator[Conversation]:
    """A fresh home without a lab."""
    async with talking(home) as conversation:
        yield conversation


@pytest.fixture
async def lab(home: Path) -> AsyncIterator[Conversation]:
    """A fresh home with the four lab hosts running."""
    async with talking(home, lab=True) as conversation:
        yield conversation
