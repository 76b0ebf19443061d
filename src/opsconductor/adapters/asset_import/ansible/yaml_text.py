"""YAML as data with line numbers: no tags are obeyed, no key stands twice, encrypted values stay closed."""

from collections.abc import Iterator
from typing import Any, Final

import yaml

MAX_DEPTH = 60

_TEXT_TAGS = ("tag:yaml.org,2002:str", "!unsafe")
_NULL = "tag:yaml.org,2002:null"


class Closed:
    """A value that is encrypted with Ansible Vault."""


CLOSED: Final = Closed()


class LinedMap(dict[str, Any]):
    """A mapping that knows the line it starts at, and the line of each of its keys."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}


class YamlFault(Exception):
    """What is wrong, and at which line."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


def read_yaml(text: str) -> Any:
    """Mappings as LinedMap, sequences as lists, scalars as the text they are written with, null as None.

    Raises YamlFault.
    """
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlFault(f"this is no YAML: {error.problem or error.context}", mark.line + 1 if mark else 0) from error
    except (yaml.YAMLError, ValueError) as error:
        raise YamlFault(f"this is no YAML: {str(error).splitlines()[0]}", 0) from error
    except RecursionError as error:
        raise YamlFault("this YAML is nested too deeply", 0) from error
    return None if node is None else _Reader().value(node, 0)


class _Reader:
    def __init__(self) -> None:
        self._made: dict[int, Any] = {}  # by node, so that what an alias repeats is made once
        self._open: set[int] = set()

    def value(self, node: yaml.Node, depth: int) -> Any:
        if id(node) in self._made:
            return self._made[id(node)]
        if id(node) in self._open or depth > MAX_DEPTH:
            raise YamlFault("this YAML is nested too deeply or contains itself", _line(node))
        self._open.add(id(node))
        made = self._make(node, depth)
        self._open.discard(id(node))
        self._made[id(node)] = made
        return made

    def _make(self, node: yaml.Node, depth: int) -> Any:
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, depth)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, depth + 1) for item in node.value]
        if node.tag == "!vault" or str(node.value).startswith("$ANSIBLE_VAULT"):
            return CLOSED
        return None if node.tag == _NULL else str(node.value)

    def _mapping(self, node: yaml.MappingNode, depth: int) -> LinedMap:
        made = LinedMap(_line(node))
        for key_node, value_node in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                for merged in self._merged(value_node, depth):
                    for key, value in merged.items():
                        made.setdefault(key, value)
                continue
            key = self.value(key_node, depth + 1)
            if not isinstance(key, str):
                raise YamlFault("a key must be a text", _line(key_node))
            if key in made.lines:
                raise YamlFault(f"{key!r} stands twice", _line(key_node))
            made[key] = self.value(value_node, depth + 1)
            made.lines[key] = _line(key_node)
        return made

    def _merged(self, node: yaml.Node, depth: int) -> Iterator[LinedMap]:
        value = self.value(node, depth + 1)
        for part in value if isinstance(value, list) else [value]:
            if not isinstance(part, LinedMap):
                raise YamlFault("only mappings can be merged", _line(node))
            yield part


def _line(node: yaml.Node) -> int:
    line: int = node.start_mark.line
    return line + 1
