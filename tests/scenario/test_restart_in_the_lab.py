"""restart billing on app-01: real hosts, real processes; shown, approved, executed, read back, told."""

from dataclasses import replace
from pathlib import Path

import asyncssh
import pytest

from opsconductor.domain.approvals import ApprovalState
from opsconductor.domain.execution import ExecutionStatus
from opsconductor.domain.json_value import Json
from tests.scenario.conftest import Conversation, talking


async def status(conversation: Conversation, host: str, service: str) -> dict[str, Json]:
    """What the host itself says of the service, asked beside the engine."""
    import json

    found = next(item for item in conversation.engine.lab_hosts if item.name == host)
    async with asyncssh.connect(
        found.address,
        port=found.port,
        username=found.username,
        client_keys=[str(found.private_key_path)],
        known_hosts=asyncssh.import_known_hosts(f"* {found.host_key}\n"),
        config=None,
        agent_path=None,
    ) as connection:
        done = await connection.run(f"svc status {service}", check=True)
        answer: dict[str, Json] = json.loads(str(done.stdout))
        return answer


async def test_an_approved_restart_changes_the_process_and_the_answer_says_so(lab: Conversation) -> None:
    before = await status(lab, "app-01", "billing")
    asked = await lab.say("restart billing on app-01")
    assert asked.kind == "approval_required"
    for shown in ("service-restart", "billing on app-01", "Risk medium", "about 5 s"):
        assert shown in asked.message
    assert asked.approval is not None
    assert asked.approval.plan_hash in asked.message
    assert (await status(lab, "app-01", "billing"))["pid"] == before["pid"]
    done = await lab.decide(asked, "approve")
    after = await status(lab, "app-01", "billing")
    assert done.kind == "answer"
    assert after["pid"] != before["pid"]
    assert done.message.startswith(f"app-01: billing was restarted and is running as process {after['pid']}.")
    assert done.execution is not None
    assert done.execution.plan_hash == asked.approval.plan_hash
    assert [decision.who_name for decision in done.execution.approvals] == ["requester"]
    attempt = done.execution.step_results[0].attempts[0]
    assert isinstance(attempt.before, dict)
    assert isinstance(attempt.after, dict)
    assert (attempt.before["pid"], attempt.after["pid"]) == (before["pid"], after["pid"])


async def test_a_rejected_restart_changes_nothing_and_the_answer_says_that(lab: Conversation) -> None:
    before = await status(lab, "app-01", "billing")
    asked = await lab.say("restart billing on app-01")
    refused = await lab.decide(asked, "reject", reason="not during the demo")
    assert refused.kind == "cancelled"
    assert refused.message == ("The plan was rejected by requester, so nothing was run. Reason: not during the demo.")
    assert (await status(lab, "app-01", "billing"))["pid"] == before["pid"]
    assert asked.approval is not None
    stored = await lab.engine.storage.approval("default", asked.approval.approval_id)
    assert stored is not None
    assert stored.state is ApprovalState.REJECTED
    execution = await lab.engine.storage.execution("default", asked.approval.execution_id)
    assert execution is not None
    assert execution.status is ExecutionStatus.CANCELLED


async def test_an_approval_runs_once_and_only_for_its_own_hash(lab: Conversation) -> None:
    asked = await lab.say("restart billing on app-01")
    wrong = await lab.decide(asked, "approve", plan_hash="sha256:" + "0" * 64)
    assert (wrong.kind, (wrong.error or {})["code"]) == ("refused", "approval.hash_mismatch")
    first = await lab.decide(asked, "approve")
    assert first.kind == "answer"
    pid = (await status(lab, "app-01", "billing"))["pid"]
    again = await lab.decide(asked, "approve")
    assert (again.kind, (again.error or {})["code"]) == ("refused", "approval.not_pending")
    assert (await status(lab, "app-01", "billing"))["pid"] == pid


async def test_an_inventory_that_changed_since_makes_the_approval_void(lab: Conversation) -> None:
    asked = await lab.say("restart billing on app-01")
    assert asked.plan is not None
    before = await status(lab, "app-01", "billing")
    found = await lab.engine.inventory.assets("default", [asked.plan.steps[0].targets[0].asset_id])
    await lab.engine.asset_store.put_assets(
        "default",
        "lab",
        (replace(found[0], environment="production"),),
        retire_missing=False,
        dry_run=False,
        actor="test",
    )
    done = await lab.decide(asked, "approve")
    assert (done.kind, (done.error or {})["code"]) == ("refused", "approval.drift")
    assert (await status(lab, "app-01", "billing"))["pid"] == before["pid"]


async def test_a_host_that_is_down_fails_and_says_so(home: Path) -> None:
    async with talking(home, lab=True) as conversation:
        await conversation.say("is billing running on app-01?")
        ports = {host.name: host.port for host in conversation.engine.lab_hosts}
    async with talking(home) as conversation:
        reply = await conversation.say("is billing running on app-01?")
        assert ports
        assert reply.kind == "failed"
        assert "app-01 cannot be reached" in reply.message
        assert "running" not in reply.message.replace("running on", "")


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("restart billing on app-09", "question", "app-01"),
        ("restart billing", "question", "app-02"),
        ("make me a sandwich", "refused", "outside what I can do"),
        ("delete the database", "refused", "R-destroy-data"),
        ("disk usage on WS-01", "refused", "linux"),
    ],
)
async def test_what_is_not_clear_or_not_allowed_does_not_run(
    lab: Conversation, text: str, kind: str, words: str
) -> None:
    reply = await lab.say(text)
    assert (reply.kind, reply.execution) == (kind, None)
    assert words in reply.message
    assert await lab.engine.storage.executions("default") == ()


async def test_a_question_about_the_host_is_answered_by_naming_it(lab: Conversation) -> None:
    asked = await lab.say("restart billing on app-09")
    assert asked.clarification is not None
    assert asked.clarification["options"] == ["app-01", "app-02"]
    planned = await lab.say("app-02")
    assert planned.kind == "approval_required"
    assert "billing on app-02" in planned.message


async def test_reads_reach_several_hosts_at_once(lab: Conversation) -> None:
    reply = await lab.say("how full is the disk on all linux servers?")
    assert reply.kind == "answer"
    assert reply.execution is not None
    assert [result.target for result in reply.execution.step_results] == ["app-01", "app-02", "db-01", "web-01"]
    assert all(f"{name}: " in reply.message for name in ("app-01", "app-02", "db-01", "web-01"))
