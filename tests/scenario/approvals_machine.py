"""Any order of proposals, words of several people, edits, cancels and passing time, beside a model that is plain data.

The model predicts the outcome of every single rule; the real stage E over the real store has to agree, and after each
rule everything that is stored has to be what the model says. Nothing may run that too few people approved on exactly
the stored hash, and nothing may start twice for one word.
"""

import asyncio
import tempfile
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from opsconductor.adapters.authorizer.cedar import CedarAuthorizer
from opsconductor.adapters.expressions.cel import open_expressions
from opsconductor.adapters.schema.json_schema import JsonSchemas
from opsconductor.domain.approvals import Approval, ApprovalState
from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.execution import ExecutionMove, ExecutionStatus
from opsconductor.domain.identity import Identity, Role
from opsconductor.domain.selection import SelectedTool, SelectionV1
from opsconductor.domain.turn import ApprovalAnswer, GateVerdict, TurnContext
from opsconductor.stages.c_plan.planner import Plan
from opsconductor.stages.e_execute.approvals.envelopes import is_intact, tool_key
from opsconductor.stages.e_execute.approvals.frozen_plan import FrozenPlan
from opsconductor.stages.e_execute.approvals.plan_editor import PlanEditor
from opsconductor.stages.e_execute.settling.cancellation import Cancellation
from opsconductor.stages.e_execute.settling.overdue import Overdue
from opsconductor.testing.executions import a_change
from opsconductor.testing.turns import a_session
from tests.unit.stage_e import StageE, open_stage_e

S, X = ApprovalState, ExecutionStatus
CHANGE = a_change()
SERVICES = ("billing", "ledger", "storefront")
STEPS = ("step_1", "step_2")


def person(number: int, name: str, *roles: Role) -> Identity:
    return Identity(identity_id=f"id_{number}", tenant="default", name=name, roles=frozenset(roles))


PEOPLE = (
    person(1, "ann", Role.REQUESTER),
    person(2, "bob", Role.APPROVER),
    person(3, "cat", Role.APPROVER, Role.REQUESTER),
    person(4, "dan", Role.ADMIN, Role.BREAK_GLASS),
    person(5, "eve", Role.APPROVER, Role.ADMIN, Role.REQUESTER),
    person(6, "fay", Role.VIEWER),
)
ASKER = "whoever asked"
who = st.sampled_from([ASKER, "bob", "cat", "eve", *(one.name for one in PEOPLE)])
place = st.integers(0, 999)
MOST_OPEN = 4
services = st.sampled_from(SERVICES)
levels = st.sampled_from([1, 2, 3, 3])


@dataclass
class Asked:
    """An approval as the model has it."""

    approval: Approval
    run: "Run"
    state: ApprovalState = S.PENDING
    spoken: list[str] = field(default_factory=list)  # everybody who said anything
    yes: dict[str, bool] = field(default_factory=dict)  # who approved → whether the glass was broken

    @property
    def is_current(self) -> bool:
        """Whether it is about the plan that is stored: an edit makes another one."""
        return bool(self.approval.step_id) or self.approval.plan_hash == self.run.plan_hash


@dataclass
class Run:
    """An execution as the model has it."""

    execution_id: str
    requester: str
    key: str
    plan_hash: str
    services: tuple[str, ...]
    status: ExecutionStatus = X.AWAITING_APPROVAL
    starts: int = 0
    level: int = 1
    confirmed: set[str] = field(default_factory=set)
    stop: bool = False


