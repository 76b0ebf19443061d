"""Mentions that are known by their form: addresses, paths, ports, versions, tickets, users, tags, commands, numbers."""

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator

from opsconductor.domain.entities import Entity
from opsconductor.phases.p02_sense.found import mention
from opsconductor.phases.p02_sense.tokens import LONGEST_NAME, looks_like_host
from opsconductor.phases.p02_sense.word_lists import COMMAND_WORDS, FUNCTION_WORDS, MACHINE_NOUNS, OPERATIONS_WORDS

# Every pattern starts where a word starts, so that a long run of one character is read once and not from each place.
_URL = re.compile(r"(?<![\w@])(?:https?|ftps?|wss?|ssh)://[^\s<>\"'`]+", re.I)
_PATH = re.compile(r"(?<![\w/.~:\\-])(?:~?/[\w.@%+~-]+(?:/[\w.@%+~-]*)*|[A-Za-z]:\\[^\s\"'<>|?*;,]+)")
_CHUNK = re.compile(r"[^\s,;!?\"'()\[\]{}<>|&$`=]+")
_VERSIONED = re.compile(
    r"\b(?:version|release)\s+v?(\d+(?:\.\d+)*(?:[-+][0-9A-Za-z]+(?:\.[0-9A-Za-z]+)*)?)(?![\w])", re.I
)
_VERSION = re.compile(r"(?<![\w.-])[vV]?(\d+(?:\.\d+){2,3}(?:[-+][0-9A-Za-z]+(?:\.[0-9A-Za-z]+)*)?)(?![\w]|\.\d|/\d)")
_SHORT_VERSION = re.compile(r"(?<![\w.-])[vV](\d+(?:\.\d+)?)(?![\w.])")
# Beside a word of deploying, two numbers with a dot are a version and no quantity, unless a unit follows.
_DEPLOYING = re.compile(
    r"\b(?:deploy|roll(?:ed|ing|s)?\s+(?:\w+\s+)?(?:out|back)\b|roll(?:out|back)|upgrad|downgrad|install|ship|promot|releas"
    r"|version|updat|put\b|push\b|bring\b|bump\b|switch\b|move\b|out\s+(?:to|on|in)\b|go(?:es)?\s+(?:back\s+)?to\b)",
    re.I,
)
_DEPLOYED = re.compile(
    r"(?<![\w.,:/#-])(\d+\.\d+(?:[-+][0-9A-Za-z]+(?:\.[0-9A-Za-z]+)*)?)"
    r"(?![\w/:%]|[.,]\d|\s?(?:%|[kmgt]i?b\b|ghz\b|percent\b|s\b|seconds?\b|minutes?\b|hours?\b|days?\b|times\b))",
    re.I,
)
_BESIDE = re.compile(
    r"(?:\s+(?:service|daemon|process))?(?:\s+(?:back\s+)?to)?\s+(\d{1,9})"
    r"(?=\s*[.!?,;]*\s*$|,\s|\s+(?:to|on|at|in|into|onto|for|over|across|everywhere|now|please|today|tonight|again)\b)",
    re.I,
)
_PORT = re.compile(r"\bports?\s*[:#=]?\s*(\d{1,5})(?![\w.])", re.I)
_PORT_PROTOCOL = re.compile(r"(?<![\w./])(?:(?:tcp|udp)/(\d{1,5})|(\d{1,5})/(?:tcp|udp))(?!\w)", re.I)
_PORT_AFTER_NAME = re.compile(r"(?<=[\w\]]):(\d{1,5})(?![\w.:])")
LONGEST_ADDRESS = 52
_TICKET_NUMBER = re.compile(r"(?<![\w-])((?:INC|CHG|REQ|RITM|SCTASK|TASK|PRB|CASE|CS)\d{4,10})(?![\w-])", re.I)
_TICKET = re.compile(r"(?<![\w-])([A-Z][A-Z0-9]{1,9}-\d{1,7})(?![\w-])")
_TICKET_HASH = re.compile(r"\b(?:ticket|issue|incident|case|change|request)\s+(?:number\s+)?(#?\d{2,9})(?!\w)", re.I)
_TICKET_CUE = re.compile(r"\b(?:ticket|issue|incident|case|change|problem|task|story|bug)\s+(?:number\s+)?$", re.I)
_TICKET_PREFIX = re.compile(r"(?:INC|CHG|REQ|RITM|SCTASK|TASK|PRB|CASE|CS|JIRA|SUP|HELP|ITSM|SD|OPS|CR|BUG)-")
_MACHINE_PREFIX = re.compile(
    r"(?:WS|PC|SRV|DC|SW|RTR|FW|AP|DB|APP|WEB|VM|ESX|ESXI|NAS|SAN|HOST|NODE|LAB|LT|NB|MAC|PRN)-"
)
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_USER = re.compile(
    r"\b(?:(?:user|username|login)\s+(?:account\s+)?(?:named\s+|called\s+|for\s+|of\s+)?"
    r"|account\s+(?:for|of|named|called)\s+|password\s+(?:of|for)\s+|grant\s+)([A-Za-z][\w.-]*)",
    re.I,
)
_AT_USER = re.compile(r"(?<![\w.@])@([A-Za-z][\w.-]*)")
_TAG = re.compile(
    r"\b(?:tagged|labell?ed)\s+(?:as\s+|with\s+)?(?:the\s+(?:tag|label)\s+)?[\"']?([\w.-]+)"
    r"|\b(?:tag|label)\s*(?:[:=]\s*|\s+)[\"']?([\w.-]+)",
    re.I,
)
_BACK_QUOTED = re.compile(r"`([^`]{1,1000})`")
_COMMAND = re.compile(r"\b(?:run|execute|issue)\s+((?:sudo\s+)?([a-z0-9]+)(?:\s[^`?!]*)?)", re.I)
_COMMAND_END = re.compile(r"\s+(?:on|at|in)\s+(?:the\s+)?[\w.-]+|\s+(?:please|now|for me)\b|$")
_SYSTEM = re.compile(
    r"(?<![\w./@-])(?:windows\s+server\s+(?:20\d\d)(?:\s?r2)?|windows\s+(?:7|8(?:\.1)?|10|11|xp|vista)|(?:ubuntu|debian|"
    r"centos|rhel|red\s?hat|fedora|alma\s?linux|rocky\s?linux|alpine|opensuse|suse|mac\s?os|freebsd|openbsd|solaris|aix|"
    r"esxi|junos|nx-?os)(?:\s+linux)?(?:\s+\d{1,2}(?:\.\d{1,2}){0,2})?)(?![\w/@-])",
    re.I,
)
_NUMBER = re.compile(r"(?<![\w.,:/#-])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![\w:/-]|[.,]\d)")


