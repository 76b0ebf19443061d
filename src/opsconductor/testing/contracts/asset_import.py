"""What every engine of the asset import port promises, asked with sources that the engine can read."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from opsconductor.domain.errors import OpsConductorError
from opsconductor.ports.asset_import import AssetImporter, ImportOptions
from opsconductor.ports.asset_store import AssetStore


@dataclass(frozen=True, kw_only=True)
class ImportCase:
    """An engine, and one source of each kind for it."""

    importer: AssetImporter
    good: str | Path  # holds the assets `names`
    names: Sequence[str]
    broken: str | Path  # holds two assets, one of them with a fault
    missing: str | Path
    store: AssetStore
    options: ImportOptions


async def gives_every_asset_of_the_source(case: ImportCase) -> None:
    """With an identity of its own each, for the tenant of the caller."""
    read = await case.importer.read(case.good, "acme", case.options)
    assert sorted(asset.name for asset in read.assets) == sorted(case.names)
    assert {(asset.tenant, asset.source) for asset in read.assets} == {("acme", read.source)}
    assert len({asset.asset_id for asset in read.assets}) == len({asset.source_id for asset in read.assets})
    assert len({asset.asset_id for asset in read.assets}) == len(case.names)


async def gives_the_same_assets_each_time(case: ImportCase) -> None:
    """So that nothing changes when nothing changed."""
    assert await case.importer.read(case.good, "acme", case.options) == await case.importer.read(
        case.good, "acme", case.options
    )


async def gives_other_ids_to_another_tenant(case: ImportCase) -> None:
    """Two tenants may import the same source."""
    one, other = [await case.importer.read(case.good, tenant, case.options) for tenant in ("acme", "globex")]
    assert not {asset.asset_id for asset in one.assets} & {asset.asset_id for asset in other.assets}


async def is_told_as_unchanged_when_imported_again(case: ImportCase) -> None:
    """First all added, then all unchanged, then one retired."""
    read = await case.importer.read(case.good, "acme", case.options)

    async def put(count: int, dry_run: bool = False) -> tuple[int, int, int, int]:
        diff = await case.store.put_assets(
            "acme", read.source, read.assets[:count], retire_missing=True, dry_run=dry_run, actor="test"
        )
        return len(diff.added), len(diff.updated), diff.unchanged, len(diff.retired)

    every = len(read.assets)
    assert await put(every, dry_run=True) == (every, 0, 0, 0)
    assert await put(every) == (every, 0, 0, 0)
    assert await put(every) == (0, 0, every, 0)
    assert await put(every - 1) == (0, 0, every - 1, 1)


async def refuses_a_source_with_a_fault_as_a_whole(case: ImportCase) -> None:
    """And names the fault."""
    error = await _refusal(case, case.broken)
    assert error.code == "import.bad_file"
    faults = error.facts["faults"]
    assert isinstance(faults, list)
    assert error.facts["fault_count"] == len(faults) == 1
    assert set(faults[0]) == {"file", "line", "column", "message"}
    assert faults[0]["message"]


async def tells_a_source_that_is_not_there(case: ImportCase) -> None:
    """Without waiting for it."""
    assert (await _refusal(case, case.missing)).code == "import.unreadable"


async def _refusal(case: ImportCase, source: str | Path) -> OpsConductorError:
    try:
        await case.importer.read(source, "acme", case.options)
    except OpsConductorError as error:
        return error
    raise AssertionError(f"{source} was read")


PROMISES: tuple[Callable[[ImportCase], Awaitable[None]], ...] = (
    gives_every_asset_of_the_source,
    gives_the_same_assets_each_time,
    gives_other_ids_to_another_tenant,
    is_told_as_unchanged_when_imported_again,
    refuses_a_source_with_a_fault_as_a_whole,
    tells_a_source_that_is_not_there,
)
