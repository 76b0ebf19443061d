"""Reads one mapping of a file field by field: what is asked for is known, what is left over is a fault."""

import re
from collections.abc import Collection, Mapping

from opsconductor.adapters.catalogue.files.faults import Faults, did_you_mean
from opsconductor.adapters.catalogue.files.yaml_nodes import Node
from opsconductor.domain.json_value import Json

LONGEST_TEXT = 4_000
NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
WORD = re.compile(r"[a-z][a-z0-9_]*")
_LARGEST = 2**53 - 1  # what canonical JSON holds exactly
_SECONDS = re.compile(r"(?:0|[1-9][0-9]{0,5})(?:\.[0-9]{1,3})?")
_FRACTION = re.compile(r"0(?:\.[0-9]{1,3})?|1(?:\.0{1,3})?")


class Fields:
    """One mapping. Every reader gives a value of its type, also where it adds a fault."""

    def __init__(self, node: Node, file: str, faults: Faults, what: str) -> None:
        """`what` names the mapping in faults, such as "the tool"."""
        self.file, self.what, self._faults = file, what, faults
        self.start = node.line
        self._fields: Mapping[str, Node] = node.fields or {}
        self._key_lines = node.key_lines
        self._asked: set[str] = set()
        if node.fields is None:
            self.fault(node.line, f"{what[0].upper()}{what[1:]} is no mapping.", "Write it as `key: value` lines.")

    def fault(self, at: int | str, fault: str, remedy: str) -> None:
        """A fault at a line, or at the field of that name."""
        line = at if isinstance(at, int) else self.line(at)
        self._faults.add(self.file, line, fault, remedy)

    def line(self, key: str) -> int:
        """Where a field stands; where the mapping begins when it is not there."""
        return self._key_lines.get(key, self.start)

    def has(self, key: str) -> bool:
        """Whether the field is there; asking makes it known."""
        return self._node(key) is not None

    def text(self, key: str, *, required: bool = False, longest: int = LONGEST_TEXT) -> str:
        """Text as the author wrote it: an unquoted 1.10 stays 1.10. "" when left out."""
        node = self._node(key)
        if node is None:
            self._demand(key, required)
            return ""
        return self._as_text(node, key, longest)

    def name(self, key: str, pattern: re.Pattern[str], form: str) -> str:
        """A required text of a form, described by `form`."""
        text = self.text(key, required=True, longest=100)
        if text and not pattern.fullmatch(text):
            self.fault(key, f"{key} {text!r} has not the form of a name.", f"Write {form}.")
            return ""
        return text

    def choice(self, key: str, choices: Collection[str], *, required: bool = False, default: str = "") -> str:
        """One of some words; `default` when it is left out or none of them."""
        text = self.text(key, required=required)
        if text and text not in choices:
            self.fault(key, f"{key} {text!r} is not known.", did_you_mean(text, choices, "Write one of"))
        return text if text in choices else default

    def whole(self, key: str, low: int, high: int, default: int, *, required: bool = False) -> int:
        """A whole number within bounds."""
        node = self._node(key)
        if node is None:
            self._demand(key, required)
            return default
        value = node.scalar if node.is_scalar else None
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.fault(key, f"{key} is no whole number from {low} to {high}.", f"Write a number from {low} to {high}.")
            return default
        return value

    def milliseconds(self, key: str, *, required: bool = False) -> int:
        """Seconds with at most three decimals, as whole milliseconds; 0 when left out."""
        return self._decimal(key, _SECONDS, "seconds, such as 5 or 0.5", required)

    def thousandths(self, key: str) -> int:
        """A share from 0 to 1 with at most three decimals, in thousandths; 0 when left out."""
        return self._decimal(key, _FRACTION, "a share from 0 to 1, such as 0.7", required=False)

    def flag(self, key: str, default: bool) -> bool:
        """true or false."""
        node = self._node(key)
        if node is None:
            return default
        value = node.scalar if node.is_scalar else None
        if not isinstance(value, bool):
            self.fault(key, f"{key} is neither true nor false.", "Write true or false.")
            return default
        return value

    def texts(self, key: str, *, required: bool = False, longest: int = LONGEST_TEXT) -> list[str]:
        """A list of texts; [] when left out."""
        return [text for text, _ in self.texts_with_lines(key, required=required, longest=longest)]

    def texts_with_lines(
        self, key: str, *, required: bool = False, longest: int = LONGEST_TEXT
    ) -> list[tuple[str, int]]:
        """The same, each with its line. A text given twice is a fault."""
        node = self._node(key)
        if node is None:
            self._demand(key, required)
            return []
        if node.items is None or (required and not node.items):
            self.fault(key, f"{key} is no list of texts.", f"Write {key} as a list, one `- text` a line.")
            return []
        found: dict[str, int] = {}
        for item in node.items:
            text = self._as_text(item, key, longest)
            if text in found:
                self.fault(item.line, f"{text!r} stands twice in {key}.", "Remove one of the two.")
            elif text:
                found[text] = item.line
        return list(found.items())

    def holds_fields(self, key: str) -> bool:
        """Whether the field is a mapping."""
        node = self._node(key)
        return node is not None and node.fields is not None

    def child(self, key: str, what: str, *, required: bool = False) -> "Fields | None":
        """A mapping inside."""
        node = self._node(key)
        if node is None:
            self._demand(key, required)
            return None
        return Fields(node, self.file, self._faults, what)

    def children(self, key: str, what: str) -> list["Fields"]:
        """A list of mappings; [] when left out."""
        node = self._node(key)
        if node is None:
            return []
        if node.items is None:
            self.fault(key, f"{key} is no list.", f"Write {key} as a list of mappings.")
            return []
        return [Fields(item, self.file, self._faults, what) for item in node.items]

    def named(self, key: str, what: str) -> dict[str, "Fields"]:
        """A mapping of names to mappings; {} when left out."""
        found = self.child(key, key)
        if found is None:
            return {}
        return {name: Fields(node, self.file, self._faults, what) for name, node in found._all().items()}

    def words(self, key: str) -> dict[str, str]:
        """A mapping of names to texts; {} when left out."""
        found = self.child(key, key)
        return {} if found is None else {name: found.text(name, required=True) for name in found._all()}

    def word_lists(self, key: str) -> dict[str, list[str]]:
        """A mapping of names to lists of texts; {} when left out."""
        found = self.child(key, key)
        return {} if found is None else {name: found.texts(name, required=True) for name in found._all()}

    def json(self, key: str) -> Json:
        """Any JSON value; None when left out. Fractions are a fault: what is hashed holds none."""
        node = self._node(key)
        return None if node is None else self._as_json(node, key)

    def place(self, key: str, path: str) -> int:
        """The line of the value at a dotted path below a field, or of the nearest thing above it that is there."""
        node, line = self._fields.get(key), self.line(key)
        for part in path.split(".") if path else ():
            if node is None:
                break
            if node.fields is not None and part in node.fields:
                line, node = node.key_lines[part], node.fields[part]
            elif node.items is not None and part.isdigit() and int(part) < len(node.items):
                node = node.items[int(part)]
                line = node.line
            else:
                break
        return line

    def finish(self) -> None:
        """Every field that was not asked for is a fault."""
        for key in self._fields:
            if key not in self._asked:
                remedy = did_you_mean(key, self._asked - set(self._fields), "Remove it, or use one of")
                self.fault(key, f"{self.what[0].upper()}{self.what[1:]} has no field {key!r}.", remedy)

    def _node(self, key: str) -> Node | None:
        self._asked.add(key)
        return self._fields.get(key)

    def _all(self) -> Mapping[str, Node]:
        self._asked.update(self._fields)
        return self._fields

    def _demand(self, key: str, required: bool) -> None:
        if required:
            self.fault(self.start, f"{self.what[0].upper()}{self.what[1:]} lacks {key}.", f"Add a line `{key}: …`.")

    def _as_text(self, node: Node, key: str, longest: int) -> str:
        text = node.text.strip() if node.is_scalar else ""
        if not text or (not node.quoted and node.scalar is None):
            self.fault(node.line, f"{key} is no text.", f"Write text after {key}.")
            return ""
        if len(text) > longest:
            self.fault(node.line, f"{key} is longer than {longest} characters.", "Write it shorter.")
            return ""
        return text

    def _decimal(self, key: str, form: re.Pattern[str], wanted: str, required: bool) -> int:
        node = self._node(key)
        if node is None:
            self._demand(key, required)
            return 0
        if not node.is_scalar or node.quoted or not form.fullmatch(node.text):
            self.fault(key, f"{key} is not {wanted}.", f"Write {wanted}.")
            return 0
        whole, _, decimals = node.text.partition(".")
        return int(whole) * 1_000 + int(decimals.ljust(3, "0") if decimals else "0")

    def _as_json(self, node: Node, key: str) -> Json:
        if node.fields is not None:
            return {name: self._as_json(item, key) for name, item in node.fields.items()}
        if node.items is not None:
            return [self._as_json(item, key) for item in node.items]
        if isinstance(node.scalar, float):
            self.fault(node.line, f"{key} holds the fraction {node.text}.", "Use whole numbers; they can be hashed.")
            return 0
        if isinstance(node.scalar, int) and abs(node.scalar) > _LARGEST:
            self.fault(node.line, f"{key} holds a number beyond {_LARGEST}.", "Write it in quotes, as text.")
            return 0
        return node.scalar
