"""What one turn costs: the warm turn, its critical path, the engine's own CPU, the disk.

Usage: .venv/bin/python bench/turn.py [--json]. Everything runs in this process on a fresh home; medians of the runs
named beside each figure; the fsync of the same disk is measured in the same run, since each turn waits for three.
"""

import argparse
import asyncio
import contextlib
import json
import os
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import uvloop
from bare_turn import RecordingIds, RecordingStorage, bare_turn, prepared_turns

from opsconductor.adapters.clock.system import SystemClock
from opsconductor.adapters.ids.uuid7 import Uuid7Ids
from opsconductor.bootstrap import Engine, Overrides, open_engine
from opsconductor.domain.assets import Asset, AssetAnswer, AssetQuery, Mention, Vocabulary
from opsconductor.domain.identity import Identity
from opsconductor.domain.json_value import JsonObject
from opsconductor.domain.turn import TurnInput, TurnReply
from opsconductor.ports.clock import Clock
from opsconductor.ports.connector import ConnectorCall, ConnectorResult
from opsconductor.ports.embedder import Vectors
from opsconductor.ports.lanes import LaneQuery, LaneRerankers, Lanes
from opsconductor.ports.storage import Storage
from opsconductor.settings import load_settings
from opsconductor.testing.doubles.intent_model.scripted import ScriptedIntentModelsDouble, sure
from opsconductor.testing.doubles.lanes.delayed import DelayedLaneDouble
from opsconductor.testing.doubles.reranker.delayed import TurningRerankerDouble

QUESTION = "How many assets do we have?"
WARM_TURNS = 60
CPU_TURNS = 200
CPU_RUNS = 5
DISK_TURNS = 400  # tables grow by whole pages: halves of 50 turns differ by a tenth, and in either direction
PATH_RUNS = 5
LANE_S = {"rules": (0.06, 0.04), "scenarios": (0.02, 0.05), "memories": (0.08, 0.01), "intents": (0.03, 0.03)}
SESSION = "sess_bench"


async def main(as_json: bool) -> None:
    """Measure everything and print it."""
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        figures["fsync_p50_ms"] = fsync_ms(Path(folder))
        figures |= await warm_turn(Path(folder) / "warm")
        figures |= await critical_path(Path(folder) / "path")
        figures |= await engine_cpu(Path(folder))
    if as_json:
        print(json.dumps(figures, indent=1))
        return
    for name, value in figures.items():
        print(f"{name:32} {value:10.3f}   {NOTES[name]}")


NOTES = {
    "fsync_p50_ms": "one fsync of 4 KiB on this disk",
    "warm_turn_p50_ms": f"{QUESTION!r}, real embedder, HTTP, SQLite; target <= 25",
    "warm_turn_p95_ms": "the same",
    "disk_bytes_a_turn": f"database and WAL after {DISK_TURNS} turns, checkpointed; target <= 6144",
    "disk_second_half_ratio": f"growth of the last {DISK_TURNS // 2} turns beside the first; flat is 1",
    "critical_path_ratio": "stored P4 wall time over the slowest lane's retrieve + rerank; target <= 1.10",
    "engine_cpu_ms": "a turn's CPU, all threads: P1 to P11, 13 audit rows (11 in P11's commit); embedder, HTTP, "
    "inventory, lanes, intent model and tool are no-ops",
    "bare_cpu_ms": "the same reads, task groups, awaits and 3 commits in bare asyncio, with values made beforehand",
    "engine_over_bare_ms": "what the engine adds; target <= 1.0",
}


def fsync_ms(folder: Path) -> float:
    """The median of 50 fsyncs."""
    descriptor = os.open(folder / "fsync", os.O_WRONLY | os.O_CREAT)
    spent = []
    for _ in range(50):
        os.write(descriptor, b"x" * 4096)
        began = time.perf_counter()
        os.fsync(descriptor)
        spent.append((time.perf_counter() - began) * 1000)
    os.close(descriptor)
    return statistics.median(spent)


