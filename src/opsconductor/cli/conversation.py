"""The talk of `chat`: a line, a turn, the reply; and where it needs one, a person's decision."""

from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any

from opsconductor.cli.client import Client, PhaseObserver
from opsconductor.cli.event_loop import LoopThread
from opsconductor.cli.printing import ask_line, printable, say, tell, tell_error
from opsconductor.cli.render.approval import approval_lines, decide_commands
from opsconductor.cli.render.phases import live_phases, timings_line
from opsconductor.cli.render.reply import show_result, tell_warnings
from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.response import ReplyKind

PROMPT = "you> "
DECISION_PROMPT = "approve, reject or later> "
REASON_PROMPT = "why? "

Turn = Callable[[PhaseObserver | None], Coroutine[Any, Any, Any]]


class Conversation:
    """Speaks with one person over one session; the engine runs in another thread's loop."""

    def __init__(self, client: Client, loop: LoopThread, session_id: str = "") -> None:
        self._client = client
        self._loop = loop
        self._session_id = session_id

    def run(self) -> None:
        """Take lines until there are no more. Raises KeyboardInterrupt when the person leaves by Ctrl-C."""
        while (line := ask_line(PROMPT)) is not None:
            if line.strip() in ("/quit", "/exit"):
                return
            if line.strip():
                self._exchange(line)

    def _exchange(self, line: str) -> None:
        reply = self._turn(lambda observer: self._client.ask(line, self._session_id, observer))
        if reply is None:
            return
        self._session_id = reply["session_id"]
        self._tell(reply)
        if reply["kind"] == ReplyKind.APPROVAL_REQUIRED and reply["approval"]:
            self._decide(reply)

    def _turn(self, turn: Turn) -> Any:
        """The reply, None when the turn was refused before it was accepted, which has been told then."""
        try:
            with live_phases() as observer:
                return self._wait(self._loop.start(turn(observer)))
        except OpsConductorError as error:
            tell_error(error)
            return None

    def _wait(self, coming: "Future[Any]") -> Any:
        """The turn's reply; whoever presses Ctrl-C meanwhile still hears it before the conversation ends."""
        try:
            return coming.result()
        except KeyboardInterrupt:
            tell("Finishing what is under way; Ctrl-C again leaves at once.")
            reply = coming.result()
            self._tell(reply)
            raise

    def _tell(self, reply: Any) -> None:
        say(reply["message"])
        show_result(reply)
        tell_warnings(reply)
        show_dim(timings_line(reply["phases"]))

    def _decide(self, reply: Any) -> None:
        approval = reply["approval"]
        show_boxed(approval_lines(approval, reply["plan"]))
        decision, reason = ask_decision()
        if not decision:
            for line in decide_commands(approval["approval_id"]):
                say(line)
            return
        plan_hash = approval["plan_hash"]
        answer = self._turn(
            lambda observer: self._client.decide(approval["approval_id"], plan_hash, decision, reason, observer)
        )
        if answer is not None:
            self._tell(answer)


def ask_decision() -> tuple[str, str]:
    """(approve | reject | empty for later, reason); asked until it is one of them, later at the end of input."""
    while (line := ask_line(DECISION_PROMPT)) is not None:
        word, _, reason = line.strip().partition(" ")
        if word == "later":
            return "", ""
        if word == "approve":
            return word, reason.strip()
        if word == "reject":
            return word, reason.strip() or ask_line(REASON_PROMPT) or ""
        tell("Write approve, reject or later; a reason may follow.")
    return "", ""


def show_boxed(lines: list[str]) -> None:
    """Lines in a box where there is a terminal to draw one in."""
    from rich.console import Console
    from rich.panel import Panel
    from rich.text import Text

    console = Console(markup=False, highlight=False, emoji=False)
    if console.is_terminal:
        console.print(Panel(Text(printable("\n".join(lines))), title="Approval", title_align="left"))
    else:
        say("\n".join(lines))


def show_dim(line: str) -> None:
    """A line that only a person at a terminal wants."""
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True, markup=False, highlight=False, emoji=False)
    if console.is_terminal and line:
        console.print(Text(printable(line), style="dim"))
