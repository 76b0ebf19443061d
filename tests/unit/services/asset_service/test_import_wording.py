from opsconductor.ports.asset_store import ImportDiff
from opsconductor.services.asset_service.import_wording import describe_diff


def a_diff(**fields: object) -> ImportDiff:
    empty = {"source": "csv", "added": (), "updated": (), "unchanged": 0, "retired": (), "revision": 7}
    return ImportDiff(**{**empty, **fields})  # type: ignore[arg-type]


def test_every_kind_of_change_is_told_with_names() -> None:
    diff = a_diff(added=("a", "b"), updated=(("c", ("site", "ip")),), unchanged=3, retired=("d",))
    assert describe_diff(diff) == (
        "Source csv: 2 added, 1 updated, 3 unchanged, 1 retired.\n  added: a, b\n  updated: c (site, ip)\n  retired: d"
    )


def test_nothing_new_is_said_in_one_line() -> None:
    assert describe_diff(a_diff(unchanged=252)) == (
        "Source csv: 0 added, 0 updated, 252 unchanged, 0 retired; the inventory is as it was."
    )


def test_many_names_are_cut_and_counted() -> None:
    assert describe_diff(a_diff(added=tuple("abcde")), shown=2).endswith("  added: a, b and 3 more")


def test_a_preview_says_that_it_is_one() -> None:
    assert describe_diff(a_diff(added=("a",)), dry_run=True).startswith("Preview of source csv: 1 added")
