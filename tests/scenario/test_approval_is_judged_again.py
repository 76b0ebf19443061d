"""Between the plan and its approval the world goes on: what would be refused now does not run, whoever approves."""

import sqlite3
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import yaml

import opsconductor
from opsconductor.domain.approvals import ApprovalState
from opsconductor.domain.turn import TurnReply
from tests.scenario.conftest import Conversation, talking
from tests.scenario.test_restart_in_the_lab import status

PACK = Path(opsconductor.__file__).parent / "packs" / "default"
ORDER = "restart billing on app-01"


async def refused(conversation: Conversation, asked: TurnReply, code: str) -> TurnReply:
    """The approver's yes is refused with this code, and the service's process is the one it was."""
    approver = Conversation(conversation.engine, "approver", session=conversation.session)
    before = await status(conversation, "app-01", "billing")
    done = await approver.decide(asked, "approve")
    assert (done.kind, (done.error or {}).get("code")) == ("refused", code)
    assert (await status(conversation, "app-01", "billing"))["pid"] == before["pid"]
    return done


async def state_of(conversation: Conversation, asked: TurnReply) -> ApprovalState:
    assert asked.approval is not None
    stored = await conversation.engine.storage.approval("default", asked.approval.approval_id)
    assert stored is not None
    return stored.state


@pytest.mark.parametrize("elsewhere", [False, True])
async def test_a_freeze_declared_since_holds_for_the_old_plan_until_it_is_over(
    lab: Conversation, elsewhere: bool
) -> None:
    asked = await lab.say(ORDER)
    await lab.say("change freeze is on", session="sess_other" if elsewhere else None)
    done = await refused(lab, asked, "gate.denied_by_rule")
    assert "R-change-freeze" in done.message
    assert await state_of(lab, asked) is ApprovalState.PENDING
    await lab.say("change freeze is off", session="sess_other" if elsewhere else None)
    assert (await lab.decide(asked, "approve")).kind == "answer"


async def test_a_rule_added_to_the_pack_since_ends_the_plan(home: Path, tmp_path: Path) -> None:
    pack = copytree(PACK, tmp_path / "pack")
    async with talking(home, lab=True, pack=pack) as conversation:
        asked = await conversation.say(ORDER)
        old = conversation.engine.catalogues.current().digest
        rules: list[dict[str, Any]] = yaml.safe_load((pack / "rules" / "safety.yaml").read_text("utf-8"))
        rules.append(
            {
                "id": "R-no-restarts",
                "title": "No restarts",
                "description": "Nothing is restarted today.",
                "scope": "GLOBAL",
                "effect": "deny",
                "hard": True,
                "condition": '"service-restart" in tools',
            }
        )
        (pack / "rules" / "safety.yaml").write_text(yaml.safe_dump(rules), "utf-8")
        while conversation.engine.catalogues.current().digest == old:
            await conversation.engine.clock.sleep(0.05)
        await refused(conversation, asked, "approval.drift")
        assert await state_of(conversation, asked) is ApprovalState.EXPIRED


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE identities SET disabled = 1 WHERE name = 'requester'",
        "DELETE FROM identity_roles WHERE identity_id = (SELECT identity_id FROM identities WHERE name = 'requester')",
    ],
)
async def test_nobody_approves_for_a_requester_who_may_no_longer_ask(home: Path, change: str) -> None:
    async with talking(home, lab=True) as conversation:
        asked = await conversation.say(ORDER)
        with sqlite3.connect(conversation.engine.settings.database) as database:
            database.execute(change)
        database.close()
        await refused(conversation, asked, "rights.denied")


async def test_a_freeze_holds_for_a_change_that_a_scenario_makes_of_a_complaint(home: Path, tmp_path: Path) -> None:
    """A complaint is no order, but what would answer it here changes something."""
    pack = copytree(PACK, tmp_path / "pack")
    path = pack / "scenarios" / "triage-service.yaml"
    scenario = yaml.safe_load(path.read_text("utf-8"))
    scenario["steps"][1]["binding"]["tool"] = "service-restart"
    path.write_text(yaml.safe_dump(scenario), "utf-8")
    async with talking(home, lab=True, pack=pack) as conversation:
        offered = await conversation.say("billing seems broken on app-01")
        assert offered.kind == "approval_required"
        await conversation.say("change freeze is on")
        refused = await conversation.say("billing seems broken on app-01", session="sess_2")
        assert (refused.kind, (refused.error or {})["code"]) == ("refused", "gate.denied_by_rule")
