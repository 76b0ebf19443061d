"""What is signed is what runs: any difference between approval, execution and envelope shows."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from opsconductor.stages.e_execute.approvals.envelopes import envelope_of, hash_of, is_intact, tool_key
from opsconductor.testing.executions import HOSTS, a_plan, a_read, a_step
from tests.unit.waiting import PLAN, asked


async def test_a_frozen_plan_is_intact_and_names_everything(home: Path) -> None:
    async with asked(home, level=3) as ask:
        approval, execution = ask.approval, ask.execution
        assert is_intact(approval, execution)
        assert (approval.envelope.version, approval.envelope.needed, approval.needed) == (2, 2, 2)
        assert approval.envelope.strategy == execution.plan.strategy
        again = envelope_of(
            execution,
            level=3,
            needed=2,
            policy_digest=approval.envelope.policy_digest,
            catalogue_digest=approval.envelope.catalogue_digest,
            expires_at=approval.expires_at,
            nonce=approval.envelope.nonce,
        )
        assert hash_of(again) == approval.plan_hash


@pytest.mark.parametrize(
    ("of", "change"),
    [
        ("approval", {"needed": 1}),
        ("approval", {"step_id": "step_1"}),
        ("approval", {"level": 2}),
        ("approval", {"plan_hash": "sha256:x"}),
        ("approval", {"expires_at": "2030-01-01T00:00:00.000Z"}),
        ("envelope", {"version": 1}),
        ("envelope", {"nonce": "other"}),
        ("envelope", {"policy_digest": "other"}),
        ("envelope", {"steps": ()}),
        ("execution", {"plan_hash": "sha256:x"}),
        ("execution", {"requester": "id_9"}),
        ("plan", {"strategy": "parallel"}),
        ("plan", {"risk": "low"}),
        ("plan", {"steps": ()}),
        ("plan", {"inventory_revision": 99}),
    ],
)
async def test_any_difference_shows(home: Path, of: str, change: dict[str, Any]) -> None:
    async with asked(home, level=3) as ask:
        approval, execution = ask.approval, ask.execution
        if of == "approval":
            approval = replace(approval, **change)
        elif of == "envelope":
            approval = replace(approval, envelope=replace(approval.envelope, **change))
        elif of == "execution":
            execution = replace(execution, **change)
        else:
            execution = replace(execution, plan=replace(execution.plan, **change))
        assert not is_intact(approval, execution)


def test_a_tool_key_is_a_digest_of_the_order_and_reads_have_none() -> None:
    assert tool_key("automation/restart", PLAN).startswith("sha256:")
    assert tool_key("automation/restart", PLAN) == tool_key("automation/restart", replace(PLAN, risk="high"))
    assert tool_key("automation/restart", PLAN) != tool_key("automation/stop", PLAN)
    assert tool_key("monitoring/count", a_plan(a_step(a_read(), HOSTS[0]))) == ""
