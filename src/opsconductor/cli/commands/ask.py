"""`ask`: one question or order, one reply. It never prompts."""

import os
import sys
from typing import Annotated

import typer

from opsconductor.cli.options import AsIdentity, AsJson, Session, Tenant

MOST_READ = 1024 * 1024


def ask(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The words; - reads them from standard input.")],
    as_json: AsJson = False,
    acting_as: AsIdentity = "",
    tenant: Tenant = "",
    session: Session = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be sent; run nothing.")] = False,
) -> int:
    """Ask a question or give an order in plain words.

    Exit codes: 0 answered, 3 approval needed, 4 a question back, 5 failed, partial or unknown, 6 refused, 7 cancelled,
    2 usage, 1 internal.
    """
    from opsconductor.cli.connect import with_client
    from opsconductor.cli.render.reply import show_reply
    from opsconductor.domain.message_text import check_message

    words = check_message(_standard_input() if text == "-" else as_utf8(text))
    reply = with_client(lambda client: client.ask(words, session, dry_run=dry_run), acting_as=acting_as, tenant=tenant)
    return show_reply(reply, as_json=as_json)


def as_utf8(argument: str) -> str:
    """What the shell handed over, read as UTF-8 whatever the locale says; what is no UTF-8 stays as it came."""
    try:
        return os.fsencode(argument).decode("utf-8")
    except UnicodeError:
        return argument


def _standard_input() -> str:
    return sys.stdin.read(MOST_READ)
