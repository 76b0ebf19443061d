"""Words that ask to take the last change back, whole messages only: "undo that", "revert the last change, please"."""

import re

_BEFORE = r"(?:(?:please|no|oh no|wait|ok|okay|hey|now|then|sorry|can you|could you|would you|i want you to)[,!.\s]+)*"
_VERB = r"(?:undo|revert|reverse|roll back|rollback|take back)"
_NOUN = r"(?:change|changes|execution|run|restart|deploy|deployment|rollout|action|order|step)"
_WHAT = (
    rf"(?:that|it|this|(?:the|my|your|that|this) (?:last|latest|previous)? ?{_NOUN}|the last one"
    r"|what (?:you|we|i) (?:just )?did|what you have done|what was (?:just )?done)"
)
_AFTER = r"(?:[,\s]+(?:again|please|now|for me))*[.!?\s]*"
_SPLIT = r"(?:roll|take) (?:that|it|this) back"
_ASKS = re.compile(rf"{_BEFORE}(?:{_VERB} {_WHAT}|{_SPLIT}|undo){_AFTER}", re.IGNORECASE)


def asks_to_undo(text: str) -> bool:
    """Whether the whole message orders an undo of what was done last and names nothing else."""
    return _ASKS.fullmatch(" ".join(text.split())) is not None
