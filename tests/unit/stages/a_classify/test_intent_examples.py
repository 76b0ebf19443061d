from opsconductor.stages.a_classify.intent_examples import example_for
from opsconductor.testing.contracts.lanes import an_intent
from opsconductor.testing.turns import a_host, a_word

INTENT = an_intent(
    "automation/service_restart", "do a restart", "restart {service} on {host}", "restart {service} in {environment}"
)


def test_an_example_says_what_the_message_names() -> None:
    assert example_for(INTENT, (a_host("app-01"), a_word("service", "billing"))) == "restart billing on app-01"
    assert example_for(INTENT, ()) == "do a restart"


def test_without_a_fitting_example_the_description_stands_in() -> None:
    assert example_for(an_intent("monitoring/disk_usage", "disk of {host}"), ()) == "disk usage"
