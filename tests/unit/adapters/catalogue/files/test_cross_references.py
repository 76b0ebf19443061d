"""What items say of each other must exist, end, and agree."""

import pytest

from tests.unit.adapters.catalogue.files.conftest import SmallPack

LOOK, CLEAN, RULES = "tools/disk-look.yaml", "tools/disk-clean.yaml", "rules/rules.yaml"
SCENARIO, INTENTS, GLOSSARY = "scenarios/triage.yaml", "intents/intents.yaml", "glossary.yaml"


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "fault"),
    [
        (
            LOOK,
            "output.used <= 100",
            "output.usd <= 100",
            23,
            "reads output.usd, which does not exist. — Did you mean used",
        ),
        (LOOK, "output.used <= 100", "outputs.used <= 100", 23, "The name outputs is not known here"),
        (LOOK, "output.used <= 100", "output.used <=", 23, "It ends too early, at line 1, column 15"),
        (LOOK, "output.used <= 100", "now() > 1", 23, "There is no function now"),
        (LOOK, "output.used <= 100", "before.used > 1", 23, "The name before is not known here"),
        (CLEAN, "done: after.used < before.used", "done: after.used < input.old", 22, "reads input.old"),
        (CLEAN, "  not_done: after.used >=", "  not_done: output.used >=", 23, "The name output is not known here"),
        (RULES, "has(customer.night)", "has(customer.nigth)", 7, "reads customer.nigth, which does not exist."),
        (RULES, 'mode == "act"', 'modus == "act"', 7, "The name modus is not known here"),
        (RULES, 'mode == "act"', "targets.all(t, t.enviroment == mode)", 7, "Did you mean environment?"),
        (RULES, "[R-deny]", "[R-dney]", 16, "There is no rule 'R-dney'. — Did you mean R-deny?"),
        (RULES, "[R-deny]", "[R-say]", 16, "The rule depends_on itself."),
        (RULES, "[R-deny]", "[R-say]", 15, "Rules depends_on each other: R-say."),
        (RULES, "{host} is", "{hots} is", 14, "text uses {hots}, which no tool has."),
        (RULES, "effect: deny", "effect: prefer_tool\n  tool: disk-wash", 6, "There is no tool 'disk-wash'."),
        (SCENARIO, "[monitoring/disk]", "[monitoring/disks]", 5, "There is no intent 'monitoring/disks'."),
        (SCENARIO, "tool: disk-look", "tool: disk-lock", 14, "There is no tool 'disk-lock'."),
        (SCENARIO, "path: file_path", "pth: file_path", 15, "There is no input 'pth'."),
        (SCENARIO, "output.full", "output.empty", 21, "reads output.empty, which does not exist."),
        (SCENARIO, "All is well on {host}", "All is well on {hots}", 24, "text uses {hots}, which is not known there."),
        (INTENTS, "tools: [disk-look]", "tools: [disk-lok]", 4, "There is no tool 'disk-lok'."),
        (INTENTS, "tools: [disk-look]", "tools: [disk-clean]", 4, "An intent that asks uses disk-clean, which changes"),
        (INTENTS, "- clean {host}", "- delete {host}", 13, "stands in out_of_scope.yaml too."),
        (INTENTS, "- clean {host}", "- is the disk of {host} full", 13, "stands in monitoring/disk too."),
        (GLOSSARY, "aliases: [boxen]", "aliases: [Box]", 3, "The word 'Box' is taken by glossary.yaml:1."),
    ],
)
def test_fault(pack: SmallPack, file: str, old: str, new: str, line: int, fault: str) -> None:
    pack.edit(file, old, new)
    found = [one for one in pack.faults() if fault in one]
    assert found, pack.faults()
    assert found[0].startswith(f"{file}:{line}: "), found


def test_rules_that_depend_on_each_other_in_a_circle_are_refused(pack: SmallPack) -> None:
    pack.edit(RULES, "  effect: deny", "  effect: deny\n  relations: {depends_on: [R-say]}")
    assert "each other: R-" in "".join(pack.faults())
    pack.edit(RULES, "relations: {depends_on:", "relations: {implies:")
    assert pack.faults() == []


def test_two_terms_never_share_a_word(pack: SmallPack) -> None:
    pack.write(
        GLOSSARY, pack.files[GLOSSARY] + "- term: crate\n  meaning: A host.\n  aliases: [Boxen]\n  replace_with: host\n"
    )
    assert pack.faults() == [
        "glossary.yaml:7: The word 'Boxen' is taken by glossary.yaml:1. — Give each word one meaning."
    ]
