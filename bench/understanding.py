"""How well and how fast requests are understood with no model server: python bench/understanding.py [PACK] [--misses]

The heads learn from the pack's own examples and are asked the requests of tests/data/ops_requests.yaml, which were
written without looking at any pack; those that equal an example all the same are left out. Each request is masked as
it is labelled, so the figures are of the heads alone; tests/scenario/test_understanding.py hears the raw text.
"""

import argparse
import asyncio
import re
import statistics
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
import yaml

from opsconductor.adapters.catalogue.files import open_catalogues
from opsconductor.adapters.clock.system import SystemClock
from opsconductor.adapters.embedder.minilm import open_embedder
from opsconductor.adapters.expressions.cel import open_expressions
from opsconductor.adapters.intent_model.trained import examples_of
from opsconductor.adapters.schema.json_schema import JsonSchemas
from opsconductor.ports.embedder import Embedder
from opsconductor.ports.intent_model import Prediction
from opsconductor.stages.a_classify.head import Example, train_head
from opsconductor.stages.a_classify.out_of_scope import OUT_OF_SCOPE
from opsconductor.stages.a_classify.understanding import Understanding

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "tests" / "data" / "ops_requests.yaml"
PACK = ROOT / "src" / "opsconductor" / "packs" / "default"
COLD_LOAD = """
import asyncio, time
start = time.perf_counter()
from opsconductor.adapters.embedder.minilm import MiniLmEmbedder
async def load():
    embedder = MiniLmEmbedder()
    await embedder.load()
    await embedder.embed(["first"])
asyncio.run(load())
print(time.perf_counter() - start)
"""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One labelled request and what was understood."""

    text: str
    intent: str
    kind: str  # of an out-of-scope request: outside | no_tool
    prediction: Prediction

    @property
    def guess(self) -> str:
        """The best label."""
        return self.prediction.ranked[0][0]

    @property
    def confidence(self) -> float:
        """The best label's probability."""
        return self.prediction.ranked[0][1]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="Accuracy and speed of understanding.")
    parser.add_argument("pack", nargs="?", type=Path, default=PACK)
    parser.add_argument("--misses", action="store_true", help="list every request that was not understood")
    arguments = parser.parse_args()
    catalogues = open_catalogues(arguments.pack, None, SystemClock(), open_expressions(), JsonSchemas())
    catalogue = catalogues.current()
    serves = {intent.label: intent.tools[0] for intent in catalogue.intents if intent.tools}
    tell_cold_start()
    asyncio.run(measure(examples_of(catalogue), serves, arguments.misses))


async def measure(examples: list[Example], serves: dict[str, str], misses: bool) -> None:
    """Learn from the examples, ask the corpus, time the parts; `serves` gives the first tool of a label."""
    corpus = yaml.safe_load(CORPUS.read_text(encoding="utf-8"))
    taught = {words(text) for _, text in examples}
    requests = [request for request in corpus if words(request["masked"]) not in taught]
    async with open_embedder() as embedder:
        known = await embedder.embed([text for _, text in examples])
        start = perf_counter()
        model = Understanding.learn(examples, known)
        taken = perf_counter() - start
        vectors = await embedder.embed([request["masked"] for request in requests])
        asked = [
            Asked(
                text=request["text"],
                intent=request["intent"],
                kind=request.get("kind", ""),
                prediction=model.predict(vector.tolist(), request["masked"]),
            )
            for request, vector in zip(requests, vectors, strict=True)
        ]
        tell(f"{len(examples)} examples of {len(dict(examples))} labels, learned and calibrated in {taken:.2f} s")
        tell(f"left out: {len(corpus) - len(requests)} of {len(corpus)} requests that say the same words as an example")
        tell_accuracy(asked, serves)
        if misses:
            tell_misses(asked)
        await tell_speed(embedder)


