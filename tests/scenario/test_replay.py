"""A past turn follows from its record: derived again on another day it is the same, and a changed record is not."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from opsconductor.adapters.storage.sqlite.blobs import from_blob, to_blob
from opsconductor.bootstrap import Overrides
from opsconductor.bootstrap.turn_replay import TurnReplays
from opsconductor.domain.errors import NotFound
from opsconductor.domain.replay import TurnReplay
from opsconductor.domain.response import ReplyKind
from opsconductor.domain.turn import TurnRecord
from opsconductor.testing.doubles.connector.scripted import HANG_UP, NOT_SENT, ScriptedConnectorDouble
from opsconductor.testing.doubles.llm.altering import AlteringWordingDouble
from opsconductor.testing.doubles.llm.obedient import ObedientWordingDouble
from tests.scenario.conftest import Conversation, talking
from tests.scenario.deciding import decide, pack_with

MESSAGES = [
    "How many assets do we have?",
    "list the linux servers",
    "is billing running on app-01?",
    "restart billing",
    "what can you do",
    "what is the capital of France?",
    "my team is payments",
    "never mind",
    "what did we do with app-01?",
    "billing seems down on app-01",
    "restart billing on nowhere-77",
    "disk usage of all linux servers",
]


async def replays(home: Path, *, pack: Path | None = None) -> dict[str, TurnReplay]:
    """Every turn of the home, by id, replayed by an engine whose connectors are doubles; none of them is called."""
    doubles = {name: ScriptedConnectorDouble() for name in ("ssh", "http", "network")}
    async with talking(home, overrides=Overrides(connectors=lambda usual: doubles), pack=pack) as later:
        head = await later.engine.storage.audit_head("default")
        replaying = TurnReplays(later.engine.phases, later.engine.storage, later.engine.catalogues, later.engine.clock)
        records = await later.engine.storage.turns("default", limit=100)
        found = {record.turn_id: await replaying.run("default", record.turn_id) for record in records}
        assert await later.engine.storage.audit_head("default") == head
        assert await later.engine.storage.turns("default", limit=100) == records
    assert [double.calls for double in doubles.values()] == [[], [], []]
    return found


def alter(home: Path, turn_id: str, change: Callable[[TurnRecord], TurnRecord]) -> None:
    """Write a record anew, as somebody with the database in hand could."""
    with closing(sqlite3.connect(home / "opsconductor.db", isolation_level=None)) as connection:
        for number, body in connection.execute("SELECT turn, body FROM turn_records").fetchall():
            record = from_blob(TurnRecord, body)
            if record.turn_id == turn_id:
                row = (to_blob(change(record)), number)
                connection.execute("UPDATE turn_records SET body = ? WHERE turn = ?", row)


async def test_every_kind_of_turn_comes_out_the_same(home: Path) -> None:
    told: dict[str, tuple[str, str]] = {}
    async with talking(home, lab=True) as lab:
        for number, message in enumerate(MESSAGES):
            reply = await lab.say(message, session=f"sess_{number}")
            told[reply.turn_id] = (message, reply.kind)
        asked = await lab.say("restart billing on app-01")
        done = await decide(lab, asked)
        again = await decide(lab, asked)
        other = await lab.say("restart ledger-db on db-01")
        rejected = await decide(lab, other, "reject", reason="not today", who="approver")
        no_undo = await lab.say("undo that")
        waits = await lab.say("deploy billing 2.3 to staging")
        deployed = await decide(lab, waits, who="approver")
        taking_back = await lab.say("undo that")
        undone = await decide(lab, taking_back, who="approver")
        assert undone.kind == "answer", undone.message
        for reply in (asked, done, again, other, rejected, no_undo, waits, deployed, taking_back, undone):
            told[reply.turn_id] = (reply.message, reply.kind)
    found = await replays(home)
    assert set(found) == set(told)
    different = {told[name]: one.differences for name, one in found.items() if one.outcome != "same"}
    assert different == {}
    kinds = {kind for _, kind in told.values()}
    assert kinds >= {"answer", "question", "refused", "approval_required", "cancelled"}
    assert not any(one.changed_since or one.notes for one in found.values())


@pytest.mark.parametrize(("word", "kind"), [(NOT_SENT, "failed"), (HANG_UP, "unknown")])
async def test_a_run_that_did_not_succeed_comes_out_the_same(home: Path, word: str, kind: str) -> None:
    ssh = ScriptedConnectorDouble(word, readable=False)
    async with talking(home, lab=True, overrides=Overrides(connectors=lambda usual: {**usual, "ssh": ssh})) as lab:
        done = await decide(lab, await lab.say("restart billing on app-01"))
    assert done.kind == kind, done.message
    assert (await replays(home))[done.turn_id].differences == ()


async def test_what_a_model_worded_is_checked_again(home: Path) -> None:
    async with talking(home, overrides=Overrides(wording=ObedientWordingDouble())) as conversation:
        faithful = await conversation.say("How many assets do we have?")
        record = await conversation.engine.storage.turn_record("default", faithful.turn_id)
    assert record is not None
    found = (await replays(home))[faithful.turn_id]
    assert found.outcome == "same"
    assert bool(found.notes) == (record.enforcement["worded_by"] == "model")


async def test_a_wording_that_was_replaced_comes_out_as_the_plain_facts(home: Path) -> None:
    async with talking(home, overrides=Overrides(wording=AlteringWordingDouble(seed=1))) as conversation:
        reply = await conversation.say("How many assets do we have?")
    assert (await replays(home))[reply.turn_id].outcome == "same"


def _message(record: TurnRecord) -> TurnRecord:
    return replace(record, reply=replace(record.reply, message=record.reply.message.replace("6", "7")))


def _kind(record: TurnRecord) -> TurnRecord:
    return replace(record, reply=replace(record.reply, kind=ReplyKind.FAILED))


def _result(record: TurnRecord) -> TurnRecord:
    execution = record.reply.execution
    assert execution is not None
    (step,) = execution.step_results
    assert isinstance(step.output, dict)
    output = {**step.output, "total_count": 7}
    return replace(
        record,
        reply=replace(record.reply, execution=replace(execution, step_results=(replace(step, output=output),))),
    )


def _plan(record: TurnRecord) -> TurnRecord:
    plan = record.reply.plan
    assert plan is not None
    (step,) = plan.steps
    return replace(
        record,
        reply=replace(record.reply, plan=replace(plan, steps=(replace(step, inputs={"query_type": "list"}),))),
    )


def _evidence(record: TurnRecord) -> TurnRecord:
    return replace(record, reply=replace(record.reply, evidence=record.reply.evidence[1:]))


def _basis(record: TurnRecord) -> TurnRecord:
    return replace(record, basis=None)


@pytest.mark.parametrize(
    ("change", "phase", "what"),
    [
        (_message, "p09_generate", "message"),
        (_kind, "p08_plan_response", "kind"),
        (_result, "p09_generate", "message"),
        (_result, "p07_execute_tools", "execution.output"),
        (_plan, "p07_execute_tools", "plan.plan_digest"),
        (_evidence, "p10_enforce", "evidence"),
        (_basis, "p11_persist", "basis"),
    ],
)
async def test_a_record_that_was_changed_comes_out_different(
    home: Path, change: Callable[[TurnRecord], TurnRecord], phase: str, what: str
) -> None:
    async with talking(home) as conversation:
        reply = await conversation.say("How many assets do we have?")
    alter(home, reply.turn_id, change)
    found = (await replays(home))[reply.turn_id]
    assert found.outcome == "different"
    assert (phase, what) in [(one.phase, one.what) for one in found.differences]


async def test_an_envelope_that_was_changed_has_another_hash(home: Path) -> None:
    async with talking(home, lab=True) as lab:
        asked = await lab.say("restart billing on app-01")
    assert asked.approval is not None

    def later(record: TurnRecord) -> TurnRecord:
        approval = record.reply.approval
        assert approval is not None
        envelope = replace(approval.envelope, expires_at="2099-01-01T00:00:00.000Z")
        return replace(record, reply=replace(record.reply, approval=replace(approval, envelope=envelope)))

    alter(home, asked.turn_id, later)
    (found,) = (await replays(home))[asked.turn_id].differences
    assert (found.what, found.told) == ("approval.plan_hash", asked.approval.plan_hash)


async def test_a_pack_that_changed_since_is_told(home: Path, tmp_path: Path) -> None:
    async with talking(home) as conversation:
        reply = await conversation.say("How many assets do we have?")
    rule = {"id": "R-extra", "effect": "deny", "condition": 'request.text == "never said"', "text": "No."}
    found = (await replays(home, pack=pack_with(tmp_path, rule)))[reply.turn_id]
    assert (found.outcome, [one.name for one in found.changed_since]) == ("same", ["catalogue"])


async def test_an_unknown_turn_is_not_found(plain: Conversation) -> None:
    engine = plain.engine
    with pytest.raises(NotFound, match="no such finished turn"):
        await TurnReplays(engine.phases, engine.storage, engine.catalogues, engine.clock).run("default", "turn_x")
