"""Two questions about a chain: are its rows as written, and are all there?"""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from opsconductor.adapters.audit.hmac_seal import HmacSeal
from opsconductor.adapters.audit_anchor.sealed_file import SealedFileAnchor
from opsconductor.after_turn.anchor_audit import AnchorAudit
from opsconductor.bootstrap.audit_examination import verify_audit, verify_chain
from opsconductor.bootstrap.storage_alone import open_storage_alone
from opsconductor.domain.audit import AuditEntry, AuditHead, AuditVerdict
from opsconductor.settings import Settings, load_settings
from opsconductor.testing.contracts.storage import samples
from opsconductor.testing.contracts.storage.samples import identifier
from opsconductor.testing.doubles.connector.scripted import ACT, FAIL, ScriptedConnectorDouble
from opsconductor.testing.executions import HOSTS, a_change, a_plan, a_step
from tests.unit.stage_e import open_stage_e

CUT = """
DELETE FROM audit WHERE place > (SELECT max(place) FROM audit) - 2;
UPDATE audit_heads SET seq = seq - 2, hash = (SELECT hash FROM audit ORDER BY place DESC LIMIT 1);
"""


@pytest.fixture
def settings(home: Path) -> Settings:
    return load_settings({"home": str(home)})


async def fill(settings: Settings, rows: int = 6) -> None:
    async with open_storage_alone(settings) as storage:
        for number in range(rows):
            unit = storage.begin()
            unit.append_audit(
                AuditEntry(
                    tenant="default",
                    at="2026-05-05T12:00:00.000Z",
                    actor="id_1",
                    action="x.y",
                    subject=f"turn_{number}",
                )
            )
            await unit.commit()
        await AnchorAudit(storage, anchor(settings)).run_once()


def anchor(settings: Settings) -> SealedFileAnchor:
    return SealedFileAnchor(
        settings.home / "keys" / "audit.anchor", (settings.home / "keys" / "audit.key").read_bytes()
    )


def tamper(settings: Settings, script: str) -> None:
    with closing(sqlite3.connect(settings.database, isolation_level=None)) as connection:
        connection.executescript(script)


async def verdict(settings: Settings) -> AuditVerdict:
    (found,) = await verify_audit(settings)
    return found


async def test_a_chain_that_nobody_touched_is_whole_and_complete(settings: Settings) -> None:
    await fill(settings)
    found = await verdict(settings)
    assert (found.tenant, found.rows, found.integrity, found.completeness) == ("default", 6, "whole", "complete")


@pytest.mark.parametrize(
    ("script", "row"),
    [
        ("UPDATE audit SET action = 'x.z' WHERE place % 1099511627776 = 3", 3),
        ("UPDATE audit SET hash = x'00' WHERE place % 1099511627776 = 5", 5),
        ("DELETE FROM audit WHERE place % 1099511627776 = 4", 4),
        ("DELETE FROM audit WHERE place % 1099511627776 = 1", 1),
    ],
)
async def test_a_row_that_was_changed_or_taken_out_is_named(settings: Settings, script: str, row: int) -> None:
    await fill(settings)
    tamper(settings, script)
    found = await verdict(settings)
    assert (found.integrity, found.broken_at) == ("broken", row)


async def test_rows_cut_off_the_end_are_missed_while_what_is_left_is_whole(settings: Settings) -> None:
    await fill(settings)
    tamper(settings, CUT)
    found = await verdict(settings)
    assert (found.rows, found.integrity, found.completeness) == (4, "whole", "incomplete")
    assert found.missing == ("rows 5 to 6 are gone from the end",)


async def test_a_tail_written_anew_is_not_the_one_that_was_anchored(settings: Settings) -> None:
    await fill(settings)
    tamper(settings, CUT)
    async with open_storage_alone(settings) as storage:
        for _ in range(3):
            unit = storage.begin()
            unit.append_audit(
                AuditEntry(tenant="default", at="2026-05-05T12:00:00.000Z", actor="id_1", action="other", subject="x")
            )
            await unit.commit()
    found = await verdict(settings)
    assert (found.rows, found.integrity, found.broken_at) == (7, "broken", 6)


async def test_a_whole_chain_that_is_gone_is_missed(settings: Settings) -> None:
    await fill(settings)
    tamper(settings, "DELETE FROM audit; DELETE FROM audit_heads;")
    found = await verdict(settings)
    assert found.missing == ("rows 1 to 6 are gone from the end",)


