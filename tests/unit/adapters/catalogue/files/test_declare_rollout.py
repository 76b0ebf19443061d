"""Rollout, verification, retries, undo and risk rules: what is declared, and each contradiction in its line."""

import pytest

from opsconductor.adapters.catalogue.files.building import build
from opsconductor.domain.catalogue import RiskLevel, RiskRule
from tests.unit.adapters.catalogue.files.conftest import SmallPack

LOOK, CLEAN = "tools/disk-look.yaml", "tools/disk-clean.yaml"
WIDE = """\
rollout: {canary: 1, batch: 2, concurrency: 2}
retries: 3
retry_pause_s: 0.25
on_failure: undo
undo:
  tool: disk-clean
  inputs: {}
risk_rules:
  - when: target.production
    risk: high
    because: production is cleaned
"""


def test_what_is_declared_is_what_the_tool_has(pack: SmallPack) -> None:
    pack.write(
        "tools/disk-fill.yaml",
        pack.files[CLEAN].replace("name: disk-clean", "name: disk-fill").replace("max: 1", "max: 5")
        + WIDE.replace("disk-clean", "disk-unfill"),
    )
    pack.write(
        "tools/disk-unfill.yaml",
        pack.files[CLEAN].replace("name: disk-clean", "name: disk-unfill").replace("max: 1", "max: 5"),
    )
    assert pack.faults() == []
    checked = pack.check()
    digests = {name: f"sha256:{name}" for name in checked.places}
    tool = build(checked.declaration, "sha256:pack", digests, checked.places).tools["disk-fill"]
    assert (tool.undo, tool.undo_inputs, tool.on_failure) == ("disk-unfill", {}, "undo")
    assert (tool.canary, tool.batch, tool.concurrency, tool.retries, tool.retry_pause_s) == (1, 2, 2, 3, 0.25)
    assert tool.risk_rules == (
        RiskRule(when="target.production", risk=RiskLevel.HIGH, because="production is cleaned"),
    )


def test_what_is_left_out_has_careful_values(pack: SmallPack) -> None:
    checked = pack.check()
    digests = dict.fromkeys(checked.places, "sha256:x")
    tools = build(checked.declaration, "sha256:pack", digests, checked.places).tools
    clean, look = tools["disk-clean"], tools["disk-look"]
    assert (clean.canary, clean.batch, clean.concurrency, clean.retries, clean.on_failure) == (0, 0, 1, 0, "stop")
    assert (clean.undo, clean.verify, clean.risk_rules) == ("", "", ())
    assert look.concurrency == 10


@pytest.mark.parametrize(
    ("file", "added", "fault"),
    [
        (CLEAN, "retries: 11", "retries is no whole number from 0 to 10."),
        (CLEAN, "retry_pause_s: 61", "retry_pause_s is longer than a minute."),
        (CLEAN, "on_failure: retry", "on_failure 'retry' is not known."),
        (CLEAN, "on_failure: undo", "on_failure is undo, and there is no undo."),
        (CLEAN, "undo: disk-look", "The undo is no mapping."),
        (CLEAN, "undo: {inputs: {}}", "The undo lacks tool."),
        (CLEAN, "undo: {tool: disk-look, with: 1}", "The undo has no field 'with'."),
        (CLEAN, "undo: {tool: disk-look, inputs: [a]}", "inputs is no mapping."),
        (LOOK, "undo: {tool: disk-clean}", "A read has an undo."),
        (CLEAN, "undo: {tool: x, inputs: {path: {after: x}}}", "The undo's input 'path' is none of the known forms."),
        (CLEAN, "undo: {tool: x, inputs: {path: {input: 3}}}", "The undo's input 'path' is none of the known forms."),
        (CLEAN, "undo: {tool: x, inputs: {path: [1]}}", "The undo's input 'path' is none of the known forms."),
        (CLEAN, "undo: {tool: x, inputs: {path: {input: pth}}}", "There is no input 'pth'."),
        (LOOK, "undo: {tool: x, inputs: {path: {before: x}}}", "needs a reading, and there is no probe."),
        (CLEAN, "rollout: {canary: 1}", "canary is 1, and the tool takes 1 at most."),
        (LOOK, "rollout: {batch: 5}", "batch is 5, and the tool takes 5 at most."),
        (LOOK, "rollout: {concurrency: 0}", "concurrency is no whole number from 1 to 100."),
        (LOOK, "rollout: {first: 1}", "The rollout has no field 'first'."),
        (LOOK, "risk_rules: {when: x}", "risk_rules is no list."),
        (LOOK, "risk_rules: [{risk: high, because: so}]", "The risk rule lacks when."),
        (LOOK, "risk_rules: [{when: 'true', because: so}]", "The risk rule lacks risk."),
        (LOOK, "risk_rules: [{when: 'true', risk: grave, because: so}]", "risk 'grave' is not known."),
        (LOOK, "risk_rules: [{when: 'true', risk: high}]", "The risk rule lacks because."),
    ],
)
def test_fault(pack: SmallPack, file: str, added: str, fault: str) -> None:
    text = pack.files[file]
    pack.write(file, f"{text}{added}\n")
    found = [one for one in pack.faults() if fault in one]
    assert found, pack.faults()
    assert found[0].startswith(f"{file}:{text.count(chr(10)) + 1}: ")


@pytest.mark.parametrize("effect", ["compensatable", "irreversible"])
def test_what_cannot_be_done_twice_is_not_tried_again(pack: SmallPack, effect: str) -> None:
    pack.write(CLEAN, pack.files[CLEAN].replace("effect: idempotent", f"effect: {effect}") + "retries: 1\n")
    assert [one for one in pack.faults() if "is tried again, which could do it twice" in one]


def test_an_irreversible_tool_has_no_undo(pack: SmallPack) -> None:
    text = pack.files[CLEAN].replace("effect: idempotent", "effect: irreversible")
    pack.write(CLEAN, text + "undo: {tool: disk-look}\n")
    assert [one for one in pack.faults() if "An irreversible tool has an undo." in one]
