"""What every engine of the inventory port promises, asked of an engine that holds `CONTENT`."""

from collections.abc import Awaitable, Callable

from opsconductor.domain.asset_naming import asset_id
from opsconductor.domain.assets import Asset, AssetMatch, AssetQuery, AssetService, Mention
from opsconductor.ports.inventory import Inventory

TENANT = "default"


def _server(name: str, service: str, environment: str) -> Asset:
    return Asset(
        asset_id=asset_id(TENANT, "lab", name),
        tenant=TENANT,
        name=name,
        type="linux_server",
        source="lab",
        source_id=name,
        platform="linux",
        os="Debian GNU/Linux 12",
        environment=environment,
        site="lab",
        ip="127.0.0.1",
        services=(AssetService(name=service, port=8080),),
        connection={"connector": "ssh", "port": 2201, "credential_ref": "lab-ssh-key"},
        attributes={"rack": "7", "vcpus": 4, "tags": ["a", "b"]},
    )


def _workstation(number: int) -> Asset:
    name = f"WS-{number:02d}"
    return Asset(
        asset_id=asset_id(TENANT, "seed", name),
        tenant=TENANT,
        name=name,
        type="windows_workstation",
        source="seed",
        source_id=name,
        platform="windows",
        os="Windows 11",
        site="HQ",
        owner="Operations",
        ip=f"192.0.2.{number}",
    )


CONTENT = (
    *(_workstation(number) for number in range(1, 7)),
    _server("app-01", "billing", "staging"),
    _server("app-02", "billing", "staging"),
    _server("web-01", "storefront", "production"),
    _server("db-01", "ledger-db", "production"),
)


async def finds_a_name_in_any_case(inventory: Inventory) -> None:
    """Exactly that asset, with what a sentence needs to know of it."""
    (mention,) = await inventory.resolve(TENANT, ["APP-01"])
    assert (mention.text, mention.kind) == ("APP-01", "host")
    (match,) = mention.matches
    assert match == AssetMatch(
        asset_id=asset_id(TENANT, "lab", "app-01"),
        name="app-01",
        type="linux_server",
        platform="linux",
        environment="staging",
        site="lab",
        owner="",
        services=("billing",),
        criticality="medium",
        exact=True,
        score=1.0,
    )


async def finds_an_address(inventory: Inventory) -> None:
    """All assets that have it."""
    one, several = await inventory.resolve(TENANT, ["192.0.2.3", "127.0.0.1"])
    assert (one.kind, _names(one)) == ("ip", {"WS-03"})
    assert (several.kind, _names(several)) == ("ip", {"app-01", "app-02", "web-01", "db-01"})


async def finds_all_assets_that_run_a_service(inventory: Inventory) -> None:
    """A service is mentioned by its name, in any case."""
    (mention,) = await inventory.resolve(TENANT, ["Billing"])
    assert (mention.kind, _names(mention)) == ("service", {"app-01", "app-02"})
    assert all(match.exact for match in mention.matches)


async def tells_a_near_name_as_near(inventory: Inventory) -> None:
    """A misspelt name is never exact, the best candidate comes first, and there are at most five."""
    (mention,) = await inventory.resolve(TENANT, ["ap-01"])
    assert (mention.kind, mention.matches[0].name) == ("host", "app-01")
    assert len(mention.matches) <= 5
    assert not any(match.exact for match in mention.matches)
    assert all(0 <= match.score < 1 for match in mention.matches)


async def tells_a_near_service_as_near(inventory: Inventory) -> None:
    """The same for the name of a service."""
    (mention,) = await inventory.resolve(TENANT, ["biling"])
    assert (mention.kind, _names(mention)) == ("service", {"app-01", "app-02"})
    assert not any(match.exact for match in mention.matches)


async def takes_no_other_number_for_an_exact_name(inventory: Inventory) -> None:
    """app-09 does not exist; whether it has neighbours or not, none of them is it."""
    for mention in await inventory.resolve(TENANT, ["app-09", "WS-07", "app-1"]):
        assert not any(match.exact for match in mention.matches)


