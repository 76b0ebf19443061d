"""Fifty words on one execution at the same moment, on every storage engine: one truth is left, run at most once."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from opsconductor.adapters.authorizer.cedar import CedarAuthorizer
from opsconductor.adapters.clock.system import SystemClock
from opsconductor.adapters.expressions.cel import open_expressions
from opsconductor.adapters.ids.uuid7 import Uuid7Ids
from opsconductor.adapters.processes.file_locks import open_processes
from opsconductor.adapters.schema.json_schema import JsonSchemas
from opsconductor.domain.approvals import ApprovalState
from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.execution import ExecutionMove, ExecutionStatus
from opsconductor.domain.identity import Identity, Role
from opsconductor.domain.selection import SelectedTool, SelectionV1
from opsconductor.domain.turn import ApprovalAnswer, GateVerdict, TurnContext
from opsconductor.stages.c_plan.planner import Plan
from opsconductor.stages.e_execute.approval_manager import ApprovalManager, Decided
from opsconductor.stages.e_execute.approvals.envelopes import is_intact, tool_key
from opsconductor.stages.e_execute.approvals.plan_editor import PlanEditor
from opsconductor.stages.e_execute.settling.cancellation import Cancellation
from opsconductor.stages.e_execute.settling.overdue import Overdue
from opsconductor.testing.contracts.lanes import a_catalogue
from opsconductor.testing.contracts.storage.opened import Opened, StoreClock
from opsconductor.testing.doubles.inventory.in_memory import InMemoryInventoryDouble
from opsconductor.testing.executions import HOSTS, a_change
from opsconductor.testing.turns import a_context
from tests.contract.storage.conftest import opened

__all__ = ["opened"]

AT_ONCE = 50
CHANGE = a_change()
CATALOGUE = a_catalogue(tools={CHANGE.name: CHANGE}, rules=())
ASKER = Identity(identity_id="id_1", tenant="default", name="ann", roles=frozenset({Role.REQUESTER}))
APPROVERS = tuple(
    Identity(identity_id=f"id_{number}", tenant="default", name=f"approver-{number}", roles=frozenset({Role.APPROVER}))
    for number in range(2, 6)
)
ADMIN = Identity(identity_id="id_9", tenant="default", name="dan", roles=frozenset({Role.BREAK_GLASS}))
OPEN = (ApprovalState.PENDING, ApprovalState.CHANGES_REQUESTED)


class SameClock(SystemClock):
    """The engine's clock goes with the store's."""

    def __init__(self, store: StoreClock) -> None:
        super().__init__()
        self._store = store

    def now(self) -> datetime:
        """See the port."""
        return datetime.fromtimestamp(self._store() / 1000, UTC)


@dataclass(frozen=True, kw_only=True)
class Room:
    """Everybody, and the parts they speak to."""

    opened: Opened
    clock: SameClock
    approvals: ApprovalManager
    editor: PlanEditor
    cancellation: Cancellation
    overdue: Overdue
    plan: Plan

    def context(self, identity: Identity) -> TurnContext:
        context = a_context("restart billing", catalogue=CATALOGUE)
        return replace(context, input=replace(context.input, identity=identity))


@pytest.fixture
async def room(opened: Opened, tmp_path: Path) -> AsyncIterator[Room]:
    clock, authorizer = SameClock(opened.clock), CedarAuthorizer()
    inventory, storage = InMemoryInventoryDouble(HOSTS), opened.storage
    async with opened.unit() as unit:
        for identity in (ASKER, ADMIN, *APPROVERS):
            unit.add_identity(identity)
    with open_processes(tmp_path / "run") as processes:
        approvals = ApprovalManager(storage, inventory, authorizer, processes, clock, Uuid7Ids(clock))
        yield Room(
            opened=opened,
            clock=clock,
            approvals=approvals,
            editor=PlanEditor(storage, inventory, JsonSchemas(), approvals, clock),
            cancellation=Cancellation(storage, authorizer, clock),
            overdue=Overdue(storage, clock),
            plan=Plan(inventory, open_expressions()),
        )


async def allowed(level: int, frozen: object) -> GateVerdict:
    return GateVerdict(outcome="approve", level=level, risk="medium", reasons=())


async def one_round(room: Room, chance: random.Random) -> None:
    level = chance.randint(1, 3)
    context = room.context(ASKER)
    chosen = SelectedTool(name=CHANGE.name, reason="", inputs={"service": "billing"}, targets=("asset_app-01",))
    plan = await room.plan.run("default", CATALOGUE, SelectionV1(selection_id="s", tools=(chosen,)))
    execution, approval = room.approvals.propose(context, plan, level, "immediate", tool_key("", plan))
    async with room.opened.unit() as unit:
        unit.add_execution(execution)
        unit.add_approval(approval)

    async def say(identity: Identity, decision: str, **said: Any) -> Decided:
        """A word on the plan as it was shown, or as it stands at this moment."""
        current = approval
        if chance.random() < 0.5:
            asked = await room.opened.storage.approvals_of("default", execution.execution_id)
            current = asked[-1]
        answer = ApprovalAnswer(
            approval_id=current.approval_id,
            plan_hash=current.plan_hash,
            decision=decision,
            reason="because",
            **said,
        )
        if decision == "edit":
            replan = partial(room.plan.run, "default", CATALOGUE)
            return await room.editor.edit(room.context(identity), answer, replan, partial(allowed, level))
        return await room.approvals.decide(room.context(identity), answer, partial(allowed, level))

    async def expire() -> None:
        room.opened.clock.advance(timedelta(minutes=31).total_seconds())
        await room.overdue.close(approval)

    async def later(coming: Any) -> Any:
        for _ in range(chance.randint(0, 8)):
            await asyncio.sleep(0)
        return await coming

    ends = chance.random() < 0.5  # else nobody cancels or lets time pass, so that it may run
    words: list[Any] = []
    for _ in range(AT_ONCE):
        word = chance.choice(["yes", "yes", "yes", "edit", "end" if ends else "yes"])
        if word == "yes":
            people = (ASKER, *APPROVERS) if level == 1 else APPROVERS
            words.append(say(chance.choice(people), "approve"))
        elif word == "edit":
            changes = {"step_1": {"service": f"service-{chance.randint(1, 9)}"}}
            words.append(say(ASKER, "edit", changes=changes))
        else:
            end = chance.choice(["cancel", "expire", "reject", "changes", "glass"])
            if end == "cancel":
                words.append(room.cancellation.cancel(ASKER, execution.execution_id))
            elif end == "expire":
                words.append(expire())
            elif end == "glass":
                words.append(say(ADMIN, "approve", break_glass=True))
            else:
                words.append(say(chance.choice(APPROVERS), "reject" if end == "reject" else "request_changes"))
    told = await asyncio.gather(*map(later, words), return_exceptions=True)
    wrong = [item for item in told if isinstance(item, BaseException) and not isinstance(item, OpsConductorError)]
    assert wrong == []
    started = [item for item in told if isinstance(item, Decided) and item.execution.status is ExecutionStatus.RUNNING]
    await check(room, execution.execution_id, len(started))
    await finish(room, execution.execution_id)


async def check(room: Room, execution_id: str, started: int) -> None:
    """One truth is left, whoever was heard."""
    storage = room.opened.storage
    execution = await storage.execution("default", execution_id)
    assert execution is not None
    asked = await storage.approvals_of("default", execution_id)
    starts = [one for one in await storage.moves("default", execution_id) if one.target is ExecutionStatus.RUNNING]
    consumed = [one for one in asked if one.state is ApprovalState.CONSUMED]
    assert len(starts) == len(consumed) == started == execution.claim <= 1
    assert all(one.state is not ApprovalState.APPROVED for one in asked)
    waiting = [one for one in asked if one.state in OPEN]
    if execution.status is ExecutionStatus.AWAITING_APPROVAL:
        assert len(waiting) == 1
        assert is_intact(waiting[0], execution)
    else:
        assert waiting == []
    for approval in consumed:
        assert is_intact(approval, execution)
        yes = [one for one in approval.decisions if one.decision == "approve"]
        assert len({one.who for one in yes}) == len(yes)
        alone = any(one.break_glass for one in yes)
        assert alone or len(yes) == approval.needed
        assert alone or approval.level == 1 or execution.requester not in {one.who for one in yes}


async def finish(room: Room, execution_id: str) -> None:
    """Room for the next round: the same order may be given again."""
    execution = await room.opened.storage.execution("default", execution_id)
    assert execution is not None
    if execution.status is ExecutionStatus.AWAITING_APPROVAL:
        await room.cancellation.cancel(ASKER, execution_id)
    elif execution.status is ExecutionStatus.RUNNING:
        move = ExecutionMove(
            execution_id=execution_id,
            source=ExecutionStatus.RUNNING,
            target=ExecutionStatus.SUCCEEDED,
            actor="id_1",
            at=execution.created_at,
            reason="x",
        )
        async with room.opened.unit() as unit:
            unit.move_execution(move)


@pytest.mark.timeout(900)
async def test_fifty_words_at_once_leave_one_truth(room: Room, request: pytest.FixtureRequest) -> None:
    rounds = 100 if request.config.getoption("--long", default=False) else 5
    for number in range(rounds):
        await one_round(room, random.Random(number))
