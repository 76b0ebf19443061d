import pytest

from opsconductor.phases.p02_sense.cues import Said
from opsconductor.phases.p02_sense.mood import mood_of, signal_of


@pytest.mark.parametrize(
    ("text", "signal"),
    [
        ("never mind", "cancel"),
        ("Cancel that, please.", "cancel"),
        ("no, forget it", "cancel"),
        ("hold on", "pause"),
        ("not now", "pause"),
        ("yes", "confirm"),
        ("Yes, please!", "confirm"),
        ("go ahead", "confirm"),
        ("ok do it", "confirm"),
        ("no", "deny"),
        ("No thanks", "deny"),
        ("don't do it", "deny"),
        ("no, I meant app-02", "correct"),
        ("actually web-01", "correct"),
        ("sorry, app-02", "correct"),
        ("not app-01, app-02", "correct"),
        ("restart billing on app-01", "continue"),
        ("cancel the job on app-01", "continue"),
        ("stop billing on app-01", "continue"),
        ("go ahead and bounce the billing daemon on app-01", "continue"),
        ("yes we have many servers, how many?", "continue"),
        ("how many hosts", "continue"),
    ],
)
def test_only_a_whole_message_is_a_signal(text: str, signal: str) -> None:
    assert signal_of(text) == signal


@pytest.mark.parametrize(
    ("text", "tone", "urgency", "frustration"),
    [
        ("restart billing on app-01", "neutral", False, False),
        ("restart billing asap", "urgent", True, False),
        ("restart it!!", "urgent", True, False),
        ("this is ridiculous, it still doesn't work", "frustrated", False, True),
        ("WHY IS BILLING DOWN AGAIN", "frustrated", False, True),
        ("urgent: damn thing is down", "frustrated", True, True),
    ],
)
def test_tone_comes_from_the_words(text: str, tone: str, urgency: bool, frustration: bool) -> None:
    mood = mood_of(Said(text))
    assert (mood.tone, mood.urgency, mood.frustration) == (tone, urgency, frustration)


@pytest.mark.parametrize(
    "text", ["thanks", "Thank you!", "ok, thanks a lot", "great, thank you very much", "thanks, that's all"]
)
def test_thanks_and_nothing_else_are_thanks(text: str) -> None:
    assert signal_of(text) == "thanks"
    assert signal_of(f"{text} now restart billing") != "thanks"
