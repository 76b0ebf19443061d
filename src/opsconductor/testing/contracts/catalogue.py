"""What every engine of the catalogue port promises; each promise gets a sound pack folder of its own to spoil."""

from collections.abc import Callable
from dataclasses import FrozenInstanceError
from pathlib import Path

from opsconductor.domain.catalogue import Effect
from opsconductor.domain.errors import BadInput, NotFound
from opsconductor.ports.catalogue import Catalogues, PackChecker
from opsconductor.testing.doubles.clock.moving import MovingClockDouble

Open = Callable[[Path, MovingClockDouble], Catalogues]
Check = Callable[[], PackChecker]


def _spoil(folder: Path) -> Path:
    """Break the first tool of the pack."""
    tool = sorted((folder / "tools").glob("*.yaml"))[0]
    tool.write_text(tool.read_text("utf-8").replace("effect:", "efect:"), "utf-8")
    return tool


def _remark(folder: Path, words: str) -> None:
    """Change a meaning that nothing depends on."""
    agent = folder / "agent.yaml"
    lines = [line for line in agent.read_text("utf-8").splitlines() if not line.startswith("greeting:")]
    agent.write_text("\n".join([*lines, f"greeting: {words}", ""]), "utf-8")


def gives_a_whole_catalogue(folder: Path, opened: Open, checker: Check) -> None:
    """Everything that is named is there, every effect can be read back or says why not, and all has a digest."""
    catalogue = opened(folder, MovingClockDouble()).current()
    assert catalogue.tools
    for name, tool in catalogue.tools.items():
        assert tool.name == name
        assert tool.effect is Effect.READ or tool.probe is not None or tool.no_probe_reason
        assert tool.estimate_s > 0
        assert tool.digest.startswith("sha256:")
        assert (folder / tool.source.rpartition(":")[0]).is_file()
    rules = {rule.rule_id for rule in catalogue.rules}
    assert {relation.target for rule in catalogue.rules for relation in rule.relations} <= rules
    assert {tool for intent in catalogue.intents for tool in intent.tools} <= set(catalogue.tools)
    assert {label for scenario in catalogue.scenarios for label in scenario.intents} <= {
        intent.label for intent in catalogue.intents
    }


def gives_the_same_until_it_changes(folder: Path, opened: Open, checker: Check) -> None:
    """The very same object, however long it takes."""
    clock = MovingClockDouble()
    catalogues = opened(folder, clock)
    first = catalogues.current()
    clock.advance(3600)
    assert catalogues.current() is first


def follows_an_edit_within_seconds(folder: Path, opened: Open, checker: Check) -> None:
    """A later look has it; who holds the former catalogue keeps that."""
    clock = MovingClockDouble()
    catalogues = opened(folder, clock)
    former = catalogues.current()
    greeting = former.agent.greeting
    _remark(folder, "Good day.")
    clock.advance(2)
    assert catalogues.current().agent.greeting == "Good day."
    assert catalogues.current().digest != former.digest
    assert former.agent.greeting == greeting
    try:
        former.agent.greeting = "changed"  # type: ignore[misc]
    except FrozenInstanceError:
        return
    raise AssertionError("a catalogue can be changed in place")


def keeps_the_last_sound_version(folder: Path, opened: Open, checker: Check) -> None:
    """An edit with a fault is not taken, in whatever file it is; a sound one after it is."""
    clock = MovingClockDouble()
    catalogues = opened(folder, clock)
    former = catalogues.current()
    tool = _spoil(folder)
    _remark(folder, "Not yet.")
    clock.advance(2)
    assert catalogues.current() is former
    tool.write_text(tool.read_text("utf-8").replace("efect:", "effect:"), "utf-8")
    clock.advance(2)
    assert catalogues.current().agent.greeting == "Not yet."


def does_not_open_with_a_fault(folder: Path, opened: Open, checker: Check) -> None:
    """There is no former version to fall back to."""
    _spoil(folder)
    assert _refusal(folder, opened) == "pack.invalid"
    assert _refusal(folder / "nowhere", opened) == "pack.not_found"


def _refusal(folder: Path, opened: Open) -> str:
    try:
        opened(folder, MovingClockDouble())
    except (BadInput, NotFound) as refusal:
        return refusal.code
    return ""


def tells_file_line_and_remedy(folder: Path, opened: Open, checker: Check) -> None:
    """Of every fault; a sound pack has none."""
    assert checker().check(folder) == ()
    tool = _spoil(folder)
    faults = checker().check(folder)
    assert len(faults) >= 2
    lines = tool.read_text("utf-8").splitlines()
    for fault in faults:
        assert fault.file == tool.relative_to(folder).as_posix()
        assert 1 <= fault.line <= len(lines)
        assert fault.fault
        assert fault.remedy
    assert [fault for fault in faults if lines[fault.line - 1].startswith("efect:")]


PROMISES: tuple[Callable[[Path, Open, Check], None], ...] = (
    gives_a_whole_catalogue,
    gives_the_same_until_it_changes,
    follows_an_edit_within_seconds,
    keeps_the_last_sound_version,
    does_not_open_with_a_fault,
    tells_file_line_and_remedy,
)
