from opsconductor.domain.decision import IntentGuess
from opsconductor.stages.a_classify.questions import language_question, nothing_to_confirm, which_of
from opsconductor.testing.contracts.lanes import an_intent
from opsconductor.testing.turns import a_host

INTENTS = (
    an_intent("monitoring/disk_usage", "how full is {host}"),
    an_intent("monitoring/host_reachable", "is {host} up"),
)


def guess(action: str, confidence: float = 0.4) -> IntentGuess:
    return IntentGuess(category="monitoring", action=action, confidence=confidence)


def test_the_choices_are_sentences_about_this_host() -> None:
    asked = which_of("app-01?", (guess("disk_usage"), guess("host_reachable")), INTENTS, (a_host("app-01"),))
    assert asked.question == 'I am not sure what you want. Do you mean "how full is app-01" or "is app-01 up"?'
    assert asked.options == ("how full is app-01", "is app-01 up")
    assert (asked.reason, asked.subject) == ("low_confidence", "app-01?")


def test_an_unlikely_guess_is_not_offered() -> None:
    asked = which_of(
        "app-01?", (guess("disk_usage", 0.05), guess("host_reachable", 0.04)), INTENTS, (a_host("app-01"),)
    )
    assert asked.options == ("how full is app-01",)


def test_the_other_questions_take_the_place_of_the_whole_message() -> None:
    assert "English" in language_question("bonjour").question
    assert (language_question("bonjour").reason, language_question("bonjour").subject) == ("language", "bonjour")
    assert nothing_to_confirm("yes").subject == "yes"
