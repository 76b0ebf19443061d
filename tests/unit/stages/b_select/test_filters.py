from opsconductor.domain.assets import Vocabulary
from opsconductor.stages.b_select.filters import filters_of
from opsconductor.stages.b_select.request import Request
from opsconductor.testing.turns import a_host, a_word

VOCABULARY = Vocabulary(
    revision=1,
    values={
        "platform": ("linux", "windows"),
        "os": ("Ubuntu 22.04", "Ubuntu 24.04", "Windows 11"),
        "environment": ("Production",),
        "role": ("Router",),
    },
)


def filters(*words: tuple[str, str], text: str = "") -> dict[str, object]:
    entities = tuple(a_word(kind, value, text) for kind, value in words)
    return dict(filters_of(Request(text=text, action="", entities=entities), VOCABULARY))


def test_values_take_the_inventorys_spelling() -> None:
    assert filters(("environment", "production"), ("role", "router")) == {
        "environment": "Production",
        "role": "Router",
    }


def test_a_system_may_be_a_platform_or_several_releases() -> None:
    assert filters(("os", "windows")) == {"platform": "windows"}
    assert filters(("os", "ubuntu")) == {"os": ["Ubuntu 22.04", "Ubuntu 24.04"]}
    assert filters(("os", "Windows 11")) == {"os": "Windows 11"}
    assert filters(("os", "solaris")) == {"os": "solaris"}


def test_several_values_are_alternatives() -> None:
    text = "in akron and in boise"
    assert filters(("site", "akron"), ("site", "boise"), text=text) == {"site": ["akron", "boise"]}


def test_a_host_is_a_name_and_a_tag_is_nothing_the_inventory_filters_by() -> None:
    request = Request(text="", action="", entities=(a_host("app-01"), a_word("tag", "finance")))
    assert filters_of(request, VOCABULARY) == {"name": "app-01"}
    assert filters_of(request, VOCABULARY, ("role",)) == {}
