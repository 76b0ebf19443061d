"""An estimate may be an expression; one that could not be evaluated for some call is a fault of the pack."""

from typing import Any

import pytest

from tests.unit.adapters.catalogue.files.conftest import SmallPack

LOOK = "tools/disk-look.yaml"
INPUTS = """\
    path: {type: string, x-entity: file_path, pattern: ^/}
    minutes: {type: integer, default: 5}
    depth: {type: integer}
    kind: {type: string, enum: [full, quick], default: quick}
"""


@pytest.fixture
def looking(pack: SmallPack) -> SmallPack:
    pack.edit(LOOK, "    path: {type: string, x-entity: file_path, pattern: ^/}\n", INPUTS)
    return pack


@pytest.mark.parametrize(
    "expression",
    [
        *("5 + 2 * targets", "0.5 * double(targets)", "input.minutes * 60", "7"),
        *("input.kind == 'full' ? 60 : 5", "int(input.path)", "size(input.path)"),
    ],
)
def test_an_expression_over_what_every_call_has_is_an_estimate(looking: SmallPack, expression: str) -> None:
    looking.edit(LOOK, "estimate: 0.5", f'estimate: {{seconds: "{expression}"}}')
    assert looking.faults() == []
    declaration: dict[str, Any] = dict(looking.check().declaration)
    tool = next(one for one in declaration["tools"] if one["name"] == "disk-look")
    assert (tool["estimate"], tool["estimate_ms"]) == (expression, 0)


@pytest.mark.parametrize(
    ("expression", "fault"),
    [
        ("5 +", "The estimate cannot be used"),
        ("target.name", "The estimate cannot be used: The name target is not known here"),
        ("input.size", "The estimate reads input.size, which does not exist."),
        ("input.host", "The estimate reads input.host, which does not exist."),
        ("input.depth", "The estimate reads input.depth, which does not exist."),
        ("targets.size", "The estimate reads targets.size, which does not exist."),
        ("targets > 1", "The estimate comes to no number."),
        ("'5'", "The estimate comes to no number."),
        ("input.kind", "The estimate comes to no number."),
        ("[targets]", "The estimate comes to no number."),
        ("0.5 * targets", "The estimate cannot be used: Unsupported operation"),
        ("targets / 0", "The estimate cannot be used: division by zero"),
        ("output.used", "The estimate cannot be used: The name output is not known here"),
        ("today()", "The estimate cannot be used"),
    ],
)
def test_any_other_expression_is_a_fault(looking: SmallPack, expression: str, fault: str) -> None:
    line = looking.edit(LOOK, "estimate: 0.5", f'estimate: {{seconds: "{expression}"}}')
    told = looking.faults()
    assert [one for one in told if fault in one], told
    assert all(one.startswith(f"{LOOK}:{line}:") for one in told), told


@pytest.mark.parametrize(
    ("estimate", "fault"),
    [
        ("{}", "The estimate lacks seconds."),
        ("{seconds: ''}", "seconds is no text."),
        ("{minutes: '5'}", "The estimate lacks seconds."),
        ("{seconds: '5', cost: '1'}", "The estimate has no field 'cost'."),
        ("[5]", "estimate is not seconds"),
    ],
)
def test_what_is_neither_seconds_nor_an_expression_is_a_fault(looking: SmallPack, estimate: str, fault: str) -> None:
    looking.edit(LOOK, "estimate: 0.5", f"estimate: {estimate}")
    assert [one for one in looking.faults() if fault in one], looking.faults()


def test_an_expression_that_no_call_could_afford_is_a_fault(looking: SmallPack) -> None:
    inner = "1 >= 0"
    for name in "fedcba":
        inner = f"[1, 2, 3, 4, 5, 6, 7, 8, 9].all({name}, {inner})"
    looking.edit(LOOK, "estimate: 0.5", f'estimate: {{seconds: "{inner} ? 1 : 2"}}')
    assert "too costly" in "".join(looking.faults())
