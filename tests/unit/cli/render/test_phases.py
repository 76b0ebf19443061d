import pytest

from opsconductor.cli.render.phases import WORDS, live_phases, phase_words, timings_line
from opsconductor.pipeline import Phases


def test_every_phase_has_its_words() -> None:
    names = [name.partition("_")[2] for name in WORDS]
    assert names == [name for name in Phases.__annotations__ if name != "faults"]
    assert [int(name[1:3]) for name in WORDS] == list(range(1, 12))


@pytest.mark.parametrize(
    ("phase", "words"),
    [
        ("p04_retrieve", "P4 retrieve: rules, scenarios, memories and intents"),
        ("p12_new_one", "P12 new one"),
        ("other", "other"),
    ],
)
def test_a_phase_is_named_for_people(phase: str, words: str) -> None:
    assert phase_words(phase) == words


def test_nobody_is_told_where_there_is_no_terminal() -> None:
    with live_phases() as observer:
        assert observer is None


def test_on_a_terminal_the_running_phase_is_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    with live_phases() as observer:
        assert observer is not None
        observer("p04_retrieve", "start", 1.0)
        observer("p04_retrieve", "end", 2.0)
    assert capsys.readouterr().out == ""


def test_the_times_of_a_turn_fit_on_a_line() -> None:
    phases = [
        {"phase": "p01_identify", "started_ms": 0.0, "ms": 3.4},
        {"phase": "p11_persist", "started_ms": 3.4, "ms": 1.6},
    ]
    assert timings_line(phases) == "P1 3 · P11 2; 5 ms"
    assert timings_line([]) == ""
