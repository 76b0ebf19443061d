import pytest

from opsconductor.domain.knowledge import Mode
from opsconductor.stages.a_classify.orders import mistaken_for_a_question
from opsconductor.testing.contracts.lanes import an_intent

COUNT = an_intent("information/asset_count", "how many assets", "add up the {type}")


@pytest.mark.parametrize(
    "text", ["provision three more", "Please, could you delete app-01", "ok go ahead and reboot db-01", "reset it"]
)
def test_an_order_to_change_is_no_question(text: str) -> None:
    assert mistaken_for_a_question(text, COUNT)


@pytest.mark.parametrize(
    "text",
    [
        "how many to provision",
        "which hosts did we delete",
        "show resets",
        "formatting of lists",
        "add up the routers",
        "",
    ],
)
def test_a_question_may_hold_such_verbs_and_an_example_may_begin_with_one(text: str) -> None:
    assert not mistaken_for_a_question(text, COUNT)


def test_an_intent_that_changes_takes_orders() -> None:
    restart = an_intent("automation/service_restart", mode=Mode.ACT)
    assert not mistaken_for_a_question("restart billing", restart)
