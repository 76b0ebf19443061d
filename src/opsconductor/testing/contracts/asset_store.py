"""What every engine of the asset store port promises: exact answers, and imports that say what they change."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from opsconductor.domain.assets import FILTER_FIELDS, Asset, AssetAnswer, AssetQuery, AssetService
from opsconductor.domain.errors import OpsConductorError
from opsconductor.ports.asset_store import AssetStore, ImportDiff


@dataclass(frozen=True, kw_only=True)
class Opened:
    """An open, empty store, and the imports that were audited: source and actor of each, oldest first."""

    store: AssetStore
    imports: Callable[[str], Awaitable[Sequence[tuple[str, str]]]]

    async def put(self, *assets: Asset, source: str = "csv", tenant: str = "default", **options: Any) -> ImportDiff:
        """An import by `ana`."""
        usual: dict[str, Any] = {"retire_missing": False, "dry_run": False, "actor": "ana"}
        return await self.store.put_assets(tenant, source, assets, **usual | options)

    async def ask(self, query_type: str = "count", *, tenant: str = "default", **query: Any) -> AssetAnswer:
        """A question."""
        return await self.store.query(tenant, AssetQuery(query_type=query_type, **query))


def host(name: str, **fields: Any) -> Asset:
    """An asset whose identity follows from its name."""
    source, tenant = fields.setdefault("source", "csv"), fields.setdefault("tenant", "default")
    usual: dict[str, Any] = {"type": "linux_server", "source_id": name, "asset_id": f"asset_{tenant}_{source}_{name}"}
    return Asset(name=name, **usual | fields)


def services(*names: str) -> tuple[AssetService, ...]:
    """Services of these names."""
    return tuple(AssetService(name=name, port=8000 + number) for number, name in enumerate(names))


_MIXED = (
    host("web-01", type="linux_server", environment="production", site="Zürich", owner="Web", ip="10.0.0.1"),
    host("web-02", type="linux_server", environment="staging", site="ZÜRICH", owner="Web", ip="10.0.0.2"),
    host(
        "DB-01", type="linux_server", environment="production", role="database", services=services("ledger", "Backup")
    ),
    host("WS-1", type="windows_workstation", platform="windows", os="Windows 11", services=services("backup")),
    host("sw-1", type="device", platform="network", status="planned", ip="FE80::1", attributes={"rack": "r1", "u": 4}),
)


async def _refusal(work: Awaitable[object]) -> str:
    try:
        await work
    except OpsConductorError as error:
        return error.code
    return ""


async def counts_exactly(opened: Opened) -> None:
    """None, one, and one page more or less, whatever `limit` says."""
    for count in (0, 1, 100, 101):
        await opened.put(*(host(f"h-{number:03d}", type=f"t{number % 3}") for number in range(count)))
        answer = await opened.ask(limit=1)
        assert (answer.success, answer.total_count, answer.assets) == (True, count, ())
        assert answer.breakdown == Counter(f"t{number % 3}" for number in range(count))


async def filters_in_any_case(opened: Opened) -> None:
    """A list means any of its words, several filters must all hold, and an empty list fits nothing."""
    await opened.put(*_MIXED)
    for filters, count in (
        ({}, 5),
        ({"environment": "PRODUCTION"}, 2),
        ({"site": "zürich"}, 2),
        ({"type": ["linux_server", "Device"]}, 4),
        ({"type": ("device",), "status": "planned"}, 1),
        ({"environment": "production", "owner": "web"}, 1),
        ({"environment": ""}, 2),
        ({"owner": "nobody"}, 0),
        ({"type": []}, 0),
        ({"name": "db-01"}, 1),
        ({"name": ["WEB-01", "web-02", "web-03"]}, 2),
        ({"service": "BACKUP"}, 2),
        ({"service": "backup", "name": "db-01"}, 1),
        ({"service": ["ledger", "x"], "environment": "Production"}, 1),
        ({"service": "ledger", "environment": "staging"}, 0),
        ({"source": "CSV", "platform": ["windows", "network"]}, 2),
        ({"os": "windows 11", "role": ""}, 1),
    ):
        assert (await opened.ask(filters=filters)).total_count == count, filters
        assert len((await opened.ask("list", filters=filters)).assets) == count, filters


async def groups_by_every_field(opened: Opened) -> None:
    """Exact spellings, the most frequent first; an asset counts for each of its services."""
    await opened.put(*_MIXED)
    for field in FILTER_FIELDS:
        answer = await opened.ask("group", group_by=field)
        if field == "service":
            expected = Counter(service.name for asset in _MIXED for service in asset.services)
        else:
            expected = Counter(getattr(asset, field) for asset in _MIXED)
        assert answer.breakdown == expected, field
        assert list(answer.breakdown) == sorted(expected, key=lambda word: (-expected[word], word)), field
        assert answer.total_count == 5
    filtered = await opened.ask("group", group_by="site", filters={"owner": "web"})
    assert (filtered.total_count, filtered.breakdown) == (2, {"Zürich": 1, "ZÜRICH": 1})
    by_service = await opened.ask("group", group_by="service", filters={"environment": "production"})
    assert (by_service.total_count, by_service.breakdown) == (2, {"ledger": 1, "Backup": 1})


async def lists_page_by_page(opened: Opened) -> None:
    """By name in any case; the total stays what it is."""
    names = [f"{'H' if number % 2 else 'h'}-{number:03d}" for number in range(250)]
    await opened.put(*(host(name) for name in reversed(names)))
    pages = [await opened.ask("list", limit=100, offset=offset) for offset in (0, 100, 200, 300)]
    assert [asset["name"] for page in pages for asset in page.assets] == names
    assert [page.total_count for page in pages] == [250] * 4
    assert [len(page.assets) for page in pages] == [100, 100, 50, 0]


async def shows_what_is_known_but_not_how_to_connect(opened: Opened) -> None:
    """Neither credentials nor tenants leave in an answer."""
    known = replace(_MIXED[2], connection={"credential_ref": "key-1", "port": 22}, attributes={"rack": "r1"})
    await opened.put(known)
    (shown,) = (await opened.ask("show", filters={"name": "db-01"})).assets
    assert shown == {
        "asset_id": known.asset_id,
        "name": "DB-01",
        "type": "linux_server",
        "source": "csv",
        "source_id": "DB-01",
        "role": "database",
        "platform": "",
        "os": "",
        "environment": "production",
        "site": "",
        "owner": "",
        "status": "active",
        "ip": "",
        "criticality": "medium",
        "services": [{"name": "ledger", "port": 8000}, {"name": "Backup", "port": 8001}],
        "attributes": {"rack": "r1"},
    }


async def searches_in_every_text(opened: Opened) -> None:
    """A part of a name, an address, a field or a service, in any case; filters hold as well."""
    await opened.put(*_MIXED)
    for text, names in (
        ("WEB", ["web-01", "web-02"]),
        ("10.0.0", ["web-01", "web-02"]),
        ("fe80", ["sw-1"]),
        ("zür", ["web-01", "web-02"]),
        ("dows 1", ["WS-1"]),
        ("backup", ["DB-01", "WS-1"]),
        ("%", []),
        ("_", ["DB-01", "web-01", "web-02", "WS-1"]),
        ("nothing", []),
    ):
        answer = await opened.ask("search", text=text)
        assert [asset["name"] for asset in answer.assets] == names, text
        assert answer.total_count == len(names), text
    assert (await opened.ask("search", text="web", filters={"environment": "staging"})).total_count == 1


async def refuses_questions_it_does_not_know(opened: Opened) -> None:
    """An unknown type or field, whatever it looks like."""
    for query in (
        {"query_type": "delete"},
        {"filters": {"password": "x"}},
        {"group_by": "ip"},
        {"filters": {"type) OR (1": "1"}},
        {"group_by": "type; DROP TABLE assets"},
    ):
        assert await _refusal(opened.ask(**query)) == "inventory.bad_query", query
    hostile = "x' OR '1'='1"
    await opened.put(*_MIXED)
    for query in ({"filters": {"type": hostile}}, {"query_type": "search", "text": hostile}):
        assert (await opened.ask(**query)).total_count == 0


async def says_what_an_import_changes(opened: Opened) -> None:
    """Added, updated with the fields, unchanged, retired: by source and source id."""
    first = await opened.put(*_MIXED)
    assert first == ImportDiff(
        source="csv", added=tuple(a.name for a in _MIXED), updated=(), unchanged=0, retired=(), revision=1
    )
    moved = replace(_MIXED[0], site="Bern", services=services("nginx"), connection={"port": 22}, name="web-1")
    second = await opened.put(moved, *_MIXED[1:4], host("new"), retire_missing=True)
    assert second == ImportDiff(
        source="csv",
        added=("new",),
        updated=(("web-1", second.updated[0][1]),),
        unchanged=3,
        retired=("sw-1",),
        revision=2,
    )
    assert set(second.updated[0][1]) == {"name", "site", "services", "connection"}
    assert (await opened.ask()).total_count == 5
    assert await opened.store.assets("default", [moved.asset_id]) == (moved,)
    assert (await opened.ask(filters={"service": "nginx"})).total_count == 1


async def changes_nothing_when_nothing_changed(opened: Opened) -> None:
    """The same again keeps the revision, in any order; it is audited all the same."""
    await opened.put(*_MIXED)
    again = await opened.put(*reversed(_MIXED), retire_missing=True)
    assert again == ImportDiff(source="csv", added=(), updated=(), unchanged=5, retired=(), revision=1)
    assert await opened.store.revision("default") == 1
    assert await opened.imports("default") == [("csv", "ana"), ("csv", "ana")]


async def shows_before_it_changes(opened: Opened) -> None:
    """A dry run tells the diff that the import then makes, and leaves no trace."""
    await opened.put(*_MIXED)
    changed = (replace(_MIXED[0], owner="Ops"), host("new"))
    preview = await opened.put(*changed, retire_missing=True, dry_run=True)
    assert await opened.store.revision("default") == 1
    assert (await opened.ask()).total_count == 5
    assert len(await opened.imports("default")) == 1
    assert await opened.put(*changed, retire_missing=True) == preview


async def retires_only_what_the_source_named(opened: Opened) -> None:
    """Another source's assets stay; a retired one counts nowhere, and comes back when it is named again."""
    lab = host("lab-1", source="lab", ip="10.9.9.9", services=services("billing"))
    await opened.put(*_MIXED)
    await opened.put(lab, source="lab")
    retired = await opened.put(source="lab", retire_missing=True)
    assert retired.retired == ("lab-1",)
    assert (await opened.ask()).total_count == 5
    assert await opened.store.match("default", ["lab-1", "10.9.9.9"]) == ((), ())
    assert await opened.store.running_service("default", ["billing"]) == ((),)
    assert await opened.store.assets("default", [lab.asset_id]) == ()
    assert "lab-1" not in await opened.store.names("default")
    assert "lab" not in (await opened.store.vocabulary("default")).values["source"]
    assert (await opened.put(source="lab", retire_missing=True)).revision == retired.revision
    back = await opened.put(lab, source="lab")
    assert (back.added, back.revision) == (("lab-1",), retired.revision + 1)
    assert await opened.store.assets("default", [lab.asset_id]) == (lab,)
    assert (await opened.ask(filters={"source": "lab"})).total_count == 1


