"""The INI form of an Ansible inventory."""

import re
import shlex
from collections.abc import Iterable

from opsconductor.adapters.asset_import.ansible.host_patterns import hosts_of
from opsconductor.adapters.asset_import.ansible.inventory import Inventory

_SECTION = re.compile(r"\[(?P<group>[^:\]]+)(?::(?P<what>\w+))?\]\s*([#;].*)?")


def read_ini(text: str, file: str, inventory: Inventory) -> None:
    """Add what `text` says to `inventory`; its faults go to the inventory's."""
    reader = _Reader(file, inventory)
    for line, content in enumerate(text.splitlines(), start=1):
        stripped = content.strip()
        if stripped and stripped[0] not in "#;":
            reader.take(stripped, line)


class _Reader:
    def __init__(self, file: str, inventory: Inventory) -> None:
        self._file = file
        self._inventory = inventory
        self._group, self._what = "ungrouped", "hosts"

    def take(self, content: str, line: int) -> None:
        if content.startswith("["):
            self._section(content, line)
        elif self._what == "hosts":
            self._hosts(content, line)
        elif self._what == "children":
            self._child(content, line)
        elif self._what == "vars":
            self._variable(content, line)

    def _section(self, content: str, line: int) -> None:
        match = _SECTION.fullmatch(content)
        what = (match["what"] or "hosts") if match else ""
        if match is None or what not in ("hosts", "children", "vars"):
            self._fault(f"{content[:60]!r} is no section; sections are [group], [group:children], [group:vars]", line)
            self._what = "skip"
            return
        self._group, self._what = match["group"].strip(), what
        self._inventory.group(self._group)
        if what == "vars":
            # It may come before its group.
            self._inventory.refer(self._group, f"[{self._group}:vars]", self._file, line)
        else:
            self._inventory.declared.add(self._group)

    def _hosts(self, content: str, line: int) -> None:
        try:
            words = shlex.split(content, comments=True)
            names, port = hosts_of(words[0])
        except (ValueError, IndexError) as error:
            self._fault(f"this host cannot be read: {error}", line)
            return
        variables = dict(self._pairs(words[1:], line))
        if port is not None:
            variables.setdefault("ansible_port", str(port))
        for name in names:
            self._inventory.host(name, self._file, line).variables.update(variables)
            self._inventory.group(self._group).hosts[name] = None

    def _pairs(self, words: Iterable[str], line: int) -> Iterable[tuple[str, str]]:
        for word in words:
            name, equals, value = word.partition("=")
            if not equals or not name:
                self._fault(f"{word[:60]!r} is no variable; write name=value", line)
            else:
                yield name, value

    def _child(self, content: str, line: int) -> None:
        name = re.split(r"\s*[#;]", content, maxsplit=1)[0].strip()
        if not name or re.search(r"[\s=\[\]]", name):
            self._fault(f"{content[:60]!r} is no name of a group", line)
            return
        self._inventory.group(self._group).children[name] = None
        self._inventory.refer(name, f"[{self._group}:children]", self._file, line)

    def _variable(self, content: str, line: int) -> None:
        name, equals, value = (part.strip() for part in content.partition("="))
        if not equals or not name:
            self._fault(f"{content[:60]!r} is no variable; write name=value", line)
            return
        if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
            value = value[1:-1]
        self._inventory.group(self._group).variables[name] = value

    def _fault(self, message: str, line: int) -> None:
        self._inventory.faults.add(message, line=line, file=self._file)
