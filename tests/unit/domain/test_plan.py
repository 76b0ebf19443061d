"""Everything that could change what runs is part of the hashed content."""

from dataclasses import replace

import pytest

from opsconductor.domain.plan import (
    ApprovalEnvelope,
    PlannedTarget,
    PlanStep,
    envelope_content,
    hashed_step,
    plan_content,
)
from opsconductor.ports.canonical import digest

STEP = PlanStep(
    step_id="step_1",
    description="Restart a service",
    tool="service-restart",
    tool_digest="sha256:1",
    inputs={"service": "billing"},
    targets=(PlannedTarget(asset_id="asset_1", name="app-01"),),
    timeout_ms=8000,
    effect="idempotent",
    risk="medium",
    credential_ref="lab-ssh-key",
)
ENVELOPE = ApprovalEnvelope(
    version=1,
    tenant="default",
    execution_id="exec_1",
    requester="idn_1",
    plan_digest="sha256:2",
    steps=(hashed_step(STEP),),
    risk="medium",
    approval_level=1,
    policy_digest="sha256:3",
    catalogue_digest="sha256:4",
    inventory_revision=7,
    expires_at="2026-01-01T00:00:00.000Z",
    nonce="nonce_1",
)


@pytest.mark.parametrize(
    "change",
    [
        {"tool": "disk-usage"},
        {"tool_digest": "sha256:9"},
        {"inputs": {"service": "storefront"}},
        {"targets": (PlannedTarget(asset_id="asset_2", name="app-01"),)},
        {"targets": ()},
        {"effect": "read"},
        {"timeout_ms": 9000},
        {"credential_ref": "other"},
        {"depends_on": ("step_0",)},
        {"on_failure": "continue"},
    ],
)
def test_a_changed_step_has_another_digest(change: dict[str, object]) -> None:
    changed = replace(STEP, **change)  # type: ignore[arg-type]
    assert digest(plan_content((changed,))) != digest(plan_content((STEP,)))


def test_words_about_a_step_do_not_change_its_digest() -> None:
    assert digest(plan_content((replace(STEP, description="other words"),))) == digest(plan_content((STEP,)))


@pytest.mark.parametrize(
    "change",
    [
        {"tenant": "other"},
        {"execution_id": "exec_2"},
        {"requester": "idn_2"},
        {"steps": (hashed_step(replace(STEP, tool="x")),)},
        {"risk": "low"},
        {"approval_level": 2},
        {"policy_digest": "sha256:0"},
        {"catalogue_digest": "sha256:0"},
        {"inventory_revision": 8},
        {"expires_at": "2027-01-01T00:00:00.000Z"},
        {"nonce": "nonce_2"},
        {"plan_digest": "sha256:0"},
        {"version": 2},
    ],
)
def test_every_field_of_the_envelope_is_bound(change: dict[str, object]) -> None:
    changed = replace(ENVELOPE, **change)  # type: ignore[arg-type]
    assert digest(envelope_content(changed)) != digest(envelope_content(ENVELOPE))
