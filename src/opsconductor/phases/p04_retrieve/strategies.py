"""Where to cut a ranked list: five strategies over scores alone, safe with any number a lane may give."""

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

Strategy = Callable[[Sequence[float]], list[int]]
"""Finite scores, highest first, to the places that are kept, in order; one score or more keeps at least the first."""

ELBOW_DROP = 0.15
ADAPTIVE_FACTOR = 1.5
LOW_ENTROPY, HIGH_ENTROPY = 1.0, 2.0  # in nats: e^H is how many items share the weight, about 3 and 7
CLUSTER_GAP = 0.1
CLUSTER_KEEPS = 3
_HUGE = 1e300  # infinite scores count as this: sums and differences of them stay finite


def fixed_k(scores: Sequence[float]) -> list[int]:
    """All of them: the lane's limit alone cuts."""
    return list(range(len(scores)))


def elbow(scores: Sequence[float]) -> list[int]:
    """Up to the first drop by more than 15 % of the score above it."""
    for place, (above, below) in enumerate(pairwise(scores)):
        if above - below > ELBOW_DROP * abs(above):
            return list(range(place + 1))
    return fixed_k(scores)


def adaptive_k(scores: Sequence[float]) -> list[int]:
    """Up to the first drop that is more than 1.5 times the mean drop."""
    drops = [above - below for above, below in pairwise(scores)]
    for place, drop in enumerate(drops):
        if drop > ADAPTIVE_FACTOR * (scores[0] - scores[-1]) / len(drops):
            return list(range(place + 1))
    return fixed_k(scores)


def entropy(scores: Sequence[float]) -> list[int]:
    """3, 5 or 10, the more evenly the scores are spread."""
    floor = min(0.0, *scores) if scores else 0.0
    shares = [score - floor for score in scores]
    total = math.fsum(shares)
    chances = [share / total for share in shares] if total > 0 else [1 / len(shares) for _ in shares]
    disorder = -math.fsum(chance * math.log(chance) for chance in chances if chance > 0)
    keep = 3 if disorder < LOW_ENTROPY else 5 if disorder <= HIGH_ENTROPY else 10
    return list(range(min(keep, len(scores))))


def clustering(scores: Sequence[float]) -> list[int]:
    """The best 3 of each cluster; a gap of more than a tenth of the whole span begins a new one."""
    kept: list[int] = []
    size = 0
    for place, score in enumerate(scores):
        if place and scores[place - 1] - score > CLUSTER_GAP * (scores[0] - scores[-1]):
            size = 0
        if size < CLUSTER_KEEPS:
            kept.append(place)
        size += 1
    return kept


STRATEGIES: Mapping[str, Strategy] = {
    "fixed_k": fixed_k,
    "elbow": elbow,
    "adaptive_k": adaptive_k,
    "entropy": entropy,
    "clustering": clustering,
}


def select(strategy: Strategy, scores: Sequence[float], limit: int) -> list[int]:
    """The places in `scores` (any order, any value) to keep: best first, equal ones as they came, up to `limit`."""
    safe = [finite(score) for score in scores]
    best_first = sorted(range(len(safe)), key=lambda place: -safe[place])
    kept = strategy([safe[place] for place in best_first])
    return [best_first[place] for place in kept[: max(limit, 0)]]


def finite(score: float) -> float:
    """The score itself; a huge number for an infinite one, the lowest for NaN."""
    return -_HUGE if math.isnan(score) else max(-_HUGE, min(_HUGE, score))
