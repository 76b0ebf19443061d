import pytest

from opsconductor.domain.decision import IntentGuess
from opsconductor.domain.knowledge import Mode
from opsconductor.stages.a_classify.taking_back import without_mistaken
from opsconductor.testing.contracts.lanes import an_intent

RESTART = an_intent("automation/service_restart", "restart {service} on {host}", mode=Mode.ACT)
DEPLOY = an_intent("automation/service_deploy", "deploy {service}", "roll {service} back to {version}", mode=Mode.ACT)
HISTORY = an_intent("information/history", "what was done on {host}")
INTENTS = (RESTART, DEPLOY, HISTORY)
RANKED = tuple(
    IntentGuess(category=intent.category, action=intent.action, confidence=confidence)
    for intent, confidence in ((RESTART, 0.9), (DEPLOY, 0.05), (HISTORY, 0.05))
)


@pytest.mark.parametrize(
    "text",
    [
        "roll back billing on app-01",
        "Rollback billing",
        "please roll the billing service on app-01 back",
        "revert billing on app-01",
        "undo the deployment of billing",
        "back out billing 2.3 on app-01",
        "put billing back to the previous version",
        "downgrade billing",
        "take back the release of billing",
    ],
)
def test_what_takes_a_change_back_is_no_other_change(text: str) -> None:
    assert [guess.label for guess in without_mistaken(text, RANKED, INTENTS)] == [DEPLOY.label, HISTORY.label]


@pytest.mark.parametrize(
    "text",
    [
        "restart billing on app-01",
        "turn billing off and back on again",
        "bring billing back up on app-01",
        "deploy billing 2.3",
        "restart the rollback-agent on app-01",
        "",
    ],
)
def test_any_other_order_keeps_its_guesses(text: str) -> None:
    assert without_mistaken(text, RANKED, INTENTS) == RANKED
