"""What turns came to, counted once each."""

from dataclasses import replace
from pathlib import Path

from opsconductor.adapters.audit.hmac_seal import HmacSeal
from opsconductor.adapters.storage.sqlite import open_storage
from opsconductor.after_turn.record_analytics import RecordAnalytics, counts_of
from opsconductor.domain.decision import DecisionV1, IntentGuess
from opsconductor.domain.knowledge import Mode
from opsconductor.domain.outbox import OutboxMessage
from opsconductor.domain.turn import TurnOutcome
from opsconductor.testing.executions import HOSTS, a_change, a_plan, a_step
from opsconductor.testing.records import a_record
from opsconductor.testing.turns import MOMENT
from tests.unit.stage_e import open_stage_e

DECISION = DecisionV1(
    decision_id="dec_1",
    mode=Mode.ACT,
    intent=IntentGuess(category="automation", action="service_restart", confidence=0.9),
    entities=(),
    overall_confidence=0.9,
    confidence_level="high",
    request="",
)


async def test_a_turn_counts_its_kind_intent_outcome_and_tools(home: Path) -> None:
    change = a_change()
    async with open_stage_e(home, change) as stage:
        plan = a_plan(a_step(change, *HOSTS[:2]))
        closing = await stage.run(plan)
    record = a_record(plan=plan, execution=closing.result)
    outcome = TurnOutcome(resolution="resolved", categories=("SYSTEM_ERROR",))
    record = replace(record, reply=replace(record.reply, decision=DECISION, outcome=outcome))
    assert counts_of(record) == {
        "turns": 1,
        "kind.answer": 1,
        "intent.automation/service_restart": 1,
        "resolution.resolved": 1,
        "category.SYSTEM_ERROR": 1,
        "tool.service-restart.succeeded": 2,
    }
    assert counts_of(a_record()) == {"turns": 1, "kind.answer": 1}


async def test_a_message_without_its_record_is_done_and_counts_nothing(home: Path) -> None:
    async with open_storage(home / "a.db", HmacSeal(bytes(32))) as storage:
        message = OutboxMessage(
            message_id="out_1", tenant="default", topic="analytics", turn_id="turn_9", payload={}, created_at=MOMENT
        )
        unit = storage.begin()
        unit.add_outbox(message)
        await unit.commit()
        await RecordAnalytics(storage).handle(message)
        assert await storage.counts("default") == {}
        assert await storage.outbox_due(5) == ()
