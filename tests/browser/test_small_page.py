"""The small page in a real browser: sign in, ask, decide, look back; nothing that was said is read as HTML."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.chromium import Page, browsing
from tests.service.conftest import Machine, Server
from tests.service.homes import new_home, trained_cache

EVIL = "<img src=x onerror=\"document.title='owned'\"> show me WS-01"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = new_home(tmp_path_factory.mktemp("page") / "home", trained_cache(tmp_path_factory))
    with Machine(home=home).serving("--lab") as running:
        yield running


@pytest.fixture
def page(lab: Server, tmp_path: Path) -> Iterator[Page]:
    """The page, signed in by a new link."""
    with browsing(tmp_path / "profile") as page:
        page.open(lab.machine.run("tokens", "create", "--sign-in").out.strip())
        page.wait_for("document.querySelectorAll('#reference-list details').length > 0")
        yield page


def ask(page: Page, words: str) -> str:
    """Send words as a person does, and give the reply's text."""
    page.value(f"document.getElementById('words').value = {json.dumps(words)}")
    page.value("document.getElementById('ask-form').requestSubmit()")
    return settled(page)


def settled(page: Page) -> str:
    """The reply's text once the turn is over."""
    page.wait_for("!document.getElementById('send').disabled && document.querySelector('#reply .message') !== null")
    return str(page.value("document.querySelector('#reply .message').textContent"))


def test_a_question_shows_its_phases_and_its_answer(page: Page) -> None:
    assert ask(page, "How many assets do we have?").startswith("You have 10 assets in the system:")
    assert page.value("document.querySelectorAll('#phases .over').length") == 11
    assert page.value("document.getElementById('state').textContent") == "Answered"
    page.wait_for("document.querySelector('#turn-list summary').textContent.startsWith('How many assets')")
    assert page.value("document.querySelectorAll('#turn-list details')[0].querySelectorAll('svg').length") == 11
    assert page.complaints == []


def test_a_plan_is_shown_and_runs_only_when_it_is_approved(page: Page) -> None:
    ask(page, "restart billing on app-01")
    shown = page.value("document.querySelector('#reply section').textContent")
    parts = ("service-restart (idempotent)", '"service":"billing"', "app-01", "medium", "sha256:")
    for part in (*parts, 'over ssh: ["svc","restart","billing"], with the credential lab-ssh-key'):
        assert part in shown, part
    page.value("document.getElementById('reason').value = 'agreed'")
    page.value("document.querySelector('#reply section button').click()")
    assert settled(page).startswith("app-01: billing was restarted")


def test_a_rejected_plan_does_not_run(page: Page) -> None:
    ask(page, "restart billing on app-02")
    page.value("document.querySelectorAll('#reply section button')[1].click()")
    assert "nothing was run" in settled(page)
    assert page.value("document.getElementById('state').textContent") == "Cancelled"


def test_what_was_said_is_never_read_as_html(page: Page) -> None:
    ask(page, EVIL)
    page.wait_for("document.querySelector('#turn-list summary').textContent.startsWith('<img')")
    assert page.value("document.querySelectorAll('main img').length") == 0
    assert page.value("document.title") == "OpsConductor"


def test_a_refused_message_is_told(page: Page) -> None:
    page.value("document.getElementById('words').value = '\\u200b'")
    page.value("document.getElementById('ask-form').requestSubmit()")
    page.wait_for("document.getElementById('state').textContent === 'Not accepted'")
    assert "The message is empty." in page.value("document.getElementById('reply').textContent")


def test_it_fits_a_narrow_window_and_every_part_has_a_name(page: Page) -> None:
    page.resize(400, 800)
    ask(page, "restart billing on app-01")
    assert page.value("document.documentElement.scrollWidth") <= 400
    unnamed = "[...document.querySelectorAll('input')].filter((one) => !one.labels.length).length"
    assert page.value(unnamed) == 0
    assert page.value("[...document.querySelectorAll('button')].every((one) => one.textContent.trim())")
    assert page.value("document.querySelectorAll('h1').length") == 1
    assert page.value("document.documentElement.lang") == "en"