async def leaves_out_what_it_does_not_know(inventory: Inventory) -> None:
    """And tells the others in the order asked."""
    texts = ["sandwich", "db-01", "", "restart", "billing", "192.0.2.99"]
    assert [mention.text for mention in await inventory.resolve(TENANT, texts)] == ["db-01", "billing"]
    assert await inventory.resolve(TENANT, []) == ()


async def tells_the_words_of_the_inventory(inventory: Inventory) -> None:
    """Distinct values by field, none of them empty."""
    words = (await inventory.vocabulary(TENANT)).values
    assert set(words["type"]) == {"windows_workstation", "linux_server"}
    assert set(words["service"]) == {"billing", "storefront", "ledger-db"}
    assert set(words["environment"]) == {"staging", "production"}
    assert set(words["owner"]) == {"Operations"}


async def tells_the_same_words_while_nothing_changes(inventory: Inventory) -> None:
    """Whether it asks again or remembers."""
    assert await inventory.vocabulary(TENANT) == await inventory.vocabulary(TENANT)


async def counts_by_type(inventory: Inventory) -> None:
    """A count carries no assets."""
    answer = await inventory.query(TENANT, AssetQuery(query_type="count"))
    assert answer.success
    assert (answer.total_count, answer.assets) == (10, ())
    assert dict(answer.breakdown) == {"windows_workstation": 6, "linux_server": 4}


async def counts_what_fits_every_filter(inventory: Inventory) -> None:
    """Several values of one field are alternatives."""
    query = AssetQuery(query_type="count", filters={"site": ["lab", "HQ"], "environment": "staging"})
    assert (await inventory.query(TENANT, query)).total_count == 2
    running = AssetQuery(query_type="count", filters={"service": "billing", "name": "app-02"})
    assert (await inventory.query(TENANT, running)).total_count == 1


async def groups_by_a_field(inventory: Inventory) -> None:
    """The breakdown is by that field, over everything that fits."""
    query = AssetQuery(query_type="group", group_by="site", filters={"source": ["seed", "lab"]})
    assert dict((await inventory.query(TENANT, query)).breakdown) == {"HQ": 6, "lab": 4}


async def lists_a_page_and_counts_all(inventory: Inventory) -> None:
    """Pages follow each other without gaps and repeats."""
    seen: list[object] = []
    for offset in range(0, 10, 4):
        answer = await inventory.query(TENANT, AssetQuery(query_type="list", limit=4, offset=offset))
        assert answer.total_count == 10
        seen += [asset["name"] for asset in answer.assets]
    assert sorted(map(str, seen)) == sorted(asset.name for asset in CONTENT)


async def searches_for_a_part_of_a_name(inventory: Inventory) -> None:
    """In any case."""
    answer = await inventory.query(TENANT, AssetQuery(query_type="search", text="APP-0"))
    assert (answer.total_count, {asset["name"] for asset in answer.assets}) == (2, {"app-01", "app-02"})


async def gives_whole_assets_in_the_order_asked(inventory: Inventory) -> None:
    """Connection and attributes included; unknown ids are left out."""
    wanted = [CONTENT[8], CONTENT[0], CONTENT[6]]
    ids = [wanted[0].asset_id, "asset_nobody", wanted[1].asset_id, wanted[2].asset_id]
    assert await inventory.assets(TENANT, ids) == tuple(wanted)
    assert await inventory.assets(TENANT, []) == ()


def _names(mention: Mention) -> set[str]:
    return {match.name for match in mention.matches}


PROMISES: tuple[Callable[[Inventory], Awaitable[None]], ...] = (
    finds_a_name_in_any_case,
    finds_an_address,
    finds_all_assets_that_run_a_service,
    tells_a_near_name_as_near,
    tells_a_near_service_as_near,
    takes_no_other_number_for_an_exact_name,
    leaves_out_what_it_does_not_know,
    tells_the_words_of_the_inventory,
    tells_the_same_words_while_nothing_changes,
    counts_by_type,
    counts_what_fits_every_filter,
    groups_by_a_field,
    lists_a_page_and_counts_all,
    searches_for_a_part_of_a_name,
    gives_whole_assets_in_the_order_asked,
)
