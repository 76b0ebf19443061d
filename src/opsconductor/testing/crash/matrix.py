"""Runs cells: a home each, its processes one after the other, two cells at a time; and rehearses what can be killed."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from importlib import import_module

from opsconductor.bootstrap import to_json
from opsconductor.testing.client_log import read_client_log
from opsconductor.testing.contracts.storage import samples
from opsconductor.testing.crash.cells import BEHAVIOURS, LATE_S, Cell, Rehearsal
from opsconductor.testing.crash.children import answer_of, end_of, forked, in_child
from opsconductor.testing.crash.engines import opened_engine
from opsconductor.testing.crash.frozen import freeze
from opsconductor.testing.crash.place import Place
from opsconductor.testing.crash.places import HomePlaces
from opsconductor.testing.crash.plans import PLANS
from opsconductor.testing.crash.turns import APPROVING, approve, approve_with, recover, recover_with
from opsconductor.testing.crash.verdict import Verdict, judge
from opsconductor.testing.doubles.clock.on_file import START
from opsconductor.testing.executions import HOSTS
from opsconductor.testing.world.process import World

FAR_LATER_S = 3600.0
"""By then everything has happened that ever will."""


class Matrix:
    """Cells against one World. The process that has it must have started no threads."""

    def __init__(self, places: HomePlaces, world: World) -> None:
        """`places` are this run's own, and their World is `world`."""
        self._places = places
        self._world = world
        self._templates: dict[tuple[str, bool], Place] = {}

    def warm(self, *prepare: Callable[[], object]) -> None:
        """Import whatever an engine imports while it runs, and `prepare` what it prepares once: no child has to."""
        place = self._places.fresh("warm")
        for name in answer_of(_imported(place)).split():
            if name not in sys.modules:
                import_module(name)
        for once in prepare:
            once()
        for value in (samples.record(), samples.approval(), samples.execution(), samples.step_result(), samples.plan()):
            to_json(value)
        self._places.remove(place)

    def rehearse(self) -> Iterator[Rehearsal]:
        """Each plan, with and without probes, in each behaviour: run to its end without a fault."""
        for plan in PLANS:
            for probe in (True, False):
                self._prepare(plan, probe)
                for behaviour in BEHAVIOURS:
                    place = self._copy(f"rehearsal-{_slug(plan, probe)}-{behaviour}", plan, probe)
                    self._script(place, plan, behaviour)
                    ended = in_child(approve(place))
                    _, shown = read_client_log(place.client_log)
                    if ended != 0 or not any(word.execution_id for word in shown):
                        raise RuntimeError(f"The rehearsal of {plan}, effects {behaviour}, ran nothing: {shown}.")
                    passed = place.passed(APPROVING)
                    self._places.remove(place)
                    yield Rehearsal(plan=plan, probe=probe, behaviour=behaviour, places=passed)

    def run(self, cell: Cell) -> Verdict:
        """Approve, die, recover (and die), recover, judge."""
        place = self._copy(f"cell-{cell.number}", cell.plan, cell.probe)
        self._script(place, cell.plan, cell.behaviour)
        killed = in_child(approve(place, cell.place, cell.times)) < 0
        killed_again = cell.second_kill > 0 and in_child(recover(place, cell.second_kill)) < 0
        verdict = Verdict.from_json(json.loads(answer_of(self._recover_and_judge(place, cell))))
        self._places.remove(place)
        return replace(verdict, killed=killed, killed_again=killed_again)

    async def _recover_and_judge(self, place: Place, cell: Cell) -> str:
        async with opened_engine(place, place.failpoints("recovered")) as engine:
            await recover_with(engine, place)
            place.clock.advance(FAR_LATER_S)
            for host in HOSTS:
                self._world.read(place.realm, host.name, place.clock.now().timestamp())
            world = self._world.log(place.realm)
            verdict = await judge(cell, engine, place.client_log, world)
        return json.dumps(verdict.as_json())

    def _prepare(self, plan: str, probe: bool) -> None:
        """The place that every cell of this plan begins with: its plan is frozen and waits for an approval."""
        place = self._places.fresh(f"template-{_slug(plan, probe)}")
        if in_child(_freeze(place, plan, probe)) != 0:
            raise RuntimeError(f"The plan {plan} could not be frozen.")
        self._templates[plan, probe] = place

    def _copy(self, name: str, plan: str, probe: bool) -> Place:
        return self._places.copy(self._templates[plan, probe], name)

    def _script(self, place: Place, plan: str, behaviour: str) -> None:
        for verb, mark, words in PLANS[plan].script:
            for word in words:
                self._world.behave(place.realm, verb, mark, word or behaviour, after_s=LATE_S, now=START.timestamp())


def _slug(plan: str, probe: bool) -> str:
    return f"{plan.replace(' ', '-')}-{'probed' if probe else 'blind'}"


async def _imported(place: Place) -> str:
    async with opened_engine(place, place.failpoints("warming")) as engine:
        await freeze(engine, PLANS["restart"].make(engine.catalogues.current(), True))
        await approve_with(engine, place)
    return " ".join(sorted(name for name, module in sys.modules.items() if getattr(module, "__spec__", None)))


async def _freeze(place: Place, plan: str, probe: bool) -> None:
    async with opened_engine(place, place.failpoints("freezing")) as engine:
        await freeze(engine, PLANS[plan].make(engine.catalogues.current(), probe))


def run_all(matrix: Matrix, cells: Sequence[Cell], jobs: int, arrived: Callable[[Verdict], None]) -> None:
    """All cells, `jobs` at a time, each lot in a forked process of its own; `arrived` is told each verdict.

    Raises RuntimeError when a lot broke off.
    """
    reader, writer = os.pipe()
    lots = [forked(partial(_run_lot, matrix, cells[number::jobs], writer)) for number in range(jobs)]
    os.close(writer)
    with os.fdopen(reader) as verdicts:
        for line in verdicts:
            arrived(Verdict.from_json(json.loads(line)))
    broken_off = sum(end_of(lot) != 0 for lot in lots)
    if broken_off:
        raise RuntimeError(f"{broken_off} of {jobs} lots of cells broke off.")


def _run_lot(matrix: Matrix, cells: Sequence[Cell], writer: int) -> None:
    for cell in cells:
        os.write(writer, json.dumps(matrix.run(cell).as_json()).encode() + b"\n")  # a short line is written whole