async def takes_a_batch_whole_or_not_at_all(opened: Opened) -> None:
    """The same identity twice, or an asset of another source or tenant, refuses all of it."""
    await opened.put(*_MIXED)
    for wrong in (
        (host("new"), host("a", source_id="same"), host("b", source_id="same", asset_id="other")),
        (host("new"), host("a", source="netbox")),
        (host("new"), host("a", tenant="other")),
    ):
        assert await _refusal(opened.put(*wrong)) == "import.bad_file"
    assert (await opened.ask()).total_count == 5
    assert await opened.store.revision("default") == 1
    assert len(await opened.imports("default")) == 1


async def matches_names_and_addresses_in_any_case(opened: Opened) -> None:
    """The whole text, for each text by itself, however many and however odd."""
    twins = [host("twin", source_id=str(number), asset_id=f"asset_twin_{number}") for number in range(2)]
    await opened.put(*_MIXED, *twins, host("straße-1"), host("10.0.0.2", source_id="named like an address"))
    texts = [
        "WEB-01",
        "10.0.0.1",
        "fe80::1",
        "web",
        "",
        "TWIN",
        "STRASSE-1",
        "web-01",
        "10.0.0.2",
        "web-01\x00",
        "' OR 1",
    ]
    found = await opened.store.match("default", texts)
    assert [sorted(match.name for match in matches) for matches in found] == [
        *(["web-01"], ["web-01"], ["sw-1"], [], [], ["twin", "twin"], ["straße-1"], ["web-01"]),
        *(["10.0.0.2", "web-02"], [], []),
    ]
    assert {match.asset_id for match in found[5]} == {twin.asset_id for twin in twins}
    (match,) = found[0]
    assert (match.asset_id, match.type, match.environment, match.site, match.owner, match.criticality) == (
        *(_MIXED[0].asset_id, "linux_server", "production", "Zürich", "Web", "medium"),
    )
    assert (match.exact, match.score) == (True, 1.0)
    many = await opened.store.match("default", [f"none-{number}" for number in range(199)] + ["DB-01"])
    assert [len(matches) for matches in many] == [0] * 199 + [1]
    assert many[-1][0].services == ("ledger", "Backup")
    assert await opened.store.match("default", []) == ()


