"""What holds for every turn of a wired engine: its phases, its session, what it keeps and what it asks."""

import asyncio
import json
from pathlib import Path

import jsonschema
import pytest

from opsconductor.bootstrap import Overrides, to_json
from opsconductor.domain.assets import Asset
from opsconductor.domain.customer import VariableEntry
from opsconductor.domain.retrieval import Scored
from opsconductor.domain.rules import Rule
from opsconductor.domain.turn import PhaseTiming
from opsconductor.ports.lanes import Lane, LaneQuery, Lanes
from tests.scenario.conftest import Conversation, talking
from tests.scenario.test_lanes_matter import edited, without

SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "schemas" / "TurnReply.json"
PHASES = ("p01_identify", "p02_sense", "p03_update_customer", "p04_retrieve", "p05_select_rules", "p06_orchestrate")
PHASES += ("p07_execute_tools", "p08_plan_response", "p09_generate", "p10_enforce", "p11_persist")


async def kept(conversation: Conversation) -> dict[str, VariableEntry]:
    """The customer data in the store."""
    identity = await conversation.engine.storage.identity("default", "requester")
    assert identity is not None
    return dict(await conversation.engine.storage.customer_data("default", identity.identity_id))


@pytest.mark.parametrize("text", ["How many assets do we have?", "make me a sandwich", "restart billing on app-09"])
async def test_every_phase_is_named_and_timed_in_the_stored_record(plain: Conversation, text: str) -> None:
    reply = await plain.say(text)
    record = await plain.engine.storage.turn_record("default", reply.turn_id)
    assert record is not None
    timings: tuple[PhaseTiming, ...] = record.reply.phases
    assert tuple(timing.phase for timing in timings) == PHASES
    ends = [timing.started_ms + timing.ms for timing in timings]
    assert all(later.started_ms >= end - 0.01 for later, end in zip(timings[1:], ends, strict=False))
    assert all(timing.ms > 0 for timing in timings)


class CountingLane:
    """The usual rules lane; counts how many turns are in P4 at the same time."""

    def __init__(self, usual: Lane[Rule]) -> None:
        self.usual = usual
        self.inside = 0
        self.most = 0

    async def retrieve(self, query: LaneQuery, pool: int) -> list[Scored[Rule]]:
        """See the port."""
        self.inside += 1
        self.most = max(self.most, self.inside)
        await asyncio.sleep(0.02)
        self.inside -= 1
        return await self.usual.retrieve(query, pool)


async def test_messages_at_once_in_one_session_never_interleave_and_numbers_have_no_gaps(home: Path) -> None:
    counting: list[CountingLane] = []

    def counted(lanes: Lanes) -> Lanes:
        counting.append(CountingLane(lanes.rules))
        return Lanes(rules=counting[0], scenarios=lanes.scenarios, memories=lanes.memories, intents=lanes.intents)

    async with talking(home, overrides=Overrides(lanes=counted)) as conversation:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(conversation.say("How many assets do we have?")) for _ in range(6)]
        assert {task.result().kind for task in tasks} == {"answer"}
        records = await conversation.engine.storage.turns("default", session_id=conversation.session)
        assert sorted(record.number for record in records) == [1, 2, 3, 4, 5, 6]
        assert counting[0].most == 1
        async with asyncio.TaskGroup() as group:
            for number in range(3):
                group.create_task(conversation.say("How many assets do we have?", session=f"sess_{number}"))
        assert counting[0].most > 1, "sessions do not wait for each other, or this test sees nothing"


async def test_without_its_term_a_word_of_ours_is_not_understood(home: Path, tmp_path: Path) -> None:
    async with talking(home, lab=True) as conversation:
        assert (await conversation.say("recycle billing on app-01")).kind == "approval_required"
    pack = edited(tmp_path, "glossary.yaml", without("term", "bounce"))
    async with talking(home, lab=True, pack=pack) as conversation:
        assert (await conversation.say("recycle billing on app-01", session="sess_2")).kind != "approval_required"


async def test_a_stated_value_is_typed_kept_with_its_history_or_rejected_with_the_reason(plain: Conversation) -> None:
    await plain.say("my team is Storage")
    assert (await plain.say("my team is Network")).message == "Noted: team is Network."
    entry = (await kept(plain))["team"]
    assert (entry.value, entry.history) == ("Network", ("Storage",))
    await plain.say("the change freeze is on")
    assert (await kept(plain))["change_freeze"].value is True
    refused = await plain.say("my usual environment is mars")
    assert "must be one of production, staging, test, development" in " ".join(refused.warnings)
    assert "preferred_environment" not in await kept(plain)
    record = await plain.engine.storage.turn_record("default", refused.turn_id)
    assert record is not None
    assert [value.value_text for value in record.rejected_values] == ["mars"]


async def test_a_value_of_the_session_lives_as_long_as_the_process_and_is_never_stored(home: Path) -> None:
    async with talking(home) as conversation:
        await conversation.say("I am working on host WS-01")
        identity = await conversation.engine.storage.identity("default", "requester")
        assert identity is not None
        assert "current_host" not in await kept(conversation)
        session = await conversation.engine.storage.session("default", conversation.session)
        assert session is not None
        assert session.variables == {}
        context = conversation.engine.phases.identify
        assert "current_host" in context._memory.recall(conversation.session)
    async with talking(home) as conversation:
        assert conversation.engine.phases.identify._memory.recall(conversation.session) == {}


async def test_the_same_host_name_at_two_owners_is_a_question(plain: Conversation) -> None:
    twins = tuple(
        Asset(
            asset_id=f"asset_{owner}",
            tenant="default",
            name="db-07",
            type="linux_server",
            owner=owner,
            source="csv",
            source_id=owner,
        )
        for owner in ("Acme", "Bolt")
    )
    await plain.engine.asset_store.put_assets(
        "default", "csv", twins, retire_missing=False, dry_run=False, actor="test"
    )
    asked = await plain.say("what is db-07?")
    assert (asked.kind, asked.execution) == ("question", None)
    assert asked.clarification is not None
    options = asked.clarification["options"]
    assert isinstance(options, list)
    assert len(options) == 2
    told = await plain.say("2")
    assert told.kind == "answer"
    assert told.plan is not None
    assert [target.asset_id for target in told.plan.steps[0].targets] == ["asset_Bolt"]


@pytest.mark.parametrize("text", ["How many assets do we have?", "restart billing on app-01", "is db-01 up?", "no"])
async def test_a_reply_is_what_the_reference_says(lab: Conversation, text: str) -> None:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    reply = json.loads(json.dumps(to_json(await lab.say(text))))
    jsonschema.Draft202012Validator(schema).validate(reply)
    assert set(reply) == set(schema["properties"])
