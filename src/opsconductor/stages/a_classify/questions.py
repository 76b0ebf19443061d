"""The questions stage A asks back. An option said again word for word is understood: it is an example."""

from collections.abc import Sequence

from opsconductor.domain.decision import Clarification, IntentGuess
from opsconductor.domain.entities import Entity
from opsconductor.domain.knowledge import Intent
from opsconductor.stages.a_classify.intent_examples import example_for, form_for

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
    """For words that may mean one thing or another; one guess asks for a yes, or for what it lacks."""
    by_label = {intent.label: intent for intent in intents}
    likely = [guess for place, guess in enumerate(guesses[:CHOICES]) if place == 0 or guess.confidence >= OFFERED_FROM]
    said = {guess.label: example_for(by_label[guess.label], entities) for guess in likely}
    options = tuple(dict.fromkeys(example for example in said.values() if example))
    listed = " or ".join(f'"{option}"' for option in options)
    asked = ["I am not sure what you want.", *([f"Do you mean {listed}?"] if options else [])]
    unsaid = next((by_label[label] for label, example in said.items() if not example), None)
    if unsaid is not None:
        asked.append(_how_to_say(unsaid, entities, instead=bool(options)))
    return Clarification(question=" ".join(asked), options=options, reason="low_confidence", subject=request)


def _how_to_say(intent: Intent, entities: Sequence[Entity], *, instead: bool) -> str:
    """What is still to be named of an intent that no choice can stand for yet."""
    form = form_for(intent, entities)
    if form is None:
        return f"I can do this: {intent.description.rstrip('.')}."
    which = " and ".join(f"which {name}" for name in form.unnamed)
    return f'{"Or " if instead else ""}{which if instead else which.capitalize()}? Say it like this: "{form.text}".'
