import pytest

from opsconductor.adapters.asset_store.sqlite import asking
from opsconductor.domain.assets import FILTER_FIELDS, AssetQuery
from opsconductor.domain.errors import BadInput
from opsconductor.testing.contracts.asset_store import host
from tests.unit.adapters.asset_store.sqlite.conftest import Kept

MANY = 100_000


@pytest.mark.parametrize("query", [AssetQuery(query_type="list", limit=-1), AssetQuery(query_type="list", offset=-1)])
def test_pages_before_the_first_are_refused(query: AssetQuery) -> None:
    with pytest.raises(BadInput) as caught:
        asking.check(query)
    assert caught.value.code == "inventory.bad_query"


def test_every_field_that_a_filter_may_name_is_of_kinds_or_has_a_condition() -> None:
    assert set(asking.KIND_FIELDS) | {"name", "service"} == set(FILTER_FIELDS)
    for name in asking.KIND_FIELDS:
        assert f":{name} IS NULL" in asking._SQL["fits_kind"]


async def test_a_hundred_thousand_assets_are_counted_exactly(kept: Kept) -> None:
    batch = [
        host(f"h-{number:06d}", type=f"type {number % 7}", site=f"site {number % 11}", environment="production")
        for number in range(MANY)
    ]
    diff = await kept.store.put_assets("default", "csv", batch, retire_missing=False, dry_run=False, actor="ana")
    assert len(diff.added) == MANY
    answer = await kept.store.query("default", AssetQuery(query_type="count"))
    assert answer.total_count == MANY
    assert answer.breakdown == {f"type {rest}": len(range(rest, MANY, 7)) for rest in range(7)}
    filtered = await kept.store.query(
        "default", AssetQuery(query_type="group", group_by="site", filters={"type": "TYPE 3"}, limit=3)
    )
    assert filtered.total_count == len(range(3, MANY, 7))
    sites = [number % 11 for number in range(3, MANY, 7)]
    assert filtered.breakdown == {f"site {site}": sites.count(site) for site in range(11)}
    assert [asset["name"] for asset in filtered.assets] == ["h-000003", "h-000010", "h-000017"]


@pytest.mark.parametrize("field", [*asking.KIND_FIELDS, "name", "service"])
async def test_counting_reads_no_asset_that_it_need_not(kept: Kept, field: str) -> None:
    seen: list[str] = []

    def look(connection):  # type: ignore[no-untyped-def]
        connection.set_trace_callback(seen.append)
        asking.answer(connection, "default", AssetQuery(query_type="count", filters={field: "x"}))
        connection.set_trace_callback(None)

    await kept.database.read_aside(look)
    statements = [sql for sql in seen if sql.startswith("SELECT")]
    assert len(statements) == 1
    kept.connection.create_function("casefold", 1, str.casefold, deterministic=True)
    plan = [step[3] for step in kept.connection.execute("EXPLAIN QUERY PLAN " + statements[0]).fetchall()]
    # Every step but the list of words and the few that were found is a search in an index.
    assert [step for step in plan if step.startswith("SCAN") and "json_each" not in step and "found" not in step] == []
    if field in asking.KIND_FIELDS:
        assert not any("assets" in step.replace("asset_kinds", "") for step in plan)
