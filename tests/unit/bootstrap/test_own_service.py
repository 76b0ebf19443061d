"""How the process proves itself to its own service, and what addresses are known."""

from pathlib import Path

from opsconductor.bootstrap.own_service import ServiceTokens, home_id_of, known_addresses
from opsconductor.domain.assets import AssetService
from opsconductor.settings import load_settings
from opsconductor.testing.doubles.inventory.in_memory import InMemoryInventoryDouble, an_asset


def test_a_token_speaks_for_one_tenant_alone() -> None:
    tokens = ServiceTokens()
    one, other = tokens.of_tenant("one"), tokens.of_tenant("other")
    assert one != other
    assert tokens.of_tenant("one") == one
    assert (tokens.tenant_of(one), tokens.tenant_of(other), tokens.tenant_of("guess")) == ("one", "other", None)
    assert ServiceTokens().tenant_of(one) is None


async def test_another_programs_token_is_asked_about_after_ours() -> None:
    tokens = ServiceTokens()
    own = tokens.of_tenant("one")

    async def stored(token: str) -> str | None:
        return "two" if token == "opsc_stored" else None

    both, alone = tokens.or_else(stored), tokens.or_else(None)
    assert [await both(token) for token in (own, "opsc_stored", "guess")] == ["one", "two", None]  # type: ignore[misc]
    assert [await alone(token) for token in (own, "opsc_stored")] == ["one", None]  # type: ignore[misc]


def test_a_home_is_named_by_its_database_and_does_not_tell_its_path(tmp_path: Path) -> None:
    first = home_id_of(load_settings({"home": str(tmp_path / "one")}))
    second = home_id_of(load_settings({"home": str(tmp_path / "two")}))
    assert first != second
    assert str(tmp_path) not in first


async def test_an_address_is_known_when_an_asset_has_it() -> None:
    known = known_addresses(InMemoryInventoryDouble([an_asset("app-01", ip="10.0.0.7")]))
    assert await known("default", "10.0.0.7", 80)
    assert not await known("default", "10.0.0.8", 80)


async def test_on_loopback_only_the_ports_of_an_assets_services_are_known() -> None:
    web = an_asset("web-01", ip="127.0.0.1", services=(AssetService(name="storefront", port=8080),))
    known = known_addresses(InMemoryInventoryDouble([web]))
    assert await known("default", "127.0.0.1", 8080)
    assert not await known("default", "127.0.0.1", 3001)
