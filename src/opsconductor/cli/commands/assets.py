"""`assets`: what is under care, and how it gets in."""

from pathlib import Path
from typing import Annotated, Any

import typer

from opsconductor.cli.connect import with_client
from opsconductor.cli.options import AsIdentity, AsJson, Tenant
from opsconductor.domain.assets import FILTER_FIELDS, AssetQuery
from opsconductor.domain.errors import BadInput, OpsConductorError

Where = Annotated[
    list[str] | None,
    typer.Option("--where", metavar="FIELD=VALUE", help=f"Only those; fields: {', '.join(FILTER_FIELDS)}. Repeatable."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")]
RetireMissing = Annotated[
    bool, typer.Option("--retire-missing", help="Retire assets of the same source that are not in it any more.")
]


def list_assets(
    where: Where = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most so many, by name.")] = 100,
    as_json: AsJson = False,
    acting_as: AsIdentity = "",
    tenant: Tenant = "",
) -> None:
    """List assets."""
    from opsconductor.cli.printing import say, say_json
    from opsconductor.cli.render.reply import show_assets

    query = AssetQuery(query_type="list", filters=filters_of(where or []), limit=limit)
    found = with_client(lambda client: client.assets(query), acting_as=acting_as, tenant=tenant)
    if as_json:
        say_json(found)
        return
    show_assets(found["assets"])
    if found["total_count"] > len(found["assets"]):
        say(f"{len(found['assets'])} of {found['total_count']}; --limit shows more.")


def count(
    where: Where = None,
    by: Annotated[str, typer.Option("--by", metavar="FIELD", help="Break down by that field.")] = "type",
    as_json: AsJson = False,
    acting_as: AsIdentity = "",
    tenant: Tenant = "",
) -> None:
    """Count assets exactly, broken down by a field."""
    from opsconductor.cli.printing import say, say_json
    from opsconductor.cli.render.tables import show_table

    query = AssetQuery(query_type="group", filters=filters_of(where or []), group_by=by)
    found = with_client(lambda client: client.assets(query), acting_as=acting_as, tenant=tenant)
    if as_json:
        say_json({name: value for name, value in found.items() if name != "assets"})
        return
    say(f"{found['total_count']} assets")
    names = sorted(found["breakdown"], key=lambda name: (-found["breakdown"][name], name))
    show_table((by, "count"), [(name, found["breakdown"][name]) for name in names])


def import_csv(
    file: Annotated[str, typer.Argument(metavar="FILE", help="UTF-8 CSV with a header line.")],
    mapped: Annotated[
        list[str] | None,
        typer.Option(
            "--map", metavar="COLUMN=FIELD", help="Which field a column fills; empty: leave it out. Repeatable."
        ),
    ] = None,
    dry_run: DryRun = False,
    retire_missing: RetireMissing = False,
    as_json: AsJson = False,
    acting_as: AsIdentity = "",
    tenant: Tenant = "",
) -> None:
    """Import assets from a CSV file: all of it, or nothing and every fault by line."""
    columns = dict(_pair(text, "--map") for text in mapped or [])
    fields = {"columns": columns, "dry_run": dry_run, "retire_missing": retire_missing}
    _import("csv", file, fields, as_json=as_json, acting_as=acting_as, tenant=tenant)


def import_ansible(
    file: Annotated[str, typer.Argument(metavar="PATH", help="An Ansible inventory: YAML, INI, or a folder of them.")],
    dry_run: DryRun = False,
    retire_missing: RetireMissing = False,
    as_json: AsJson = False,
    acting_as: AsIdentity = "",
    tenant: Tenant = "",
) -> None:
    """Import assets from an Ansible inventory; nothing in it is executed."""
    fields = {"dry_run": dry_run, "retire_missing": retire_missing}
    _import("ansible", file, fields, as_json=as_json, acting_as=acting_as, tenant=tenant)


def import_netbox(
    file: Annotated[str, typer.Argument(metavar="URL|FILE", help="A NetBox, or a CSV export of one.")],
    token_ref: Annotated[
        str, typer.Option("--token-ref", metavar="NAME", help="The file in $HOME/keys that holds NetBox's API token.")
    ] = "",
    kind: Annotated[
        str,
        typer.Option("--kind", metavar="KIND", help="Of an export: device or virtual_machine, if it does not tell."),
    ] = "",
    dry_run: DryRun = False,
    retire_missing: RetireMissing = False,
    as_json: AsJson = False,
    acting_as: AsIdentity = "",
    tenant: Tenant = "",
) -> None:
    """Import assets from NetBox: its REST API, or a CSV export."""
    fields = {"token_ref": token_ref, "record_kind": kind, "dry_run": dry_run, "retire_missing": retire_missing}
    _import("netbox", file, fields, as_json=as_json, acting_as=acting_as, tenant=tenant)


def filters_of(conditions: list[str]) -> dict[str, list[str]]:
    """`type=device` and the like as filters; the same field twice means either. Raises `request.invalid`."""
    filters: dict[str, list[str]] = {}
    for text in conditions:
        name, value = _pair(text, "--where")
        filters.setdefault(name, []).append(value)
    return filters


def _pair(text: str, option: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise BadInput("request.invalid", f"{option} takes NAME=VALUE, not {text!r}.", field=option)
    return name.strip(), value.strip()


def _import(kind: str, source: str, fields: dict[str, Any], *, as_json: bool, acting_as: str, tenant: str) -> None:
    from opsconductor.cli.printing import say, say_json, tell
    from opsconductor.server.import_order import ImportOrder

    place = source if "://" in source else str(Path(source).absolute())
    order = ImportOrder(kind=kind, source=place, **fields)
    try:
        done = with_client(lambda client: client.import_assets(order), acting_as=acting_as, tenant=tenant)
    except OpsConductorError as error:
        for line in fault_lines(error.facts.get("faults")):
            tell(line)
        raise
    for warning in done["warnings"]:
        tell(f"warning: {warning}")
    if as_json:
        say_json({name: value for name, value in done.items() if name != "text"})
    else:
        say(done["text"])


def fault_lines(faults: Any) -> list[str]:
    """The faults of a source in its order, a line each; none when the error's own words are all there is to say."""
    lines = []
    for fault in faults if faults and len(faults) > 1 else ():
        line = f"line {fault['line']}" if fault["line"] else ""
        where = ", ".join(part for part in (fault["file"], line, fault["column"]) if part)
        lines.append(f"{where + ': ' if where else ''}{fault['message']}")
    return lines
