"""Where what happened is not what a plan predicted, in sentences: kept with the result, told, and shown."""

from collections.abc import Sequence

SLOWER, AT_LEAST_S = 2.0, 5.0
"""A run differs in time once it took so many times its estimate, and so many seconds more."""


def change_difference(
    predicted: Sequence[str], changed: Sequence[str], undone: Sequence[str], unknown: Sequence[str]
) -> str:
    """Sentences for predicted changes that are not all there, or for others that are; "" when they agree.

    A plan of one change is left to what is said of that change itself, and one that predicts none says nothing.
    """
    lists = (
        ("Not made", [change for change in predicted if change not in {*changed, *undone, *unknown}]),
        ("Made and taken back", list(undone)),
        ("Not known", list(unknown)),
        ("Not predicted", [change for change in changed if change not in predicted]),
    )
    told = [f"{words}: {', '.join(changes)}." for words, changes in lists if changes]
    if not told or not predicted or (len(predicted) == 1 and not changed):
        return ""
    noun, verb = ("change" if len(predicted) == 1 else "changes"), ("stands" if len(changed) == 1 else "stand")
    return " ".join([f"Of {len(predicted)} predicted {noun} {len(changed) or 'none'} {verb}.", *told])


def time_difference(estimate_s: float, actual_s: float | None) -> str:
    """A sentence for a run that took much longer than estimated; "" for any other."""
    if actual_s is None or actual_s < SLOWER * estimate_s or actual_s < estimate_s + AT_LEAST_S:
        return ""
    return f"It was estimated at {estimate_s:g} s and took {actual_s:.1f} s."