def tell_accuracy(asked: list[Asked], serves: dict[str, str]) -> None:
    """Intent accuracy of what is in scope, and what the gate keeps and refuses."""
    inside = [one for one in asked if one.intent != OUT_OF_SCOPE]
    right = [one for one in inside if one.guess == one.intent]
    kept = [one for one in inside if one.prediction.in_scope]
    sound = [one for one in kept if one.guess == one.intent]
    tell(f"intent accuracy: {share(right, inside)} of {len(inside)} requests")
    same = [one for one in inside if serves.get(one.guess, one.guess) == serves.get(one.intent, one.intent)]
    tell(f"the intent's first tool is the right one: {share(same, inside)}")
    tell(f"kept in scope: {share(kept, inside)}; of those, right: {share(sound, kept)}")
    confidence = statistics.fmean(one.confidence for one in inside)
    sure = [one for one in inside if one.confidence >= 0.5]
    tell(f"mean confidence {100 * confidence:.1f} % (as often as right is honest); at least 0.5: {share(sure, inside)}")
    for kind, name in (("outside", "not operations at all"), ("no_tool", "operations without a tool")):
        foreign = [one for one in asked if one.kind == kind]
        refused = [one for one in foreign if not one.prediction.in_scope]
        tell(f"out of scope, {name}: {share(refused, foreign)} of {len(foreign)} refused")
    for intent in sorted({one.intent for one in inside}):
        own = [one for one in inside if one.intent == intent]
        wrong = Counter(one.guess for one in own if one.guess != intent)
        taken = ", ".join(f"{guess} {count}" for guess, count in wrong.most_common())
        tell(f"  {intent}: {share([one for one in own if one.guess == intent], own)}{taken and f'; taken for {taken}'}")


def tell_misses(asked: list[Asked]) -> None:
    """Each request with the wrong label, refused though in scope, or admitted though out of it."""
    for one in asked:
        foreign = one.intent == OUT_OF_SCOPE
        if one.prediction.in_scope == foreign or (not foreign and one.guess != one.intent):
            verdict = "in scope" if one.prediction.in_scope else "refused"
            score = f"{one.confidence:.2f}, scope {one.prediction.scope_score:.2f}, {verdict}"
            tell(f"  {one.intent}: {one.text!r} -> {one.guess} ({score})")


def tell_cold_start() -> None:
    """What the first text costs a fresh process."""
    cold = [
        float(subprocess.run([sys.executable, "-c", COLD_LOAD], capture_output=True, check=True, text=True).stdout)
        for _ in range(5)
    ]
    tell(f"cold embedder, imports and first text included: {statistics.median(cold):.2f} s (median of 5)")


async def tell_speed(embedder: Embedder) -> None:
    """Medians of the warm parts."""
    times = []
    for number in range(200):
        start = perf_counter()
        await embedder.embed([f"restart the billing service on host number {number}, please"])
        times.append(1000 * (perf_counter() - start))
    tell(f"one text: p50 {statistics.median(times):.2f} ms, p95 {sorted(times)[189]:.2f} ms (200 texts, none repeated)")
    texts = [f"word{n % 60} thing{n % 7} on number {n}" for n in range(1000)]
    examples = [(f"label {n % 60}", text) for n, text in enumerate(texts)]
    vectors = np.concatenate([await embedder.embed(texts[start : start + 100]) for start in range(0, 1000, 100)])
    start = perf_counter()
    head = train_head(examples, vectors)
    tell(f"training on 1,000 examples of 60 labels: {perf_counter() - start:.2f} s")
    start = perf_counter()
    for _ in range(1000):
        head.predict(vectors[0], texts[0])
    tell(f"one prediction: {perf_counter() - start:.3f} ms")


def words(text: str) -> tuple[str, ...]:
    """The words of a masked text, without case and punctuation."""
    return tuple(re.findall(r"\{\w+\}|\w+", text.casefold()))


def share(part: list[Asked], whole: list[Asked]) -> str:
    """A percentage in words."""
    return f"{100 * len(part) / len(whole):.1f} %" if whole else "none"


def tell(line: str) -> None:
    """One line on standard output."""
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
