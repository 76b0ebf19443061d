"""The end of a turn is one commit: all of it is there, or none, and what must not be kept is not."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from opsconductor.adapters.session_memory.in_process import InProcessSessionMemory
from opsconductor.adapters.telemetry.turn_trace import ClockTurnTrace
from opsconductor.domain.approvals import ApprovalState
from opsconductor.domain.catalogue import Tool
from opsconductor.domain.customer import CustomerDataField, Scope, VariableEntry
from opsconductor.domain.decision import Clarification
from opsconductor.domain.errors import Conflict, Unavailable
from opsconductor.domain.execution import Closing, ExecutionStatus
from opsconductor.domain.response import ReplyKind, ResponseV1
from opsconductor.domain.retrieval import EMPTY_RETRIEVAL
from opsconductor.domain.rules import SelectedRules
from opsconductor.domain.scenarios import Orchestration, ScenarioInstance
from opsconductor.domain.turn import (
    AcceptedTurn,
    CustomerUpdate,
    GateVerdict,
    ToolPhaseResult,
    Trigger,
    TurnContext,
    TurnReply,
)
from opsconductor.phases.p11_persist.persist import Persist
from opsconductor.ports.storage import Storage
from opsconductor.stages.e_execute.steps.run_context import RunContext
from opsconductor.testing.contracts.lanes import a_rule
from opsconductor.testing.doubles.connector.scripted import ScriptedConnectorDouble
from opsconductor.testing.doubles.storage.failing import DO_THEN_RAISE, REFUSE, FailingStorageDouble, at_method
from opsconductor.testing.executions import HOSTS, a_change, a_plan, a_read, a_step
from opsconductor.testing.turns import MOMENT, a_host, a_session, an_update
from tests.unit.stage_e import StageE, open_stage_e

CHANGE, READ = a_change(), a_read()
FIELDS = (
    CustomerDataField(key="team", scope=Scope.BUSINESS, type="string"),
    CustomerDataField(key="bridge", scope=Scope.SESSION, type="string"),
    CustomerDataField(key="note", scope=Scope.CASE, type="string", persist=False),
)
ANSWER = ResponseV1(kind=ReplyKind.ANSWER, message="Done.")


def entry(key: str, value: str) -> VariableEntry:
    return VariableEntry(key=key, value=value, source="user", confidence=1.0, updated_at=MOMENT)


@dataclass
class End:
    """P11 over a real store, for accepted turns whose session is locked."""

    stage: StageE
    persist: Persist
    memory: InProcessSessionMemory

    async def accepted(self, turn_id: str = "turn_1", **changes: Any) -> TurnContext:
        context = replace(self.stage.context(turn_id=turn_id, **changes), fields=FIELDS)
        stored = await self.stage.stored.session("default", "sess_1")
        unit = self.stage.stored.begin()
        unit.accept_turn(
            AcceptedTurn(
                turn_id=turn_id,
                tenant="default",
                session_id="sess_1",
                turn_group=turn_id,
                identity_id="id_1",
                channel="cli",
                trigger=Trigger.MESSAGE,
                message=context.input.message,
                approval_id="",
                received_at=MOMENT,
                owner=self.stage.processes.me,
            )
        )
        unit.take_session("default", "sess_1", f"{self.stage.processes.me}/{turn_id}", 30)
        await unit.commit()
        return replace(context, session=stored or context.session)

    async def store(
        self,
        context: TurnContext,
        executed: ToolPhaseResult | None = None,
        customer: CustomerUpdate | None = None,
        response: ResponseV1 = ANSWER,
        rules: SelectedRules | None = None,
        orchestration: Orchestration | None = None,
    ) -> TurnReply:
        trace = ClockTurnTrace(self.stage.clock)
        with trace.phase("p10_enforce"):
            self.stage.clock.advance(0.002)
        with trace.phase("p11_persist"):
            return await self.persist.run(
                context,
                customer or an_update(),
                EMPTY_RETRIEVAL,
                rules or SelectedRules(),
                orchestration or Orchestration(),
                executed or ToolPhaseResult(),
                response,
                trace,
            )

    async def actions(self) -> list[str]:
        return [row.entry.action for row in await self.stage.stored.audit("default")]


@asynccontextmanager
async def end(
    home: Path,
    *tools: Tool,
    wrap: Callable[[Storage], FailingStorageDouble] | None = None,
    connector: ScriptedConnectorDouble | None = None,
) -> AsyncIterator[End]:
    async with open_stage_e(home, *(tools or (CHANGE, READ)), wrap=wrap, connector=connector) as stage:
        memory = InProcessSessionMemory()
        yield End(stage, Persist(stage.storage, memory, stage.processes, stage.clock, stage.ids), memory)


async def test_a_turns_end_is_one_commit_with_record_session_audit_and_outbox(home: Path) -> None:
    async with end(home, wrap=FailingStorageDouble) as p11:
        reply = await p11.store(await p11.accepted())
        assert isinstance(p11.stage.storage, FailingStorageDouble)
        assert len(p11.stage.storage.commits) == 1
        record = await p11.stage.stored.turn_record("default", "turn_1")
        assert record is not None
        assert record.reply == reply
        assert await p11.stage.stored.open_turns() == ()
        session = await p11.stage.stored.session("default", "sess_1")
        assert session is not None
        assert session.turn_count == record.number == 1
        outbox = await p11.stage.stored.outbox_due(10)
        assert sorted(message.topic for message in outbox) == ["analytics", "memory"]
        assert await p11.actions() == ["phase.completed", "turn.finished"]


async def test_turn_numbers_have_no_gaps(home: Path) -> None:
    async with end(home) as p11:
        for number in (1, 2, 3):
            await p11.store(await p11.accepted(f"turn_{number}"))
        records = await p11.stage.stored.turns("default", session_id="sess_1")
    assert [record.number for record in records] == [3, 2, 1]


async def test_a_turn_without_the_lock_or_with_an_old_count_stores_nothing(home: Path) -> None:
    async with end(home) as p11:
        context = await p11.accepted()
        stale = replace(context, session=replace(context.session, turn_count=3))
        with pytest.raises(Conflict):
            await p11.store(stale)
        unit = p11.stage.stored.begin()
        unit.release_session("default", "sess_1", f"{p11.stage.processes.me}/turn_1")
        unit.take_session("default", "sess_1", "another", 30)
        await unit.commit()
        with pytest.raises(Conflict) as busy:
            await p11.store(context)
        assert busy.value.code == "session.busy"
        assert await p11.stage.stored.turn_record("default", "turn_1") is None
        assert await p11.stage.stored.outbox_due(10) == ()


@pytest.mark.parametrize(("fault", "stored"), [(REFUSE, False), (DO_THEN_RAISE, True)])
async def test_a_commit_that_fails_raises_unless_it_was_done(home: Path, fault: str, stored: bool) -> None:
    def wrap(storage: Storage) -> FailingStorageDouble:
        return FailingStorageDouble(storage, at_method("finish_turn", fault))

    async with end(home, wrap=wrap) as p11:
        context = await p11.accepted()
        if stored:
            assert (await p11.store(context)).message == "Done."
        else:
            with pytest.raises(Unavailable):
                await p11.store(context)
        assert (await p11.stage.stored.turn_record("default", "turn_1") is not None) is stored


async def test_values_that_live_in_memory_only_are_stored_nowhere(home: Path) -> None:
    changed = (entry("team", "kept-team"), entry("bridge", "canary-bridge"), entry("note", "canary-note"))
    customer = an_update(changed=changed, customer_data={item.key: item for item in changed})
    async with end(home) as p11:
        context = await p11.accepted()
        context = replace(context, session=replace(context.session, variables={"bridge": "canary-session"}))
        await p11.store(context, customer=customer)
        store = p11.stage.stored
        everything = [
            await store.customer_data("default", "id_1"),
            await store.session("default", "sess_1"),
            await store.turn_record("default", "turn_1"),
            await store.audit("default"),
            await store.outbox_due(10),
        ]
        remembered = p11.memory.recall("sess_1")
    assert "kept-team" in repr(everything)
    assert "canary" not in repr(everything)
    assert {key: item.value for key, item in remembered.items()} == {"bridge": "canary-bridge", "note": "canary-note"}


async def test_a_frozen_plan_is_stored_with_its_question(home: Path) -> None:
    async with end(home) as p11:
        context = await p11.accepted()
        plan = a_plan(a_step(CHANGE, HOSTS[0]))
        execution, approval = p11.stage.approvals.propose(context, plan, 1, "immediate")
        executed = ToolPhaseResult(plan=plan, proposed=execution, approval=approval)
        await p11.store(context, executed, response=replace(ANSWER, kind=ReplyKind.APPROVAL_REQUIRED))
        stored = await p11.stage.stored.approval("default", approval.approval_id)
        assert stored == approval
        assert stored.state is ApprovalState.PENDING
        assert await p11.stage.stored_execution(execution) == replace(execution)
        assert "approval.requested" in await p11.actions()


@pytest.mark.parametrize("tool", [CHANGE, READ])
async def test_an_execution_is_closed_with_the_turn(home: Path, tool: Any) -> None:
    async with end(home) as p11:
        context = await p11.accepted()
        plan = a_plan(a_step(tool, HOSTS[0]))
        execution = p11.stage.approvals.mint(context, plan, "immediate", ExecutionStatus.RUNNING)
        run = RunContext(execution=execution, catalogue=p11.stage.catalogue)
        closing = await p11.stage.executor.execute_plan(plan, None, run)
        assert isinstance(closing, Closing)
        await p11.store(context, ToolPhaseResult(plan=plan, execution=closing.result, closing=closing))
        stored = await p11.stage.stored_execution(execution)
        journal = await p11.stage.stored.journal("default", execution.execution_id)
    assert (stored.status, stored.result) == (ExecutionStatus.SUCCEEDED, closing.result)
    assert all(row.result is not None for row in journal)


async def test_a_reads_whole_output_is_kept_with_the_turns_one_commit(home: Path) -> None:
    long: dict[str, Any] = {"count": 1, "lines": ["a line"] * 5000}
    log = a_read("log", run=CHANGE.run, output={"count": {"type": "integer"}, "lines": {"type": "array"}})
    async with end(home, log, connector=ScriptedConnectorDouble(output=long)) as p11:
        context = await p11.accepted()
        plan = a_plan(a_step(log, HOSTS[0]))
        execution = p11.stage.approvals.mint(context, plan, "immediate", ExecutionStatus.RUNNING)
        run = RunContext(execution=execution, catalogue=p11.stage.catalogue)
        closing = await p11.stage.executor.execute_plan(plan, None, run)
        assert isinstance(closing, Closing)
        reference = closing.result.step_results[0].output_ref
        assert reference is not None
        assert await p11.stage.stored.output("default", reference) is None
        await p11.store(context, ToolPhaseResult(plan=plan, execution=closing.result, closing=closing))
        kept = await p11.stage.stored.output("default", reference)
    assert kept is not None
    assert json.loads(kept) == long


async def test_a_refusal_of_the_gate_is_audited(home: Path) -> None:
    verdict = GateVerdict(outcome="refuse", level=2, risk="high", reasons=("no",), code="gate.second_person")
    async with end(home) as p11:
        await p11.store(await p11.accepted(), ToolPhaseResult(verdict=verdict, refusal_code=verdict.code))
        row = next(row for row in await p11.stage.stored.audit("default") if row.entry.action == "gate.refused")
    assert row.entry.detail == {"code": "gate.second_person", "rule": ""}


async def test_a_question_stays_open_until_a_message_answers_it(home: Path) -> None:
    asked = Clarification(question="Which host?", options=("app-01", "app-02"))
    question = ResponseV1(kind=ReplyKind.QUESTION, message="Which host?")
    async with end(home) as p11:
        for number in (1, 2):
            context = await p11.accepted(f"turn_{number}")
            await p11.store(context, ToolPhaseResult(clarification=asked), response=question)
        await p11.store(await p11.accepted("turn_3", trigger=Trigger.APPROVAL))
        waiting = await p11.stage.stored.session("default", "sess_1")
        await p11.store(await p11.accepted("turn_4"), customer=an_update(a_host("app-01")))
        answered = await p11.stage.stored.session("default", "sess_1")
    assert waiting is not None
    assert answered is not None
    assert (waiting.pending_question, waiting.pending_request, waiting.clarify_rounds) == (asked, "restart billing", 2)
    assert (answered.pending_question, answered.pending_request, answered.clarify_rounds) == (None, "", 0)
    assert [entity.value for entity in answered.last_entities] == ["app-01"]


async def test_rules_that_fired_and_scenarios_under_way_are_kept(home: Path) -> None:
    rules = SelectedRules(rules=(a_rule("R-1", ""),))
    instances = tuple(
        ScenarioInstance(instance_id=status, scenario_id="triage", version=1, step_id="ask", status=status)
        for status in ("active", "paused", "completed", "cancelled")
    )
    async with end(home) as p11:
        for number in range(1, 13):
            context = await p11.accepted(f"turn_{number}")
            await p11.store(context, rules=rules, orchestration=Orchestration(instances=instances))
        session = await p11.stage.stored.session("default", "sess_1")
    assert session is not None
    assert session.rule_fires["R-1"] == tuple(range(3, 13))
    assert [instance.status for instance in session.scenarios] == ["active", "paused"]
    assert session.variables == a_session().variables