def by_form(text: str) -> Iterator[Entity]:
    """Every mention in a normalised message that its form alone tells; they may overlap."""
    lower = text.lower()
    for needles, finders in _FINDERS:
        if _holds_one(lower, needles):
            for finder in finders:
                yield from finder(text)


def _holds_one(text: str, needles: tuple[str, ...]) -> bool:
    for needle in needles:  # noqa: SIM110 - `any` over a generator takes three times as long, a dozen times a message
        if needle in text:
            return True
    return False


def addresses_in(text: str) -> list[str]:
    """Every address in the message, in its one spelling."""
    return [entity.value for entity in _addresses(text)] if "." in text or ":" in text else []


def _urls(text: str) -> Iterator[Entity]:
    for match in _URL.finditer(text):
        said = match.group().rstrip(".,;:!?)]}")
        yield mention("url", said, text, match.start(), match.start() + len(said))


def _paths(text: str) -> Iterator[Entity]:
    for match in _PATH.finditer(text):
        said = match.group().rstrip(".,:~%+")
        if said.strip("/~"):
            yield mention("file_path", said, text, match.start(), match.start() + len(said))


def _addresses(text: str) -> Iterator[Entity]:
    for chunk in _CHUNK.finditer(text):
        said = chunk.group().strip(".,;")
        if len(said) > LONGEST_ADDRESS or ("." not in said and ":" not in said):
            continue
        if "." in said and said.count(":") == 1:
            said = said.partition(":")[0]
        address = address_of(said)
        before = text[: chunk.start()].casefold().rstrip()
        if address and not before.endswith(("version", "release")):
            start = chunk.start() + chunk.group().index(said)
            yield mention("ip", address, text, start, start + len(said))


