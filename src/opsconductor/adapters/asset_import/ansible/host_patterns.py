"""Host names as inventories write them: ranges like web[01:50], and a port behind a colon."""

import re
import string

MAX_EXPANDED = 100_000

_RANGE = re.compile(r"\[(?P<first>\d+|[A-Za-z])?:(?P<last>\d+|[A-Za-z])(?::(?P<step>\d+))?\]")
_WITH_PORT = re.compile(r"(?P<host>[^:]+|\[[0-9A-Fa-f:.]+\]):(?P<port>\d{1,5})")


def hosts_of(pattern: str) -> tuple[list[str], int | None]:
    """The names a pattern stands for, and its port. Raises ValueError with the reason when it is none."""
    port = None
    plain = _RANGE.sub(lambda match: match[0].replace(":", "\0"), pattern)
    if match := _WITH_PORT.fullmatch(plain):
        plain, port = match["host"], int(match["port"])
        if not 1 <= port <= 65_535:
            raise ValueError(f"{port} is no port")
    names = [plain.replace("\0", ":")]
    while match := _RANGE.search(names[0]):
        parts = _parts(match)
        if len(names) * len(parts) > MAX_EXPANDED:
            raise ValueError(f"{pattern!r} stands for more than {MAX_EXPANDED} hosts")
        # Every name has this range at its own place: what was put in before it may be of another length.
        names = [_RANGE.sub(part, name, count=1) for name in names for part in parts]
    if any("[" in name and not _is_bare_ipv6(name) for name in names[:1]):
        raise ValueError(f"{pattern!r} holds a range that cannot be read")
    return [name.strip("[]") if _is_bare_ipv6(name) else name for name in names], port


def _parts(match: re.Match[str]) -> list[str]:
    first, last, step = match["first"] or "0", match["last"], int(match["step"] or 1)
    if step < 1:
        raise ValueError(f"{match[0]} has no step")
    if first.isdigit() and last.isdigit():
        if len(first) > 1 and first[0] == "0" and len(first) != len(last):
            raise ValueError(f"both ends of {match[0]} must have the same number of digits")
        begin, end = int(first), int(last)
        if (end - begin) // step >= MAX_EXPANDED:
            raise ValueError(f"{match[0]} stands for more than {MAX_EXPANDED} hosts")
        width = len(first) if first[0] == "0" else 0
        parts = [str(number).zfill(width) for number in range(begin, end + 1, step)]
    elif first.isalpha() and last.isalpha():
        letters = string.ascii_letters
        parts = list(letters[letters.index(first) : letters.index(last) + 1 : step])
    else:
        raise ValueError(f"{match[0]} mixes letters and numbers")
    if not parts:
        raise ValueError(f"{match[0]} ends before it begins")
    return parts


def _is_bare_ipv6(name: str) -> bool:
    return bool(re.fullmatch(r"\[[0-9A-Fa-f:.]+\]", name))
