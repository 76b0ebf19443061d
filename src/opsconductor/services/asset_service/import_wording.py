"""An import's difference in words, for whoever looks at it before or after."""

from collections.abc import Sequence

from opsconductor.ports.asset_store import ImportDiff

SHOWN = 10


def describe_diff(diff: ImportDiff, *, dry_run: bool = False, shown: int = SHOWN) -> str:
    """A line of totals, then a line for each kind of change with at most `shown` names."""
    totals = (
        f"{len(diff.added)} added, {len(diff.updated)} updated, {diff.unchanged} unchanged, {len(diff.retired)} retired"
    )
    if not (diff.added or diff.updated or diff.retired):
        totals += "; the inventory is as it was"
    updated = [f"{name} ({', '.join(fields)})" for name, fields in diff.updated]
    kinds = (("added", diff.added), ("updated", updated), ("retired", diff.retired))
    lines = [f"  {kind}: {_names(names, shown)}" for kind, names in kinds if names]
    return "\n".join([f"{'Preview of source' if dry_run else 'Source'} {diff.source}: {totals}.", *lines])


def _names(names: Sequence[str], shown: int) -> str:
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + more
