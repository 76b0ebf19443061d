"""How long the four lanes take over 1,000 and 10,000 rules, and what a cold start of them costs.

Usage: .venv/bin/python bench/retrieval.py. Vectors are random (their numbers do not change the time); words are drawn
with the frequencies of a natural text. Prints the median and the 95th percentile of a whole P4, embedding included.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from opsconductor.adapters.clock.system import SystemClock
from opsconductor.adapters.embedder.minilm import open_embedder
from opsconductor.adapters.kept_vectors import KeptVectors
from opsconductor.adapters.lanes.hybrid import hybrid_lanes
from opsconductor.adapters.telemetry.turn_trace import ClockTurnTrace
from opsconductor.domain.catalogue import Catalogue
from opsconductor.domain.knowledge import Memory
from opsconductor.domain.rules import Rule
from opsconductor.phases.p04_retrieve import Retrieve
from opsconductor.ports.embedder import Embedder, Vectors
from opsconductor.ports.lanes import LaneRerankers
from opsconductor.testing.contracts.lanes import GivenMemories, a_catalogue, a_memory, a_rule, an_intent
from opsconductor.testing.turns import a_context, a_host, a_snapshot, an_update

TURNS = 200
BUDGET_MS = 100.0


class RandomVectors:
    """In place of embedding ten thousand rules with the model: 2.3 ms each would only be waited for."""

    dimensions = 384
    digest = "sha256:" + "0" * 64

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Rows of length 1, from a fixed seed."""
        rows = np.random.default_rng(len(texts)).standard_normal((len(texts), self.dimensions)).astype(np.float32)
        vectors: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return vectors


def catalogue_of(count: int) -> Catalogue:
    """`count` rules of twenty words, half of them for an environment, and 300 intent examples."""
    random = np.random.default_rng(count)
    words = [f"word{number}" for number in range(5_000)] + ["restart", "disk", "{host}", "service"]
    chances = 1 / np.arange(1, len(words) + 1)
    drawn = random.choice(words, size=(count, 20), p=chances / chances.sum())
    rules: tuple[Rule, ...] = tuple(
        a_rule(
            f"rule-{number}",
            " ".join(row),
            facets={"environment": (("staging", "production")[number % 4],)} if number % 4 < 2 else {},
        )
        for number, row in enumerate(drawn.tolist())
    )
    intents = tuple(
        an_intent(f"area/intent_{n}", *(f"do {n} thing {m} on {{host}}" for m in range(20))) for n in range(15)
    )
    return a_catalogue(rules=rules, intents=intents, digest=f"sha256:{count}")


def memories_of(count: int) -> GivenMemories:
    """Memories about one host."""
    memories: tuple[Memory, ...] = tuple(
        a_memory(f"mem_{n}", f"restarted billing, try {n}", "asset_app-01") for n in range(count)
    )
    return GivenMemories(memories)


async def measure(count: int, embedder: Embedder, folder: Path) -> None:
    """Print one line of figures."""
    catalogue = catalogue_of(count)
    phase = Retrieve(embedder, hybrid_lanes(KeptVectors(RandomVectors(), folder), memories_of(500)), LaneRerankers())
    text = "restart {service} on {host} when the disk is full"
    host = a_host("app-01")
    context, update = a_context(text, catalogue=catalogue), an_update(host)
    times = []
    for number in range(TURNS):
        trace = ClockTurnTrace(SystemClock())
        started = time.perf_counter()
        await phase.execute_retrieval_phase(context, a_snapshot(f"{text} {number}"), update, trace)
        times.append((time.perf_counter() - started) * 1000)
    cold = hybrid_lanes(KeptVectors(RandomVectors(), folder), memories_of(500))
    again = Retrieve(embedder, cold, LaneRerankers())
    started = time.perf_counter()
    await again.execute_retrieval_phase(context, a_snapshot(text), update, ClockTurnTrace(SystemClock()))
    start_ms = (time.perf_counter() - started) * 1000
    warm = sorted(times[1:])
    median = statistics.median(warm)
    verdict = "inside" if median < BUDGET_MS else "OVER"
    report = f"{count:>6} rules: p50 {median:6.2f} ms  p95 {warm[int(len(warm) * 0.95)]:6.2f} ms"
    print(f"{report}  first turn of a process {start_ms:7.1f} ms  budget {BUDGET_MS:.0f} ms: {verdict}")


async def main() -> None:
    """Both sizes with the packaged embedder for the turn's own text."""
    async with open_embedder() as embedder:
        await embedder.embed(["warm"])
        for count in (1_000, 10_000):
            with tempfile.TemporaryDirectory() as folder:
                await measure(count, embedder, Path(folder))


if __name__ == "__main__":
    asyncio.run(main())
