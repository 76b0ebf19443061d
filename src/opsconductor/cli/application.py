"""All commands under their names."""

import typer

from opsconductor.cli.commands import (
    approvals,
    assets,
    audit,
    executions,
    identities,
    pack,
    records,
    replay,
    tokens,
    tools,
)
from opsconductor.cli.commands.ask import ask
from opsconductor.cli.commands.asset_service import asset_service
from opsconductor.cli.commands.chat import chat
from opsconductor.cli.commands.doctor import doctor
from opsconductor.cli.commands.serve import serve


def create_application() -> typer.Typer:
    """The application with every command; nothing heavy is imported before one runs."""
    application = _group("Ask an operations question or give an order in plain words; get the executed truth.")
    application.callback()(_whole)
    for name, command in (("ask", ask), ("chat", chat), ("serve", serve)):
        application.command(name)(command)
    application.add_typer(_approvals(), name="approvals")
    application.add_typer(_identities(), name="identities")
    application.add_typer(_executions(), name="executions")
    application.add_typer(_turns(), name="turns")
    application.add_typer(_assets(), name="assets")
    application.add_typer(_tools(), name="tools")
    application.add_typer(_pack(), name="pack")
    application.add_typer(_tokens(), name="tokens")
    application.add_typer(_audit(), name="audit")
    application.command("asset-service")(asset_service)
    application.command("doctor")(doctor)
    return application


def _whole(
    version: bool = typer.Option(False, "--version", is_eager=True, callback=lambda asked: _tell_version(asked)),
) -> None:
    """Ask an operations question or give an order in plain words; get the executed truth."""


def _tell_version(asked: bool) -> None:
    if asked:
        import opsconductor

        typer.echo(opsconductor.__version__)
        raise typer.Exit


def _group(words: str) -> typer.Typer:
    return typer.Typer(
        help=words,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


def _approvals() -> typer.Typer:
    group = _group("What waits for a person, and the person's word.")
    group.command("list")(approvals.list_approvals)
    group.command("show")(approvals.show)
    group.command("approve")(approvals.approve)
    group.command("reject")(approvals.reject)
    group.command("request-changes")(approvals.request_changes)
    group.command("edit")(approvals.edit)
    group.command("review")(approvals.review)
    return group


def _audit() -> typer.Typer:
    group = _group("The chain of what was done by whom.")
    group.command("verify")(audit.verify)
    return group


def _identities() -> typer.Typer:
    group = _group("Who there is, and what they may do. For administrators.")
    group.command("list")(identities.list_identities)
    group.command("create")(identities.create)
    group.command("grant")(identities.grant)
    group.command("disable")(identities.disable)
    group.command("self-approval")(identities.self_approval)
    return group


def _executions() -> typer.Typer:
    group = _group("What was executed.")
    group.command("list")(records.list_executions)
    group.command("show")(records.show_execution)
    group.command("output")(records.show_output)
    group.command("cancel")(executions.cancel)
    group.command("undo")(executions.undo)
    group.command("resolve")(executions.resolve)
    return group


def _turns() -> typer.Typer:
    group = _group("What was asked and answered.")
    group.command("list")(records.list_turns)
    group.command("show")(records.show_turn)
    group.command("replay")(replay.replay)
    return group


def _assets() -> typer.Typer:
    group = _group("What is under care, and how it gets in.")
    group.command("list")(assets.list_assets)
    group.command("count")(assets.count)
    imports = _group("Import assets; --dry-run shows what would change.")
    imports.command("csv")(assets.import_csv)
    imports.command("ansible")(assets.import_ansible)
    imports.command("netbox")(assets.import_netbox)
    group.add_typer(imports, name="import")
    return group


def _tools() -> typer.Typer:
    group = _group("What can be done, by the pack in use.")
    group.command("list")(tools.list_tools)
    group.command("show")(tools.show)
    group.command("check")(tools.check)
    return group


def _pack() -> typer.Typer:
    group = _group("Begin a pack of your own, and check it.")
    group.command("init")(pack.init)
    group.command("check")(pack.check)
    return group


def _tokens() -> typer.Typer:
    group = _group("Bearer tokens for programs, sign-in links for browsers.")
    group.command("create")(tokens.create)
    group.command("list")(tokens.list_tokens)
    group.command("revoke")(tokens.revoke)
    return group
