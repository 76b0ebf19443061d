import pytest

from opsconductor.adapters.asset_import.ansible.yaml_text import CLOSED, YamlFault, read_yaml


def test_values_are_the_text_they_are_written_with() -> None:
    text = "a: 0123\nb: yes\nc: 2024-13-45\nd: 20.10\ne: ~\nf:\n- 1\n- x\n"
    assert read_yaml(text) == {"a": "0123", "b": "yes", "c": "2024-13-45", "d": "20.10", "e": None, "f": ["1", "x"]}


def test_mappings_know_their_lines() -> None:
    found = read_yaml("a:\n  b: 1\n\n  c: 2\n")
    assert (found.line, found.lines, found["a"].lines) == (1, {"a": 1}, {"b": 2, "c": 4})


def test_merged_mappings_yield_to_what_is_written() -> None:
    found = read_yaml("x: &x {a: 1, b: 2}\ny: &y {c: 3}\nz:\n  a: own\n  <<: [*x, *y]\n")
    assert found["z"] == {"a": "own", "b": "2", "c": "3"}


def test_tags_are_not_obeyed() -> None:
    assert read_yaml("a: !!python/object/apply:os.system ['true']") == {"a": ["true"]}
    assert read_yaml("a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  61\nb: !unsafe '{{ x }}'") == {
        "a": CLOSED,
        "b": "{{ x }}",
    }


def test_nothing_is_none() -> None:
    assert read_yaml("") is None


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: [", 1),
        ("a: 1\na: 2", 2),
        ("a: &a [*a]", 1),
        ("a: 1\n\tb: 2", 2),
        ("? [x]\n: 1", 1),
        ("a: *nothing", 1),
        ("a: 1\n--- \nb: 1", 2),
        ("a:\n  <<: text", 2),
        ("[" * 100 + "]" * 100, 1),
        ("[" * 20_000, 0),
        ("a: \x07", 0),
    ],
)
def test_what_is_no_single_meaning_is_refused(text: str, line: int) -> None:
    with pytest.raises(YamlFault) as caught:
        read_yaml(text)
    assert caught.value.line == line
