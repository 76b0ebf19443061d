from dataclasses import replace

import pytest

from opsconductor.domain.entities import Entity
from opsconductor.phases.p03_update_customer.services import Placed, placed_services
from opsconductor.testing.turns import a_host, a_word, an_asset_match

BILLING_HOSTS = (
    an_asset_match("app-01", environment="staging"),
    an_asset_match("app-02", environment="test"),
)


def service(name: str, *hosts: str, match: str = "exact", written: str = "") -> Entity:
    matches = tuple(an_asset_match(host, services=(name,)) for host in hosts)
    return replace(a_word("service", name, written=written or name), match=match, matches=matches)


BILLING = replace(a_word("service", "billing"), matches=BILLING_HOSTS)


def place(
    *services: Entity,
    hosts: tuple[Entity, ...] = (),
    slots: tuple[Entity, ...] = (),
    text: str = "restart billing",
    known: tuple[str, ...] = (),
) -> Placed:
    return placed_services(services, hosts, slots, text, known)


def test_the_only_host_of_a_service_is_meant() -> None:
    (host,) = place(service("storefront", "web-01")).hosts
    assert (host.type, host.value, host.asset_id, host.text) == ("host", "web-01", "asset_web-01", "")


def test_several_hosts_of_a_service_are_a_question_with_all_of_them() -> None:
    question = place(BILLING).question
    assert question is not None
    assert question.question == "billing runs on app-01 and app-02. Which host do you mean?"
    assert (question.options, question.reason, question.subject) == (("app-01", "app-02"), "ambiguous_target", "")


def test_the_environment_said_chooses_among_them() -> None:
    (host,) = place(BILLING, slots=(a_word("environment", "test"),)).hosts
    assert host.value == "app-02"


def test_an_environment_without_the_service_is_said() -> None:
    question = place(BILLING, slots=(a_word("environment", "production"),)).question
    assert question is not None
    assert question.question.startswith("billing does not run in production. ")


@pytest.mark.parametrize("text", ["restart billing everywhere", "restart billing on all hosts", "restart both billing"])
def test_all_of_them_may_be_asked_for(text: str) -> None:
    assert [one.value for one in place(BILLING, text=text).hosts] == ["app-01", "app-02"]


@pytest.mark.parametrize(
    "text", ["which hosts run billing", "how many servers run billing", "where is billing", "what runs billing"]
)
def test_a_question_about_the_inventory_needs_no_host(text: str) -> None:
    assert place(BILLING, text=text) == Placed()


def test_a_named_host_that_runs_it_is_fine() -> None:
    assert place(BILLING, hosts=(a_host("app-01"),)) == Placed()


def test_a_named_host_that_does_not_run_it_is_a_question() -> None:
    question = place(BILLING, hosts=(a_host("web-01", services=("storefront",)),)).question
    assert question is not None
    assert question.question == (
        "billing does not run on web-01; it runs on app-01 and app-02. Which host do you mean?"
    )
    assert (question.options, question.subject) == (("app-01", "app-02"), "web-01")


def test_one_of_two_named_hosts_that_does_not_run_it_is_a_question() -> None:
    hosts = (a_host("app-01"), a_host("web-01", services=("storefront",)))
    question = place(BILLING, hosts=hosts).question
    assert question is not None
    assert question.subject == "web-01"


def test_each_service_on_a_host_of_its_own_is_fine() -> None:
    hosts = (a_host("app-01"), a_host("web-01", services=("storefront",)))
    assert place(BILLING, service("storefront", "web-01"), hosts=hosts) == Placed()


def test_a_misspelt_service_is_asked_about_and_never_placed() -> None:
    misspelt = service("billing", "app-01", match="fuzzy", written="biling")
    placed = place(misspelt, hosts=(a_host("app-01"),))
    assert placed.hosts == ()
    assert placed.question is not None
    assert placed.question.question == "I know no service biling. Did you mean billing?"
    assert (placed.question.reason, placed.question.subject) == ("fuzzy_target", "biling")


def test_a_service_nobody_knows_on_a_known_host_is_a_question() -> None:
    question = place(service("foo", match="none"), hosts=(a_host("app-01"),), text="restart foo on app-01").question
    assert question is not None
    assert (question.options, question.reason, question.subject) == (("billing",), "unknown_target", "foo")


def test_of_a_host_without_known_services_nothing_is_claimed() -> None:
    assert place(service("foo", match="none"), hosts=(a_host("app-01", services=()),)) == Placed()


def test_what_is_to_be_installed_need_not_be_there() -> None:
    text = "install nginx on app-01"
    assert place(service("nginx", match="none"), hosts=(a_host("app-01"),), text=text) == Placed()


def test_a_service_nobody_knows_without_a_host() -> None:
    question = place(service("foo", match="none"), text="restart the foo service", known=("billing",)).question
    assert question is not None
    assert question.options == ("billing",)
    assert place(service("room", match="none"), text="order room service", known=("billing",)) == Placed()


def test_no_service_no_question() -> None:
    assert place() == Placed()
