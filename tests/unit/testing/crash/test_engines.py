"""A cell's engine has its own home and time, the World behind its tools, and a place at each side of a commit."""

from pathlib import Path

from opsconductor.testing.crash.engines import opened_engine
from opsconductor.testing.crash.place import Place
from opsconductor.testing.doubles.clock.on_file import START, OnFileClockDouble
from opsconductor.testing.doubles.failpoints.killing import KillingFailpointsDouble


async def test_it_stands_in_its_own_time_and_place(tmp_path: Path) -> None:
    failpoints = KillingFailpointsDouble()
    async with opened_engine(Place(folder=tmp_path, port=1, realm="cell"), failpoints) as engine:
        assert engine.clock.now() == START
        OnFileClockDouble(tmp_path / "time").advance(60)
        assert (engine.clock.now() - START).total_seconds() == 60
        assert engine.settings.home == tmp_path / "home"
        assert set(engine.catalogues.current().tools) >= {"world-read", "world-restart", "world-deploy", "world-undo"}
    assert "store.after:add_identity" in failpoints.hits
