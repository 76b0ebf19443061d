"""`ask`: one question or order, one reply. It never prompts."""

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
) -> int:
    """Ask a question or give an order in plain words.

    Exit codes: 0 answered, 3 approval needed, 4 a question back, 5 failed, partial or unknown, 6 refused, 7 cancelled,
    2 usage, 1 internal.
    """
    from opsconductor.cli.connect import with_client
    from opsconductor.cli.render.reply import show_reply
    from opsconductor.domain.message_text import check_message

    words = check_message(sys.stdin.read(MOST_READ) if text == "-" else text)
    reply = with_client(lambda client: client.ask(words, session), acting_as=acting_as, tenant=tenant)
    return show_reply(reply, as_json=as_json)
