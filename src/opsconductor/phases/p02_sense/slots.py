"""The words of an inventory question: types, roles, sites, owners and the like, in the inventory's own terms."""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

from opsconductor.domain.asset_naming import environment_of
from opsconductor.domain.assets import Vocabulary
from opsconductor.phases.p02_sense.cues import Said, folded
from opsconductor.phases.p02_sense.found import Found, found, mention
from opsconductor.phases.p02_sense.phrases import Phrase, Word, environments, phrases_of, words_of
from opsconductor.phases.p02_sense.word_lists import FUNCTION_WORDS, MACHINE_NOUNS, words_in

_GLUE = frozenset("-_./\\@:#")
_BETWEEN = re.compile(r"[\s\-_./,&:'()]{1,4}")
_PLACE = words_in("across at by from for in inside into of on onto to within")
_EACH = words_in("any each every which")
_ENVIRONMENT_NOUNS = words_in("env environment environments fleet tier zone") | MACHINE_NOUNS
_STATUS_CUES = words_in("status state are marked currently")
_STATUS_BEFORE = words_in("many number count list all the of show any which our")
_NETWORK_NOUNS = words_in("asset assets box boxes device devices equipment gear hardware kit")


class SlotIndex:
    """One revision of one tenant's vocabulary, ready to be found in messages. Building it costs once a revision."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.revision = vocabulary.revision
        self.known = any(vocabulary.values.values())  # an empty inventory tells no word from another
        self._spelling = {value.casefold(): value for value in vocabulary.values.get("environment", ())}
        self._platforms = frozenset(value.casefold() for value in vocabulary.values.get("platform", ()))
        self._by_first: Mapping[str, tuple[Phrase, ...]] = _by_first_word(
            [*phrases_of(vocabulary), *environments(vocabulary)]
        )
        self._first = frozenset(map(folded, self._by_first))

    def slots(self, said: Said) -> Iterator[Found]:
        """Claims to words of the text; where words name several values, one claim a value."""
        if not said.says(self._first):
            return
        text = said.text
        words = words_of(text)
        for place, word in enumerate(words):
            longest = 0
            for phrase in self._by_first.get(word.key, ()):
                length = len(phrase.words)
                if length < longest:
                    break  # a shorter phrase that begins alike means less than what was said
                if _said(text, words, place, phrase) and _fits(text, words, place, phrase):
                    longest = length
                    yield from self._claims(text, words, place, phrase)

    def _claims(self, text: str, words: list[Word], place: int, phrase: Phrase) -> Iterator[Found]:
        start, end = words[place].start, words[place + len(phrase.words) - 1].end
        for value in phrase.values:
            field, meant = phrase.field, value
            if field == "environment":
                meant = self._spelling.get(environment_of(value), environment_of(value))
            elif field == "platform" and value not in self._platforms:
                field = "os"  # no asset has it, and the word says so all the same
            yield found(mention(field, meant, text, start, end, confidence=phrase.confidence))


def _by_first_word(phrases: list[Phrase]) -> Mapping[str, tuple[Phrase, ...]]:
    grouped: dict[str, list[Phrase]] = {}
    for phrase in phrases:
        grouped.setdefault(phrase.words[0], []).append(phrase)
    return {first: tuple(sorted(group, key=lambda phrase: -len(phrase.words))) for first, group in grouped.items()}


def _said(text: str, words: list[Word], place: int, phrase: Phrase) -> bool:
    """Whether the words stand there one after the other, and are not part of a longer name."""
    length = len(phrase.words)
    if place + length > len(words):
        return False
    run = words[place : place + length]
    if any(word.key != wanted for word, wanted in zip(run, phrase.words, strict=True)):
        return False
    for one, other in pairwise(run):
        if not _BETWEEN.fullmatch(text, one.end, other.start):
            return False
    return not (_glued_before(text, run[0].start) or _glued_after(text, run[-1].end))


def _glued_before(text: str, start: int) -> bool:
    return start > 1 and text[start - 1] in _GLUE and text[start - 2].isalnum()


def _glued_after(text: str, end: int) -> bool:
    return end + 1 < len(text) and text[end] in _GLUE and text[end + 1].isalnum()


def _fits(text: str, words: list[Word], place: int, phrase: Phrase) -> bool:
    """Whether words that may mean something else stand where they mean this."""
    before = words[place - 1].key if place else ""
    last = place + len(phrase.words)
    after = words[last].key if last < len(words) else ""
    if phrase.exact_case:
        return text[words[place].start : words[last - 1].end] == phrase.exact_case
    match phrase.needs:
        case "noun":  # a role in the singular: `every router`, `web servers`
            counted = before in _EACH and (after in FUNCTION_WORDS or not after)
            return counted or after in MACHINE_NOUNS or before in {"role", "type"}
        case "place":  # `in Akron`
            return before in _PLACE or before in {"site", "location", "owner"}
        case "environment":  # `in test`, `dev servers`; not `test whether`
            verb = place == 0 or before in {"and", "please", "to", "you", "then", "we", "i"}
            return (
                (before in _PLACE and before != "to")
                or after in {"env", "environment"}
                or (after in _ENVIRONMENT_NOUNS and not verb)
            )
        case "status":  # `active devices`, `are active`; whether a service is active is another question
            counted = before in _STATUS_BEFORE or not before
            return before in _STATUS_CUES or (counted and after not in FUNCTION_WORDS and after != "")
        case "network":
            return after in _NETWORK_NOUNS
    return True