async def warm_turn(home: Path) -> dict[str, float]:
    """The issue's question, again and again in one session; then the disk it took."""
    async with engine(home) as (opened, identity):
        await ask(opened, identity, QUESTION)
        spent = []
        for _ in range(WARM_TURNS):
            began = time.perf_counter()
            reply = await ask(opened, identity, QUESTION)
            spent.append((time.perf_counter() - began) * 1000)
            assert reply.kind == "answer", reply.message
        sizes = [disk(home)]
        for _ in range(2):
            for _ in range(DISK_TURNS // 2):
                await ask(opened, identity, QUESTION)
            sizes.append(disk(home))
    first, second = sizes[1] - sizes[0], sizes[2] - sizes[1]
    return {
        "warm_turn_p50_ms": statistics.median(spent),
        "warm_turn_p95_ms": statistics.quantiles(spent, n=20)[-1],
        "disk_bytes_a_turn": (first + second) / DISK_TURNS,
        "disk_second_half_ratio": second / first,
    }


def disk(home: Path) -> int:
    """Bytes of the database with its log folded in."""
    import sqlite3

    with contextlib.closing(sqlite3.connect(home / "opsconductor.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(FULL)")
        pages: int = connection.execute("PRAGMA page_count").fetchone()[0]
        free: int = connection.execute("PRAGMA freelist_count").fetchone()[0]
        return (pages - free) * int(connection.execute("PRAGMA page_size").fetchone()[0])


async def critical_path(home: Path) -> dict[str, float]:
    """Known delays in the four real lanes and their rerankers, against the wall time the record keeps."""

    def delayed(lanes: Lanes) -> Lanes:
        return Lanes(
            rules=DelayedLaneDouble(lanes.rules, CLOCK, LANE_S["rules"][0]),
            scenarios=DelayedLaneDouble(lanes.scenarios, CLOCK, LANE_S["scenarios"][0]),
            memories=DelayedLaneDouble(lanes.memories, CLOCK, LANE_S["memories"][0]),
            intents=DelayedLaneDouble(lanes.intents, CLOCK, LANE_S["intents"][0]),
        )

    rerankers = LaneRerankers(
        rules=TurningRerankerDouble(CLOCK, LANE_S["rules"][1]),
        scenarios=TurningRerankerDouble(CLOCK, LANE_S["scenarios"][1]),
        memories=TurningRerankerDouble(CLOCK, LANE_S["memories"][1]),
    )
    longest = max(retrieve + (rerank if name != "intents" else 0) for name, (retrieve, rerank) in LANE_S.items())
    ratios = []
    async with engine(home, Overrides(lanes=delayed, rerankers=rerankers)) as (opened, identity):
        await ask(opened, identity, QUESTION)
        for _ in range(PATH_RUNS):
            reply = await ask(opened, identity, QUESTION)
            record = await opened.storage.turn_record("default", reply.turn_id)
            assert record is not None
            wall = next(timing.ms for timing in record.reply.phases if timing.phase == "p04_retrieve")
            ratios.append(wall / 1000 / longest)
    return {"critical_path_ratio": statistics.median(ratios)}


async def engine_cpu(folder: Path) -> dict[str, float]:
    """CPU of a whole turn beside the CPU of the same awaits and commits alone, on the same store, in turns."""
    recordings: list[RecordingStorage] = []
    ids = RecordingIds(Uuid7Ids(SystemClock()))

    def recording(storage: Storage) -> Storage:
        recordings.append(RecordingStorage(storage))
        return cast(Storage, recordings[0])

    overrides = replace(no_ops(), storage=recording, ids=ids)
    async with engine(folder / "cpu", overrides) as (opened, identity):
        await ask(opened, identity, QUESTION)
        recorded = recordings[0]
        ids.minted.clear()
        recorded.on = True
        await ask(opened, identity, QUESTION)
        recorded.on = False
        prepared = prepared_turns(recorded, ids, SESSION, CPU_RUNS * CPU_TURNS)

    async with engine(folder / "cpu", no_ops()) as (opened, identity):
        runs: dict[str, list[float]] = {"engine_cpu_ms": [], "bare_cpu_ms": [], "engine_over_bare_ms": []}
        answers = [await ask(opened, identity, QUESTION) for _ in range(WARM_TURNS)]
        assert all(reply.kind == "answer" for reply in answers), answers[-1].message
        for run in range(CPU_RUNS):
            mine = prepared[run * CPU_TURNS : (run + 1) * CPU_TURNS]
            of_engine = await cpu_ms(ask(opened, identity, QUESTION) for _ in mine)
            of_bare = await cpu_ms(bare_turn(opened.storage, turn) for turn in mine)
            for name, value in zip(runs, (of_engine, of_bare, of_engine - of_bare), strict=True):
                runs[name].append(value)
    return {name: statistics.median(values) for name, values in runs.items()}


async def cpu_ms(work: Iterable[Awaitable[object]]) -> float:
    """CPU of this process, all threads, for one of CPU_TURNS awaits, in milliseconds."""
    began = time.process_time()
    for one in work:
        await one
    return (time.process_time() - began) * 1000 / CPU_TURNS


def no_ops() -> Overrides:
    """Everything that is not the engine, reduced to an await."""
    lane = EmptyLane()
    return Overrides(
        lanes=lambda lanes: Lanes(rules=lane, scenarios=lane, memories=lane, intents=lane),
        embedder=ConstantEmbedder(),
        intent_models=ScriptedIntentModelsDouble({"how many assets do we have?": sure(COUNT), QUESTION: sure(COUNT)}),
        inventory=FixedInventory(),
        connectors=lambda usual: {name: AnsweringConnector() for name in usual},
    )


COUNT = "information/asset_count"


class ConstantEmbedder:
    """Every text is the same vector."""

    dimensions = 8
    digest = "sha256:" + "0" * 64

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """See the port."""
        return np.ones((len(texts), self.dimensions), dtype=np.float32)


class EmptyLane:
    """Finds nothing, at once."""

    async def retrieve(self, query: LaneQuery, pool: int) -> list[Any]:
        """See the port."""
        return []


class FixedInventory:
    """Answers from constants."""

    async def resolve(self, tenant: str, texts: Sequence[str]) -> tuple[Mention, ...]:
        """See the port."""
        return ()

    async def vocabulary(self, tenant: str) -> Vocabulary:
        """See the port."""
        return WORDS

    async def query(self, tenant: str, query: AssetQuery) -> AssetAnswer:
        """See the port."""
        return AssetAnswer(success=True, total_count=6, breakdown={"windows_workstation": 6})

    async def assets(self, tenant: str, asset_ids: Sequence[str]) -> tuple[Asset, ...]:
        """See the port."""
        return ()


WORDS = Vocabulary(revision=1, values={"type": ("windows_workstation",), "site": ("HQ",)})


class AnsweringConnector:
    """Answers what the asset service would."""

    async def call(self, call: ConnectorCall) -> ConnectorResult:
        """See the port."""
        output: JsonObject = {"success": True, "total_count": 6, "breakdown": {"windows_workstation": 6}}
        return ConnectorResult(outcome="done", ok=True, output=output, response={"status": 200, "bytes": 80})


@contextlib.asynccontextmanager
async def engine(home: Path, overrides: Overrides | None = None) -> AsyncIterator[tuple[Engine, Identity]]:
    """An engine on a new home, and who asks."""
    async with open_engine(load_settings({"home": str(home)}), overrides=overrides) as opened:
        identity = await opened.storage.identity("default", "requester")
        assert identity is not None
        yield opened, identity


async def ask(opened: Engine, identity: Identity, text: str) -> TurnReply:
    """One message in a session of its own kind."""
    turn = TurnInput(turn_id=opened.ids.new("turn"), identity=identity, message=text, session_id=SESSION)
    return await opened.take_turn(turn)


class _Clock:
    """The system's clock, for the delays."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


CLOCK: Clock = _Clock()  # type: ignore[assignment]

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    uvloop.run(main(parser.parse_args().json))  # as the command line and the server do
