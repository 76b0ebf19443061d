"""The level of a call is told with every part that it comes from, and that nothing was run."""

from typing import Any

import pytest

from opsconductor.cli.render.call_level import level_lines

CALL: dict[str, Any] = {
    "tool": "service-deploy",
    "inputs": {"service": "billing", "count": 2},
    "missing": [],
    "targets": [{"name": "app-01", "environment": "staging"}, {"name": "app-02", "environment": ""}],
    "parts": [{"source": "effect", "risk": "medium", "because": "its effect is compensatable"}],
    "risk": "high",
    "level": 2,
    "reasons": ["more than one target is changed"],
    "outcome": "approve",
    "code": "",
    "estimate_s": 12.0,
    "blast_radius": {"targets": 2, "criticality": "medium", "dependents": 1},
}


def test_every_part_of_the_risk_is_a_line() -> None:
    assert level_lines(CALL) == [
        'service-deploy on app-01 (staging), app-02 with service="billing", count=2. Nothing was run.',
        "  effect: medium, because its effect is compensatable",
        "Risk:  high",
        "Reach: 2 targets, criticality medium, 1 known to depend on them",
        "Level: 2, another person approves it",
        "  because more than one target is changed",
    ]


@pytest.mark.parametrize(("level", "words"), [(0, "at once"), (1, "requester"), (2, "another"), (3, "two other")])
def test_each_level_says_who_decides(level: int, words: str) -> None:
    assert any(f"Level: {level}" in line and words in line for line in level_lines({**CALL, "level": level}))


def test_what_is_missing_and_what_is_refused_is_said() -> None:
    lines = level_lines({**CALL, "missing": ["version"], "outcome": "refuse", "code": "rights.denied", "targets": []})
    assert lines[0].startswith("service-deploy on none with")
    assert lines[1] == "Missing: version"
    assert lines[-1] == "It would be refused: rights.denied."
