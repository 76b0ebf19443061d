from dataclasses import replace

from opsconductor.domain.assets import Asset, AssetService, Mention
from opsconductor.services.asset_service.resolve import Resolver
from opsconductor.services.asset_service.seed import seed_assets
from opsconductor.testing.doubles.asset_store.in_memory import InMemoryAssetStoreDouble, open_asset_store


def host(name: str, *services: str, **fields: str) -> Asset:
    plain = replace(seed_assets("default")[0], asset_id=f"asset_{name}", name=name, source_id=name, ip="")
    running = tuple(AssetService(name=service) for service in services)
    return replace(plain, services=running, **fields)  # type: ignore[arg-type]


async def a_store(*assets: Asset) -> InMemoryAssetStoreDouble:
    store = open_asset_store()
    await store.put_assets("default", "seed", assets, retire_missing=True, dry_run=False, actor="test")
    return store


async def resolve(store: InMemoryAssetStoreDouble, *texts: str) -> list[Mention]:
    return await Resolver(store).resolve("default", texts)


def told(mentions: list[Mention]) -> dict[str, tuple[str, list[str]]]:
    return {mention.text: (mention.kind, [match.name for match in mention.matches]) for mention in mentions}


async def test_names_addresses_and_services_are_told_apart() -> None:
    store = await a_store(host("app-01", "billing", ip="10.0.0.1"), host("app-02", "billing", ip="2001:db8::2"))
    assert told(await resolve(store, "App-01", " 10.0.0.1 ", "2001:DB8:0::2", "BILLING", "please")) == {
        "App-01": ("host", ["app-01"]),
        " 10.0.0.1 ": ("ip", ["app-01"]),
        "2001:DB8:0::2": ("ip", ["app-02"]),
        "BILLING": ("service", ["app-01", "app-02"]),
    }


async def test_the_same_name_twice_gives_both() -> None:
    store = await a_store(
        host("PP:MDF", site="A"), replace(host("PP:MDF", site="B"), source_id="2", asset_id="asset_2")
    )
    (mention,) = await resolve(store, "pp:mdf")
    assert [(match.site, match.exact) for match in mention.matches] == [("A", True), ("B", True)]


async def test_a_host_called_like_a_service_is_the_host() -> None:
    store = await a_store(host("billing", "billing"), host("other", "billing"))
    assert told(await resolve(store, "billing")) == {"billing": ("host", ["billing"])}


async def test_a_near_name_is_never_exact() -> None:
    store = await a_store(host("app-01"), host("app-02"))
    (mention,) = await resolve(store, "app-09")
    assert [(match.name, match.exact) for match in mention.matches] == [("app-01", False), ("app-02", False)]
    assert all(match.score < 1 for match in mention.matches)


async def test_a_misspelt_service_tells_who_runs_it() -> None:
    store = await a_store(host("app-01", "billing"), host("app-02", "ledger-db"))
    (mention, joined) = await resolve(store, "biling", "leger-db")
    assert (mention.kind, [(match.name, match.exact) for match in mention.matches]) == ("service", [("app-01", False)])
    assert (joined.kind, [(match.name, match.exact) for match in joined.matches]) == ("service", [("app-02", False)])


async def test_an_unknown_address_has_no_neighbours() -> None:
    store = await a_store(host("app-01", ip="10.0.0.1"))
    assert await resolve(store, "10.0.0.2", "10.0.0.11") == []


async def test_nothing_and_much_too_long_texts_match_nothing() -> None:
    store = await a_store(host("app-01"))
    assert await resolve(store, "", "   ", "app-01" * 60) == []
    assert await resolve(store) == []


async def test_hostile_texts_match_nothing() -> None:
    store = await a_store(host("app-01", "billing"))
    assert await resolve(store, "'; DROP TABLE assets; --", "$(rm -rf /)", "%", "app-%", "app-__", "\u202e10-ppa") == []


async def test_near_names_follow_the_inventory() -> None:
    store = await a_store(host("app-01"))
    resolver = Resolver(store)
    assert told(await resolver.resolve("default", ["wbe-07"])) == {}
    await store.put_assets("default", "seed", [host("web-07")], retire_missing=True, dry_run=False, actor="test")
    assert told(await resolver.resolve("default", ["wbe-07", "ap-01"])) == {"wbe-07": ("host", ["web-07"])}


async def test_names_of_one_tenant_are_not_near_those_of_another() -> None:
    store = await a_store(host("app-01"))
    resolver = Resolver(store)
    assert await resolver.resolve("default", ["ap-01"]) != []
    assert await resolver.resolve("other", ["ap-01"]) == []
