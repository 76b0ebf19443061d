"""Each fault of an intent, a term or an out-of-scope example is found in its line."""

import pytest

from tests.unit.adapters.catalogue.files.conftest import SmallPack

INTENTS, GLOSSARY, SCOPE = "intents/intents.yaml", "glossary.yaml", "out_of_scope.yaml"


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "fault"),
    [
        (INTENTS, "label: monitoring/disk", "label: monitor/disk", 1, "There is no category 'monitor'."),
        (INTENTS, "label: monitoring/disk", "label: disk", 1, "label 'disk' has not the form of a name."),
        (INTENTS, "mode: act", "mode: clarify", 9, "mode 'clarify' is not known."),
        (INTENTS, "{file_path} on", "{path} on", 6, "{path} is no type of entity."),
        (INTENTS, "- clean {host}", "- clean {host}\n    - clean {host}", 14, "stands twice in examples."),
        (INTENTS, "examples: [help]", "examples: []", 20, "examples is no list of texts."),
        (INTENTS, "examples: [help]", "examples: [help, [x]]", 20, "examples is no text."),
        (INTENTS, "  tools: [disk-clean]\n", "", 8, "The intent has neither tools nor an answer."),
        (INTENTS, "tools: [disk-clean]", "tools: [disk-clean]\n  answer: Yes.", 12, "does not use answer."),
        (INTENTS, "    {tools}", "    {tool}", 17, "{tool} cannot stand in an answer."),
        (GLOSSARY, "aliases: [boxen]", "aliases: [app-01]", 3, "The alias 'app-01' is no plain phrase."),
        (GLOSSARY, "aliases: [boxen]", "aliases: [host]", 3, "The alias 'host' stands in its own replacement."),
        (GLOSSARY, "  aliases: [boxen]\n", "", 3, "There is nothing to replace."),
        (GLOSSARY, "meaning: A host.", "meaning:", 2, "meaning is no text."),
        (SCOPE, "delete {host}", "delete {thing}", 2, "{thing} is no type of entity."),
        (SCOPE, "examples:", "sentences:", 1, "The list lacks examples."),
    ],
)
def test_fault(pack: SmallPack, file: str, old: str, new: str, line: int, fault: str) -> None:
    pack.edit(file, old, new)
    found = [one for one in pack.faults() if fault in one]
    assert found, pack.faults()
    assert found[0].startswith(f"{file}:{line}: ")
