import pytest

from opsconductor.stages.a_classify.undo_orders import asks_to_undo


@pytest.mark.parametrize(
    "text",
    [
        "undo that",
        "Undo the last change.",
        "please undo it",
        "undo",
        "revert that",
        "roll back the last deploy, please",
        "roll it back!",
        "can you take back what you just did?",
        "Oh no, undo this change",
        "reverse the previous execution",
        "rollback the deployment",
    ],
)
def test_whole_messages_that_order_an_undo(text: str) -> None:
    assert asks_to_undo(text)


@pytest.mark.parametrize(
    "text",
    [
        "undo the last change on app-01",
        "what would undo that",
        "do not undo that",
        "never undo it",
        "is there an undo",
        "roll back billing to 2.2",
        "deploy billing 2.2 to staging",
        "undo that and restart billing",
        "the last change",
        "cancel that",
        "restart billing on app-01",
    ],
)
def test_words_that_say_more_or_less_are_left_to_the_understanding(text: str) -> None:
    assert not asks_to_undo(text)
