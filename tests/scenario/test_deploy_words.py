"""Orders to deploy and to go back, as operators say them: what is not certain is asked about."""

from tests.scenario.conftest import Conversation


async def test_a_service_that_is_nearly_known_is_asked_about_and_then_planned(lab: Conversation) -> None:
    asked = await lab.say("deploy biling 2.3 to app-01")
    assert (asked.kind, asked.message.splitlines()[0]) == (
        "question",
        "I know no service biling. Did you mean billing?",
    )
    planned = await lab.say("1")
    assert planned.kind == "approval_required", planned.message
    assert "service-deploy (billing 2.3 on app-01) on app-01" in planned.message


async def test_going_back_asks_to_which_version_and_is_no_restart(lab: Conversation) -> None:
    asked = await lab.say("roll back billing 2.3 on app-01")
    assert (asked.kind, asked.message) == (
        "question",
        "Which version? To see what there is, ask: which releases of billing lie ready?",
    )
    planned = await lab.say("2.2")
    assert planned.kind == "approval_required", planned.message
    assert "service-deploy (billing 2.2 on app-01) on app-01" in planned.message


async def test_a_whole_number_is_a_version_said_at_once_or_asked_for(lab: Conversation) -> None:
    for words in ("deploy storefront 3 to production", "deploy storefront to web-01"):
        planned = await lab.say(words, session=f"sess_{len(words)}")
        if planned.kind == "question":
            assert planned.message.startswith("Which version?")
            planned = await lab.say("3", session=f"sess_{len(words)}")
        assert planned.plan is not None, planned.message
        assert planned.plan.steps[0].inputs["version"] == "3"


async def test_a_restart_of_everything_is_asked_about_in_plain_words(lab: Conversation) -> None:
    asked = await lab.say("restart all hosts")
    assert (asked.kind, asked.message) == (
        "question",
        'I am not sure what you want. Which service and which host? Say it like this: "restart SERVICE on HOST".',
    )
