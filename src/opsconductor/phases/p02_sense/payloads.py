"""Shell and SQL text in the place of a name. It is only text, and the name it is glued to is not that name."""

import re
from collections.abc import Iterable, Iterator

from opsconductor.domain.entities import Entity
from opsconductor.phases.p02_sense.found import Found, found
from opsconductor.phases.p02_sense.names import Lookup, entity_of, is_exact
from opsconductor.phases.p02_sense.tokens import Reading, Token, looks_like_host, token, tokens_of
from opsconductor.phases.p02_sense.word_lists import PAYLOAD_COMMANDS

FACT = "shell_or_sql_text_in_a_name"

_GLUED = re.compile(
    r"(?:;|\|\|?|&&?|[<>`$])(?=\S)"  # app-01;x  app-01|x  app-01$(x)
    r"|\*"
    r"|\s+(?:\|\|?|&&)\s*(?=\S)"  # app-01 && x
    r"|\s*[;|&]\s*(?=(?:" + "|".join(sorted(PAYLOAD_COMMANDS)) + r")\b)"  # app-01; rm x
    r"|['\"]?\s*\)?\s*(?:--\s*$|;\s*--)"
    r"|['\"]\s*\)?\s*(?:or|and|union|having)\s+\S*\s*(?:=|like|select|is)",  # app-01' OR 1=1
    re.I,
)
_METACHARACTER = re.compile(r"[;|&<>`$*'\"]|--")
_PAIRED = {"`": "`", "*": "*", ">": "<", "|": "|", "$": "$"}
_IN_PLACE_OF_NAME = re.compile(
    r"\b(?:on|at|for|of|host|hostname|server|machine|ping|reach|reboot|to|from)\s+"
    r"(\$[({].*|['\"]\s*\)?\s*(?:or|and|union)\b.*|['\"]?\s*(?:;|\||&&).*|['\"]\s*--.*)",
    re.I,
)


def payloads(reading: Reading, hosts: Iterable[Entity], lookup: Lookup) -> Iterator[Found]:
    """Claims of everything from a name with shell or SQL text glued to it to the end, as a machine nobody knows."""
    text = reading.text
    if not _METACHARACTER.search(text):
        return
    names = {(host.start, host.end) for host in hosts}
    for word in reading.tokens:
        if (word.start, word.end) not in names and not looks_like_host(word.text):
            continue
        glue = _GLUED.match(text, word.end)
        if glue and not _is_paired(text, word, glue.group()) and not _lists_another(text, glue.end(), lookup):
            yield _all_of_it(text, word.start)
            return
    match = _IN_PLACE_OF_NAME.search(text)
    if match:
        yield _all_of_it(text, match.start(1))


def _all_of_it(text: str, start: int) -> Found:
    said = text[start:].rstrip()
    return found(entity_of(token(said, start), "host", said, "none", ()))


def _is_paired(text: str, word: Token, glue: str) -> bool:
    """Quotes of a marked-up name: `**app-01**`, `<app-01>`."""
    return word.start > 0 and _PAIRED.get(glue[:1]) == text[word.start - 1]


def _lists_another(text: str, place: int, lookup: Lookup) -> bool:
    """`app-01;app-02` is a list."""
    following = next(iter(tokens_of(text[place : place + 300])), None)
    if following is None or text[place : place + following.start].strip():
        return False
    return is_exact(following, lookup) or looks_like_host(following.text)