async def finds_who_runs_a_service(opened: Opened) -> None:
    """In any case; none for a part of its name."""
    await opened.put(*_MIXED)
    found = await opened.store.running_service("default", ["BACKUP", "ledger", "led", ""])
    assert [sorted(match.name for match in matches) for matches in found] == [["DB-01", "WS-1"], ["DB-01"], [], []]


async def gives_whole_assets_in_the_order_asked(opened: Opened) -> None:
    """Every field; unknown ids are left out."""
    await opened.put(*_MIXED)
    ids = [_MIXED[index].asset_id for index in (3, 0, 4)]
    assert await opened.store.assets("default", [ids[0], "unknown", *ids[1:]]) == (_MIXED[3], _MIXED[0], _MIXED[4])
    assert await opened.store.assets("default", []) == ()


async def knows_its_words(opened: Opened) -> None:
    """Distinct values by field, of assets that are there, with the revision they belong to."""
    assert (await opened.store.vocabulary("default")).revision == await opened.store.revision("default") == 0
    await opened.put(*_MIXED)
    words = await opened.store.vocabulary("default")
    assert words.revision == 1
    assert set(words.values) == set(FILTER_FIELDS) - {"name"}
    assert words.values["type"] == ("device", "linux_server", "windows_workstation")
    assert words.values["service"] == ("Backup", "backup", "ledger")
    assert words.values["site"] == ("ZÜRICH", "Zürich")
    assert await opened.store.vocabulary("default") == words
    await opened.put(host("new", owner="Ops"))
    assert (await opened.store.vocabulary("default")).values["owner"] == ("Ops", "Web")
    assert await opened.store.names("default") == ("DB-01", "WS-1", "new", "sw-1", "web-01", "web-02")


