"""YAML as an author means it: every node knows its line, nothing is guessed, and nothing can be made to explode.

Scalars follow the YAML 1.2 core schema, strictly: `true`, `false`, `null`, decimal numbers; `yes`, `on`, dates, `0x1F`
and `1_000` stay text. Refused: keys given twice, keys that are no text, aliases, tags, several documents in a file.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yaml.events import Event

MAX_DEPTH = 30
MAX_NODES = 50_000
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+")
_WORDS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}


class YamlError(Exception):
    """A file that is not the YAML a pack is written in; `line` counts from 1."""

    def __init__(self, line: int, fault: str, remedy: str) -> None:
        super().__init__(fault)
        self.line, self.fault, self.remedy = line, fault, remedy


@dataclass(frozen=True, kw_only=True)
class Node:
    """A value of the file and where it stands. Exactly one of `fields` and `items` is set, or neither for a scalar."""

    line: int
    text: str = ""  # a scalar as written
    quoted: bool = False
    fields: Mapping[str, "Node"] | None = None
    items: tuple["Node", ...] | None = None
    key_lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_scalar(self) -> bool:
        """Neither mapping nor list."""
        return self.fields is None and self.items is None

    @property
    def scalar(self) -> str | int | float | bool | None:
        """What a scalar stands for."""
        if self.quoted:
            return self.text
        if self.text in _WORDS:
            return _WORDS[self.text]
        if _WHOLE.fullmatch(self.text):
            return int(self.text) if len(self.text) < 20 else self.text
        return float(self.text) if _DECIMAL.fullmatch(self.text) else self.text


def read_yaml(content: bytes) -> Node:
    """The one document in `content`. Raises YamlError with the line."""
    import yaml

    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise YamlError(line, "The file is not UTF-8 text.", "Save the file as UTF-8.") from error
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser where the wheel has it: 10 times faster
    try:
        return _document(yaml.parse(text, Loader=loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        fault = f"This is not YAML: {error.problem}."
        raise YamlError(mark.line + 1 if mark else 1, fault, "Look at indentation, colons and quotes.") from error
    except yaml.YAMLError as error:
        place = getattr(error, "position", 0)
        line = text[: place if isinstance(place, int) else 0].count("\n") + 1
        raise YamlError(line, "The file holds characters that YAML does not allow.", "Remove them.") from error


@dataclass(kw_only=True)
class _Open:
    """A mapping or list whose end has not been read."""

    line: int
    fields: dict[str, Node] | None
    items: list[Node]
    key_lines: dict[str, int]
    key: str | None = None
    key_line: int = 0

    def closed(self) -> Node:
        if self.fields is None:
            return Node(line=self.line, items=tuple(self.items))
        return Node(line=self.line, fields=self.fields, key_lines=self.key_lines)


def _document(events: Iterator["Event"]) -> Node:
    """Builds the tree with a stack, so that depth is limited before anything recurses over it."""
    from yaml import events as kinds

    stack: list[_Open] = []
    root: Node | None = None
    count = 0
    for event in events:
        line = event.start_mark.line + 1 if event.start_mark else 1
        _refuse_odd(event, line)
        if isinstance(event, kinds.DocumentStartEvent) and root is not None:
            raise YamlError(line, "There is a second document in the file.", "Put it into a file of its own.")
        if isinstance(event, kinds.MappingStartEvent | kinds.SequenceStartEvent):
            if len(stack) == MAX_DEPTH:
                raise YamlError(line, f"It is nested more than {MAX_DEPTH} levels deep.", "Write it flatter.")
            mapping = isinstance(event, kinds.MappingStartEvent)
            stack.append(_Open(line=line, fields={} if mapping else None, items=[], key_lines={}))
            continue
        if isinstance(event, kinds.ScalarEvent):
            node = Node(line=line, text=event.value, quoted=not event.implicit[0])
        elif isinstance(event, kinds.MappingEndEvent | kinds.SequenceEndEvent):
            node = stack.pop().closed()
        else:
            continue
        count += 1
        if count > MAX_NODES:
            raise YamlError(line, f"There are more than {MAX_NODES} values in the file.", "Split the file.")
        if stack:
            _place(stack[-1], node)
        else:
            root = node
    if root is None or (root.is_scalar and not root.quoted and root.scalar is None):
        raise YamlError(1, "The file is empty.", "Write its content, or remove the file.")
    return root


def _place(parent: _Open, node: Node) -> None:
    """A key, the value of the key before, or the next item of a list."""
    if parent.fields is None:
        parent.items.append(node)
        return
    if parent.key is not None:
        parent.fields[parent.key] = node
        parent.key_lines[parent.key] = parent.key_line
        parent.key = None
        return
    if not node.is_scalar or node.text == "":
        raise YamlError(node.line, "A key is no plain text.", "Write keys as plain words.")
    if node.text in parent.fields:
        first = parent.key_lines[node.text]
        raise YamlError(
            node.line, f"The key {node.text!r} is given twice; first in line {first}.", "Remove one of the two."
        )
    parent.key, parent.key_line = node.text, node.line


def _refuse_odd(event: "Event", line: int) -> None:
    from yaml.events import AliasEvent, NodeEvent

    if isinstance(event, AliasEvent):
        raise YamlError(line, f"The alias *{event.anchor} is not supported.", "Write the value out.")
    if isinstance(event, NodeEvent) and event.anchor is not None:
        raise YamlError(line, f"The anchor &{event.anchor} is not supported.", "Remove it; write values out.")
    if any(character < " " and character not in "\n\t" for character in getattr(event, "value", "")):
        raise YamlError(line, "A text holds a control character.", "Remove it.")
    tag = getattr(event, "tag", None)
    if tag not in (None, "!"):
        raise YamlError(line, f"The tag {tag} is not supported.", "Remove it, or put the text in quotes.")
