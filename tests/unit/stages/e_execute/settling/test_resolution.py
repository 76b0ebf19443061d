"""A person's word settles what nobody could read back, once, with a reason, and only where nobody knows better."""

from dataclasses import replace
from pathlib import Path

import pytest

from opsconductor.adapters.authorizer.cedar import CedarAuthorizer
from opsconductor.domain.approval_rights import SELF_APPROVAL
from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.execution import ExecutionStatus, StepStatus
from opsconductor.domain.identity import Identity, Role
from opsconductor.stages.e_execute.approvals.ordered_once import OrderKey
from opsconductor.stages.e_execute.settling.resolution import Resolution
from opsconductor.testing.doubles.connector.scripted import HANG_UP, ScriptedConnectorDouble
from opsconductor.testing.executions import HOSTS
from tests.unit.stage_e import StageE, open_stage_e
from tests.unit.stages.e_execute.settling.test_settlement import BLIND, unknown_twice

ADMIN = Identity(identity_id="id_2", tenant="default", name="ben", roles=frozenset({Role.ADMIN}))
REQUESTER = Identity(identity_id="id_1", tenant="default", name="ana", roles=frozenset({Role.REQUESTER}))


def resolving(stage: StageE) -> Resolution:
    return Resolution(stage.stored, CedarAuthorizer(), stage.clock)


@pytest.mark.parametrize(
    ("outcome", "status", "step"),
    [
        ("done", ExecutionStatus.SUCCEEDED, StepStatus.SUCCEEDED),
        ("not-done", ExecutionStatus.FAILED, StepStatus.FAILED),
    ],
)
async def test_it_settles_every_unknown_step_and_says_who_why_and_when(
    home: Path, outcome: str, status: ExecutionStatus, step: StepStatus
) -> None:
    async with open_stage_e(home, BLIND, connector=ScriptedConnectorDouble(HANG_UP)) as stage:
        execution, _ = await unknown_twice(stage)
        settled = await resolving(stage).resolve(ADMIN, execution.execution_id, outcome, "looked at both hosts")
        assert settled.status is status
        assert settled.result is not None
        for result in settled.result.step_results:
            assert result.status is step
            assert result.note.startswith(f"Settled as {outcome.replace('-', ' ')} by ben at 2026-05-05T12:")
            assert result.note.endswith(": looked at both hosts")
        entries = [row.entry for row in await stage.stored.audit("default") if row.entry.action == "step.resolved"]
        assert [(one.actor, one.detail["reason"]) for one in entries] == [("id_2", "looked at both hosts")] * 2
        (move,) = [
            one
            for one in await stage.stored.moves("default", execution.execution_id)
            if one.source is ExecutionStatus.UNKNOWN
        ]
        assert (move.actor, move.target) == ("id_2", status)


async def test_one_target_or_step_at_a_time(home: Path) -> None:
    async with open_stage_e(home, BLIND, connector=ScriptedConnectorDouble(HANG_UP)) as stage:
        execution, (first, _) = await unknown_twice(stage)
        resolution = resolving(stage)
        half = await resolution.resolve(ADMIN, execution.execution_id, "done", "up", target=HOSTS[1].name)
        assert half.status is ExecutionStatus.UNKNOWN
        assert half in await stage.stored.unknown_executions_due(5)  # what is left may still be read back
        with pytest.raises(OpsConductorError) as caught:
            await resolution.resolve(ADMIN, execution.execution_id, "done", "up", target=HOSTS[1].asset_id)
        assert caught.value.code == "execution.not_unknown"
        whole = await resolution.resolve(ADMIN, execution.execution_id, "not-done", "down", step=first.step_id)
        assert whole.status is ExecutionStatus.PARTIAL
        with pytest.raises(OpsConductorError) as caught:
            await resolution.resolve(ADMIN, execution.execution_id, "done", "up")
        assert caught.value.code == "execution.not_unknown"


@pytest.mark.parametrize(
    ("who", "outcome", "reason", "code"),
    [
        (REQUESTER, "done", "because", "rights.denied"),
        (ADMIN, "done", " ", "approval.reason_needed"),
        (ADMIN, "maybe", "because", "request.invalid"),
        (ADMIN, "", "because", "request.invalid"),
    ],
)
async def test_what_is_refused_changes_nothing(home: Path, who: Identity, outcome: str, reason: str, code: str) -> None:
    async with open_stage_e(home, BLIND, connector=ScriptedConnectorDouble(HANG_UP)) as stage:
        execution, _ = await unknown_twice(stage)
        with pytest.raises(OpsConductorError) as caught:
            await resolving(stage).resolve(who, execution.execution_id, outcome, reason)
        assert caught.value.code == code
        assert await stage.stored_execution(execution) == execution


async def test_ones_own_execution_is_settled_by_somebody_else_unless_the_tenant_switched_that_off(home: Path) -> None:
    async with open_stage_e(home, BLIND, connector=ScriptedConnectorDouble(HANG_UP)) as stage:
        execution, _ = await unknown_twice(stage)
        own = replace(ADMIN, identity_id=execution.requester, name="ana")
        with pytest.raises(OpsConductorError) as caught:
            await resolving(stage).resolve(own, execution.execution_id, "done", "looked")
        assert caught.value.code == "rights.denied"
        assert "the role approver or admin, in another person than the one who ordered it" in caught.value.message
        assert await stage.stored_execution(execution) == execution
        unit = stage.stored.begin()
        unit.save_tenant_settings("default", {SELF_APPROVAL: True})
        await unit.commit()
        settled = await resolving(stage).resolve(own, execution.execution_id, "done", "looked")
        assert settled.status is ExecutionStatus.SUCCEEDED


async def test_the_same_word_again_is_answered(home: Path) -> None:
    async with open_stage_e(home, BLIND, connector=ScriptedConnectorDouble(HANG_UP)) as stage:
        execution, _ = await unknown_twice(stage)
        order = OrderKey(key="k", body_hash="one")
        told = [
            await resolving(stage).resolve(ADMIN, execution.execution_id, "done", "up", order=order) for _ in range(2)
        ]
        assert told[0] == told[1]
        with pytest.raises(OpsConductorError) as caught:
            await resolving(stage).resolve(
                ADMIN, execution.execution_id, "done", "up", order=OrderKey(key="k", body_hash="other")
            )
        assert caught.value.code == "request.idempotency_reused"
