from dataclasses import replace

import pytest

from opsconductor.domain.customer import VariableEntry
from opsconductor.domain.entities import Entity
from opsconductor.phases.p03_update_customer.references import CURRENT_HOST, Recalled, References
from opsconductor.testing.doubles.inventory.in_memory import open_inventory
from opsconductor.testing.turns import a_context, a_host, a_session, a_snapshot, a_word, an_asset_match

BILLING = replace(a_word("service", "billing"), matches=(an_asset_match("app-01"), an_asset_match("app-02")))


async def recalled(
    text: str, *words: str, last: tuple[Entity, ...] = (), named: tuple[Entity, ...] = (), current_host: str = ""
) -> Recalled:
    context = a_context(text, session=a_session(last_entities=last))
    if current_host:
        entry = VariableEntry(key=CURRENT_HOST, value=current_host, source="user", confidence=1, updated_at="")
        context = replace(context, customer_data={CURRENT_HOST: entry})
    return await References(open_inventory(), context, a_snapshot(text, references=words)).recalled(named)


def values(found: Recalled) -> list[tuple[str, str]]:
    return [(one.type, one.value) for one in found.entities]


async def test_it_is_what_was_spoken_of_last() -> None:
    found = await recalled("restart it", "it", last=(a_host("app-01"), BILLING))
    assert values(found) == [("service", "billing"), ("host", "app-01")]
    assert {(one.text, one.start, one.end) for one in found.entities} == {("it", 8, 10)}
    assert found.entities[1].asset_id == "asset_app-01"


@pytest.mark.parametrize(("text", "words"), [("disk on this server", "this server"), ("how full is it there", "there")])
async def test_a_machine_is_meant_by_a_machines_noun(text: str, words: str) -> None:
    assert values(await recalled(text, words, last=(a_host("app-01"), BILLING))) == [("host", "app-01")]


async def test_them_is_all_of_them() -> None:
    found = await recalled("ping them", "them", last=(a_host("app-01"), a_host("web-01")))
    assert values(found) == [("host", "app-01"), ("host", "web-01")]


async def test_the_same_service_on_another_host() -> None:
    found = await recalled(
        "restart the same service on app-02",
        "the same service",
        last=(BILLING, a_host("app-01")),
        named=(a_host("app-02"),),
    )
    assert values(found) == [("service", "billing")]


async def test_a_service_on_it() -> None:
    found = await recalled("restart billing on it", "it", last=(a_host("app-02"),), named=(BILLING,))
    assert values(found) == [("host", "app-02")]


async def test_it_may_be_the_service_of_the_message_itself() -> None:
    text = "billing is slow, restart it"
    assert values(await recalled(text, "it", last=(a_host("web-01", services=()),), named=(BILLING,))) == []
    assert values(await recalled(text, "it", last=(a_host("app-01"),), named=(BILLING,))) == [("host", "app-01")]


async def test_without_a_last_machine_the_current_host_is_meant() -> None:
    assert values(await recalled("is it up", "it", current_host="web-01")) == [("host", "web-01")]
    assert (await recalled("is it up", "it", current_host="gone-01")).question is not None


@pytest.mark.parametrize("text", ["restart it", "how full is its disk"])
async def test_with_nothing_to_point_at_it_is_a_question_with_choices(text: str) -> None:
    words = "its" if "its" in text else "it"
    question = (await recalled(text, words)).question
    assert question is not None
    assert question.question.startswith(f"Which host do you mean by “{words}”?")
    assert (len(question.options), question.reason, question.subject) == (5, "unknown_target", words)


async def test_hosts_that_run_the_service_are_the_choices() -> None:
    question = (await recalled("restart billing on that host", "that host", named=(BILLING,))).question
    assert question is not None
    assert question.options == ("app-01", "app-02")


async def test_a_machine_that_is_gone_is_not_acted_upon() -> None:
    found = await recalled("restart it", "it", last=(a_host("app-77"),))
    assert found.entities == ()
    assert found.question is not None
    assert found.question.question.startswith("app-77 is no longer in the inventory. ")


async def test_a_service_that_nobody_spoke_of_is_a_question() -> None:
    question = (await recalled("restart the same service", "the same service", named=(a_host("app-01"),))).question
    assert question is not None
    assert (question.options, question.subject) == (("billing",), "the same service")


async def test_something_else_altogether_is_no_question() -> None:
    assert await recalled("write a poem about it", "it") == Recalled()
    assert await recalled("restart billing", named=(BILLING,)) == Recalled()
