"""What an expression refers to: its free names, the paths it reads, and how much work it can cause.

The library tells names and functions, but neither paths nor which names a comprehension binds; a pass over the tokens
does. The expression has been parsed by the library before, so the pass need not judge the grammar.
"""

import re
from dataclasses import dataclass, field
from functools import cached_property

COLLECTING = frozenset({"map", "filter"})
MACROS = COLLECTING | frozenset({"all", "exists", "exists_one"})
CALLS = frozenset({"has", "size", "string", "int", "uint", "double", "duration", "timestamp"})
METHODS = MACROS | frozenset({"size", "contains", "startsWith", "endsWith", "matches"}) | frozenset(
    "get" + part
    for part in (
        *("FullYear", "Month", "Date", "DayOfMonth", "DayOfWeek", "DayOfYear"),
        *("Hours", "Minutes", "Seconds", "Milliseconds"),
    )
)  # fmt: skip
ELEMENT = "[]"
"""Stands in a path for any element of a list: `targets[].environment`."""

_TOKEN = re.compile(
    r"""
      (?P<space>\s+|//[^\n]*)
    | (?P<string>(?:[rR][bB]?|[bB][rR]?)?(?:\"\"\"(?:[^\\]|\\.)*?\"\"\"|'''(?:[^\\]|\\.)*?'''
                                          |"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'))
    | (?P<number>0[xX][0-9a-fA-F]+[uU]?|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?[uU]?|\.\d+(?:[eE][+-]?\d+)?)
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<mark>&&|\|\||[<>=!]=|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_KEY = re.compile(r"""^(?:"[\w-]+"|'[\w-]+')$""")  # an index that reads like a field: input["user-name"]
_LONG_PATTERN = 200
_WORDS = frozenset({"true", "false", "null", "in"})


@dataclass(frozen=True, kw_only=True)
class References:
    """What one expression refers to. Paths are dotted, begin with a free name, and keep the order of the text."""

    names: tuple[str, ...]  # free names
    paths: tuple[str, ...]  # what is read
    guarded: frozenset[str]  # paths that `has()` asks about
    bound: frozenset[str]  # names that comprehensions bind
    calls: tuple[tuple[str, bool], ...]  # functions called: (name, as a method)
    size: int  # tokens
    depth: int  # comprehensions inside each other
    collecting: int  # comprehensions that build a list; the library copies it, contents and all, at every element
    sums: int
    patterns: int  # characters of the patterns given to `matches`
    looped_patterns: int  # of these, characters of patterns inside a comprehension
    costly_pattern: bool  # one is long, counts repetitions or is not written out: nothing bounds what it takes

    @cached_property
    def required(self) -> tuple[tuple[str, ...], ...]:
        """Paths below names that must be there, in parts: what no `has()` asks about, and no elements of lists."""
        return tuple(
            tuple(path.split("."))
            for path in self.paths
            if "." in path
            and ELEMENT not in path
            and not any(path == one or path.startswith(one + ".") for one in self.guarded)
        )

    @cached_property
    def looked_at(self) -> tuple[tuple[str, ...], ...]:
        """Paths, in parts, that hold all that is read: of a list the whole, and nothing twice."""
        whole = dict.fromkeys(path.partition(ELEMENT)[0] for path in self.paths)
        return tuple(
            tuple(path.split(".")) for path in whole if not any(path.startswith(other + ".") for other in whole)
        )


@dataclass(kw_only=True)
class _Found:
    paths: dict[str, None] = field(default_factory=dict)
    guarded: set[str] = field(default_factory=set)
    bound: set[str] = field(default_factory=set)
    calls: dict[tuple[str, bool], None] = field(default_factory=dict)
    scopes: list[tuple[int, str, str]] = field(default_factory=list)  # depth, bound name, path of one element
    owners: dict[int, str] = field(default_factory=dict)  # token of a method's name → the path it is called on
    depth: int = 0
    collecting: int = 0
    patterns: int = 0
    looped_patterns: int = 0
    costly_pattern: bool = False


def read_references(expression: str) -> References:
    """The references of an expression that parses."""
    tokens = [(str(match.lastgroup), match[0]) for match in _TOKEN.finditer(expression) if match.lastgroup != "space"]
    found = _Found()
    depth = 0
    for index, (kind, text) in enumerate(tokens):
        if text in ("(", "[", "{") and kind == "mark":
            depth += 1
        elif text in (")", "]", "}") and kind == "mark":
            depth -= 1
            found.scopes = [scope for scope in found.scopes if scope[0] <= depth]
        elif kind == "name":
            _read_name(tokens, index, depth, found)
    roots = dict.fromkeys(path.partition(".")[0].removesuffix(ELEMENT) for path in found.paths)
    return References(
        names=tuple(roots),
        paths=tuple(found.paths),
        guarded=frozenset(found.guarded),
        bound=frozenset(found.bound),
        calls=tuple(found.calls),
        size=len(tokens),
        depth=found.depth,
        collecting=found.collecting,
        sums=sum(1 for kind, text in tokens if kind == "mark" and text == "+"),
        patterns=found.patterns,
        looped_patterns=found.looped_patterns,
        costly_pattern=found.costly_pattern,
    )


def _read_name(tokens: list[tuple[str, str]], index: int, depth: int, found: _Found) -> None:
    """One name of the text: a call, a method after something that is no path, or the root of a path."""
    word = tokens[index][1]
    if _text(tokens, index - 1) == ".":
        if _text(tokens, index + 1) == "(":
            _read_method(tokens, index, depth, found)
        return
    if word in _WORDS or _binds(tokens, index):
        return
    if _text(tokens, index + 1) == "(":
        found.calls[word, False] = None
        return
    path, end = _path(tokens, index)
    local = next((scope for scope in reversed(found.scopes) if scope[1] == path[0]), None)
    prefix = local[2] if local else path[0]
    whole = ".".join([prefix, *path[1:]]) if prefix else ""
    if whole:
        found.paths[whole] = None
        if _text(tokens, index - 1) == "(" and _text(tokens, index - 2) == "has":
            found.guarded.add(whole)
    if _text(tokens, end) == ".":
        found.owners[end + 1] = whole


def _path(tokens: list[tuple[str, str]], index: int) -> tuple[list[str], int]:
    """The parts of a path that begins at `index`, and where the text goes on; a method's name is no part of it."""
    parts = [tokens[index][1]]
    end = index + 1
    while True:
        if _text(tokens, end) == "." and _kind(tokens, end + 1) == "name" and _text(tokens, end + 2) != "(":
            parts.append(tokens[end + 1][1])
            end += 2
        elif _text(tokens, end) == "[" and _KEY.match(_text(tokens, end + 1)) and _text(tokens, end + 2) == "]":
            parts.append(tokens[end + 1][1][1:-1])
            end += 3
        else:
            return parts, end


def _read_method(tokens: list[tuple[str, str]], index: int, depth: int, found: _Found) -> None:
    """A method call; a macro binds its first argument until its bracket closes."""
    method = tokens[index][1]
    on = found.owners.get(index, "")
    found.calls[method, True] = None
    if method == "matches":
        _weigh_pattern(tokens, index, found)
    if method in MACROS and _binds(tokens, index + 2):
        name = tokens[index + 2][1]
        found.collecting += method in COLLECTING
        found.bound.add(name)
        found.scopes.append((depth + 1, name, on + ELEMENT if on else ""))
        found.depth = max(found.depth, len(found.scopes))


def _weigh_pattern(tokens: list[tuple[str, str]], index: int, found: _Found) -> None:
    """The library compiles a pattern each time it meets it."""
    pattern = _text(tokens, index + 2)
    written_out = _kind(tokens, index + 2) == "string" and _text(tokens, index + 3) == ")"
    found.costly_pattern |= not written_out or "{" in pattern or len(pattern) > _LONG_PATTERN
    found.patterns += len(pattern)
    found.looped_patterns += len(pattern) if found.scopes else 0


def _binds(tokens: list[tuple[str, str]], index: int) -> bool:
    """Whether the name at `index` is what a macro binds: the first of its arguments, followed by a comma."""
    return (
        _kind(tokens, index) == "name"
        and _text(tokens, index + 1) == ","
        and _text(tokens, index - 1) == "("
        and _text(tokens, index - 2) in MACROS
        and _text(tokens, index - 3) == "."
    )


def _text(tokens: list[tuple[str, str]], index: int) -> str:
    return tokens[index][1] if 0 <= index < len(tokens) else ""


def _kind(tokens: list[tuple[str, str]], index: int) -> str:
    return tokens[index][0] if 0 <= index < len(tokens) else ""
