"""The YAML form of an Ansible inventory."""

from typing import Any

from opsconductor.adapters.asset_import.ansible.host_patterns import hosts_of
from opsconductor.adapters.asset_import.ansible.inventory import Inventory
from opsconductor.adapters.asset_import.ansible.yaml_text import LinedMap, YamlFault, read_yaml

PLUGIN = (
    "this configures a dynamic inventory, which is never run; export it with "
    "ansible-inventory --list --yaml --output hosts.yml"
)
_PARTS = ("hosts", "vars", "children")


def read_yaml_inventory(text: str, file: str, inventory: Inventory) -> None:
    """Add what `text` says to `inventory`; its faults go to the inventory's."""
    try:
        groups = read_yaml(text)
        if not isinstance(groups, LinedMap):
            raise YamlFault("an inventory is a mapping of groups", 1)
        if "plugin" in groups and not isinstance(groups["plugin"], LinedMap):
            raise YamlFault(PLUGIN, groups.lines.get("plugin", 1))
        reader = _Reader(file, inventory)
        for name, content in groups.items():
            reader.group(name, content, groups.lines.get(name, groups.line))
    except YamlFault as fault:
        inventory.faults.add(fault.message, line=fault.line, file=file)


class _Reader:
    def __init__(self, file: str, inventory: Inventory) -> None:
        self._file = file
        self._inventory = inventory
        self._seen: set[tuple[str, int]] = set()

    def group(self, name: str, content: Any, line: int) -> None:
        group = self._inventory.group(name)
        self._inventory.declared.add(name)
        if content is None or (name, id(content)) in self._seen:
            return
        # An alias may bring the same content to many places; each group needs it once.
        self._seen.add((name, id(content)))
        parts = self._map(content, f"group {name}", line)
        for key in parts:
            if key not in _PARTS:
                self._inventory.warn(f"{self._file}: {key!r} of group {name} is none of {', '.join(_PARTS)}; left out.")
        for key, value in self._part(parts, "vars", name).items():
            group.variables[key] = value
        hosts = self._part(parts, "hosts", name)
        for pattern, value in hosts.items():
            self._host(name, pattern, value, hosts.lines.get(pattern, hosts.line))
        children = self._part(parts, "children", name)
        for child, value in children.items():
            group.children[child] = None
            self.group(child, value, children.lines.get(child, children.line))

    def _part(self, parts: LinedMap, key: str, group: str) -> LinedMap:
        line = parts.lines.get(key, parts.line)
        value = parts.get(key)
        if key == "hosts" and isinstance(value, str):
            one = LinedMap(line)
            one[value] = None
            return one
        return self._map(value, f"{key} of group {group}", line)

    def _host(self, group: str, pattern: str, value: Any, line: int) -> None:
        try:
            names, port = hosts_of(pattern)
        except ValueError as error:
            raise YamlFault(f"this host cannot be read: {error}", line) from error
        variables = dict(self._map(value, f"host {pattern}", line))
        if port is not None:
            variables.setdefault("ansible_port", str(port))
        for name in names:
            self._inventory.host(name, self._file, line).variables.update(variables)
            self._inventory.group(group).hosts[name] = None

    def _map(self, value: Any, what: str, line: int) -> LinedMap:
        if value is None:
            return LinedMap(line)
        if not isinstance(value, LinedMap):
            raise YamlFault(f"{what} must be a mapping", line)
        return value
