"""Inputs are a closed object of hashable values, and nothing on a command line can be an option."""

import pytest

from tests.unit.adapters.catalogue.files.conftest import SmallPack

LOOK = "tools/disk-look.yaml"
PATH = "path: {type: string, x-entity: file_path, pattern: ^/}"


@pytest.mark.parametrize(
    ("old", "new", "line", "fault"),
    [
        (PATH, "path: {type: strin, pattern: ^/}", 14, "there is no type 'strin' (did you mean string?)"),
        (PATH, "path: {type: string, patern: ^/}", 14, "the keyword 'patern' is not supported (did you mean pattern?)"),
        (PATH, "path: {type: string, pattern: (?=/)}", 14, "cannot be run in linear time"),
        (PATH, "path: {$ref: http://example.com/x}", 14, "$ref leads to 'http://example.com/x'"),
        (PATH, "path: {type: string, x-entity: pth, pattern: ^/}", 14, "x-entity 'pth' is not known."),
        (PATH, "path: {type: string, pattern: ^/, default: x}", 14, "A default does not fit its own schema."),
        (PATH, "path: {type: [number, 'null']}", 14, "An input is a number with fractions."),
        (PATH, "path: {type: integer, maximum: 1.5}", 14, "inputs holds the fraction 1.5."),
        (PATH, "path: {type: integer, maximum: 9007199254740993}", 14, "holds a number beyond"),
        (PATH, "Path: {type: string, pattern: ^/}", 14, "The input 'Path' is no word."),
        ("  required: [host, path]", "  required: [host, pat]", 11, "The required input 'pat' is not declared."),
        ("  type: object", "  type: array", 10, "inputs is no schema of an object."),
        ("  type: object", "  type: object\n  additionalProperties: true", 11, "allows fields that are not declared."),
    ],
)
def test_fault(pack: SmallPack, old: str, new: str, line: int, fault: str) -> None:
    pack.edit(LOOK, old, new)
    found = [one for one in pack.faults() if fault in one]
    assert found, pack.faults()
    assert found[0].split(":")[:2] == [LOOK, str(line)] or "no schema" in fault


@pytest.mark.parametrize(
    ("schema", "dangerous"),
    [
        ("{type: string}", True),
        ("{type: string, pattern: '[a-z]'}", True),
        ("{type: string, minLength: 1}", True),
        ("{enum: [-x, y]}", True),
        ("{type: string, pattern: '^[a-z]'}", False),
        ("{enum: [x, y]}", False),
        ("{type: integer, minimum: 0}", False),
        ("{type: string, x-entity: asset}", False),
    ],
)
def test_a_value_on_a_command_line_cannot_be_an_option(pack: SmallPack, schema: str, dangerous: bool) -> None:
    pack.edit(LOOK, PATH, f"path: {schema}")
    found = [one for one in pack.faults() if "may begin with a dash" in one]
    assert bool(found) is dangerous
    assert not dangerous or found[0].startswith(f"{LOOK}:15: The input 'path' on the command line")


def test_the_schema_is_closed(pack: SmallPack) -> None:
    tool = pack.check().declaration["tools"][1]
    assert tool["inputs"]["additionalProperties"] is False
