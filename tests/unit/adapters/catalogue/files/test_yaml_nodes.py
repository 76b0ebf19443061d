"""YAML is read with lines, without guessing, and without anything that explodes."""

import time

import pytest

from opsconductor.adapters.catalogue.files.yaml_nodes import MAX_DEPTH, MAX_NODES, Node, YamlError, read_yaml


def plain(node: Node) -> object:
    if node.fields is not None:
        return {key: plain(value) for key, value in node.fields.items()}
    if node.items is not None:
        return [plain(item) for item in node.items]
    return node.scalar


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-3", -3),
        ("0", 0),
        ("1.50", 1.5),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("off", "off"),
        ("True", "True"),
        ("NULL", "NULL"),
        ("2026-05-05", "2026-05-05"),
        ("12:30:45", "12:30:45"),
        ("012", "012"),
        ("0x1F", "0x1F"),
        ("0o17", "0o17"),
        ("1_000", "1_000"),
        ("1e5", "1e5"),
        (".5", ".5"),
        ("1.", "1."),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("1.2.3", "1.2.3"),
        ("<<", "<<"),
        ("=", "="),
        ("'12'", "12"),
        ('"true"', "true"),
        ("|\n  a\n  b", "a\nb"),
        (">-\n  a\n  b", "a b"),
        ("99999999999999999999999", "99999999999999999999999"),
    ],
)
def test_a_scalar_means_what_it_looks_like(written: str, meant: object) -> None:
    assert plain(read_yaml(f"a: {written}".encode())) == {"a": meant}


def test_an_unquoted_text_stays_as_written() -> None:
    node = read_yaml(b"version: 1.10")
    assert node.fields is not None
    assert node.fields["version"].text == "1.10"


def test_every_value_and_key_knows_its_line() -> None:
    node = read_yaml(b"# a pack\na: 1\nb:\n  - x\n  - c: 2\n    d: [3,\n      4]\n")
    assert node.fields is not None
    assert node.line == 2
    assert dict(node.key_lines) == {"a": 2, "b": 3}
    items = node.fields["b"].items
    assert items is not None
    assert [item.line for item in items] == [4, 5]
    inner = items[1].fields
    assert inner is not None
    assert items[1].key_lines["d"] == 6
    assert [item.line for item in inner["d"].items or ()] == [6, 7]


@pytest.mark.parametrize(
    ("content", "line", "fault"),
    [
        (b"a: 1\nb: 2\na: 3\n", 3, "The key 'a' is given twice; first in line 1."),
        (b"x:\n  - {b: 1, b: 2}", 2, "The key 'b' is given twice"),
        (b"a: &x 1\nb: *x", 1, "The anchor &x is not supported."),
        (b"a: 1\nb: *x", 2, "The alias *x is not supported."),
        (b"a: 1\nb: !!python/object/apply:os.system [x]", 2, "The tag tag:yaml.org,2002:python/object"),
        (b"a: !secret x", 1, "The tag !secret is not supported."),
        (b"a: 1\n---\nb: 2", 2, "There is a second document in the file."),
        (b"", 1, "The file is empty."),
        (b"# nothing\n", 1, "The file is empty."),
        (b"a: 1\nb: [1, 2\nc: 3", 3, "This is not YAML:"),
        (b"a: 1\n\tb: 2", 2, "This is not YAML:"),
        (b"a: b: c", 1, "This is not YAML: mapping values are not allowed"),
        (b"a: 1\n\xff", 2, "The file is not UTF-8 text."),
        (b"a: 1\nb: \x01", 2, "The file holds characters that YAML does not allow."),
        (b'a: 1\nb: "x\\0y"', 2, "A text holds a control character."),
        (b"? [a]\n: 1", 1, "A key is no plain text."),
        (b"? {a: 1}\n: 1", 1, "A key is no plain text."),
        (b"a: " + b"[" * (MAX_DEPTH + 1), 1, f"It is nested more than {MAX_DEPTH} levels deep."),
    ],
)
def test_what_is_refused_is_refused_at_its_line(content: bytes, line: int, fault: str) -> None:
    with pytest.raises(YamlError) as refused:
        read_yaml(content)
    assert refused.value.line == line
    assert fault in refused.value.fault
    assert refused.value.remedy


def test_a_byte_order_mark_is_no_part_of_the_first_key() -> None:
    assert plain(read_yaml(b"\xef\xbb\xbfa: 1")) == {"a": 1}


def test_an_alias_bomb_is_refused_at_once() -> None:
    bomb = b"a: &a [x, x, x]\n" + b"".join(b"%c: &%c [*%c,*%c]\n" % (n, n, n - 1, n - 1) for n in range(98, 120))
    started = time.monotonic()
    with pytest.raises(YamlError, match="anchor"):
        read_yaml(bomb)
    assert time.monotonic() - started < 1


def test_the_number_of_values_is_limited() -> None:
    with pytest.raises(YamlError, match=f"more than {MAX_NODES} values"):
        read_yaml(b"a: [" + b"1," * (MAX_NODES + 1) + b"1]")
    with pytest.raises(YamlError, match="nested more than"):
        read_yaml(b"[" * 200_000)
