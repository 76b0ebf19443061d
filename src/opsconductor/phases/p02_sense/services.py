"""Services that a message names where a service must stand, known to the inventory or not."""

import difflib
from collections.abc import Iterator

from opsconductor.domain.assets import AssetMatch
from opsconductor.phases.p02_sense.cues import Cued, Said, all_cues
from opsconductor.phases.p02_sense.found import Found, found
from opsconductor.phases.p02_sense.names import Lookup, entity_of, is_exact, near
from opsconductor.phases.p02_sense.tokens import Token, is_plain_word, looks_like_host, token
from opsconductor.phases.p02_sense.word_lists import KNOWN_SOFTWARE, MACHINE_NOUNS, words_in

_NAME = r"(?:the\s+)?[\"']?([A-Za-z][\w.+-]*)"
_ON = r"(?:\s+(?:service|daemon|process))?(?:\s+(?:over|again|now))?\s+(?:on|at)\s"
# What stands here is a service, whether anybody has heard of it or not.
_CERTAIN = (
    Cued(
        rf"\b(?:restart|restarting|bounce|relaunch)\s+{_NAME}{_ON}",
        "restart restarting bounce relaunch",
    ),
    Cued(
        rf"\bsystemctl\s+(?:start|stop|restart|reload|status|enable|disable)\s+{_NAME}",
        "systemctl",
    ),
    Cued(rf"(?<![\w.+-]){_NAME}\s+(?:service|daemon)\b", "service daemon"),
)
# What stands here is a service if it is nearly one of ours, or one that everybody knows.
_LIKELY = (
    Cued(
        rf"\b(?:stop|start|cycle|reload|kick|kill|status\s+of|health\s+of|state\s+of)\s+{_NAME}{_ON}",
        "stop start cycle reload kick kill status health state",
    ),
    Cued(
        rf"\b(?:restart|bounce|relaunch|reload|install|uninstall|upgrade|configure|diagnose)\s+{_NAME}",
        "restart bounce relaunch reload install uninstall upgrade configure diagnose",
    ),
    Cued(
        rf"\b(?:is|are|has|was|did|if|whether|verify|that)\s+{_NAME}\s+(?:is\s+|process\s+)?(?:still\s+|now\s+)?"
        r"(?:running|up|down|active|alive|started|stopped|healthy|ok|okay|working|dead|slow|broken|failing|crashing)\b",
        "running up down active alive started stopped healthy ok okay working dead slow broken failing crashing",
    ),
    Cued(
        r"\b(?:(?:re)?deploy(?:ing|ment\s+of)?|roll(?:ing)?(?:\s+(?:out|back))?|roll(?:out|back)(?:\s+of)?|releas(?:e|ing)|"
        r"ship|push|promote|update|downgrade|revert|undo|put|bring|switch|bump)\s+"
        rf"(?:(?:the\s+)?(?:version|release)\s+)?(?:v?\d[\w.+-]*\s+(?:of\s+)?)?{_NAME}",
        "deploy redeploy deploying redeploying deployment redeployment roll rolling rollout rollback release releasing "
        "ship push promote update downgrade revert undo put bring switch bump",
    ),
    Cued(
        rf"\b(?:versions?|releases?|builds?)\s+(?:v?\d[\w.+-]*\s+)?of\s+{_NAME}",
        "version versions release releases build builds",
    ),
    Cued(rf"(?<![\w.+-]){_NAME}\s+(?:versions?|releases?|builds?)\b", "version versions release releases build builds"),
    Cued(rf"(?<![\w.+-]){_NAME}\s+process\b", "process"),
    Cued(rf"(?<![\w.+-]){_NAME}\s+on\s", "on"),
)
_CUES = all_cues(*_CERTAIN, *_LIKELY)
_NO_NAMES = MACHINE_NOUNS | words_in(
    """
    alert alerts asset automation background backup billing-period cloud customer default directory every file help
    important job jobs main monitoring network new old other same script slow task tasks telephone that this user users
    windows linux
    """
)


def unknown_services(said: Said, lookup: Lookup) -> Iterator[Found]:
    """Services that are not exactly in the inventory: near ones fuzzy, others none."""
    if not _CUES.stand_in(said):
        return
    for certain, patterns in ((True, _CERTAIN), (False, _LIKELY)):
        for pattern in patterns:
            for match in pattern.finditer(said):
                name = match[1].rstrip(".+-")
                claim = _service(token(name, match.start(1)), lookup, certain)
                if claim:
                    yield claim


def _service(word: Token, lookup: Lookup, certain: bool) -> Found | None:
    if is_plain_word(word.text) or word.key in _NO_NAMES or looks_like_host(word.text) or is_exact(word, lookup):
        return None
    matches = near(word, "service", lookup)
    if matches:
        return found(entity_of(word, "service", _nearest(word, matches), "fuzzy", matches), guess=True)
    if certain or word.key in KNOWN_SOFTWARE:
        return found(entity_of(word, "service", word.text, "none", ()), guess=True)
    return None


def _nearest(word: Token, matches: tuple[AssetMatch, ...]) -> str:
    """The service name that was probably meant; it is only ever asked about."""
    names = [name for match in matches for name in match.services]
    likeness = difflib.SequenceMatcher(b=word.key)

    def score(name: str) -> float:
        likeness.set_seq1(name.casefold())
        return likeness.ratio()

    return max(names, key=score, default=word.text)
