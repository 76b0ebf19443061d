import pytest

from opsconductor.domain.assets import Vocabulary
from opsconductor.phases.p02_sense.phrases import environments, phrases_of, plural, words_of


def said(**values: tuple[str, ...]) -> dict[tuple[str, str], tuple[str, ...]]:
    """Words and field → values."""
    found = phrases_of(Vocabulary(revision=1, values=values))
    return {(" ".join(phrase.words), phrase.field): phrase.values for phrase in found}


@pytest.mark.parametrize(
    ("word", "many"),
    [("router", "routers"), ("switch", "switches"), ("gateway", "gateways"), ("proxy", "proxies"), ("pdu", "pdus")],
)
def test_nouns_have_their_regular_plural(word: str, many: str) -> None:
    assert plural(word) == many


def test_types_are_said_with_spaces_in_the_plural_and_by_their_noun() -> None:
    phrases = said(type=("windows_workstation", "virtual_machine"))
    assert phrases[("windows workstations", "type")] == ("windows_workstation",)
    assert phrases[("workstations", "type")] == ("windows_workstation",)
    assert phrases[("vms", "type")] == ("virtual_machine",)
    assert ("machines", "type") not in phrases


def test_one_noun_means_all_roles_that_end_in_it() -> None:
    phrases = said(role=("Access Switch", "Core Switch", "Router"))
    assert phrases[("switches", "role")] == ("Access Switch", "Core Switch")
    assert phrases[("access switch", "role")] == ("Access Switch",)


def test_a_role_of_that_very_name_is_meant_alone() -> None:
    assert said(role=("Switch", "Core Switch"))[("switches", "role")] == ("Switch",)


def test_owners_are_said_without_their_legal_form_or_by_two_words() -> None:
    phrases = said(owner=("Dunder-Mifflin, Inc.", "NC State University"))
    assert phrases[("dunder mifflin", "owner")] == ("Dunder-Mifflin, Inc.",)
    assert phrases[("nc state", "owner")] == ("NC State University",)


def test_words_that_several_owners_share_mean_none_of_them() -> None:
    assert ("state university", "owner") not in said(owner=("NC State University", "Ohio State University"))


def test_a_system_is_said_by_its_first_words() -> None:
    phrases = said(os=("Ubuntu Linux 20.04", "Ubuntu Linux 22.04", "Windows 11"))
    assert phrases[("ubuntu", "os")] == ("Ubuntu Linux 20.04", "Ubuntu Linux 22.04")
    assert ("windows", "os") not in phrases


def test_environments_have_their_usual_names_and_those_of_the_inventory() -> None:
    found = {" ".join(one.words) for one in environments(Vocabulary(revision=1, values={"environment": ("blue",)}))}
    assert {"production", "prod", "staging", "test", "pre production", "blue"} <= found


def test_words_have_places() -> None:
    text = "Cisco-IOS, (x_y)"
    assert [(word.key, text[word.start : word.end]) for word in words_of(text)] == [
        ("cisco", "Cisco"),
        ("ios", "IOS"),
        ("x", "x"),
        ("y", "y"),
    ]
