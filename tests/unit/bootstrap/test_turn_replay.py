"""A reply is derived again from its record; `tests/scenario/test_replay.py` does so for every kind of turn."""

from dataclasses import replace
from pathlib import Path

import pytest

from opsconductor.bootstrap.turn_replay import BY_KIND, BY_MODEL, TurnReplays
from opsconductor.domain.errors import NotFound
from opsconductor.domain.replay import TurnReplay
from opsconductor.testing.contracts.storage import samples
from tests.scenario.conftest import Conversation, talking
from tests.scenario.test_replay import alter


async def replayed(conversation: Conversation, turn_id: str) -> TurnReplay:
    engine = conversation.engine
    return await TurnReplays(engine.phases, engine.storage, engine.catalogues, engine.clock).run("default", turn_id)


async def test_a_turn_of_another_tenant_is_not_found(home: Path) -> None:
    async with talking(home) as conversation:
        reply = await conversation.say("what can you do")
        assert (await replayed(conversation, reply.turn_id)).outcome == "same"
        engine = conversation.engine
        replays = TurnReplays(engine.phases, engine.storage, engine.catalogues, engine.clock)
        with pytest.raises(NotFound):
            await replays.run("other", reply.turn_id)


@pytest.mark.parametrize(
    ("worded_by", "outcome", "note", "derived"),
    [
        ("template", "different", (), "You have 6 assets in the system:\n- 6 Windows workstations"),
        ("model", "same", (BY_MODEL,), ""),
        (
            "kind",
            "different",
            (BY_KIND,),
            "What you asked for was executed and succeeded; a rule withholds the details here.",
        ),
    ],
)
async def test_who_worded_it_decides_what_is_compared(
    home: Path, worded_by: str, outcome: str, note: tuple[str, ...], derived: str
) -> None:
    """Words round the facts, which the template does not have and a model may add."""
    async with talking(home) as conversation:
        reply = await conversation.say("How many assets do we have?")
    alter(
        home,
        reply.turn_id,
        lambda record: replace(
            record,
            enforcement={**record.enforcement, "worded_by": worded_by},
            reply=replace(record.reply, message="Here you are. " + record.reply.message),
        ),
    )
    async with talking(home) as conversation:
        found = await replayed(conversation, reply.turn_id)
    assert (found.outcome, found.notes) == (outcome, note)
    assert [one.derived for one in found.differences if one.what == "message"] == ([derived] if derived else [])


async def test_a_model_that_claims_more_comes_out_different(home: Path) -> None:
    async with talking(home) as conversation:
        reply = await conversation.say("How many assets do we have?")
    alter(
        home,
        reply.turn_id,
        lambda record: replace(
            record,
            enforcement={**record.enforcement, "worded_by": "model"},
            reply=replace(record.reply, message=record.reply.message + "\nAll 9 were restarted."),
        ),
    )
    async with talking(home) as conversation:
        found = await replayed(conversation, reply.turn_id)
    assert found.outcome == "different"
    assert found.differences[0].what == "message"


async def test_a_record_that_nothing_can_be_derived_from_is_different_and_no_crash(home: Path) -> None:
    async with talking(home) as conversation:
        unit = conversation.engine.storage.begin()
        unit.accept_turn(samples.accepted())
        unit.finish_turn(samples.record())
        await unit.commit()
        found = await replayed(conversation, samples.record().turn_id)
    assert found.outcome == "different"
    assert "basis" in [one.what for one in found.differences]
    assert {one.name for one in found.changed_since} == {"catalogue", "configuration"}
