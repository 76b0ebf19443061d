from opsconductor.domain.decision import IntentGuess
from opsconductor.domain.retrieval import LaneResult, Scored
from opsconductor.ports.intent_model import Prediction
from opsconductor.stages.a_classify.guesses import alike, guesses
from opsconductor.testing.contracts.lanes import an_intent

DISK, COUNT = an_intent("monitoring/disk_usage"), an_intent("information/asset_count")
PREDICTION = Prediction(
    ranked=(("monitoring/disk_usage", 0.6), ("information/asset_count", 0.4)), scope_score=0.7, in_scope=True
)


def test_the_head_leads_and_the_lane_has_a_smaller_say() -> None:
    lane = LaneResult(items=(Scored(item=COUNT, score=1.0),))
    ranked = guesses(PREDICTION, lane, (DISK, COUNT))
    assert [(guess.label, guess.confidence) for guess in ranked] == [
        ("monitoring/disk_usage", 0.54),
        ("information/asset_count", 0.46),
    ]


def test_an_empty_lane_leaves_the_head_alone() -> None:
    ranked = guesses(PREDICTION, LaneResult(), (DISK, COUNT))
    assert [(guess.label, guess.confidence) for guess in ranked] == list(PREDICTION.ranked)


def test_a_label_that_the_catalogue_lacks_is_no_guess_and_negative_scores_do_no_harm() -> None:
    lane = LaneResult(items=(Scored(item=DISK, score=-3.0), Scored(item=DISK, score=0.0)))
    ranked = guesses(PREDICTION, lane, (DISK,))
    assert [guess.label for guess in ranked] == ["monitoring/disk_usage"]
    assert 0 < ranked[0].confidence <= 0.6
    assert guesses(PREDICTION, lane, ()) == ()


def test_only_intents_with_the_same_mode_and_tools_are_alike() -> None:
    count = an_intent("information/asset_count", tools=("query",))
    listing = an_intent("information/asset_list", tools=("query",))
    help_, history = an_intent("information/help"), an_intent("information/history")
    intents = (count, listing, DISK, help_, history)
    ranked = [IntentGuess(category=one.category, action=one.action, confidence=0.25) for one in intents]
    assert alike(ranked[0], ranked, intents) == 0.5
    assert alike(ranked[2], ranked, intents) == 0.25
    assert alike(ranked[3], ranked, intents) == 0.25
    assert alike(IntentGuess(category="a", action="gone", confidence=0.1), ranked, intents) == 0.1
