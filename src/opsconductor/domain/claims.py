"""What counts as a claim in a sentence: numbers, names of things, and words for states. Pure text, no guessing."""

import re
from collections.abc import Iterable
from functools import lru_cache

NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
NAME = re.compile(r"\b(?=[\w.-]*\d)(?=[\w.-]*[A-Za-z])[\w][\w.-]*\w\b")
STATES = frozenset(
    {
        "succeeded", "failed", "unknown", "running", "stopped", "restarted", "started", "up", "down", "reachable",
        "unreachable", "healthy", "unhealthy", "done", "completed", "finished", "deployed", "changed", "deleted",
        "created", "cancelled", "rejected", "approved", "expired", "denied", "refused", "online", "offline",
        "answering", "active", "inactive", "pending", "queued", "partial", "undone", "skipped",
    }
)  # fmt: skip
PROMISES = re.compile(
    r"\b(?:I'll|I will|we'll|we will|will be|going to|shortly|soon|in a moment|just a moment|about to)\b", re.IGNORECASE
)
NEGATIONS = re.compile(r"\b(?:not|no|never|n't|without)\b|n't\b", re.IGNORECASE)


def state_words(text: str) -> tuple[str, ...]:
    """State words of `text` as written, each once, in order."""
    words = re.findall(r"[A-Za-z]+", text)
    return tuple(dict.fromkeys(word for word in words if word.lower() in STATES))


def without(text: str, pieces: Iterable[str]) -> str:
    """`text` with every whole occurrence of the pieces taken out, longest first."""
    for piece in sorted({item for item in pieces if item.strip()}, key=len, reverse=True):
        if piece in text:
            text = _whole(piece).sub(" ", text)
    return text


@lru_cache(maxsize=512)
def _whole(piece: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.-]){re.escape(piece)}(?![\w-])")


def claims_left(text: str) -> tuple[str, ...]:
    """Numbers and names that stand in `text`."""
    names = NAME.findall(text)
    rest = NAME.sub(" ", text)
    return (*names, *NUMBER.findall(rest))


def promises(text: str) -> tuple[str, ...]:
    """Words that promise something instead of telling what was executed."""
    return tuple(match.group(0) for match in PROMISES.finditer(text))
