"""A person's word on an approval, through a wired engine."""

from pathlib import Path
from shutil import copytree
from typing import Any

import yaml

import opsconductor
from opsconductor.domain.approvals import Approval
from opsconductor.domain.identity import Identity, Role
from opsconductor.domain.turn import ApprovalAnswer, Trigger, TurnInput, TurnReply
from tests.scenario.conftest import Conversation

PACK = Path(opsconductor.__file__).parent / "packs" / "default"


async def identity_of(conversation: Conversation, name: str) -> Identity:
    """The stored identity of that name; an approver is made where there is none."""
    storage = conversation.engine.storage
    found = await storage.identity("default", name)
    if found is not None:
        return found
    made = Identity(
        identity_id=conversation.engine.ids.new("idn"), tenant="default", name=name, roles=frozenset({Role.APPROVER})
    )
    unit = storage.begin()
    unit.add_identity(made)
    await unit.commit()
    return made


async def decide(
    conversation: Conversation, asked: TurnReply | Approval, decision: str = "approve", who: str = "", **said: Any
) -> TurnReply:
    """One turn for this person's decision on the approval that was asked for."""
    approval = asked.approval if isinstance(asked, TurnReply) else asked
    assert approval is not None
    answer = {"approval_id": approval.approval_id, "plan_hash": approval.plan_hash, "decision": decision, **said}
    accepted = await conversation.engine.storage.accepted_turn("default", approval.turn_id)
    turn = TurnInput(
        turn_id=conversation.engine.ids.new("turn"),
        identity=await identity_of(conversation, who or conversation.name),
        trigger=Trigger.APPROVAL,
        approval=ApprovalAnswer(**answer),
        session_id=conversation.session,
        turn_group=accepted.turn_group if accepted is not None else "",
        channel=conversation.channel,
    )
    return await conversation.engine.take_turn(turn)


def pack_with(folder: Path, *rules: dict[str, Any]) -> Path:
    """The default pack with further hard rules for every turn."""
    pack = copytree(PACK, folder / "pack")
    path = pack / "rules" / "safety.yaml"
    known: list[dict[str, Any]] = yaml.safe_load(path.read_text("utf-8"))
    plain = {"scope": "GLOBAL", "hard": True, "title": "As this test wants it", "description": "As this test wants it."}
    path.write_text(yaml.safe_dump([*known, *({**plain, **rule} for rule in rules)]), "utf-8")
    return pack


async def stored(conversation: Conversation, asked: TurnReply) -> Approval:
    """The approval as the store has it."""
    assert asked.approval is not None
    found = await conversation.engine.storage.approval("default", asked.approval.approval_id)
    assert found is not None
    return found
