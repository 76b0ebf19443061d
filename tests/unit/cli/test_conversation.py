import asyncio
import io
import sys
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager
from typing import Any

import pytest

from opsconductor.cli.client import PhaseObserver
from opsconductor.cli.conversation import Conversation, Said, ask_decision, show_boxed, show_dim
from opsconductor.cli.event_loop import held_open
from opsconductor.domain.errors import BadInput
from opsconductor.domain.turn import ApprovalAnswer
from tests.unit.cli.render.test_approval import APPROVAL, PLAN


def reply(kind: str = "answer", **fields: Any) -> dict[str, Any]:
    whole = {"kind": kind, "message": f"A {kind}.", "session_id": "sess_1", "warnings": [], "error": None}
    return {**whole, "approval": None, "plan": None, "execution": None, "phases": [], **fields}


class ScriptedClient:
    """Answers in order, and remembers what it was asked."""

    def __init__(self, *replies: Any) -> None:
        self.replies = list(replies)
        self.asked: list[tuple[Any, ...]] = []

    async def ask(self, text: str, session_id: str = "", observer: PhaseObserver | None = None) -> Any:
        self.asked.append((text, session_id))
        return self._next()

    async def decide(self, answer: ApprovalAnswer, observer: PhaseObserver | None = None) -> Any:
        changes = (answer.changes,) if answer.changes else ()
        self.asked.append((answer.approval_id, answer.plan_hash, answer.decision, answer.reason, *changes))
        return self._next()

    def _next(self) -> Any:
        answer = self.replies.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def talk(monkeypatch: pytest.MonkeyPatch, client: ScriptedClient, *lines: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(lines) + "\n"))

    @asynccontextmanager
    async def opening() -> AsyncIterator[ScriptedClient]:
        yield client

    with held_open(opening()) as (opened, loop):
        Conversation(opened, loop).run()  # type: ignore[arg-type]


def test_each_line_is_a_turn_of_one_session_until_the_input_ends(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    client = ScriptedClient(reply(), reply("question"))
    talk(monkeypatch, client, "one", "", "  ", "two")
    assert client.asked == [("one", ""), ("two", "sess_1")]
    assert capsys.readouterr().out == "A answer.\nA question.\n"


@pytest.mark.parametrize("word", ["/quit", "/exit", " /quit "])
def test_a_word_leaves(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    client = ScriptedClient()
    talk(monkeypatch, client, word, "never")
    assert client.asked == []


def test_a_refused_line_is_told_and_the_talk_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    client = ScriptedClient(BadInput("request.bad_text", "Bad."), reply())
    talk(monkeypatch, client, "one", "two")
    told = capsys.readouterr()
    assert told.out == "A answer.\n"
    assert told.err.startswith("error request.bad_text: Bad. Next: ")


WAITS = reply("approval_required", approval=APPROVAL, plan=PLAN)


@pytest.mark.parametrize(
    ("lines", "decision"),
    [
        (["approve"], ("approve", "")),
        (["approve looks right"], ("approve", "looks right")),
        (["reject too risky"], ("reject", "too risky")),
        (["reject", "too late"], ("reject", "too late")),
        (["yes", "y", "", "approve"], ("approve", "")),
        (["changes wrong host"], ("request_changes", "wrong host")),
        (["edit step_1.service=ledger step_1.count=3"], ("edit", "", {"step_1": {"service": "ledger", "count": "3"}})),
        (["edit nonsense", "edit", "step_1.count=3"], ("edit", "", {"step_1": {"count": "3"}})),
    ],
)
def test_the_prompt_shows_the_plan_and_takes_a_decision(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], lines: list[str], decision: tuple[Any, ...]
) -> None:
    client = ScriptedClient(WAITS, reply("answer"))
    talk(monkeypatch, client, "restart billing", *lines)
    assert client.asked[1] == ("appr_1", "sha256:abc", *decision)
    out = capsys.readouterr().out
    for part in ("service-restart", "app-01 (staging)", "about 5 s", "medium", "sha256:abc"):
        assert part in out, part
    assert out.endswith("A answer.\n")


@pytest.mark.parametrize("lines", [["later"], []])
def test_without_a_decision_it_waits_and_the_commands_are_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], lines: list[str]
) -> None:
    client = ScriptedClient(WAITS)
    talk(monkeypatch, client, "restart billing", *lines)
    assert len(client.asked) == 1
    assert "opsconductor approvals approve appr_1" in capsys.readouterr().out


def test_a_decision_that_is_refused_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    client = ScriptedClient(WAITS, BadInput("request.invalid", "No."))
    talk(monkeypatch, client, "restart billing", "approve")
    assert "error request.invalid" in capsys.readouterr().err


class Interrupted(Future[Any]):
    """A turn during whose wait somebody presses Ctrl-C once."""

    def __init__(self) -> None:
        super().__init__()
        self.presses: Iterator[BaseException | None] = iter([KeyboardInterrupt(), None])

    def result(self, timeout: float | None = None) -> Any:
        press = next(self.presses)
        if press is not None:
            raise press
        return reply()


def test_ctrl_c_during_a_turn_still_tells_its_reply_and_then_leaves(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Loop:
        def start(self, work: Any) -> Future[Any]:
            work.close()
            return Interrupted()

    monkeypatch.setattr(sys, "stdin", io.StringIO("one\ntwo\n"))
    with pytest.raises(KeyboardInterrupt):
        Conversation(ScriptedClient(), Loop()).run()  # type: ignore[arg-type]
    told = capsys.readouterr()
    assert told.out == "A answer.\n"
    assert "Ctrl-C again leaves at once" in told.err


def test_the_end_of_input_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert ask_decision() is None
    monkeypatch.setattr(sys, "stdin", io.StringIO("reject\n"))
    assert ask_decision() == Said(decision="reject")


def test_an_edited_plan_or_the_next_step_is_asked_about_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    again = reply("approval_required", approval={**APPROVAL, "approval_id": "appr_2"}, plan=PLAN)
    client = ScriptedClient(WAITS, again, reply("answer"))
    talk(monkeypatch, client, "restart billing", "edit step_1.service=ledger", "approve")
    assert [asked[:1] for asked in client.asked[1:]] == [("appr_1",), ("appr_2",)]
    assert capsys.readouterr().out.endswith("A answer.\n")


def test_who_has_approved_already_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    half = reply("approval_required", approval=APPROVAL, plan=PLAN)
    client = ScriptedClient(WAITS, half)
    talk(monkeypatch, client, "restart billing", "approve")
    assert len(client.asked) == 2


def test_a_plan_that_was_sent_back_is_edited_or_rejected(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    back = reply("approval_required", approval={**APPROVAL, "state": "changes_requested"}, plan=PLAN)
    client = ScriptedClient(back, reply("cancelled"))
    talk(monkeypatch, client, "restart billing", "approve", "reject no more")
    assert client.asked[1] == ("appr_1", "sha256:abc", "reject", "no more")
    assert "Write edit, reject or later" in capsys.readouterr().err


def test_on_a_terminal_the_plan_stands_in_a_box_and_timings_are_dim(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    show_boxed(["plain"])
    show_dim("P1 1")
    assert capsys.readouterr() == ("plain\n", "")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    show_boxed(["[bold]boxed[/bold]\x1b"])
    show_dim("P1 1")
    told = capsys.readouterr()
    assert "[bold]boxed[/bold]\\x1b" in told.out
    assert "Approval" in told.out
    assert "P1 1" in told.err


def test_asyncio_is_free_for_the_engine() -> None:
    assert asyncio.run(ScriptedClient(reply()).ask("x"))["kind"] == "answer"
