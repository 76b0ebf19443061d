"""Judges a cell by the World's own log, the store and what was shown; and adds cells up to the figures."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from opsconductor.bootstrap import Engine
from opsconductor.bootstrap.audit_examination import verify_audit
from opsconductor.domain.execution import StepStatus
from opsconductor.testing.client_log import read_client_log
from opsconductor.testing.crash.cells import Cell
from opsconductor.testing.invariants import Evidence, StoreAfter, check, read_store
from opsconductor.testing.invariants.evidence import BROKEN, DUPLICATE, FALSE_DONE, FALSE_FAILED, LOST
from opsconductor.testing.invariants.promises import PATIENCE_S
from opsconductor.testing.world.log import ASKED, DONE, LOOKED, WorldEntry


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What became of one cell."""

    cell: Cell
    harms: tuple[str, ...]  # of the broken invariants, each once
    words: tuple[str, ...]  # the broken invariants
    unknown: bool  # an outcome is left unknown
    late: bool  # an effect landed after somebody had looked for it
    killed: bool = False
    killed_again: bool = False

    def as_json(self) -> dict[str, Any]:
        """As it travels from the process that judged to the one that adds up."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Verdict":
        """The other way."""
        lists = {name: tuple(data[name]) for name in ("harms", "words")}
        return cls(**{**data, **lists, "cell": Cell(**data["cell"])})


async def judge(cell: Cell, engine: Engine, client_log: Path, world: Sequence[WorldEntry]) -> Verdict:
    """Hold the World's log and the client's against the engine's store. Raises `store.*`, `audit.broken`."""
    promises, shown = read_client_log(client_log)
    await engine.anchor.run_once()  # as every command does at its end; the killed ones did not come to it
    chains = await verify_audit(engine.settings)
    faulty = tuple(chain.tenant for chain in chains if (chain.integrity, chain.completeness) != ("whole", "complete"))
    found = await read_store(engine.storage, turn_ids=tuple(promise.subject for promise in promises))
    store = replace(found, broken_chains=faulty)
    evidence = Evidence(acknowledged=promises, world=tuple(world), store=store, shown=shown, healthy_s=PATIENCE_S)
    violations = check(evidence)
    return Verdict(
        cell=cell,
        harms=tuple(sorted({violation.harm for violation in violations})),
        words=tuple(f"{violation.invariant}: {violation.words}" for violation in violations),
        unknown=_has_unknown(store),
        late=landed_after_a_look(world),
    )


def landed_after_a_look(world: Sequence[WorldEntry]) -> bool:
    """Whether an effect happened after its target had been read, with the request already in."""
    for number, done in enumerate(world):
        if done.what == DONE:
            asked = next(place for place, entry in enumerate(world) if entry.number == done.ask and entry.what == ASKED)
            if any(one.what == LOOKED and one.target == done.target for one in world[asked:number]):
                return True
    return False


def _has_unknown(store: StoreAfter) -> bool:
    results = [stored.execution.result for stored in store.executions]
    return any(step.status is StepStatus.UNKNOWN for result in results if result for step in result.step_results)


@dataclass(kw_only=True)
class Figures:
    """The matrix's figures, as cells come in."""

    cells: int = 0
    killed: int = 0
    killed_again: int = 0
    late: int = 0
    unknown_with_probe: int = 0
    unknown_without_probe: int = 0
    harms: Counter[str] = field(default_factory=Counter)
    places: set[str] = field(default_factory=set)
    failing: list[Verdict] = field(default_factory=list)

    def add(self, verdict: Verdict) -> None:
        """Count one more cell."""
        self.cells += 1
        self.killed += verdict.killed
        self.killed_again += verdict.killed_again
        self.late += verdict.late
        self.unknown_with_probe += verdict.unknown and verdict.cell.probe
        self.unknown_without_probe += verdict.unknown and not verdict.cell.probe
        self.harms.update(verdict.harms)
        self.places.add(verdict.cell.place)
        if verdict.harms or (verdict.unknown and verdict.cell.probe):
            self.failing.append(verdict)

    def as_json(self) -> dict[str, Any]:
        """The keys that are compared from run to run."""
        return {
            "cells": self.cells,
            "lost": self.harms[LOST],
            "duplicates": self.harms[DUPLICATE],
            "false_failed": self.harms[FALSE_FAILED],
            "false_done": self.harms[FALSE_DONE],
            "broken": self.harms[BROKEN],
            "unknown_with_probe": self.unknown_with_probe,
            "unknown_without_probe": self.unknown_without_probe,
            "killed": self.killed,
            "killed_again": self.killed_again,
            "late_share": round(self.late / max(self.cells, 1), 3),
            "places": len(self.places),
        }


def told(verdicts: Iterable[Verdict], most: int = 20) -> list[str]:
    """Failing cells in lines for people."""
    lines = []
    for verdict in list(verdicts)[:most]:
        lines.append(f"cell {verdict.cell.number}: {verdict.cell.described()}")
        lines += [f"    {words}" for words in verdict.words or ("an outcome that could be read back is left unknown",)]
    return lines