async def test_an_effect_that_no_row_tells_of_is_named(home: Path) -> None:
    change = a_change()
    seal = HmacSeal(bytes(32))
    async with open_stage_e(home, change) as stage:
        closing_ = await stage.run(a_plan(a_step(change, HOSTS[0])))
        whole = await verify_chain(stage.stored, seal, "default", None)
        head = await stage.stored.audit_head("default")
    assert (whole.integrity, whole.completeness) == ("whole", "complete")
    database = home / "opsconductor.db"
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.executescript("DELETE FROM audit; DELETE FROM audit_heads;")
    async with open_stage_e(home, change) as stage:
        found = await verify_chain(stage.stored, seal, "default", AuditHead(seq=head[0], hash=head[1]))
    assert f"no row tells of step_1 on {HOSTS[0].name} of {closing_.execution_id}, attempt 1" in found.missing


async def test_an_attempt_that_no_row_tells_of_is_named_although_others_are_told(home: Path) -> None:
    change = a_change()
    async with open_stage_e(home, change, connector=ScriptedConnectorDouble(FAIL, ACT)) as stage:
        ended = await stage.run(a_plan(a_step(change, HOSTS[0], retries=1)))
        whole = await verify_chain(stage.stored, HmacSeal(bytes(32)), "default", None)
    assert (ended.result.status.value, whole.missing) == ("succeeded", ())
    with closing(sqlite3.connect(home / "opsconductor.db", isolation_level=None)) as connection:
        connection.execute(
            "DELETE FROM audit WHERE place = (SELECT max(place) FROM audit WHERE action = 'step.intent')"
        )
    async with open_stage_e(home, change) as stage:
        found = await verify_chain(stage.stored, HmacSeal(bytes(32)), "default", None)
    assert found.missing == (f"no row tells of step_1 on {HOSTS[0].name} of {ended.execution_id}, attempt 2",)


async def test_an_anchor_that_was_altered_is_told(settings: Settings) -> None:
    await fill(settings)
    path = settings.home / "keys" / "audit.anchor"
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(Exception, match="altered"):
        await verify_audit(settings)


CHANGED = """
UPDATE turn_records SET body = (SELECT body FROM turn_records ORDER BY turn LIMIT 1)
WHERE turn = (SELECT max(turn) FROM turn_records);
"""


async def finish(settings: Settings, turns: int = 3) -> None:
    async with open_storage_alone(settings) as storage:
        for number in range(1, turns + 1):
            unit = storage.begin()
            unit.accept_turn(samples.accepted(number))
            unit.finish_turn(samples.record(number), samples.audit_entry(number, action="turn.finished", detail={}))
            await unit.commit()
        await AnchorAudit(storage, anchor(settings)).run_once()


async def test_records_that_nobody_touched_are_whole(settings: Settings) -> None:
    await finish(settings)
    found = await verdict(settings)
    assert (found.integrity, found.completeness, found.altered) == ("whole", "complete", ())


@pytest.mark.parametrize("script", [CHANGED, "UPDATE turn_records SET body = x'0148' WHERE turn = 3"])
async def test_a_record_that_was_changed_is_named(settings: Settings, script: str) -> None:
    await finish(settings)
    tamper(settings, script)
    found = await verdict(settings)
    assert (found.integrity, found.broken_at, found.completeness) == ("broken", None, "complete")
    assert found.altered == (f"the record of turn {identifier('turn', 3)} is not the one that was sealed",)


async def test_a_record_that_is_gone_is_missed(settings: Settings) -> None:
    await finish(settings)
    tamper(settings, "DELETE FROM turn_records WHERE turn = 2")
    found = await verdict(settings)
    assert (found.integrity, found.missing) == ("whole", (f"the record of turn {identifier('turn', 2)} is gone",))


async def test_a_record_that_no_row_tells_of_is_missed(settings: Settings) -> None:
    await finish(settings)
    async with open_storage_alone(settings) as storage:
        unit = storage.begin()
        unit.accept_turn(samples.accepted(4))
        unit.finish_turn(samples.record(4))
        await unit.commit()
    found = await verdict(settings)
    assert found.missing == (f"no row tells that turn {identifier('turn', 4)} was finished",)


async def test_without_its_anchor_nobody_can_say_that_a_chain_is_all_there(settings: Settings) -> None:
    await fill(settings)
    tamper(settings, CUT)
    (settings.home / "keys" / "audit.anchor").unlink()
    found = await verdict(settings)
    assert (found.integrity, found.completeness) == ("whole", "incomplete")
    assert found.missing == ("no anchor tells how far the chain had come",)
