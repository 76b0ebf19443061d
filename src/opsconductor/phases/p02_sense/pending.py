"""The answer to a question that is still open: which choice a message picks, and the request it completes."""

import re
from collections.abc import Sequence

from opsconductor.domain.decision import Clarification
from opsconductor.phases.p02_sense.mood import signal_of
from opsconductor.phases.p02_sense.tokens import looks_like_host, may_be_host, tokens_of
from opsconductor.phases.p02_sense.word_lists import FUNCTION_WORDS, MACHINE_NOUNS

TARGET_REASONS = ("unknown_target", "ambiguous_target", "fuzzy_target")
LONGEST_ANSWER_WORDS = 4

_ORDINALS = {
    "first": 0, "1st": 0, "one": 0, "former": 0, "second": 1, "2nd": 1, "two": 1, "third": 2, "3rd": 2, "three": 2,
    "fourth": 3, "4th": 3, "four": 3, "fifth": 4, "5th": 4, "five": 4, "last": -1, "latter": -1,
}  # fmt: skip
_NUMBER = re.compile(r"(?:option|number|no\.?|choice|#)?\s*\(?(\d{1,2})\)?[.)]?(?:\s+please)?", re.I)
_ORDINAL = re.compile(
    rf"(?:the\s+|option\s+|number\s+|take\s+|use\s+)*({'|'.join(_ORDINALS)})(?:\s+(?:one|option|choice|host|server))?"
    r"(?:[\s,]+please)?[.!]*",
    re.I,
)
_FILLER = re.compile(
    r"(?:(?:no|yes|yeah|ok|okay|sorry|oh|ah|actually|well)[\s,]+)*(?:i\s+(?:mean|meant|want)\s+|use\s+|take\s+|on\s+|at\s+|"
    r"the\s+|it'?s\s+|make\s+it\s+|host\s+|server\s+|service\s+|in\s+)*",
    re.I,
)
_TAIL = re.compile(r"(?:[\s,]+(?:please|thanks|thank you|then|instead|of course))*[\s.!]*$", re.I)
_ALL = re.compile(r"(?:on\s+)?(?:all|both|every one|each)(?:\s+(?:of\s+)?(?:them|hosts|servers|these|those))?", re.I)
_REQUEST = re.compile(
    r"(?:what|which|who|whose|where|when|why|how|is|are|does|do|did|can|could|has|have|was|were|show|list|tell|describe|restart|"
    r"reboot|stop|start|ping|check|give|find|help|count|run)\b",
    re.I,
)
_PREPOSITION = re.compile(r"\b(?:on|at|from|to|for|of|in)\s+$", re.I)


def completed_request(text: str, pending: Clarification | None, request: str) -> tuple[str, str]:
    """The open request completed by `text`, and the answer it holds; two empty texts when it answers nothing."""
    if pending is None or not request:
        return "", ""
    answer = _all_of_them(text, pending) or chosen(text, pending.options) or _free_answer(text, pending)
    if not answer:
        return "", ""
    if pending.reason in TARGET_REASONS:
        return with_target(request, pending.subject, answer), answer
    if answer in pending.options and pending.reason == "low_confidence":
        return answer, answer  # such a choice is a whole request by itself
    called = f"{pending.subject} " if pending.subject and answer.isdecimal() else ""  # `3` alone is no version, no port
    return f"{request.rstrip(' .?!')} {called}{answer}", answer


def chosen(text: str, options: Sequence[str]) -> str:
    """The option that a message picks: by number, by place, word for word, or by the one name only it has."""
    if not options:
        return ""
    said = _TAIL.sub("", text.strip()).strip("\"' ")
    place = _place(said)
    if place is not None:
        return options[place] if -len(options) <= place < len(options) else ""
    if len(options) == 1 and signal_of(text) == "confirm":
        return options[0]
    core = said[_end_of_filler(said) :].strip("\"' ")
    for wording in (said, core):
        exact = [option for option in options if option.casefold() == wording.casefold()]
        if exact:
            return exact[0]
    begun = [option for option in options if core and _begins_with(option, core)]
    if len(begun) == 1 or _REQUEST.match(core) or text.rstrip().endswith("?"):
        return begun[0] if len(begun) == 1 else ""
    return _named(said, options) or _holding(core, options)


def with_target(request: str, subject: str, answer: str) -> str:
    """The request about `answer` instead of `subject`; without a subject the answer is added."""
    place = _find(request, subject)
    if place < 0:
        return f"{request.rstrip(' .?!')} on {answer}"
    end = place + len(subject)
    if subject.casefold() == "there":
        preposition = "" if _PREPOSITION.search(request[:place]) else "on "
        answer = preposition + answer
    elif subject.casefold() in {"its", "their"}:
        answer = answer + "'s"
    return request[:place] + answer + request[end:]


def _find(request: str, subject: str) -> int:
    if not subject:
        return -1
    match = re.search(rf"(?<!\w){re.escape(subject)}(?!\w)", request, re.I)
    return match.start() if match else request.casefold().find(subject.casefold())


def _place(said: str) -> int | None:
    number = _NUMBER.fullmatch(said)
    if number:
        return int(number[1]) - 1 if int(number[1]) else None
    ordinal = _ORDINAL.fullmatch(said)
    return _ORDINALS[ordinal[1].casefold()] if ordinal else None


def _end_of_filler(said: str) -> int:
    match = _FILLER.match(said)
    return match.end() if match else 0


def _begins_with(option: str, said: str) -> bool:
    return bool(re.match(rf"{re.escape(said)}(?![\w-])", option, re.I))


def _named(said: str, options: Sequence[str]) -> str:
    """The only option whose first word, a name, is in a short message."""
    words = {token.key for token in tokens_of(said)}
    if len(words) > LONGEST_ANSWER_WORDS:
        return ""
    names = [option for option in options if option.split(" ")[0].casefold() in words]
    return names[0] if len(names) == 1 else ""


def _holding(said: str, options: Sequence[str]) -> str:
    """The only option that has all the words of a short message: `HQ` for `app-01 at HQ (owner Contoso)`."""
    words = {token.key for token in tokens_of(said)} - FUNCTION_WORDS - MACHINE_NOUNS
    if not 1 <= len(words) <= LONGEST_ANSWER_WORDS:
        return ""
    holding = [option for option in options if words <= {token.key for token in tokens_of(option)}]
    return holding[0] if len(holding) == 1 else ""


def _all_of_them(text: str, pending: Clarification) -> str:
    """Every choice, when the message wants all of them and the question is on which of several to act."""
    if pending.reason == "ambiguous_target" and not pending.subject and _ALL.fullmatch(_TAIL.sub("", text.strip())):
        return f"{', '.join(pending.options[:-1])} and {pending.options[-1]}" if len(pending.options) > 1 else ""
    return ""


def _free_answer(text: str, pending: Clarification) -> str:
    """A name that was not among the choices, or the missing words: only when the message is nothing else."""
    if signal_of(text) not in {"continue", "correct"}:
        return ""
    said = _TAIL.sub("", text.strip())
    core = said[_end_of_filler(said) :].strip("\"' ")
    tokens = tokens_of(core)
    if pending.reason in TARGET_REASONS:
        single = len(tokens) == 1 and tokens[0].text == core
        return core if single and (looks_like_host(core) or may_be_host(core)) else ""
    if pending.reason == "missing_input" and 1 <= len(tokens) <= LONGEST_ANSWER_WORDS:
        ordinary = {token.key for token in tokens} <= FUNCTION_WORDS | MACHINE_NOUNS | {"help", "status"}
        return "" if ordinary or text.rstrip().endswith("?") else said
    return ""
