"""Each fault of a rule is found in its line."""

import pytest

from tests.unit.adapters.catalogue.files.conftest import SmallPack

RULES = "rules/rules.yaml"


@pytest.mark.parametrize(
    ("old", "new", "line", "fault"),
    [
        ("id: R-deny", "id: deny", 1, "id 'deny' has not the form of a name."),
        ("effect: deny", "effect: forbid", 5, "effect 'forbid' is not known."),
        ("effect: deny", "effect: raise_level", 5, "A rule that does raise_level lacks level."),
        ("effect: deny", "effect: raise_level\n  level: 4", 6, "level is no whole number from 1 to 3."),
        ("effect: deny", "effect: deny\n  level: 2", 6, "A rule that does deny does not use level."),
        ("effect: deny", "effect: deny\n  enforcement: 'true'", 6, "A rule that does deny does not use enforcement."),
        ("effect: deny", "effect: deny\n  on_missing: fail", 6, "A rule that does deny does not use on_missing."),
        ("hard: true", "hard: yes", 6, "hard is neither true nor false."),
        ("hard: true", "hard: true\n  max_fires: 2", 6, "A hard rule rests at times."),
        ("scope: AGENT", "scope: AGENT\n  hard: true", 12, "A rule that does must_say cannot be hard."),
        ("scope: AGENT", "scope: SCENARIO", 11, "A SCENARIO rule names no scenario."),
        ("scope: AGENT", "scope: AGENT\n  scenario: triage", 12, "Only a SCENARIO rule names a scenario."),
        ("scope: AGENT", "scope: AGENT\n  facets: {colour: [red]}", 12, "There is no facet 'colour'."),
        ("scope: AGENT", "scope: AGENT\n  facets: {role: web}", 12, "role is no list of texts."),
        ("depends_on:", "needs:", 15, "There is no relation 'needs'."),
        ('  text: "{host} is cleaned."\n', "", 12, "A rule that does must_say lacks text."),
        ("title: Say it", "titel: Say it", 9, "Did you mean title?"),
    ],
)
def test_fault(pack: SmallPack, old: str, new: str, line: int, fault: str) -> None:
    pack.edit(RULES, old, new)
    found = [one for one in pack.faults() if fault in one]
    assert found, pack.faults()
    assert found[0].startswith(f"{RULES}:{line}: ")


def test_an_enforcement_says_what_an_undefined_name_means(pack: SmallPack) -> None:
    rule = """\
- id: R-quiet
  title: Quiet
  description: Says nothing.
  scope: GLOBAL
  effect: must_not_say
  enforcement: '!reply.text.contains("secret")'
"""
    pack.write("rules/quiet.yaml", rule)
    assert pack.faults() == [
        "rules/quiet.yaml:5: An enforcement does not say what an undefined name means. — Add `on_missing: fail`, or "
        "`pass` to let a reply through when a name is undefined."
    ]
    pack.write("rules/quiet.yaml", rule + "  on_missing: fail\n")
    assert pack.faults() == []
