"""`doctor`: every setting with its source, and every part with what is wrong with it and what to do."""

import asyncio
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from opsconductor.cli.options import AsJson
from opsconductor.domain.errors import OpsConductorError, Unavailable

if TYPE_CHECKING:
    from opsconductor.settings import Settings

LITTLE_SPACE = 200 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One part: how it is, or what is wrong and what to do."""

    part: str
    ok: bool
    words: str
    next_step: str = ""


def doctor(as_json: AsJson = False) -> int:
    """Check this installation, and show every setting.

    Each setting is shown with its source; home, disk, database, model, pack and server are checked.
    """
    from opsconductor.cli.printing import say, say_json
    from opsconductor.cli.render.tables import show_table
    from opsconductor.settings import load_settings

    settings = load_settings()
    rows = setting_rows(settings)
    findings = tuple(examine(settings))
    if as_json:
        named = [{"name": name, "value": value, "source": source} for name, value, source in rows]
        say_json({"settings": named, "findings": [asdict(one) for one in findings]})
    else:
        show_table(("setting", "value", "source"), rows)
        say("")
        for one in findings:
            say(
                f"{'ok   ' if one.ok else 'FAULT'} {one.part}: {one.words}{'' if one.ok else f' Next: {one.next_step}'}"
            )
    return 0 if all(one.ok for one in findings) else 1


def setting_rows(settings: "Settings") -> list[tuple[str, str, str]]:
    """Name, value and source of every setting; a secret shows only whether it is set."""
    from opsconductor.settings import SECRET, without_password

    rows = []
    for name in sorted(settings.sources):
        value = getattr(settings, name)
        shown = ("set" if value else "not set") if name in SECRET else str(value if value is not None else "")
        shown = without_password(shown) if name == "database_url" else shown
        rows.append((name, shown, settings.sources[name]))
    return rows


def examine(settings: "Settings") -> Iterator[Finding]:
    """Look at each part; one that is broken does not keep the others from being looked at."""
    checks: tuple[tuple[str, Callable[[Settings], str]], ...] = (
        ("home", _home),
        ("disk", _disk),
        ("database", _database),
        ("approvals", _approvals),
        ("model", _model),
        ("pack", _pack),
        ("server", _server),
    )
    for part, check in checks:
        try:
            yield Finding(part=part, ok=True, words=check(settings))
        except OpsConductorError as error:
            yield Finding(part=part, ok=False, words=f"{error.message} ({error.code})", next_step=error.next_step)


def _home(settings: "Settings") -> str:
    mode = stat.S_IMODE(settings.home.stat().st_mode)
    if mode & 0o077:
        raise Unavailable(
            "home.unusable",
            f"Others may look into {settings.home} (mode {mode:04o}).",
            next_step=f"Run: chmod 700 {settings.home}",
        )
    if not os.access(settings.home, os.W_OK):
        raise Unavailable("store.read_only", f"{settings.home} cannot be written by this user.")
    return f"{settings.home} is this user's alone."


def _disk(settings: "Settings") -> str:
    free = shutil.disk_usage(settings.home).free
    if free < LITTLE_SPACE:
        raise Unavailable("store.full", f"Only {free // 1024**2} MiB are free where the home lies.")
    return f"{free // 1024**2} MiB free."


def _database(settings: "Settings") -> str:
    from opsconductor.bootstrap import database_facts

    if settings.on_postgresql:
        return _postgresql(settings)
    if not settings.database.exists():
        return f"{settings.database} is made on first use."
    facts = asyncio.run(database_facts(settings))
    return (
        f"{settings.database}, version {facts['schema_version']}, journal_mode {facts['journal_mode']}, "
        f"synchronous {facts['synchronous']}."
    )


def _postgresql(settings: "Settings") -> str:
    from opsconductor.bootstrap import postgresql_facts
    from opsconductor.settings import without_password

    facts = asyncio.run(postgresql_facts(settings))
    where = f"{without_password(settings.database_url)}, PostgreSQL {facts['server']}"
    if not facts["schema_version"]:
        return f"{where}; the schema is made on first use."
    role = f"as {facts['role']}" + (f" for {facts['signed_in_as']}" if facts["signed_in_as"] != facts["role"] else "")
    kept = ", ".join(f"{name} {facts[name]}" for name in ("synchronous_commit", "fsync", "full_page_writes"))
    return f"{where}, {role}, version {facts['schema_version']}, row-level security forced, {kept}."


def _approvals(settings: "Settings") -> str:
    from opsconductor.bootstrap.storage_alone import open_storage_alone

    async def count() -> int:
        async with open_storage_alone(settings) as storage:
            return len(await storage.reviews_due(settings.tenant))

    if not settings.on_postgresql and not settings.database.exists():
        return "None yet."
    try:
        due = asyncio.run(count())
    except OpsConductorError:
        return "Not known while the database is as it is."
    if not due:
        return "No review is due."
    owed = "1 approval owes a review" if due == 1 else f"{due} approvals owe a review"
    return f"{owed}: opsconductor approvals list --reviews."


def _model(settings: "Settings") -> str:
    from opsconductor.bootstrap import model_digest

    return f"The packaged embedder is whole: {asyncio.run(model_digest())}."


def _pack(settings: "Settings") -> str:
    from opsconductor.bootstrap import pack_facts

    facts = pack_facts(settings)
    return f"{facts['pack']} {facts['version']} with {facts['tools']} tools, {facts['digest']}."


def _server(settings: "Settings") -> str:
    from opsconductor.server.server_lock import running_server

    server = running_server(settings.home, wait_s=1.0)
    if server is None:
        return "None is running; commands open the engine themselves."
    return f"Running at {server.address}, process {server.pid}, since {server.started_at}."
