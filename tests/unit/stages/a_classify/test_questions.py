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


def test_what_no_example_can_say_yet_is_asked_for_and_is_no_choice() -> None:
    restart = an_intent("automation/service_restart", "restart {service} on {host}", "restart {service}")
    guessed = IntentGuess(category="automation", action="service_restart", confidence=0.5)
    asked = which_of("restart all hosts", (guessed,), (restart,), ())
    assert asked.question == (
        'I am not sure what you want. Which service and which host? Say it like this: "restart SERVICE on HOST".'
    )
    assert asked.options == ()
    assert (asked.reason, asked.subject) == ("low_confidence", "restart all hosts")


def test_what_is_named_already_stands_in_the_form_and_choices_come_first() -> None:
    deploy = an_intent("automation/service_deploy", "deploy {service} {version} to {host}")
    guessed = IntentGuess(category="automation", action="service_deploy", confidence=0.4)
    asked = which_of("app-01?", (guess("host_reachable"), guessed), (*INTENTS, deploy), (a_host("app-01"),))
    assert asked.question == (
        'I am not sure what you want. Do you mean "is app-01 up"? '
        'Or which service and which version? Say it like this: "deploy SERVICE VERSION to app-01".'
    )
    assert asked.options == ("is app-01 up",)


def test_an_intent_without_examples_is_told_by_what_it_does() -> None:
    asked = which_of("app-01?", (guess("disk_usage"),), (an_intent("monitoring/disk_usage"),), ())
    assert (asked.question, asked.options) == ("I am not sure what you want. I can do this: disk usage.", ())


def test_the_other_questions_take_the_place_of_the_whole_message() -> None:
    assert "English" in language_question("bonjour").question
    assert (language_question("bonjour").reason, language_question("bonjour").subject) == ("language", "bonjour")
    assert nothing_to_confirm("yes").subject == "yes"
