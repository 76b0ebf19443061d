"""What was approved no longer holds: the run does not begin, says why, and a fresh order is a fresh plan."""

from collections.abc import Callable
from dataclasses import replace

from opsconductor.domain.assets import Asset, AssetService
from opsconductor.domain.execution import ExecutionStatus
from tests.scenario.conftest import Conversation
from tests.scenario.test_restart_in_the_lab import status

ORDER = "deploy billing 2.3 to staging"


async def held(conversation: Conversation) -> tuple[Asset, ...]:
    """The assets of the lab as the inventory holds them."""
    inventory = conversation.engine.inventory
    mentions = await inventory.resolve("default", [host.name for host in conversation.engine.lab_hosts])
    ids = {match.asset_id for mention in mentions for match in mention.matches}
    return await inventory.assets("default", sorted(ids))


async def put(conversation: Conversation, assets: tuple[Asset, ...], *, retire_missing: bool = True) -> None:
    """The lab's assets are these from now on."""
    await conversation.engine.asset_store.put_assets(
        "default", "lab", assets, retire_missing=retire_missing, dry_run=False, actor="test"
    )


CHANGES: dict[str, Callable[[Asset], Asset]] = {
    "criticality": lambda asset: replace(asset, criticality="high"),
    "environment": lambda asset: replace(asset, environment="production"),
    "platform": lambda asset: replace(asset, platform="windows"),
    "address": lambda asset: replace(asset, ip="127.0.0.2"),
    "connection": lambda asset: replace(asset, connection={**asset.connection, "port": 1}),
    "services": lambda asset: replace(asset, services=(AssetService(name="billing", port=1),)),
    "role": lambda asset: replace(asset, role="database"),
}


async def test_a_target_that_changed_or_is_gone_voids_the_approval_and_another_asset_does_not(
    lab: Conversation,
) -> None:
    approver = Conversation(lab.engine, name="approver", session="sess_approver")
    before = await held(lab)
    pids = [(await status(lab, host, "billing"))["pid"] for host in ("app-01", "app-02")]
    changed = {
        name: tuple(change(one) if one.name == "app-02" else one for one in before) for name, change in CHANGES.items()
    }
    changed["retired"] = tuple(one for one in before if one.name != "app-02")
    hashes = set()
    for name, assets in changed.items():
        asked = await lab.say(ORDER)
        assert asked.approval is not None, (name, asked.message)
        hashes.add(asked.approval.plan_hash)
        await put(lab, assets)
        done = await approver.decide(asked, "approve")
        assert (done.kind, (done.error or {})["code"]) == ("refused", "approval.drift"), (name, done.message)
        assert "app-02" in done.message, name
        stored = await lab.engine.storage.execution("default", asked.approval.execution_id)
        assert stored is not None
        assert stored.status is ExecutionStatus.CANCELLED, name
        await put(lab, before)
    assert len(hashes) == len(changed)
    assert [(await status(lab, host, "billing"))["pid"] for host in ("app-01", "app-02")] == pids
    asked = await lab.say(ORDER)
    newcomer = replace(before[0], asset_id="asset_new", name="app-03", source_id="app-03", ip="127.0.0.9")
    await put(lab, (*before, newcomer))
    done = await approver.decide(asked, "approve")
    assert done.kind == "answer", done.message
    assert done.execution is not None
    assert {one.target for one in done.execution.step_results} == {"app-01", "app-02"}  # never more than was approved


async def test_a_fresh_order_after_a_drift_is_judged_by_what_holds_now(lab: Conversation) -> None:
    asked = await lab.say("deploy billing 2.3 to app-01")
    assert asked.approval is not None
    assert asked.approval.level == 1
    assets = await held(lab)
    await put(lab, tuple(replace(one, criticality="high") if one.name == "app-01" else one for one in assets))
    done = await lab.decide(asked, "approve")
    assert (done.error or {})["code"] == "approval.drift"
    again = await lab.say("deploy billing 2.3 to app-01")
    assert again.approval is not None
    assert again.approval.level == 2
    assert again.approval.plan_hash != asked.approval.plan_hash
    alone = await lab.decide(again, "approve")
    assert (alone.error or {})["code"] == "approval.not_yours"
