"""How a message is said: tone, urgency, and signals such as yes, no, cancel or `I meant`."""

import re
from dataclasses import dataclass

from opsconductor.phases.p02_sense.cues import Cued, Said

_URGENT = Cued(
    r"\b(?:asap|a\.s\.a\.p|urgent(?:ly)?|immediately|right (?:now|away)|at once|emergency|critical outage|sev[- ]?1|p1"
    r"|hurry|quickly|as soon as possible|straight away)\b|!{2,}",
    "asap p urgent urgently immediately right once emergency critical sev sev1 p1 hurry quickly soon straight",
    parts=("!!",),
)
_FRUSTRATED = Cued(
    r"\b(?:again and again|ridiculous|useless|annoying|annoyed|frustrat\w+|fed up|sick of|damn|dammit|wtf|unacceptable"
    r"|for the (?:third|fourth|fifth|last|hundredth) time|(?:second|third|fourth) time (?:today|already|now)|terrible"
    r"|still (?:not|doesn'?t|isn'?t|broken)|keeps? (?:failing|crashing|breaking)|not again|nothing works|why won'?t"
    r"|hate)\b|\?{3,}|!{3,}",
    """
    again ridiculous useless annoying annoyed fed sick damn dammit wtf unacceptable time terrible still keep keeps
    nothing why hate
    """,
    parts=("frustrat", "???", "!!!"),
)
_END = r"(?:\s*,?\s*(?:please|thanks|thank you|then|now))?[\s.!,]*"
_CANCEL = re.compile(
    r"(?:ok(?:ay)?,?\s+|no,?\s+|please\s+)?"
    r"(?:never\s?mind|forget (?:it|that|about it)|abort(?: (?:it|that|this))?|scrap that|drop it|stop it|leave it"
    r"|cancel(?: (?:it|that|this|the request|my request|everything))?)" + _END,
    re.I,
)
_PAUSE = re.compile(
    r"(?:pause(?: (?:it|that|this|here))?|hold on|hang on|wait(?: a (?:minute|moment|second|sec))?|one moment"
    r"|not (?:now|yet)|later|let'?s (?:pause|wait|continue later))" + _END,
    re.I,
)
_CONFIRM = re.compile(
    r"(?:y|yes|yep|yeah|yup|sure|ok|okay|correct|right|exactly|absolutely|definitely|confirmed?|agreed|approved?|proceed"
    r"|go ahead|go for it|do it|do that|please do|that'?s (?:right|correct|it)|sounds good|fine)"
    r"(?:,?\s+(?:go ahead|do it|do that|please do|please|proceed|that'?s (?:right|it|correct)|sure|i'?(?: a)?m sure))*"
    + _END,
    re.I,
)
_DENY = re.compile(
    r"(?:n|no|nope|nah|no way|negative|don'?t|do not|neither|none|not that(?: one)?|none of (?:them|those|these)"
    r"|please don'?t|reject(?:ed)?)(?:,?\s+(?:don'?t|do not|do it|do that|thanks|thank you|that'?s wrong|wrong))*"
    + _END,
    re.I,
)
_THANKS = re.compile(
    r"(?:(?:ok(?:ay)?|great|perfect|good|cool|nice|super|got it|no|yes|fine|ah|oh)[\s,.!-]+)*"
    r"(?:(?:many |a million )?thanks?(?: you)?|thank you|thx|ty|cheers|much appreciated)"
    r"(?:[\s,]+(?:a lot|a million|very much|so much|again|for (?:your|the) help|for that|everyone|all|mate|buddy))*"
    r"(?:[\s,.!-]+(?:that(?:'s| is| was| will be) (?:all|it|great|helpful)(?: for now)?|bye|goodbye))?[\s.!)(:;-]*",
    re.I,
)
_CORRECT = re.compile(
    r"(?:(?:no|nope|sorry|oops|wait|ah|oh|actually)[\s,.!-]+)+"
    r"(?:(?:i )?(?:meant?|wanted)\b|not\b|it'?s\b|make (?:it|that)\b|on\b|[\w.-]+(?:\s+instead)?[\s.!]*$)"
    r"|i (?:meant|mean|wanted)\b|correction\b|not \S+,? (?:but )?\S+[\s.!]*$|actually[\s,]+\S+",
    re.I,
)


_SMALL = re.compile(r"[A-Za-z][a-z]|[a-z][A-Z]")  # a word that is not all in capitals
_SIGNALS = (("cancel", _CANCEL), ("pause", _PAUSE), ("confirm", _CONFIRM), ("deny", _DENY), ("thanks", _THANKS))


@dataclass(frozen=True, kw_only=True)
class Mood:
    """How a message is said."""

    tone: str  # neutral | urgent | frustrated
    urgency: bool
    frustration: bool
    signal: str  # continue | pause | cancel | correct | confirm | deny | thanks


def mood_of(said: Said) -> Mood:
    """The mood of a normalised message. A signal is only what the whole message says: an order is never a yes."""
    urgency = bool(_URGENT.search(said))
    frustration = bool(_FRUSTRATED.search(said)) or _shouts(said.text)
    tone = "frustrated" if frustration else "urgent" if urgency else "neutral"
    return Mood(tone=tone, urgency=urgency, frustration=frustration, signal=signal_of(said.text))


def signal_of(text: str) -> str:
    """continue | pause | cancel | correct | confirm | deny | thanks."""
    for signal, pattern in _SIGNALS if len(text) <= 80 else ():
        if pattern.fullmatch(text):
            return signal
    return "correct" if _CORRECT.match(text) else "continue"


def _shouts(text: str) -> bool:
    """Four words or more, all in capitals."""
    head = text[:500]
    return not _SMALL.search(head) and len(re.findall(r"[A-Za-z]{2,}", head)) >= 4
