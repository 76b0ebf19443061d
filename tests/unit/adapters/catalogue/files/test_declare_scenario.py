"""Each fault of a scenario is found in its line."""

import pytest

from opsconductor.adapters.catalogue.files.declare_scenario import logic_names, names_in
from tests.unit.adapters.catalogue.files.conftest import SmallPack

FILE = "scenarios/triage.yaml"


@pytest.mark.parametrize(
    ("old", "new", "line", "fault"),
    [
        ("id: triage", "id: Triage", 1, "id 'Triage' has not the form of a name."),
        ("version: 1", "version: 1.0", 2, "version is no whole number"),
        ("kind: QUESTION", "kind: ASK", 8, "kind 'ASK' is not known."),
        ("variable: host", "variable: hots", 9, "variable 'hots' is not known."),
        ("    variable: host\n", "", 7, "A QUESTION step lacks variable."),
        ("    text: Which host?\n", "", 7, "A QUESTION step lacks text."),
        ("kind: ACTION", "kind: LOGIC", 11, "A LOGIC step lacks transitions."),
        ("kind: ACTION", "kind: LOGIC", 13, "A LOGIC step does not use binding."),
        ("kind: ACTION", "kind: QUESTION", 13, "A QUESTION step does not use binding."),
        ("path: file_path", "path: pth", 15, "'pth', for path, is no scenario variable."),
        ("id: look", "id: ask", 11, "The step id 'ask' is taken."),
        ("id: look", "id: end", 11, "The step id 'end' is taken."),
        ("target: end\n        priority", "target: lok\n        priority", 19, "There is no step 'lok'."),
        ("when", "", 0, ""),
        (
            "text: Which host?",
            "text: Which host?\n    transitions: [{target: look, condition: host}]",
            11,
            "chooses or says",
        ),
    ],
)
def test_fault(pack: SmallPack, old: str, new: str, line: int, fault: str) -> None:
    if old == "when":
        old, new, line, fault = (
            "tool: disk-look",
            "tool: disk-look\n      when: LATER",
            15,
            "when 'LATER' is not known.",
        )
    pack.edit(FILE, old, new)
    found = [one for one in pack.faults() if fault in one]
    assert found, pack.faults()
    assert found[0].startswith(f"{FILE}:{line}: ")


def test_a_scenario_has_steps(pack: SmallPack) -> None:
    text = pack.files[FILE]
    pack.write(FILE, text[: text.index("steps:")])
    assert pack.faults()[0].startswith(f"{FILE}:1: The scenario has no steps.")


def test_logic_follows_an_action(pack: SmallPack) -> None:
    text = pack.files[FILE]
    start, end = text.index("  - id: look"), text.index("  - id: conclude")
    pack.write(FILE, text[:start] + text[end:])
    assert f"{FILE}:12: A LOGIC step does not follow an ACTION." in pack.faults()[0]


def test_names_in_a_text() -> None:
    assert names_in("{host}: {output.used} of {x}") == ["host", "output.used", "x"]
    assert logic_names([{"binding": {"variables": {"host": "host"}}}, {}], 1) == ["host"]
    assert logic_names([{}], 0) == []
