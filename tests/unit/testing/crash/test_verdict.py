"""A cell is judged, travels as JSON, and is counted under what it broke."""

from dataclasses import replace
from pathlib import Path

from opsconductor.testing.client_log import REQUEST, Acknowledged, ClientLog
from opsconductor.testing.crash.cells import Cell
from opsconductor.testing.crash.engines import opened_engine
from opsconductor.testing.crash.place import Place
from opsconductor.testing.crash.verdict import Figures, Verdict, judge, landed_after_a_look, told
from opsconductor.testing.doubles.failpoints.killing import KillingFailpointsDouble
from opsconductor.testing.invariants.evidence import DUPLICATE, LOST
from opsconductor.testing.world.log import ASKED, DONE, LOOKED, WorldEntry

CELL = Cell(number=7, plan="restart", probe=True, behaviour="late", place="effect.sent", times=1, second_kill=0)
CLEAN = Verdict(cell=CELL, harms=(), words=(), unknown=False, late=True, killed=True, killed_again=False)


async def test_a_lost_request_is_seen(tmp_path: Path) -> None:
    place = Place(folder=tmp_path, port=1, realm="cell")
    ClientLog(place.client_log).acknowledged(Acknowledged(kind=REQUEST, subject="turn_1"))
    async with opened_engine(place, KillingFailpointsDouble()) as engine:
        verdict = await judge(CELL, engine, place.client_log, ())
    assert verdict.harms == (LOST,)
    assert "turn_1" in verdict.words[0]
    assert Verdict.from_json(verdict.as_json()) == verdict


def test_an_effect_is_late_when_somebody_looked_between_request_and_deed() -> None:
    asked = WorldEntry(number=1, at=1, what=ASKED, verb="restart", mark="m", target="app-01")
    looked = WorldEntry(number=2, at=1, what=LOOKED, verb="read", mark="", target="app-01")
    done = WorldEntry(number=3, at=2, what=DONE, verb="restart", mark="m", target="app-01", ask=1)
    assert landed_after_a_look((asked, looked, done))
    assert not landed_after_a_look((looked, asked, done, looked))
    assert not landed_after_a_look((asked, replace(looked, target="app-02"), done))


def test_the_figures_count_cells_by_what_they_broke() -> None:
    figures = Figures()
    blind = replace(CELL, probe=False, place="step.after_intent")
    for verdict in (
        CLEAN,
        replace(CLEAN, harms=(DUPLICATE, LOST), words=("I2: twice", "I1: lost"), killed_again=True, late=False),
        replace(CLEAN, unknown=True, late=False),
        replace(CLEAN, cell=blind, unknown=True, late=False, killed=False),
    ):
        figures.add(verdict)
    wanted = {"cells": 4, "lost": 1, "duplicates": 1, "false_failed": 0, "false_done": 0, "broken": 0}
    wanted |= {"unknown_with_probe": 1, "unknown_without_probe": 1, "killed": 3, "killed_again": 1, "places": 2}
    assert figures.as_json() == {**wanted, "late_share": 0.25}
    lines = told(figures.failing)
    assert len(figures.failing) == 2, "an unknown outcome is right where nobody can read it back"
    assert lines[0].startswith("cell 7: restart with probe")
    assert lines[1:3] == ["    I2: twice", "    I1: lost"]
