"""Reciprocal rank fusion: several orders of the same items made into one, without comparing their scores."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.intp]

_OFFSET = 60  # the customary constant: how little the first place counts over the second

_PREFERENCE = 0.5  # as much as the first place in one order


def best(scores: NDArray[np.float32], candidates: Places, most: int) -> Places:
    """The `most` best of `candidates` (places in `scores`), best first, equal ones by place."""
    if len(candidates) > most:
        cut = np.partition(scores[candidates], len(candidates) - most)[len(candidates) - most]
        candidates = candidates[scores[candidates] >= cut]
    ordered: Places = candidates[np.argsort(-scores[candidates], kind="stable")][:most]
    return ordered


def fuse(orders: Sequence[Places], preferred: Places) -> list[tuple[int, float]]:
    """Places with their score, best first; 1.0 is what first in two orders gives.

    `preferred` items count as if they also led an order of their own, but never above the best, so that a selection
    which looks for a drop in the scores does not find one of our own making.
    """
    totals: dict[int, float] = {}
    for order in orders:
        for rank, place in enumerate(order.tolist()):
            totals[place] = totals.get(place, 0.0) + (_OFFSET + 1) / (2 * (_OFFSET + 1 + rank))
    ceiling = max(totals.values(), default=0.0)
    for place in preferred.tolist():
        totals[place] = min(totals.get(place, 0.0) + _PREFERENCE, ceiling)
    return sorted(totals.items(), key=lambda total: (-total[1], total[0]))
