import io
import json
import os
import sys

import pytest

from opsconductor.cli.commands.ask import as_utf8
from tests.unit.cli.conftest import Cli


def test_the_seeds_question_is_answered_by_what_was_executed(cli: Cli) -> None:
    done = cli("ask", "How many assets do we have?", "--json")
    reply = json.loads(done.out)
    assert (done.code, reply["kind"], reply["execution"]["status"]) == (0, "answer", "succeeded")
    assert "6 assets" in reply["message"]
    assert "6 Windows workstations" in reply["message"]
    assert reply["evidence"][0]["step"] == "step_1"
    assert "requires_approval" not in reply
    assert done.err.startswith("New home. You are requester; approver approves")
    again = cli("ask", "How many assets do we have?")
    assert (again.code, again.err) == (0, "")
    assert again.out == "You have 6 assets in the system:\n- 6 Windows workstations\n"


@pytest.mark.parametrize(
    ("text", "code", "error"),
    [
        ("", 2, "request.empty"),
        ("  \t ", 2, "request.empty"),
        ("\u200b\u200d\u202e", 2, "request.empty"),
        ("bell \x07", 2, "request.bad_text"),
        ("how many assets do we have\u202e?", 2, "request.bad_text"),
        ("restart bil\u200bling on app-01", 2, "request.bad_text"),
        ("restart bil\u200dling on app-01", 2, "request.bad_text"),
        ("half \udcff of a byte", 2, "request.bad_text"),
        ("x" * 16_385, 2, "request.too_large"),
        ("ü" * 9_000, 2, "request.too_large"),
        ("x" * 70_000, 2, "request.too_large"),
    ],
)
def test_words_that_cannot_be_taken_are_refused_before_anything_is_opened(
    cli: Cli, text: str, code: int, error: str
) -> None:
    done = cli("ask", text)
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith(f"error {error}: ")
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("make me a sandwich", 6),
        ("delete the database", 6),
        ("is app-09 up?", 4),
        ("¿Cuántos servidores tenemos?", 4),
        ("Wie viele Server haben wir?", 4),
        ("サーバーは何台ありますか", 4),
        ("Combien de serveurs avons-nous ?", 4),
        ("Сколько у нас серверов?", 4),
    ],
)
def test_every_kind_of_reply_has_its_exit_code_and_nothing_runs(used: Cli, text: str, code: int) -> None:
    done = used("ask", text, "--json")
    reply = json.loads(done.out)
    assert (done.code, reply["execution"]) == (code, None), reply["message"]


@pytest.mark.parametrize(
    "text",
    [
        "is '; DROP TABLE assets; -- up?",
        "disk usage on $(reboot)",
        "restart billing on `rm -rf /`",
        "ping ../../etc/passwd",
        "show me <script>alert(1)</script>",
        "🔥🔥🔥",
        "restart 👩‍💻 on 🐍",
        "restart billing on " + " ".join(f"app-{number:02}" for number in range(100)),
    ],
)
def test_hostile_words_do_nothing_and_are_answered(used: Cli, text: str) -> None:
    done = used("ask", text)
    assert done.code in (0, 4, 5, 6)
    assert done.out.strip()
    assert used("assets", "count").out.startswith("6 assets")


def test_words_may_come_from_standard_input(used: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("How many assets do we have?\n"))
    assert used("ask", "-").out.startswith("You have 6 assets")
    monkeypatch.setattr(sys, "stdin", io.StringIO("a\x00b"))
    assert used("ask", "-").err.startswith("error request.bad_text")


def test_an_argument_is_utf8_whatever_the_locale_says(monkeypatch: pytest.MonkeyPatch) -> None:
    assert as_utf8("日本") == "日本"
    assert as_utf8("\udcff") == "\udcff"
    assert as_utf8("\ud800") == "\ud800"
    monkeypatch.setattr(os, "fsencode", lambda text: text.encode("ascii", "surrogateescape"))
    assert as_utf8("日本".encode().decode("ascii", "surrogateescape")) == "日本"


def test_a_conversation_goes_on_by_its_session(used: Cli) -> None:
    first = json.loads(used("ask", "show me WS-01", "--json").out)
    second = json.loads(used("ask", "help", "--json", "--session", first["session_id"]).out)
    assert second["session_id"] == first["session_id"]


def test_acting_as_somebody_needs_their_token_at_every_door(used: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    commands = [
        ("ask", "help"),
        ("approvals", "list"),
        ("approvals", "show", "x"),
        ("approvals", "approve", "x"),
        ("approvals", "reject", "x"),
        ("turns", "list"),
        ("executions", "list"),
        ("assets", "list"),
        ("assets", "import", "csv", "x"),
        ("tools", "list"),
        ("tokens", "list"),
        ("tokens", "create"),
    ]
    for command in commands:
        done = used(*command, "--as", "approver")
        assert (done.code, done.err.split(":")[0]) == (6, "error identity.required"), command
    token = used("tokens", "create", "requester").out.strip()
    monkeypatch.setenv("OPSCONDUCTOR_TOKEN", token)
    assert used("ask", "help", "--as", "approver").err.startswith("error identity.bad_token")
    assert used("ask", "help", "--as", "requester").code == 0
    assert used("ask", "help").code == 0


def test_another_tenant_is_not_entered(used: Cli) -> None:
    done = used("ask", "help", "--tenant", "other")
    assert (done.code, done.out) == (6, "")
    assert done.err.startswith("error identity.unknown: requester is no identity of the tenant other")
    assert used("ask", "help", "--tenant", "default").code == 0


def test_a_dry_run_shows_the_calls_and_makes_none(used: Cli) -> None:
    done = used("ask", "How many assets do we have?", "--dry-run")
    first, heading, call = done.out.splitlines()
    assert (done.code, first, heading) == (0, "Nothing was run. This is what would be sent, at once.", "step_1:")
    assert call.startswith("  runs: http: POST http://127.0.0.1:")
    assert used("executions", "list").out == "No executions.\n"
