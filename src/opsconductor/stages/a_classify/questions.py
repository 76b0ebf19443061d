"""The questions stage A asks back. An option said again word for word is understood: it is an example."""

from collections.abc import Sequence

from opsconductor.domain.decision import Clarification, IntentGuess
from opsconductor.domain.entities import Entity
from opsconductor.domain.knowledge import Intent
from opsconductor.stages.a_classify.intent_examples import example_for

CHOICES = 3
OFFERED_FROM = 0.1  # a less likely guess is no choice but a distraction


def language_question(request: str) -> Clarification:
    """For a message in another language."""
    return Clarification(
        question="I only understand English. Please say it in English.", reason="language", subject=request
    )


def nothing_to_confirm(request: str) -> Clarification:
    """For a yes that answers nothing."""
    return Clarification(
        question="Nothing here waits for a yes; a plan is approved with: opsconductor approvals approve ID."
        " What shall I do?",
        reason="low_confidence",
        subject=request,
    )


def which_of(
    request: str, guesses: Sequence[IntentGuess], intents: Sequence[Intent], entities: Sequence[Entity]
) -> Clarification:
    """For words that may mean one thing or another; one guess asks for a yes."""
    by_label = {intent.label: intent for intent in intents}
    likely = [guess for place, guess in enumerate(guesses[:CHOICES]) if place == 0 or guess.confidence >= OFFERED_FROM]
    options = tuple(dict.fromkeys(example_for(by_label[guess.label], entities) for guess in likely))
    listed = " or ".join(f'"{option}"' for option in options)
    return Clarification(
        question=f"I am not sure what you want. Do you mean {listed}?",
        options=options,
        reason="low_confidence",
        subject=request,
    )
