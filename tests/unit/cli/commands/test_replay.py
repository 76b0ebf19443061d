import json
from dataclasses import replace
from pathlib import Path

import pytest

from opsconductor.cli.commands.replay import SHOWN, replay_lines
from tests.scenario.test_replay import alter
from tests.unit.cli.conftest import Cli


@pytest.fixture
def turn(used: Cli) -> str:
    return str(json.loads(used("ask", "How many assets do we have?", "--json").out)["turn_id"])


def test_a_turn_as_it_was_told_is_the_same(used: Cli, turn: str) -> None:
    done = used("turns", "replay", turn)
    assert (done.code, done.out, done.err) == (0, f"Turn {turn}: same\n", "")
    found = json.loads(used("turns", "replay", turn, "--json").out)
    assert (found["outcome"], found["differences"], found["changed_since"]) == ("same", [], [])


def test_a_record_that_was_changed_is_different_and_each_difference_is_shown(used: Cli, turn: str, fresh: Path) -> None:
    alter(fresh, turn, lambda record: replace(record, reply=replace(record.reply, message="You have 7 assets.")))
    done = used("turns", "replay", turn)
    assert done.code == 5
    assert f"Turn {turn}: different\np09_generate message\n  told:    You have 7 assets.\n" in done.out


def test_an_unknown_turn_is_not_found(used: Cli) -> None:
    done = used("turns", "replay", "turn_x")
    assert (done.code, done.out) == (2, "")
    assert "turn.not_found: " in done.err


def test_every_difference_and_every_change_since_has_its_lines() -> None:
    found = {
        "turn_id": "turn_1",
        "outcome": "different",
        "differences": [
            {"phase": "p09_generate", "what": "message", "told": "7 assets", "derived": "6 assets"},
            {"phase": "p10_enforce", "what": "evidence", "told": [], "derived": [{"claim": "x" * SHOWN}]},
        ],
        "changed_since": [{"name": "catalogue", "then": "sha256:a", "now": "sha256:b"}],
        "notes": ["A note."],
    }
    lines = list(replay_lines(found))
    assert lines[:4] == [
        "Turn turn_1: different",
        "p09_generate message",
        "  told:    7 assets",
        "  derived: 6 assets",
    ]
    assert lines[6].endswith(" …")
    assert lines[7:] == [
        "The catalogue has changed since: sha256:a, now sha256:b. A difference may come from that.",
        "A note.",
    ]
