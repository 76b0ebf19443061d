"""Templates are filled from stored values, each with its evidence."""

import pytest

from opsconductor.stages.d_answer.template import in_bytes, lookup, render, worded


def test_each_value_is_evidence_for_itself() -> None:
    names = {"input": {"service": "billing"}, "target": {"name": "app-01"}, "output": {"pid": 4711}}
    rendered = render("{target.name}: {service} runs as process {output.pid}", names, "step_1@app-01")
    assert rendered.text == "app-01: billing runs as process 4711"
    assert [(item.claim, item.path, item.value) for item in rendered.evidence] == [
        ("app-01", "target.name", "app-01"),
        ("billing", "input.service", "billing"),
        ("4711", "output.pid", 4711),
    ]


def test_a_missing_value_is_named_and_never_invented() -> None:
    rendered = render("process {output.pid}", {"input": {}, "output": {}}, "step_1")
    assert rendered.missing == "output.pid"


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1536, "1.5 KiB"),
        (1024**2, "1.0 MiB"),
        (1024**3 - 1, "1023.9 MiB"),
        (5 * 1024**3, "5.0 GiB"),
        (3 * 1024**4, "3.0 TiB"),
    ],
)
def test_bytes_have_a_unit_and_never_overstate(count: int, words: str) -> None:
    assert in_bytes(count) == words


def test_booleans_have_words() -> None:
    assert worded(True, "running:stopped") == "running"
    assert worded(False, "running:stopped") == "stopped"
    assert worded(False, "") == "no"
    assert worded([], "") == "none"
    assert worded(["a", "b"], "") == "a, b"


def test_a_path_reaches_into_lists_and_stops_at_nothing() -> None:
    assert lookup({"a": [{"b": 1}]}, "a.0.b") == 1
    assert lookup({"a": [{"b": 1}]}, "a.1.b") is None
    assert lookup({"a": 1}, "a.b") is None
