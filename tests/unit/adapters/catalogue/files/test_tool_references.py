"""The undo and the verification of a tool are other tools that take the same call; rules use declared names only."""

import pytest

from tests.unit.adapters.catalogue.files.conftest import SmallPack

LOOK, CLEAN, SET = "tools/disk-look.yaml", "tools/disk-clean.yaml", "tools/disk-set.yaml"
SETTING = """\
name: disk-set
version: "1"
description: Sets the quota of a disk.
effect: compensatable
risk: medium
connector: ssh
platforms: [linux]
targets: {input: host, max: 5}
inputs:
  type: object
  required: [host, path, quota]
  properties:
    host: {type: string, x-entity: asset}
    path: {type: string, x-entity: file_path, pattern: ^/}
    quota: {type: string, pattern: "^[0-9]+$"}
run:
  argv: [quota, {input: path}, {input: quota}]
estimate: 5
timeout_class: fast_change
probe:
  run:
    argv: [quota, {input: path}]
  done: after.quota == input.quota
  not_done: after.quota == before.quota
undo:
  tool: disk-set
  inputs:
    path: {input: path}
    quota: {before: quota}
verify: disk-look
on_failure: undo
risk_rules:
  - when: input.quota == "0" || target.production
    risk: high
    because: nobody can write any more
"""


@pytest.fixture
def setting(pack: SmallPack) -> SmallPack:
    pack.write(SET, SETTING)
    assert pack.faults() == []
    return pack


@pytest.mark.parametrize(
    ("old", "new", "line", "fault"),
    [
        ("tool: disk-set", "tool: disk-sett", 26, "There is no tool 'disk-sett'."),
        ("tool: disk-set", "tool: disk-look", 26, "The undo disk-look has the effect read."),
        ("tool: disk-set", "tool: disk-clean", 26, "disk-clean takes 1 targets at most, and this tool 5."),
        ("quota: {before: quota}", "quota: {input: quota}", 26, "disk-set undoes itself by doing the same again."),
        ("    quota: {before: quota}\n", "", 26, "The undo disk-set needs the input 'quota'."),
        ("    quota: {before", "    quoat: {before", 29, "There is no input 'quoat'. — Did you mean quota?"),
        ("    path: {input: path}\n    q", "    path: /\n    host: x\n    q", 29, "The undo names its target 'host'."),
        ("verify: disk-look", "verify: disk-loo", 30, "There is no tool 'disk-loo'."),
        ("verify: disk-look", "verify: disk-set", 30, "The verification disk-set changes something."),
        ("target.production", "target.prod", 33, "The when reads target.prod, which does not exist."),
        ('input.quota == "0"', 'input.quote == "0"', 33, "The when reads input.quote, which does not exist."),
        ('input.quota == "0"', 'output.quota == "0"', 33, "The name output is not known here"),
        ('input.quota == "0"', "before.quota == 1", 33, "The name before is not known here"),
        ('input.quota == "0"', "input.quota ==", 33, "The when cannot be used"),
        ("platforms: [linux]", "platforms: [linux, windows]", 30, "disk-look works on linux only."),
        ("platforms: [linux]", "platforms: []", 30, "disk-look works on linux only."),
    ],
)
def test_fault(setting: SmallPack, old: str, new: str, line: int, fault: str) -> None:
    setting.edit(SET, old, new)
    found = [one for one in setting.faults() if fault in one]
    assert found, setting.faults()
    assert found[0].startswith(f"{SET}:{line}: "), found


def test_a_verification_takes_no_more_than_its_tool(setting: SmallPack) -> None:
    setting.write(LOOK, setting.files[LOOK].replace("path", "folder"))
    assert [one for one in setting.faults() if "The verification disk-look needs the input 'folder'." in one]


def test_a_verification_has_targets_as_its_tool_has(setting: SmallPack) -> None:
    setting.write(
        LOOK,
        setting.files[LOOK].replace("connector: ssh", "connector: http").replace("{input: host, max: 5}", "none"),
    )
    assert [one for one in setting.faults() if "disk-look has no target, unlike this tool." in one]


def test_a_rule_of_a_tool_without_targets_knows_no_target(setting: SmallPack) -> None:
    text = setting.files[LOOK].replace("connector: ssh", "connector: http").replace("{input: host, max: 5}", "none")
    rule = "risk_rules: [{when: target.production, risk: high, because: so}]\n"
    setting.write("tools/far-look.yaml", text.replace("name: disk-look", "name: far-look") + rule)
    assert [one for one in setting.faults() if "The name target is not known here" in one]


def test_an_option_on_the_command_line_is_still_found(setting: SmallPack) -> None:
    setting.edit(SET, 'pattern: "^[0-9]+$"', "maxLength: 5")
    assert [one for one in setting.faults() if "'quota' on the command line may begin with a dash" in one]