def address_of(text: str) -> str:
    """The canonical spelling of an IPv4 or IPv6 address, empty when it is none."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ""


def _versions(text: str) -> Iterator[Entity]:
    for pattern in (_VERSIONED, _VERSION, _SHORT_VERSION):
        for match in pattern.finditer(text):
            yield mention("version", match[1], text, match.start(1), match.end(1))


def _deployed(text: str) -> Iterator[Entity]:
    if _DEPLOYING.search(text):
        for match in _DEPLOYED.finditer(text):
            yield mention("version", match[1], text, match.start(1), match.end(1))


def versions_beside(text: str, services: Iterable[Entity]) -> Iterator[Entity]:
    """In `deploy storefront 3 to production` the number is a version: it stands right behind one of the `services`."""
    if _DEPLOYING.search(text):
        for service in services:
            match = _BESIDE.match(text, service.end)
            if match:
                yield mention("version", match[1], text, match.start(1), match.end(1))


def _ports(text: str) -> Iterator[Entity]:
    for pattern in (_PORT, _PORT_PROTOCOL, _PORT_AFTER_NAME):
        for match in pattern.finditer(text):
            group = 1 if match[1] else 2
            if 1 <= int(match[group]) <= 65_535:
                yield mention("port", str(int(match[group])), text, match.start(group), match.end(group))


def _tickets(text: str) -> Iterator[Entity]:
    for pattern in (_TICKET_NUMBER, _TICKET_HASH):
        for match in pattern.finditer(text):
            yield mention("ticket", match[1].upper(), text, match.start(1), match.end(1))
    for match in _TICKET.finditer(text):
        if reads_as_ticket(text, match[1], match.start()):
            yield mention("ticket", match[1], text, match.start(1), match.end(1))


def reads_as_ticket(text: str, name: str, start: int) -> bool:
    """Whether `ABC-123` at `start` is more likely a ticket than a machine: by the word before, then by its own letters.

    Tickets are not written with leading zeros; machines are.
    """
    if not _TICKET.fullmatch(name):
        return False
    before = text[max(0, start - 30) : start]
    if _TICKET_CUE.search(before) or _TICKET_PREFIX.match(name):
        return True
    expects_machine = re.search(r"\b(?:on|at|host|server|machine|ping|reboot|restart|reach)\s+$", before, re.I)
    digits = name.rpartition("-")[2]
    return not (expects_machine or digits.startswith("0") or _MACHINE_PREFIX.match(name))


def _users(text: str) -> Iterator[Entity]:
    for match in _USER.finditer(text):
        name = match[1].rstrip(".-")
        if name.casefold() not in _NO_USERS and not looks_like_host(name):
            yield mention("user", name, text, match.start(1), match.start(1) + len(name))
    for match in _AT_USER.finditer(text):
        name = match[1].rstrip(".-")
        yield mention("user", name, text, match.start(), match.start(1) + len(name))
    for chunk in _CHUNK.finditer(text):
        if "@" in chunk.group() and len(chunk.group()) <= LONGEST_NAME and (email := _EMAIL.match(chunk.group())):
            start = chunk.start() + email.start()
            yield mention("user", email.group(), text, start, start + len(email.group()))


def _tags(text: str) -> Iterator[Entity]:
    for match in _TAG.finditer(text):
        group = 1 if match[1] else 2
        name = match[group].rstrip(".-")
        if name and name.casefold() not in FUNCTION_WORDS:
            yield mention("tag", name, text, match.start(group), match.start(group) + len(name))


def _commands(text: str) -> Iterator[Entity]:
    for match in _BACK_QUOTED.finditer(text):
        if match[1].strip() and not looks_like_host(match[1].strip()):
            yield mention("command", match[1].strip(), text, match.start(), match.end())
    for match in _COMMAND.finditer(text):
        if match[2].casefold() not in COMMAND_WORDS:
            continue
        end = _COMMAND_END.search(match[1])
        said = match[1][: end.start() if end else None].rstrip(" .,;")
        yield mention("command", said, text, match.start(1), match.start(1) + len(said))


def _systems(text: str) -> Iterator[Entity]:
    for match in _SYSTEM.finditer(text):
        yield mention("os", match.group(), text, match.start(), match.end())


def _numbers(text: str) -> Iterator[Entity]:
    for match in _NUMBER.finditer(text):
        yield mention("number", match.group().replace(",", ""), text, match.start(), match.end())


_NO_USERS = (
    FUNCTION_WORDS | MACHINE_NOUNS | OPERATIONS_WORDS | {"account", "accounts", "access", "name", "names", "rights"}
)
_DIGITS = tuple("0123456789")
# Finders are asked only when the message holds one of the texts without which they find nothing.
_FINDERS: tuple[tuple[tuple[str, ...], tuple[Callable[[str], Iterator[Entity]], ...]], ...] = (
    (("://",), (_urls,)),
    (("/", "\\"), (_paths,)),
    ((".", ":"), (_addresses,)),
    (("user", "login", "account", "password", "grant", "@"), (_users,)),
    (("tag", "label"), (_tags,)),
    (("`", "run", "execute", "issue"), (_commands,)),
    (
        (
            *("windows", "ubuntu", "debian", "centos", "rhel", "red", "linux", "alpine", "suse", "mac", "bsd", "sol"),
            *("aix", "fedora", "esxi", "junos", "nx"),
        ),
        (_systems,),
    ),
    (_DIGITS, (_versions, _ports, _tickets, _numbers)),
    (tuple(f"{digit}." for digit in _DIGITS), (_deployed,)),
)
