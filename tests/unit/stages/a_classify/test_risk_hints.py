import pytest

from opsconductor.stages.a_classify.risk_hints import risk_hints


@pytest.mark.parametrize(
    ("text", "hints"),
    [
        ("Restart billing on app-01.", ("verb:restart",)),
        ("stop and start billing in production!", ("verb:stop", "verb:start", "target:production")),
        ("how full is the disk", ()),
        ("is reproduction-lab up", ()),
        ("show the start-page of restart-counter", ()),
        ("is it in prod?", ("target:production",)),
        ("my products", ()),
    ],
)
def test_verbs_and_production_count_as_whole_words(text: str, hints: tuple[str, ...]) -> None:
    assert risk_hints(text, ()) == hints


def test_the_environment_of_a_target_counts_too() -> None:
    assert risk_hints("how full is db-01", ("production-eu",)) == ("target:production",)
    assert risk_hints("how full is db-01", ("reproduction",)) == ()
