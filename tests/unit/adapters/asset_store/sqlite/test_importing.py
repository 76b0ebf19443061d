import random
import sqlite3

from opsconductor.domain.assets import AssetQuery
from opsconductor.testing.contracts.asset_store import host, services
from tests.unit.adapters.asset_store.sqlite.conftest import Kept


def stored_counts(connection: sqlite3.Connection) -> list[tuple[int, int]]:
    """For each kind what is stored as its number of assets, and what it is."""
    return connection.execute(
        "SELECT asset_kinds.assets, (SELECT count(*) FROM assets WHERE assets.tenant = asset_kinds.tenant"
        " AND assets.kind = asset_kinds.number AND retired = 0) FROM asset_kinds"
    ).fetchall()


async def test_the_counts_of_kinds_stay_right_over_many_imports(kept: Kept) -> None:
    pick = random.Random(7)
    for _ in range(40):
        source = pick.choice(("csv", "lab"))
        batch = [
            host(f"h-{number}", source=source, type=pick.choice("abc"), site=pick.choice(("", "x")), status="active")
            for number in pick.sample(range(30), pick.randint(0, 30))
        ]
        await kept.store.put_assets(
            "default", source, batch, retire_missing=pick.random() < 0.5, dry_run=False, actor="ana"
        )
        assert all(stored == counted for stored, counted in stored_counts(kept.connection))
        answer = await kept.store.query("default", AssetQuery(query_type="count"))
        ((live,),) = kept.connection.execute("SELECT count(*) FROM assets WHERE retired = 0").fetchall()
        assert answer.total_count == sum(answer.breakdown.values()) == live


async def test_assets_of_one_kind_share_it(kept: Kept) -> None:
    batch = [host(f"h-{number}", ip=f"10.0.0.{number}") for number in range(50)]
    await kept.store.put_assets("default", "csv", batch, retire_missing=False, dry_run=False, actor="ana")
    assert stored_counts(kept.connection) == [(50, 50)]


async def test_services_that_are_gone_are_forgotten(kept: Kept) -> None:
    for names in (("a", "b"), ("b", "B", "c"), ()):
        batch = [host("h", services=services(*names))]
        await kept.store.put_assets("default", "csv", batch, retire_missing=False, dry_run=False, actor="ana")
        found = kept.connection.execute("SELECT name FROM asset_services ORDER BY name").fetchall()
        assert found == [(name,) for name in sorted(names)]


async def test_an_asset_keeps_the_id_it_has(kept: Kept) -> None:
    first, again = host("h"), host("h", asset_id="another", site="x")
    for asset in (first, again):
        await kept.store.put_assets("default", "csv", [asset], retire_missing=False, dry_run=False, actor="ana")
    (stored,) = await kept.store.assets("default", [first.asset_id])
    assert stored.site == "x"
    assert await kept.store.assets("default", ["another"]) == ()
