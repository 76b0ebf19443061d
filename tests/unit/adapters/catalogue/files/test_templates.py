"""Answer templates use declared fields, known filters, and no number of their own."""

import pytest

from tests.unit.adapters.catalogue.files.conftest import SmallPack

LOOK = "tools/disk-look.yaml"


@pytest.mark.parametrize(
    ("template", "fault"),
    [
        ("{output.use} used", "answer uses {output.use}, which does not exist. — Did you mean used?"),
        ("{target.nmae}", "answer uses {target.nmae}, which does not exist. — Did you mean name?"),
        ("{target}", "answer uses {target}, which does not exist."),
        ("{pth}", "answer uses {pth}, which does not exist. — Did you mean path?"),
        ("{before.used}", "answer uses {before.used}, which does not exist."),
        ("{output.used|byte}", "answer uses the filter 'byte', which does not exist. — Did you mean bytes?"),
        ("{output.full|bytes}", "answer uses bytes on a field of type boolean."),
        ("{output.used|yes:no}", "answer chooses words by a field that is no boolean."),
        ("{output.used} of 100", "answer states a number of its own."),
        ("{ output.used }", "answer has braces that are no field."),
        ("{output.used", "answer has braces that are no field."),
        ("{output.used|}", "answer has braces that are no field."),
    ],
)
def test_fault(pack: SmallPack, template: str, fault: str) -> None:
    line = pack.edit(LOOK, '"{target.name}: {output.used} percent used, {output.full|full:not full}."', repr(template))
    assert [one for one in pack.faults() if one.startswith(f"{LOOK}:{line}: {fault}")], pack.faults()


@pytest.mark.parametrize(
    "template",
    ["{host} {input.path}", "{output.used|bytes}", "{output.full|is full:has room}", "{output.used}", "none"],
)
def test_sound_template(pack: SmallPack, template: str) -> None:
    pack.edit(LOOK, '"{target.name}: {output.used} percent used, {output.full|full:not full}."', repr(template))
    assert pack.faults() == []


def test_the_readings_of_a_probe_may_be_told(pack: SmallPack) -> None:
    clean = "tools/disk-clean.yaml"
    pack.write(clean, pack.files[clean] + 'answer: "{before.used} before, {after.used} after"\n')
    assert pack.faults() == []


def test_a_label_knows_inputs_and_the_targets_name_only(pack: SmallPack) -> None:
    line = pack.edit(LOOK, "{path} on {target.name}", "{output.used}")
    assert pack.faults()[0].startswith(f"{LOOK}:{line}: target_label uses {{output.used}}, which does not exist.")
