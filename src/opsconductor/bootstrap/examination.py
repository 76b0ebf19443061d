"""Looks at parts of an installation one by one, without opening an engine: what `doctor` and `pack check` tell."""

from pathlib import Path

from opsconductor.adapters.audit.hmac_seal import HmacSeal
from opsconductor.adapters.catalogue.files import default_pack, open_catalogues, open_checker
from opsconductor.adapters.clock.system import SystemClock
from opsconductor.adapters.embedder.minilm import open_embedder
from opsconductor.adapters.expressions.cel import open_expressions
from opsconductor.adapters.schema.json_schema import JsonSchemas
from opsconductor.adapters.storage.sqlite import SqliteStorage, open_database
from opsconductor.bootstrap.audit_key import audit_key
from opsconductor.bootstrap.stores import postgresql_address
from opsconductor.domain.catalogue import PackFault
from opsconductor.domain.json_value import Json
from opsconductor.settings import Settings

SYNCHRONOUS = ("OFF", "NORMAL", "FULL", "EXTRA")


def check_pack(folder: Path | None) -> tuple[PackFault, ...]:
    """Every fault of a pack, of the one that ships where `folder` is None. Raises `pack.not_found`."""
    return open_checker(open_expressions(), JsonSchemas()).check(folder or default_pack())


def pack_facts(settings: Settings) -> dict[str, Json]:
    """Name, version, digest and number of tools of the pack in use. Raises `pack.invalid`, `pack.not_found`."""
    folder = settings.pack or default_pack()
    catalogue = open_catalogues(folder, None, SystemClock(), open_expressions(), JsonSchemas()).current()
    return {
        "pack": catalogue.pack,
        "version": catalogue.version,
        "digest": catalogue.digest,
        "tools": len(catalogue.tools),
    }


async def model_digest() -> str:
    """The digest of the packaged embedder, checked against its own. Raises `embedder.*`."""
    async with open_embedder() as embedder:
        await embedder.embed(["ready"])
        return embedder.digest


async def postgresql_facts(settings: Settings) -> dict[str, Json]:
    """Server, role, schema version and durability of a record on PostgreSQL; nothing is changed. Raises `store.*`."""
    address = postgresql_address(settings)
    from opsconductor.adapters.storage.postgresql import examine

    return dict(await examine(address))


async def database_facts(settings: Settings) -> dict[str, Json]:
    """Journal mode, synchronous level and schema version as a connection of this version has them. Raises `store.*`."""
    seal = HmacSeal(audit_key(settings))
    async with open_database(settings.database, seal) as database:
        mode, level = await database.read(
            lambda connection: (
                connection.execute("PRAGMA journal_mode").fetchone()[0],
                connection.execute("PRAGMA synchronous").fetchone()[0],
            )
        )
        version = await SqliteStorage(database).schema_version()
    return {"journal_mode": str(mode).upper(), "synchronous": SYNCHRONOUS[int(level)], "schema_version": version}
