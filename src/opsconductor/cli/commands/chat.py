"""`chat`: a conversation in the terminal, with the phases as they run and the approval prompt."""

import sys
from typing import TYPE_CHECKING

from opsconductor.cli.options import AsIdentity, Session, Tenant

if TYPE_CHECKING:
    from opsconductor.cli.conversation import Conversation


def chat(acting_as: AsIdentity = "", tenant: Tenant = "", session: Session = "") -> int:
    """Talk with OpsConductor in the terminal.

    Ctrl-C or Ctrl-D leaves. Lines may also come from a pipe.
    """
    from opsconductor.cli.connect import open_client
    from opsconductor.cli.conversation import Conversation
    from opsconductor.cli.event_loop import held_open
    from opsconductor.settings import load_settings

    settings = load_settings()
    with held_open(open_client(settings, acting_as, "chat", tenant)) as (client, loop):
        return _until_left(Conversation(client, loop, session))


def _until_left(conversation: "Conversation") -> int:
    from opsconductor.cli.printing import say

    if sys.stdin.isatty():
        import readline  # noqa: F401  line editing for input(), as long as the process lives

        say("Ask a question or give an order in plain words. Ctrl-D leaves.")
    try:
        conversation.run()
    except KeyboardInterrupt:
        say("")
    return 0
