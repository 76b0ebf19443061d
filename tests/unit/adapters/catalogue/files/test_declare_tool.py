"""Each fault of a tool is found in its file and line, with what to write instead."""

import pytest

from tests.unit.adapters.catalogue.files.conftest import SmallPack

LOOK, CLEAN = "tools/disk-look.yaml", "tools/disk-clean.yaml"


@pytest.mark.parametrize(
    ("file", "old", "new", "fault", "remedy"),
    [
        (LOOK, "name: disk-look", "name: Disk Look", "name 'Disk Look' has not the form", "small letters, digits"),
        (LOOK, "effect: read", "effect: reads", "effect 'reads' is not known.", "Did you mean read?"),
        (LOOK, "risk: low", "risk: 3", "risk '3' is not known.", "Write one of: critical, high, low, medium."),
        (LOOK, "connector: ssh", "connector: sshd", "connector 'sshd' is not known.", "Did you mean ssh?"),
        (
            LOOK,
            "platforms: [linux]",
            "platforms: [solaris]",
            "platforms is no list of known",
            "windows, linux, network",
        ),
        (LOOK, "platforms: [linux]", "platforms: linux", "platforms is no list of known", "windows, linux, network"),
        (LOOK, "estimate: 0.5", "estimate: soon", "estimate is not seconds", "such as 5 or 0.5"),
        (LOOK, "estimate: 0.5", "estimate: 0.0005", "estimate is not seconds", "such as 5 or 0.5"),
        (LOOK, "estimate: 0.5", "estimate: 0", "The estimate is 0.", "how many seconds"),
        (LOOK, "estimate: 0.5", "estimate: 7", "longer than the 5 s that fast_read allows", "a longer timeout_class"),
        (LOOK, "timeout_class: fast_read", "timeout_class: quick", "no time-out class 'quick'", "such as fast_read"),
        (LOOK, "targets: {input: host, max: 5}", "targets: none", "names no target", "targets: {input: host, max: 1}"),
        (LOOK, "{input: host, max: 5}", "{input: path, max: 5}", "no input with x-entity: asset", "holds the asset"),
        (LOOK, "{input: host, max: 5}", "{input: host}", "Targets lacks max.", "Add a line `max: …`."),
        (LOOK, "{input: host, max: 5}", "{input: host, max: all}", "max is no whole number", "from 1 to 10000"),
        (LOOK, "used: {type: integer", "used: {type: float", "type 'float' is not known.", "boolean, integer"),
        (LOOK, "used: {type: integer", "Used: {type: integer", "'Used' is no name of a field.", "small letters"),
        (LOOK, "unit: percent", "unit: cm", "unit 'cm' is not known.", "bytes, milliseconds, percent"),
        (LOOK, "unit: percent", "uint: percent", "The output field has no field 'uint'.", "Did you mean unit?"),
        (LOOK, "estimate: 0.5", "estimates: 0.5", "The tool has no field 'estimates'.", "Did you mean estimate?"),
        (
            LOOK,
            "timeout_class: fast_read",
            "timeout_class: fast_read\nredact: [pid]",
            "neither input nor output",
            "host",
        ),
        (LOOK, "timeout_class: fast_read", "timeout_class: fast_read\nexamples: many", "no list of texts", "as a list"),
        (CLEAN, "effect: idempotent", "effect: compensatable", "names no undo.", "Add `undo: {tool: NAME"),
        (CLEAN, "  settle: 1.5", "  settle: -1", "settle is not seconds", "such as 5 or 0.5"),
        (CLEAN, "estimate: 5", "estimate: 5\nno_probe_reason: there is one", "none is needed", "Keep the probe or"),
        (CLEAN, "  not_done: after.used >= before.used", "", "The probe lacks not_done.", "Add a line `not_done: …`."),
    ],
)
def test_fault(pack: SmallPack, file: str, old: str, new: str, fault: str, remedy: str) -> None:
    line = pack.edit(file, old, new)
    told = [one for one in pack.faults() if fault in one and remedy in one]
    assert told, pack.faults()
    assert told[0].startswith(f"{file}:")
    at = int(told[0].split(":")[1])
    assert at in (line, line + 1) or "lacks" in fault or "none is needed" in fault


@pytest.mark.parametrize(
    "field", ["version", "description", "effect", "risk", "connector", "platforms", "targets", "estimate", "inputs"]
)
def test_a_tool_without_a_mandatory_field_does_not_load(pack: SmallPack, field: str) -> None:
    lines = pack.files[LOOK].splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith(f"{field}:"))
    end = next((i for i in range(start + 1, len(lines)) if not lines[i].startswith(" ")), len(lines))
    pack.write(LOOK, "\n".join(lines[:start] + lines[end:]))
    assert [fault for fault in pack.faults() if f"The tool lacks {field}." in fault]


def test_a_change_without_a_probe_says_why(pack: SmallPack) -> None:
    text = pack.files[CLEAN]
    without = text[: text.index("probe:")]
    pack.write(CLEAN, without)
    assert pack.faults() == [
        f"{CLEAN}:4: A tool with the effect idempotent has no probe. — Add a probe that reads the effect back, or say "
        "in no_probe_reason why there can be none."
    ]
    pack.write(CLEAN, without + "no_probe_reason: none\n")
    assert len(pack.faults()) == 1
    pack.write(CLEAN, without + "no_probe_reason: The cleaner tells nobody what it did.\n")
    assert pack.faults() == []


def test_a_read_has_no_probe(pack: SmallPack) -> None:
    pack.edit(CLEAN, "effect: idempotent", "effect: read")
    assert "A probe stands where none is needed." in "".join(pack.faults())


def test_times_are_whole_milliseconds_in_what_is_hashed(pack: SmallPack) -> None:
    tools = {tool["name"]: tool for tool in pack.check().declaration["tools"]}
    assert tools["disk-look"]["estimate_ms"] == 500
    assert tools["disk-clean"]["probe"]["settle_ms"] == 1500