async def keeps_tenants_apart(opened: Opened) -> None:
    """The same identity in another tenant is another asset."""
    ours, theirs = host("web-01", services=services("a")), host("web-01", tenant="other", owner="them")
    await opened.put(ours)
    await opened.put(theirs, tenant="other")
    await opened.put(tenant="other", retire_missing=True)
    assert (await opened.ask()).total_count == 1
    assert (await opened.ask(tenant="other")).total_count == 0
    assert await opened.store.match("other", ["web-01"]) == ((),)
    assert await opened.store.running_service("other", ["a"]) == ((),)
    assert await opened.store.assets("other", [ours.asset_id]) == ()
    assert await opened.store.assets("default", [theirs.asset_id]) == ()
    assert await opened.store.names("other") == ()
    assert not any((await opened.store.vocabulary("other")).values.values())
    assert [await opened.store.revision(tenant) for tenant in ("default", "other", "third")] == [1, 2, 0]


Promise: TypeAlias = Callable[[Opened], Awaitable[None]]

PROMISES: tuple[Promise, ...] = (
    counts_exactly,
    filters_in_any_case,
    groups_by_every_field,
    lists_page_by_page,
    shows_what_is_known_but_not_how_to_connect,
    searches_in_every_text,
    refuses_questions_it_does_not_know,
    says_what_an_import_changes,
    changes_nothing_when_nothing_changed,
    shows_before_it_changes,
    retires_only_what_the_source_named,
    takes_a_batch_whole_or_not_at_all,
    matches_names_and_addresses_in_any_case,
    finds_who_runs_a_service,
    gives_whole_assets_in_the_order_asked,
    knows_its_words,
    keeps_tenants_apart,
)
