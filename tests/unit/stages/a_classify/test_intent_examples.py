from opsconductor.stages.a_classify.intent_examples import Form, example_for, form_for
from opsconductor.testing.contracts.lanes import an_intent
from opsconductor.testing.turns import a_host, a_word

INTENT = an_intent(
    "automation/service_restart", "do a restart", "restart {service} on {host}", "restart {service} in {environment}"
)

RESTART = an_intent("automation/service_restart", "restart {service} on {host}", "restart {service} in {environment}")


def test_an_example_says_what_the_message_names() -> None:
    assert example_for(INTENT, (a_host("app-01"), a_word("service", "billing"))) == "restart billing on app-01"
    assert example_for(INTENT, ()) == "do a restart"


def test_without_a_fitting_example_there_is_none() -> None:
    assert example_for(an_intent("monitoring/disk_usage", "disk of {host}"), ()) == ""


def test_a_form_says_what_is_still_to_be_named() -> None:
    assert form_for(RESTART, ()) == Form(text="restart SERVICE on HOST", unnamed=("service", "host"))
    assert form_for(RESTART, (a_word("environment", "staging"),)) == Form(
        text="restart SERVICE in staging", unnamed=("service",)
    )
    assert form_for(an_intent("monitoring/disk_usage"), ()) is None
