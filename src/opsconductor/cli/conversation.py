"""The talk of `chat`: a line, a turn, the reply; and where it needs one, a person's decision."""

from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from opsconductor.cli.client import Client, PhaseObserver
from opsconductor.cli.commands.approvals import changes_of
from opsconductor.cli.event_loop import LoopThread
from opsconductor.cli.printing import ask_line, printable, say, tell, tell_error
from opsconductor.cli.render.approval import approval_lines, decision_lines, next_commands
from opsconductor.cli.render.phases import live_phases, timings_line
from opsconductor.cli.render.reply import show_result, tell_warnings
from opsconductor.domain.errors import OpsConductorError
from opsconductor.domain.response import ReplyKind
from opsconductor.domain.turn import ApprovalAnswer

PROMPT = "you> "
DECISION_PROMPT = "approve, reject, changes, edit or later> "
QUESTIONS = {"pending": DECISION_PROMPT, "changes_requested": "edit, reject or later> "}
REASON_PROMPT = "why? "
EDIT_PROMPT = "STEP.INPUT=VALUE> "

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
        for line in decision_lines(approval):
            say(line)
        said = ask_decision(approval["state"]) if approval["state"] in QUESTIONS else None
        if said is None:
            for line in next_commands(approval):
                say(line)
            return
        answer = ApprovalAnswer(
            approval_id=approval["approval_id"],
            plan_hash=approval["plan_hash"],
            decision=said.decision,
            reason=said.reason,
            changes=said.changes,
        )
        told = self._turn(lambda observer: self._client.decide(answer, observer))
        if told is None:
            return
        self._tell(told)
        if told["kind"] == ReplyKind.APPROVAL_REQUIRED and told["approval"]["approval_id"] != approval["approval_id"]:
            self._decide(told)  # an edited plan, or the next step of one that is confirmed step by step


@dataclass(frozen=True, kw_only=True)
class Said:
    """A person's word at the prompt."""

    decision: str
    reason: str = ""
    changes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def ask_decision(state: str = "pending") -> Said | None:
    """The decision; None for later. Asked until it is one of them, later at the end of input."""
    while (line := ask_line(QUESTIONS[state])) is not None:
        word, _, rest = line.strip().partition(" ")
        rest = rest.strip()
        if word == "later":
            return None
        if word == "approve" and state == "pending":
            return Said(decision=word, reason=rest)
        if word == "reject":
            return Said(decision=word, reason=rest or ask_line(REASON_PROMPT) or "")
        if word == "changes" and state == "pending":
            return Said(decision="request_changes", reason=rest or ask_line(REASON_PROMPT) or "")
        if word == "edit":
            try:
                return Said(decision="edit", changes=changes_of((rest or ask_line(EDIT_PROMPT) or "").split()))
            except OpsConductorError as error:
                tell_error(error)
                continue
        tell(f"Write {QUESTIONS[state].removesuffix('> ')}; a reason may follow.")
    return None


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
