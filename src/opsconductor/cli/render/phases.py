"""The phases of a turn as they run, on one line of a terminal, and how long each took once it is over."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from opsconductor.cli.client import PhaseObserver

WORDS: Mapping[str, str] = {
    "p01_identify": "who asks, and in which conversation",
    "p02_sense": "what the words say",
    "p03_update_customer": "what they mean here",
    "p04_retrieve": "rules, scenarios, memories and intents",
    "p05_select_rules": "which rules apply",
    "p06_orchestrate": "scenarios under way",
    "p07_execute_tools": "planning and executing",
    "p08_plan_response": "what the reply must say",
    "p09_generate": "wording it",
    "p10_enforce": "checking every claim",
    "p11_persist": "recording it",
}


@contextmanager
def live_phases() -> Iterator[PhaseObserver | None]:
    """An observer whose phases are shown while the block runs; None where nobody watches a terminal."""
    from rich.console import Console

    console = Console(stderr=True, markup=False, highlight=False)
    if not console.is_terminal:
        yield None
        return
    with console.status("…", spinner="dots") as status:

        def observe(phase: str, event: str, at_ms: float) -> None:
            if event == "start":
                status.update(phase_words(phase))

        yield observe


def phase_words(phase: str) -> str:
    """`P4 retrieve: rules, …` for `p04_retrieve`."""
    number, _, name = phase.partition("_")
    words = f"P{int(number[1:])} {name.replace('_', ' ')}" if number[1:].isdecimal() else phase
    return f"{words}: {WORDS[phase]}" if phase in WORDS else words


def timings_line(phases: Sequence[Mapping[str, Any]]) -> str:
    """`P1 3 · P2 1 · … 23 ms`: what each phase took, and the whole."""
    if not phases:
        return ""
    parts = [f"{timing['phase'].partition('_')[0].upper().replace('P0', 'P')} {timing['ms']:.0f}" for timing in phases]
    total = max(timing["started_ms"] + timing["ms"] for timing in phases)
    return f"{' · '.join(parts)}; {total:.0f} ms"
