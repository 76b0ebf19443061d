"""P3 as a whole, after P2, over the inventory double: capabilities 16, 18, 20 and 21, and the facets of the targets."""

from dataclasses import replace
from typing import Any

import pytest

from opsconductor.adapters.schema.json_schema import open_schemas
from opsconductor.domain.customer import CustomerDataField, MaskedField, Scope, VariableEntry
from opsconductor.domain.errors import Unavailable
from opsconductor.domain.snapshot import EMPTY_SNAPSHOT, INVENTORY_UNAVAILABLE
from opsconductor.domain.turn import CustomerUpdate, Session, Trigger, TurnContext
from opsconductor.phases.p02_sense import Sense
from opsconductor.phases.p03_update_customer import UpdateCustomer
from opsconductor.testing.doubles.clock.moving import MovingClockDouble
from opsconductor.testing.doubles.inventory.in_memory import (
    InMemoryInventoryDouble,
    an_asset,
    lab_hosts,
    workstations,
)
from opsconductor.testing.turns import a_context, a_host, a_session, a_snapshot

TWINS = (
    an_asset("core-1", asset_id="t1", site="HQ", owner="Contoso", type="device", environment="production"),
    an_asset("core-1", asset_id="t2", site="Basement", owner="Fabrikam", type="device", environment="test"),
)


class Talk:
    """Messages of one session, through P2 and P3, each remembered as the next one finds it."""

    def __init__(self, fields: tuple[CustomerDataField, ...] = ()) -> None:
        self.inventory = InMemoryInventoryDouble((*workstations(), *lab_hosts(), *TWINS))
        clock = MovingClockDouble()
        self.sense = Sense(self.inventory, clock)
        self.update = UpdateCustomer(self.inventory, clock, open_schemas())
        self.session: Session = a_session()
        self.data: dict[str, VariableEntry] = {}
        self.fields = fields

    async def say(self, message: str, **turn: Any) -> CustomerUpdate:
        mask = {
            one.key: MaskedField(scope=one.scope, type=one.type, exists=one.key in self.data, examples=one.examples)
            for one in self.fields
        }
        snapshot = await self.sense.run(
            tenant="default",
            message=message,
            mask=mask,
            glossary=(),
            previous=self.session.last_entities,
            pending=self.session.pending_question,
            pending_request=self.session.pending_request,
        )
        context: TurnContext = a_context(message, session=self.session, **turn)
        context = replace(context, fields=self.fields, mask=mask, customer_data=dict(self.data))
        done = await self.update.run(context, snapshot)
        self.data = dict(done.customer_data)
        question = done.clarification
        self.session = replace(
            self.session,
            last_entities=done.entities,
            pending_question=question,
            pending_request=snapshot.text if question else "",
        )
        return done


def targets(update: CustomerUpdate) -> list[str | None]:
    return [one.asset_id for one in update.entities if one.asset_id]


# 16: unknown, ambiguous


async def test_a_named_host_and_its_service_are_resolved() -> None:
    update = await Talk().say("restart billing on APP-01")
    assert targets(update) == ["asset_app-01"]
    assert update.clarification is None


async def test_an_unknown_host_is_asked_about_and_the_answer_completes_the_request() -> None:
    talk = Talk()
    asked = await talk.say("restart billing on app-09")
    assert asked.clarification is not None
    assert asked.clarification.options == ("app-01", "app-02")
    assert targets(asked) == []
    answered = await talk.say("the second one")
    assert targets(answered) == ["asset_app-02"]
    assert [one.value for one in answered.entities if one.type == "service"] == ["billing"]
    assert answered.clarification is None


async def test_two_hosts_of_one_name_are_asked_about_and_a_repeated_choice_resolves() -> None:
    for place in range(2):
        talk = Talk()
        asked = await talk.say("how full is the disk on core-1")
        assert asked.clarification is not None
        assert asked.clarification.reason == "ambiguous_target"
        answered = await talk.say(asked.clarification.options[place])
        assert targets(answered) == [TWINS[place].asset_id]
        assert answered.clarification is None


async def test_a_service_on_several_hosts_is_asked_about() -> None:
    talk = Talk()
    asked = await talk.say("restart billing")
    assert asked.clarification is not None
    assert asked.clarification.options == ("app-01", "app-02")
    assert targets(await talk.say("app-01 please")) == ["asset_app-01"]


async def test_a_service_of_one_host_needs_no_question() -> None:
    update = await Talk().say("restart storefront")
    assert targets(update) == ["asset_web-01"]
    assert update.clarification is None


async def test_a_misspelt_name_is_never_resolved_by_itself() -> None:
    for message in ("restart billing on ap-01", "restart biling on app-01", "restart billing on app01"):
        update = await Talk().say(message)
        assert update.clarification is not None
        assert update.clarification.reason == "fuzzy_target"
    assert targets(await Talk().say("restart billing on ap-01")) == []


@pytest.mark.parametrize("payload", ["app-01; rm -rf /", "' OR 1=1 --", "$(reboot)", "app-01|sh"])
async def test_a_payload_is_asked_about(payload: str) -> None:
    update = await Talk().say(f"restart billing on {payload}")
    assert targets(update) == []
    assert update.clarification is not None
    assert update.clarification.subject == payload


