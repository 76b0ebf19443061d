"""A power cut takes what was not synced: nothing that was acknowledged may be among it."""

import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from opsconductor.adapters.audit.hmac_seal import HmacSeal
from opsconductor.adapters.storage.sqlite import open_storage
from opsconductor.testing.crash.cells import Cell
from opsconductor.testing.crash.engines import opened_engine
from opsconductor.testing.crash.frozen import freeze
from opsconductor.testing.crash.place import Place
from opsconductor.testing.crash.plans import PLANS
from opsconductor.testing.crash.turns import APPROVING, recover_with
from opsconductor.testing.crash.verdict import judge
from opsconductor.testing.doubles.failpoints.killing import KillingFailpointsDouble
from opsconductor.testing.world.process import running_world
from opsconductor.testing.world.realm import AT_ONCE
from tests.crash.power import Powered, build, missing

BARE = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode = WAL")
connection.execute(f"PRAGMA synchronous = {sys.argv[2]}")
connection.execute("CREATE TABLE rows (number INTEGER)")
for number in range(10**9):
    connection.execute("INSERT INTO rows VALUES (?)", (number,))
    print(number, flush=True)
"""
TURNS = """
import asyncio, sys
from pathlib import Path
from opsconductor.adapters.audit.hmac_seal import HmacSeal
from opsconductor.adapters.storage.sqlite import open_storage
from opsconductor.testing.contracts.storage import samples

async def main():
    async with open_storage(Path(sys.argv[1]), HmacSeal(bytes(32))) as storage:
        for number in range(1, 10**9):
            unit = storage.begin()
            unit.accept_turn(samples.accepted(number))
            unit.append_audit(samples.audit_entry(number))
            await unit.commit()
            print(samples.identifier("turn", number), flush=True)

asyncio.run(main())
"""


APPROVAL = """
import asyncio, sys
from pathlib import Path
from opsconductor.testing.crash.place import Place
from opsconductor.testing.crash.turns import approve

folder, port, kill_at = sys.argv[1:]
asyncio.run(approve(Place(folder=Path(folder), port=int(port), realm="cell"), kill_at))
"""


@pytest.fixture
def powered(tmp_path: Path) -> Powered:
    """Something to cut the power of: the process that writes `home/opsconductor.db`."""
    reason = missing()
    if reason:
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    (tmp_path / "home").mkdir()
    return Powered(library=build(tmp_path), files=tmp_path / "home" / "opsconductor.db", disk=tmp_path / "disk")


@pytest.mark.parametrize(("synchronous", "loses"), [("FULL", False), ("NORMAL", True)])
def test_the_cut_takes_what_was_not_synced_and_nothing_else(powered: Powered, synchronous: str, loses: bool) -> None:
    told = powered.run_and_cut([sys.executable, "-c", BARE, str(powered.files), synchronous], 700)
    with closing(sqlite3.connect(powered.files)) as connection:
        tables = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'rows'").fetchone()[0]
        kept = connection.execute("SELECT count(*) FROM rows").fetchone()[0] if tables else 0
    assert (kept < len(told)) is loses


@pytest.mark.timeout(300)
async def test_no_acknowledged_request_is_lost(powered: Powered, long_form: bool) -> None:
    wanted = 3000 if long_form else 300
    told = powered.run_and_cut([sys.executable, "-c", TURNS, str(powered.files)], wanted)
    seal = HmacSeal(bytes(32))
    async with open_storage(powered.files, seal) as storage:
        kept = [turn_id for turn_id in told if await storage.accepted_turn("default", turn_id) is not None]
        chain = await storage.audit("default", limit=10**6)
    assert len(told) >= wanted
    assert kept == told
    assert len(chain) >= len(told)
    assert seal.verify(chain) is None


@pytest.mark.parametrize(
    "kill_at",
    [
        *("store.after:accept_turn", "store.after:decide_approval", "step.after_intent", "effect.sent"),
        *("step.after_effect", "step.after_result", "closing.before", "store.after:save_result"),
    ],
)
async def test_an_approved_order_is_told_truly_after_a_cut(powered: Powered, tmp_path: Path, kill_at: str) -> None:
    with running_world(tmp_path / "world") as world:
        place = Place(folder=tmp_path, port=world.port, realm="cell")
        async with opened_engine(place, KillingFailpointsDouble()) as engine:
            await freeze(engine, PLANS["restart"].make(engine.catalogues.current(), True))
        powered.run_and_cut([sys.executable, "-c", APPROVAL, str(tmp_path), str(world.port), kill_at], 1)
        assert place.passed(APPROVING)[-1] == kill_at
        async with opened_engine(place, KillingFailpointsDouble()) as engine:
            await recover_with(engine, place)
            cell = Cell(number=1, plan="restart", probe=True, behaviour=AT_ONCE, place=kill_at, times=1, second_kill=0)
            verdict = await judge(cell, engine, place.client_log, world.log("cell"))
    assert verdict.words == ()
    assert not verdict.unknown