class ApprovalsMachine(RuleBasedStateMachine):
    """One tenant, six people, one store whose clock the rules move."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.open = AsyncExitStack()
        self.folder = self.open.enter_context(tempfile.TemporaryDirectory(prefix="approvals-"))
        self.people = {one.name: one for one in PEOPLE}
        self.runs: list[Run] = []
        self.questions: list[Asked] = []
        self.turns = 0
        self.stage: StageE = self.do(self.open.enter_async_context(open_stage_e(Path(self.folder), CHANGE)))
        self.editor = PlanEditor(
            self.stage.stored, self.stage.inventory, JsonSchemas(), self.stage.approvals, self.stage.clock
        )
        self.planner = Plan(self.stage.inventory, open_expressions())

    def do(self, coming: Awaitable[Any]) -> Any:
        """Carry something out in this machine's own loop."""

        async def work() -> Any:
            return await coming

        return self.runner.run(work())

    def teardown(self) -> None:
        self.do(self.open.aclose())
        self.runner.close()

    def context(self, name: str) -> TurnContext:
        """A turn of this person."""
        self.turns += 1
        context = self.stage.context(turn_id=f"turn_{self.turns}")
        return replace(
            context,
            input=replace(context.input, identity=self.people[name]),
            session=a_session(identity_id=self.people[name].identity_id),
        )

    @property
    def now(self) -> datetime:
        return self.stage.clock.now()

    def is_over(self, asked: Asked) -> bool:
        return self.now >= datetime.fromisoformat(asked.approval.expires_at)

    def is_open(self, key: str, but: Run | None = None) -> bool:
        open_states = (X.AWAITING_APPROVAL, X.RUNNING)
        return any(run.key == key and run.status in open_states for run in self.runs if run is not but)

    # what the model says a person may do

    def approves(self, name: str, asked: Asked, *, alone: bool) -> bool:
        one, own = self.people[name], asked.run.requester == name
        if one.disabled:
            return False
        if alone:
            return Role.BREAK_GLASS in one.roles
        if asked.approval.level <= 1 or asked.approval.step_id:
            return Role.APPROVER in one.roles or (own and Role.REQUESTER in one.roles)
        return Role.APPROVER in one.roles and not own

    def declines(self, name: str, asked: Asked) -> bool:
        one = self.people[name]
        own = asked.run.requester == name and Role.REQUESTER in one.roles
        return not one.disabled and (Role.APPROVER in one.roles or own)

    def closed(self, asked: Asked) -> str:
        """Why nothing can be decided any more, by the state alone; "" while it can."""
        if asked.state is S.CHANGES_REQUESTED:
            return "approval.changes_requested"
        return "" if asked.state is S.PENDING else "approval.not_pending"

    # rules

    @initialize()
    def everybody(self) -> None:
        unit = self.stage.stored.begin()
        for one in PEOPLE:
            unit.add_identity(one)
        self.do(unit.commit())

    @precondition(lambda self: sum(one.state is S.PENDING for one in self.questions) < MOST_OPEN)
    @rule(name=st.sampled_from(["ann", "cat", "eve"]), what=st.tuples(services, services), level=levels)
    def propose(self, name: str, what: tuple[str, str], level: int) -> None:
        context = self.context(name)
        steps = tuple(
            SelectedTool(
                name=CHANGE.name,
                reason="",
                inputs={"service": service},
                targets=("asset_app-01",),
                depends_on=() if number == 0 else ("step_1",),
            )
            for number, service in enumerate(what)
        )
        plan = self.do(self.planner.run("default", context.catalogue, SelectionV1(selection_id="s", tools=steps)))
        key = tool_key("", plan)
        execution, approval = self.stage.approvals.propose(context, plan, level, "immediate", key)
        unit = self.stage.stored.begin()
        unit.add_execution(execution)
        unit.add_approval(approval)
        expected = "execution.duplicate" if self.is_open(key) else ""
        assert self.told(unit.commit())[1] == expected
        if expected:
            return
        run = Run(execution.execution_id, name, key, approval.plan_hash, what, level=level)
        self.runs.append(run)
        self.questions.append(Asked(approval, run))

    def picked(self, place: int, name: str = "") -> tuple[Asked, str]:
        """A question, mostly one that waits, and who speaks to it."""
        waiting = [one for one in self.questions if one.state in (S.PENDING, S.CHANGES_REQUESTED)]
        among = waiting if waiting and place % 10 else self.questions
        asked = among[place // 10 % len(among)]
        return asked, asked.run.requester if name == ASKER else name

    def told(self, coming: Awaitable[Any]) -> tuple[Any, str]:
        """What came of it, and the code where it was refused."""
        try:
            return self.do(coming), ""
        except OpsConductorError as error:
            return None, error.code

    @precondition(lambda self: self.questions)
    @rule(place=place, name=who, right=st.integers(0, 9))
    def approve(self, place: int, name: str, right: int) -> None:
        self.say_yes(*self.picked(place, name), right)

    @precondition(lambda self: self.questions)
    @rule(places=st.lists(place, min_size=1, max_size=4), right=st.integers(1, 9))
    def approve_by_people_who_may(self, places: list[int], right: int) -> None:
        """What people mostly do; else little would ever run."""
        waiting = [one for one in self.questions if one.state is S.PENDING] or self.questions
        asked = waiting[places[0] % len(waiting)]
        for at in places:
            may = [one.name for one in PEOPLE if self.approves(one.name, asked, alone=False)]
            left = [name for name in may if name not in asked.spoken]
            if left:
                self.say_yes(asked, left[at % len(left)], right)

    def say_yes(self, asked: Asked, name: str, right: int) -> None:
        alone, plan_hash = right == 1, asked.approval.plan_hash if right else "sha256:other"
        expected = self.expected_of_a_yes(asked, name, alone=alone, right=bool(right))
        decided, code = self.told(self.decide(asked, name, "approve", plan_hash=plan_hash, break_glass=alone))
        assert code == expected
        if code == "approval.expired":
            self.expire(asked)
        if code:
            return
        asked.spoken.append(name)
        asked.yes[name] = alone
        if self.is_enough(asked):
            asked.state, asked.run.status = S.CONSUMED, X.RUNNING
            asked.run.starts += 1
            if asked.approval.step_id:
                asked.run.confirmed.add(asked.approval.step_id)
            assert decided.execution.status is X.RUNNING
            assert decided.confirmed == (asked.run.confirmed if asked.approval.level == 3 else None)
        else:
            assert decided.execution.status is X.AWAITING_APPROVAL
            assert decided.told

    def expected_of_a_yes(self, asked: Asked, name: str, *, alone: bool, right: bool) -> str:
        if alone and asked.approval.step_id:
            return "request.invalid"
        if not self.approves(name, asked, alone=alone):
            return "approval.not_yours"
        if not right:
            return "approval.hash_mismatch"
        if not asked.is_current:
            return "approval.not_pending"
        if code := self.closed(asked):
            return code
        if name in asked.spoken:
            return "approval.already_decided"
        requester = self.people[asked.run.requester]
        if requester.disabled or Role.REQUESTER not in requester.roles:
            return "rights.denied"
        return "approval.expired" if self.is_over(asked) else ""

    def is_enough(self, asked: Asked) -> bool:
        standing = [name for name, alone in asked.yes.items() if self.approves(name, asked, alone=alone)]
        return len(standing) >= asked.approval.needed or any(asked.yes[name] for name in standing)

    @precondition(lambda self: self.questions)
    @rule(place=place, name=who)
    def reject(self, place: int, name: str) -> None:
        if place % 3:
            return
        asked, name = self.picked(place, name)
        if not self.declines(name, asked):
            expected = "approval.not_yours"
        elif not asked.is_current:
            expected = "approval.not_pending"
        elif asked.state is S.CHANGES_REQUESTED:
            expected = ""
        else:
            expected = self.closed(asked) or ("approval.already_decided" if name in asked.spoken else "")
            expected = expected or ("approval.expired" if self.is_over(asked) else "")
        _, code = self.told(self.decide(asked, name, "reject"))
        assert code == expected
        if code == "approval.expired":
            self.expire(asked)
        if code:
            return
        asked.state = S.WITHDRAWN if asked.state is S.CHANGES_REQUESTED else S.REJECTED
        asked.run.status = X.CANCELLED

    @precondition(lambda self: self.questions)
    @rule(place=place, name=who)
    def request_changes(self, place: int, name: str) -> None:
        asked, name = self.picked(place, name)
        if not self.declines(name, asked):
            expected = "approval.not_yours"
        elif not asked.is_current:
            expected = "approval.not_pending"
        else:
            expected = self.closed(asked) or ("approval.already_decided" if name in asked.spoken else "")
            expected = expected or ("approval.not_pending" if asked.approval.step_id else "")
            expected = expected or ("approval.expired" if self.is_over(asked) else "")
        _, code = self.told(self.decide(asked, name, "request_changes"))
        assert code == expected
        if code == "approval.expired":
            self.expire(asked)
        if not code:
            asked.state = S.CHANGES_REQUESTED
            asked.spoken.append(name)

    @precondition(lambda self: self.questions)
    @rule(
        place=place,
        name=st.sampled_from([ASKER, ASKER, ASKER, "ann", "bob"]),
        step=st.sampled_from(STEPS),
        service=services,
        level=levels,
    )
    def edit(self, place: int, name: str, step: str, service: str, level: int) -> None:
        asked, name = self.picked(place, name)
        context = self.context(name)
        changed = tuple(service if place == step else old for place, old in zip(STEPS, asked.run.services, strict=True))
        answer = ApprovalAnswer(
            approval_id=asked.approval.approval_id,
            plan_hash=asked.approval.plan_hash,
            decision="edit",
            changes={step: {"service": service}},
        )
        judge = partial(_says, GateVerdict(outcome="approve", level=level, risk="medium", reasons=()))
        replan = partial(self.planner.run, "default", context.catalogue)
        was_over = self.is_over(asked)
        decided, code = self.told(self.editor.edit(context, answer, replan, judge))
        expected = self.expected_of_an_edit(asked, name, changed)
        if code == "execution.duplicate":
            assert expected == ""
            assert self.is_open(self.key_of(changed), but=asked.run)
            return
        assert code == expected
        if code == "approval.expired":
            assert was_over
            asked.state = S.WITHDRAWN if asked.state is S.CHANGES_REQUESTED else S.EXPIRED
            asked.run.status = X.CANCELLED
        if code:
            return
        asked.state = S.WITHDRAWN
        run = asked.run
        run.services, run.plan_hash, run.key = changed, decided.approval.plan_hash, decided.execution.tool_key
        run.level = level
        assert not self.is_open(run.key, but=run)
        self.questions.append(Asked(decided.approval, run))

    def expected_of_an_edit(self, asked: Asked, name: str, changed: tuple[str, ...]) -> str:
        if name != asked.run.requester:
            return "approval.not_yours"
        if not asked.is_current:
            return "approval.not_pending"
        if asked.approval.step_id or asked.state not in (S.PENDING, S.CHANGES_REQUESTED):
            return "approval.not_pending"
        if self.is_over(asked):
            return "approval.expired"
        return "request.invalid" if changed == asked.run.services else ""

    def key_of(self, what: tuple[str, ...]) -> str:
        return next((run.key for run in self.runs if run.services == what), "")

    @rule(minutes=st.sampled_from([1, 1, 1, 1, 1, 1, 2, 2, 3, 5, 30, 31]))
    def advance(self, minutes: int) -> None:
        self.stage.clock.advance(60.0 * minutes)

    @rule()
    def sweep(self) -> None:
        self.do(Overdue(self.stage.stored, self.stage.clock).close_all())
        for asked in self.questions:
            if asked.state in (S.PENDING, S.CHANGES_REQUESTED) and self.is_over(asked) and self.has_chain():
                asked.state = S.WITHDRAWN if asked.state is S.CHANGES_REQUESTED else S.EXPIRED
                asked.run.status = X.CANCELLED

    def has_chain(self) -> bool:
        return bool(self.do(self.stage.stored.tenants()))

    @precondition(lambda self: self.runs)
    @rule(place=place)
    def cancel(self, place: int) -> None:
        if place % 4:
            return
        run = self.runs[place % len(self.runs)]
        identity = next(one for one in PEOPLE if one.name == run.requester)  # with all the rights there are
        cancellation = Cancellation(self.stage.stored, CedarAuthorizer(), self.stage.clock)
        _, code = self.told(cancellation.cancel(identity, run.execution_id))
        if run.status in (X.CANCELLED, X.SUCCEEDED):
            assert code == "execution.not_cancellable"
        elif run.status is X.RUNNING:
            assert code == ""
            run.stop = True
        else:
            assert code == ""
            run.status = X.CANCELLED
            for one in self.questions:
                if one.run is run and one.state in (S.PENDING, S.CHANGES_REQUESTED):
                    one.state = S.WITHDRAWN

    @rule(
        name=st.sampled_from([one.name for one in PEOPLE]),
        roles=st.sampled_from(["usual", "usual", "usual", "none", "disabled"]),
    )
    def change_a_person(self, name: str, roles: str) -> None:
        usual = next(one for one in PEOPLE if one.name == name)
        changed = replace(usual, disabled=roles == "disabled", roles=frozenset() if roles == "none" else usual.roles)
        unit = self.stage.stored.begin()
        unit.change_identity(changed)
        self.do(unit.commit())
        self.people[name] = changed

    @precondition(lambda self: any(run.status is X.RUNNING for run in self.runs))
    @rule(places=st.lists(place, min_size=1, max_size=4))
    def go_on(self, places: list[int]) -> None:
        """What the engine and P11 do with runs: each pauses at its next unconfirmed step, or ends."""
        for at in places:
            if any(run.status is X.RUNNING for run in self.runs):
                self.go_on_with(at)

    def go_on_with(self, place: int) -> None:
        running = [run for run in self.runs if run.status is X.RUNNING]
        run = running[place % len(running)]
        stored = self.do(self.stage.stored.execution("default", run.execution_id))
        left = [step for step in STEPS if step not in run.confirmed]
        pauses = run.level == 3 and left and not run.stop
        target = X.AWAITING_APPROVAL if pauses else X.SUCCEEDED
        unit = self.stage.stored.begin()
        unit.move_execution(
            ExecutionMove(
                execution_id=run.execution_id, source=X.RUNNING, target=target, actor="x", at=_at(self.now), reason="x"
            ),
            claim=stored.claim,
        )
        run.status = target
        if not pauses:
            self.do(unit.commit())
            return
        question = self.stage.approvals.question(stored, self.context(run.requester), 3, left[0])
        unit.add_approval(question)
        self.do(unit.commit())
        self.questions.append(Asked(question, run))

    def expire(self, asked: Asked) -> None:
        asked.state, asked.run.status = S.EXPIRED, X.CANCELLED

    async def decide(self, asked: Asked, name: str, decision: str, **said: Any) -> Any:
        answer = ApprovalAnswer(
            approval_id=asked.approval.approval_id,
            plan_hash=asked.approval.plan_hash,
            decision=decision,
            reason="because",
        )
        return await self.stage.approvals.decide(self.context(name), replace(answer, **said), self.judge)

    async def judge(self, frozen: FrozenPlan) -> GateVerdict:
        """The part of the gate that the machine is about: a requester who may no longer order stops everything."""
        one = frozen.requester
        may = one is not None and not one.disabled and Role.REQUESTER in one.roles
        return GateVerdict(
            outcome="run" if may else "refuse",
            level=frozen.level,
            risk="medium",
            reasons=("no",),
            code="" if may else "rights.denied",
        )

    # what has to hold after every rule

    @invariant()
    def the_store_is_what_the_model_says(self) -> None:
        for asked in self.questions:
            stored = self.do(self.stage.stored.approval("default", asked.approval.approval_id))
            assert (stored.state, [one.who_name for one in stored.decisions][: len(asked.spoken)]) == (
                asked.state,
                asked.spoken,
            )
        for run in self.runs:
            execution = self.do(self.stage.stored.execution("default", run.execution_id))
            assert (execution.status, execution.plan_hash, execution.tool_key) == (run.status, run.plan_hash, run.key)

    @invariant()
    def nothing_started_without_its_approvals_and_nothing_twice(self) -> None:
        for run in self.runs:
            self.do(self.check(run))

    async def check(self, run: Run) -> None:
        stored = self.stage.stored
        execution = await stored.execution("default", run.execution_id)
        assert execution is not None
        moves = await stored.moves("default", run.execution_id)
        starts = [move for move in moves if move.target is X.RUNNING]
        consumed = [one for one in await stored.approvals_of("default", run.execution_id) if one.state is S.CONSUMED]
        assert len(starts) == len(consumed) == run.starts == execution.claim
        assert sum(not one.step_id for one in consumed) == bool(consumed)
        assert len({one.step_id for one in consumed}) == len(consumed)
        for approval in consumed:
            assert is_intact(approval, execution)
            yes = {one.who for one in approval.decisions if one.decision == "approve"}
            alone = any(one.break_glass for one in approval.decisions)
            assert alone or len(yes) >= approval.needed
            if approval.level >= 2 and not approval.step_id and not alone:
                assert execution.requester not in yes


async def _says(verdict: GateVerdict, frozen: FrozenPlan) -> GateVerdict:
    return verdict


def _at(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
