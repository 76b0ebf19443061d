import typer

import opsconductor
from opsconductor.cli.application import create_application
from tests.unit.cli.conftest import Cli

COMMANDS = {
    "ask": (),
    "chat": (),
    "serve": (),
    "approvals": ("list", "show", "approve", "reject", "request-changes", "edit", "review"),
    "identities": ("list", "create", "grant", "disable", "self-approval"),
    "executions": ("list", "show", "output", "cancel", "undo", "resolve"),
    "turns": ("list", "show", "replay"),
    "assets": ("list", "count", "import csv", "import ansible", "import netbox"),
    "tools": ("list", "show", "check"),
    "pack": ("init", "check"),
    "tokens": ("create", "list", "revoke"),
    "audit": ("verify",),
    "asset-service": (),
    "doctor": (),
}


def names(application: typer.Typer) -> set[str]:
    return {str(one.name) for one in [*application.registered_commands, *application.registered_groups]}


def test_the_commands_are_those_of_the_design_that_are_built() -> None:
    application = create_application()
    assert names(application) == set(COMMANDS)
    for group in application.registered_groups:
        assert group.typer_instance is not None
        wanted = {words.split()[0] for words in COMMANDS[str(group.name)]}
        assert names(group.typer_instance) == wanted


def test_every_command_explains_itself(cli: Cli) -> None:
    for name, below in COMMANDS.items():
        for words in below or ("",):
            done = cli(name, *words.split(), "--help")
            assert (done.code, done.err) == (0, "")
            assert "Usage: opsconductor " + " ".join([name, *words.split()]) in done.out


def test_the_version_is_told(cli: Cli) -> None:
    assert cli("--version").out == f"{opsconductor.__version__}\n"


def test_there_is_no_yes_and_nothing_that_is_not_built(cli: Cli) -> None:
    for arguments in (["ask", "x", "--yes"], ["executions", "retry", "x"], ["turns", "retry", "x"], ["worker"]):
        assert cli(*arguments).code == 2
