from dataclasses import replace

from opsconductor.domain.decision import DecisionV1, IntentGuess
from opsconductor.domain.knowledge import Mode
from opsconductor.stages.b_select.request import Request
from opsconductor.testing.turns import a_host, a_word

TEXT = "restart billing on app-02 and app-01, APP-02"


def decision() -> DecisionV1:
    near = replace(a_host("app-02", TEXT), match="fuzzy", value="app-03")
    return DecisionV1(
        decision_id="dec_1",
        mode=Mode.ACT,
        intent=IntentGuess(category="automation", action="service_restart", confidence=0.9),
        entities=(a_word("service", "billing", TEXT), a_host("app-02", TEXT), a_host("app-01", TEXT), near),
        overall_confidence=0.9,
        confidence_level="high",
        request=TEXT,
    )


def test_only_certain_mentions_count_each_once_in_order() -> None:
    request = Request.of(decision())
    assert [entity.value for entity in request.named(("host",))] == ["app-02", "app-01"]
    assert request.action == "service_restart"


def test_an_address_without_an_asset_is_foreign() -> None:
    own = replace(a_host("app-01", TEXT), type="ip")
    outside = replace(a_word("ip", "9.9.9.9"), match="none")
    assert Request.of(replace(decision(), entities=(own, outside))).foreign == ("9.9.9.9",)


def test_words_are_whole_and_in_lower_case() -> None:
    request = Request.of(decision())
    assert request.says({"app-02"})
    assert not request.says({"app"})
    assert Request.of(replace(decision(), intent=None)).action == ""