@pytest.mark.parametrize(
    "message",
    [
        "make me a sandwich on rye",
        "write a poem about it",
        "how many assets do we have?",
        "which hosts run billing",
        "install nginx on web-01",
        "close ticket INC-4711",
        "ping 10.20.30.40",
        "book flight LH-123 to Rome",
        "help",
    ],
)
async def test_what_is_plainly_something_else_raises_no_question(message: str) -> None:
    assert (await Talk().say(message)).clarification is None


async def test_an_unknown_address_stays_an_address() -> None:
    update = await Talk().say("ping 10.20.30.40")
    assert [(one.type, one.match, one.asset_id) for one in update.entities] == [("ip", "none", None)]


async def test_another_language_or_a_cancel_raises_no_question_about_hosts() -> None:
    assert (await Talk().say("starte billing auf app-09 neu")).clarification is None
    talk = Talk()
    await talk.say("restart billing")
    assert (await talk.say("never mind")).clarification is None


async def test_too_many_names_are_said_to_be_too_many() -> None:
    update = await Talk().say("disk usage on " + ", ".join(f"x-{number}" for number in range(250)))
    assert update.clarification is not None
    assert update.clarification.question.startswith("You named more hosts")


# 18: the conversation


async def test_it_there_and_this_server_are_what_was_spoken_of() -> None:
    talk = Talk()
    await talk.say("is billing running on app-02?")
    assert targets(await talk.say("is it up?")) == ["asset_app-02"]
    assert targets(await talk.say("how full is the disk there?")) == ["asset_app-02"]
    assert targets(await talk.say("restart billing on this server")) == ["asset_app-02"]


async def test_it_without_a_conversation_is_asked_about() -> None:
    talk = Talk()
    asked = await talk.say("restart billing on it")
    assert asked.clarification is not None
    assert targets(await talk.say("app-01")) == ["asset_app-01"]


# 20, 21: values

FIELDS = (
    CustomerDataField(
        key="preferred_environment",
        scope=Scope.BUSINESS,
        type="string",
        validation={"enum": ["staging", "production"]},
        examples=("I prefer {value}",),
    ),
    CustomerDataField(key="seats", scope=Scope.CASE, type="number", examples=("we are {value} people",)),
    CustomerDataField(key="mood", scope=Scope.SESSION, type="string", persist=False, examples=("I feel {value}",)),
)


async def test_values_are_typed_kept_with_history_or_rejected_with_a_reason() -> None:
    talk = Talk(FIELDS)
    await talk.say("we are 12 people")
    update = await talk.say("we are 14 people and I prefer the moon")
    assert (update.customer_data["seats"].value, update.customer_data["seats"].history) == (14, (12,))
    (rejected,) = update.rejected
    assert (rejected.key, rejected.value_text) == ("preferred_environment", "the moon")
    assert rejected.reason


async def test_session_values_are_among_the_changes_and_known_by_their_field() -> None:
    update = await Talk(FIELDS).say("I feel great")
    assert [one.key for one in update.changed] == ["mood"]
    assert {one.key for one in FIELDS if one.scope is Scope.SESSION} == {"mood"}


# facets


async def test_the_same_words_with_another_target_have_other_facets() -> None:
    before, after = Talk(), Talk()
    after.inventory.held = tuple(
        replace(one, environment="production") if one.name == "app-01" else one for one in after.inventory.held
    )
    message = "restart billing on app-01"
    assert (await before.say(message)).facets["environment"] == ("staging",)
    assert (await after.say(message)).facets["environment"] == ("production",)


async def test_a_preference_is_a_facet_where_nothing_else_tells() -> None:
    talk = Talk(FIELDS)
    assert (await talk.say("I prefer production")).facets["environment"] == ("production",)
    assert (await talk.say("restart billing on app-01")).facets["environment"] == ("staging",)


# other triggers, and an inventory that does not answer


@pytest.mark.parametrize("trigger", [Trigger.APPROVAL, Trigger.JOB_FINISHED])
async def test_other_triggers_change_nothing(trigger: Trigger) -> None:
    talk = Talk(FIELDS)
    entry = VariableEntry(key="seats", value=3, source="user", confidence=1, updated_at="")
    context = replace(a_context("", trigger=trigger), customer_data={"seats": entry})
    assert await talk.update.run(context, EMPTY_SNAPSHOT) == CustomerUpdate(customer_data={"seats": entry})


async def test_targets_need_an_inventory_that_answers() -> None:
    talk = Talk()
    talk.inventory.down = True
    with pytest.raises(Unavailable) as caught:
        await talk.say("restart billing on app-01")
    assert caught.value.code == "inventory.unavailable"
    assert (await talk.say("how many assets do we have?")).clarification is None


@pytest.mark.parametrize("words", [{"entities": (a_host("app-01"),)}, {"references": ("it",)}])
async def test_what_could_not_be_looked_up_is_not_unknown_once_the_inventory_is_back(words: dict[str, Any]) -> None:
    snapshot = a_snapshot("restart it", situation_facts=(INVENTORY_UNAVAILABLE,), **words)
    with pytest.raises(Unavailable):
        await Talk().update.run(a_context("restart it"), snapshot)
