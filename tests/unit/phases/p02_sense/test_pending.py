import pytest

from opsconductor.domain.decision import Clarification
from opsconductor.phases.p02_sense.pending import chosen, completed_request, with_target

LABELS = ("core-1 at HQ (owner Contoso)", "core-1 at Lab (owner Fabrikam)")


def question(reason: str, *options: str, subject: str = "") -> Clarification:
    return Clarification(question="Which?", options=options, reason=reason, subject=subject)


@pytest.mark.parametrize(
    ("text", "picked"),
    [
        ("1", "app-01"),
        ("2.", "app-02"),
        ("option 2 please", "app-02"),
        ("the first one", "app-01"),
        ("second", "app-02"),
        ("the last", "app-02"),
        ("app-02", "app-02"),
        ("APP-02 please", "app-02"),
        ("I meant app-02", "app-02"),
        ("no, app-02", "app-02"),
        ("on app-02.", "app-02"),
        ("3", ""),
        ("0", ""),
        ("app-03", ""),
        ("yes", ""),
        ("restart the storefront on web-01 and tell me about app-01", ""),
        ("how many assets do we have?", ""),
    ],
)
def test_an_option_is_picked(text: str, picked: str) -> None:
    assert chosen(text, ("app-01", "app-02")) == picked


@pytest.mark.parametrize(
    ("text", "picked"),
    [(LABELS[1], 1), ("core-1 at hq", 0), ("HQ", 0), ("the one owned by Fabrikam", None), ("core-1", None)],
)
def test_a_worded_option_is_picked_by_what_only_it_says(text: str, picked: int | None) -> None:
    assert chosen(text, LABELS) == ("" if picked is None else LABELS[picked])


def test_yes_takes_the_only_option() -> None:
    assert chosen("yes please", ("billing",)) == "billing"


@pytest.mark.parametrize(
    ("request_text", "subject", "completed"),
    [
        ("restart billing on app-09", "app-09", "restart billing on app-01"),
        ("restart billing", "", "restart billing on app-01"),
        ("is billing running?", "", "is billing running on app-01"),
        ("restart it", "it", "restart app-01"),
        ("how full is the disk there?", "there", "how full is the disk on app-01?"),
        ("what's its ip", "its", "what's app-01's ip"),
        ("restart it with split", "it", "restart app-01 with split"),
        ("disk on app-01; rm -rf /", "app-01; rm -rf /", "disk on app-01"),
    ],
)
def test_the_target_takes_the_place_of_the_words_it_was_asked_for(
    request_text: str, subject: str, completed: str
) -> None:
    assert with_target(request_text, subject, "app-01") == completed


def test_an_answer_completes_the_request() -> None:
    pending = question("fuzzy_target", "app-01", "app-02", subject="app-09")
    assert completed_request("the second one", pending, "restart billing on app-09") == (
        "restart billing on app-02",
        "app-02",
    )


def test_a_host_that_was_not_offered_is_an_answer_too() -> None:
    pending = question("unknown_target", "app-01", subject="app-09")
    assert completed_request("web-01", pending, "disk on app-09") == ("disk on web-01", "web-01")


def test_all_of_several_may_be_meant() -> None:
    pending = question("ambiguous_target", "app-01", "app-02")
    assert completed_request("both", pending, "restart billing")[0] == "restart billing on app-01 and app-02"


def test_a_choice_that_is_a_whole_request_replaces_the_old_one() -> None:
    pending = question("low_confidence", "Restart billing on app-01", "Show app-01")
    assert completed_request("2", pending, "app-01 thing") == ("Show app-01", "Show app-01")


def test_missing_words_are_added() -> None:
    assert (
        completed_request("billing", question("missing_input"), "restart on app-01")[0] == "restart on app-01 billing"
    )


@pytest.mark.parametrize("text", ["never mind", "no", "how many assets do we have?", "help", "what is app-01?"])
@pytest.mark.parametrize("reason", ["missing_input", "unknown_target", "language"])
def test_another_message_is_no_answer(text: str, reason: str) -> None:
    pending = question(reason, "app-01", "app-02", subject="app-09")
    assert completed_request(text, pending, "disk on app-09") == ("", "")


def test_without_a_question_nothing_is_answered() -> None:
    assert completed_request("1", None, "restart billing") == ("", "")
    assert completed_request("1", question("unknown_target", "app-01"), "") == ("", "")


@pytest.mark.parametrize(
    ("text", "completed"),
    [
        ("3", "deploy storefront to web-01 version 3"),
        ("version 3", "deploy storefront to web-01 version 3"),
        ("3.1", "deploy storefront to web-01 3.1"),
    ],
)
def test_a_bare_number_is_added_as_what_was_asked_for(text: str, completed: str) -> None:
    pending = question("missing_input", subject="version")
    assert completed_request(text, pending, "deploy storefront to web-01")[0] == completed
