"""Fields are read as their kind; what does not fit is a fault at its line, and a usable value all the same."""

import pytest

from opsconductor.adapters.catalogue.files.faults import Faults
from opsconductor.adapters.catalogue.files.reading import LONGEST_TEXT, WORD, Fields
from opsconductor.adapters.catalogue.files.yaml_nodes import read_yaml


def read(text: str) -> tuple[Fields, Faults]:
    faults = Faults()
    return Fields(read_yaml(text.encode()), "f.yaml", faults, "the thing"), faults


def told(faults: Faults) -> list[str]:
    return [f"{fault.line}: {fault.fault}" for fault in faults.sorted()]


def test_text_stays_what_the_author_wrote() -> None:
    fields, faults = read("a: 1.10\nb: yes\nc: 2026-05-05\nd: true\ne: |\n  two\n  lines\nf: 'null'")
    assert [fields.text(key) for key in "abcdef"] == ["1.10", "yes", "2026-05-05", "true", "two\nlines", "null"]
    assert told(faults) == []


@pytest.mark.parametrize("value", ["", "null", "~", "[a]", "{a: 1}", "''", f"{'x' * (LONGEST_TEXT + 1)}"])
def test_what_is_no_text_is_a_fault(value: str) -> None:
    fields, faults = read(f"x: 1\na: {value}")
    assert fields.text("a") == ""
    assert told(faults)[0].startswith("2: a is ")


def test_what_is_left_over_is_a_fault_with_the_nearest_field() -> None:
    fields, faults = read("name: x\ndescriptoin: y\nother: z")
    fields.text("name"), fields.text("description")
    fields.finish()
    assert [(fault.line, fault.remedy) for fault in faults.sorted()] == [
        (2, "Did you mean description?"),
        (3, "Remove it, or use one of: description."),
    ]


def test_what_is_required_and_not_there_is_a_fault_where_the_mapping_begins() -> None:
    fields, faults = read("# first\n\nx: 1")
    fields.text("a", required=True), fields.texts("b", required=True), fields.whole("c", 0, 9, 3, required=True)
    fields.child("d", "it", required=True), fields.milliseconds("e", required=True)
    assert told(faults) == [f"3: The thing lacks {key}." for key in "abcde"]


@pytest.mark.parametrize(
    ("value", "number"), [("5", 5), ("0", 0), ("'5'", None), ("5.0", None), ("true", None), ("10", None), ("[5]", None)]
)
def test_whole_numbers(value: str, number: int | None) -> None:
    fields, faults = read(f"a: {value}")
    assert fields.whole("a", 0, 9, 7) == (7 if number is None else number)
    assert bool(told(faults)) is (number is None)


@pytest.mark.parametrize(
    ("value", "milliseconds"),
    [("5", 5000), ("0.5", 500), ("1.25", 1250), ("0.001", 1), ("1e3", 0), ("'5'", 0), ("-1", 0), ("5s", 0), (".5", 0)],
)
def test_seconds_become_whole_milliseconds(value: str, milliseconds: int) -> None:
    fields, faults = read(f"a: {value}")
    assert fields.milliseconds("a") == milliseconds
    assert bool(told(faults)) is (milliseconds == 0)


@pytest.mark.parametrize(
    ("value", "flag", "sound"), [("true", True, True), ("false", False, True), ("yes", True, False)]
)
def test_flags(value: str, flag: bool, sound: bool) -> None:
    fields, faults = read(f"a: {value}")
    assert fields.flag("a", default=True) is flag
    assert (told(faults) == []) is sound


def test_names_have_a_form() -> None:
    fields, faults = read("a: snake_case\nb: Not So")
    assert fields.name("a", WORD, "a word") == "snake_case"
    assert fields.name("b", WORD, "a word") == ""
    assert [fault.remedy for fault in faults.sorted()] == ["Write a word."]


def test_json_is_any_value_without_fractions() -> None:
    fields, faults = read("a: {b: [1, yes, true, null, 'x'], c: 1.5, d: 99999999999999999}")
    assert fields.json("a") == {"b": [1, "yes", True, None, "x"], "c": 0, "d": 0}
    assert len(told(faults)) == 2
    assert fields.json("nothing") is None


def test_a_place_is_the_line_of_the_nearest_thing_there() -> None:
    fields, _ = read("a:\n  b:\n    - x\n    - c: 1\n      d: 2\n")
    assert [fields.place("a", path) for path in ("", "b", "b.1", "b.1.d", "b.1.e", "b.7", "z.z")] == [
        1,
        2,
        4,
        5,
        4,
        2,
        1,
    ]
    assert fields.place("nothing", "b") == 1


def test_mappings_of_names() -> None:
    fields, faults = read("words: {a: x, b: y}\nlists: {a: [x, y]}\nnamed: {a: {k: 1}}\nchildren: [{k: 1}, {k: 2}]")
    assert fields.words("words") == {"a": "x", "b": "y"}
    assert fields.word_lists("lists") == {"a": ["x", "y"]}
    assert [(name, one.whole("k", 0, 9, 0)) for name, one in fields.named("named", "it").items()] == [("a", 1)]
    assert [one.whole("k", 0, 9, 0) for one in fields.children("children", "it")] == [1, 2]
    assert told(faults) == []


def test_a_thing_that_is_no_mapping_is_a_fault() -> None:
    _, faults = read("[1, 2]")
    assert told(faults) == ["1: The thing is no mapping."]
