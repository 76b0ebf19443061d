"""An Ansible inventory in memory: hosts, groups, and which variable wins."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from opsconductor.adapters.asset_records import Faults

MAX_HOSTS = 100_000
MAX_WARNINGS = 100


@dataclass(kw_only=True)
class Host:
    """A host and where it was first named."""

    name: str
    file: str
    line: int
    variables: dict[str, Any] = field(default_factory=dict)


@dataclass(kw_only=True)
class Group:
    """A group, its own variables, and what is directly in it."""

    name: str
    variables: dict[str, Any] = field(default_factory=dict)
    hosts: dict[str, None] = field(default_factory=dict)  # in the order named
    children: dict[str, None] = field(default_factory=dict)


@dataclass(kw_only=True)
class Inventory:
    """All hosts and groups of one source; `folder_groups` and `folder_hosts` are group_vars and host_vars."""

    faults: Faults
    hosts: dict[str, Host] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    folder_groups: dict[str, dict[str, Any]] = field(default_factory=dict)
    folder_hosts: dict[str, dict[str, Any]] = field(default_factory=dict)
    _warned: dict[str, None] = field(default_factory=dict)
    declared: set[str] = field(default_factory=lambda: {"all", "ungrouped"})  # groups that really stand somewhere
    _referred: list[tuple[str, str, str, int]] = field(default_factory=list)

    def refer(self, group: str, why: str, file: str, line: int) -> None:
        """Note that `why` names a group that must be declared before or after it."""
        self._referred.append((group, why, file, line))

    def check(self) -> None:
        """Raises `import.bad_file` for groups that are nowhere or contain themselves, and for all faults so far."""
        for group, why, file, line in self._referred:
            if group not in self.declared:
                self.faults.add(f"{why} names group {group}, which is nowhere", line=line, file=file)
        self.faults.raise_any()
        self._check_circles()

    def group(self, name: str) -> Group:
        """The group of that name, made when it is new."""
        return self.groups.setdefault(name, Group(name=name))

    def host(self, name: str, file: str, line: int) -> Host:
        """The host of that name, made when it is new. Raises `import.bad_file` above 100,000 hosts."""
        if name not in self.hosts and len(self.hosts) >= MAX_HOSTS:
            self.faults.add(f"more than {MAX_HOSTS} hosts", line=line, file=file)
            self.faults.raise_any()
        return self.hosts.setdefault(name, Host(name=name, file=file, line=line))

    def warn(self, message: str) -> None:
        """Tell that something was left out; the same thing once."""
        self._warned.setdefault(message)

    def warnings(self) -> tuple[str, ...]:
        """What was left out, at most 100 sentences and one that counts the others."""
        shown = tuple(self._warned)[:MAX_WARNINGS]
        more = len(self._warned) - len(shown)
        return (*shown, f"{more} more were left out.") if more else shown

    def _check_circles(self) -> None:
        done: set[str] = set()
        for start in self.groups:
            path: dict[str, None] = {}
            stack: list[tuple[str, Iterator[str]]] = [] if start in done else [(start, self._children(start))]
            path[start] = None
            while stack:
                name, children = stack[-1]
                child = next(children, None)
                if child is None:
                    stack.pop()
                    path.pop(name, None)
                    done.add(name)
                elif child in path:
                    self.faults.add(f"group {child} contains itself", column=child)
                    self.faults.raise_any()
                elif child not in done:
                    path[child] = None
                    stack.append((child, self._children(child)))

    def memberships(self) -> dict[str, list[str]]:
        """Per host its groups, those above them included, from the widest to the narrowest; `all` is left out."""
        parents: dict[str, set[str]] = {name: set() for name in self.groups}
        for name in self.groups:
            for child in self._children(name):
                parents[child].add(name)
        depths = self._depths(parents)
        above = {name: self._above(name, parents) for name in self.groups}
        found: dict[str, set[str]] = {name: set() for name in self.hosts}
        for name, group in self.groups.items():
            for host in group.hosts:
                found[host] |= above[name]
        return {
            host: sorted(groups - {"all", "ungrouped"}, key=lambda name: (depths[name], self._priority(name), name))
            for host, groups in found.items()
        }

    def variables(self, host: Host, groups: list[str]) -> Mapping[str, Any]:
        """What holds for a host, by Ansible's order: files of variables beat the inventory, a host beats its groups."""
        every = ["all", *(groups or ["ungrouped"])]
        layers: list[Mapping[str, Any]] = [self.groups[name].variables for name in every if name in self.groups]
        layers += [self.folder_groups[name] for name in every if name in self.folder_groups]
        layers += [host.variables, self.folder_hosts.get(host.name, {})]
        merged: dict[str, Any] = {}
        for layer in layers:
            merged.update(layer)
        return merged

    def _children(self, name: str) -> Iterator[str]:
        return iter([child for child in self.groups[name].children if child in self.groups])

    def _above(self, name: str, parents: Mapping[str, set[str]]) -> set[str]:
        found, left = {name}, [name]
        while left:
            new = parents[left.pop()] - found
            found |= new
            left.extend(new)
        return found

    def _depths(self, parents: Mapping[str, set[str]]) -> dict[str, int]:
        """How far below the top a group stands, counted along its longest way."""
        depths = dict.fromkeys(self.groups, 0)
        waiting = {name: len(above) for name, above in parents.items()}
        ready = [name for name, count in waiting.items() if not count]
        while ready:
            name = ready.pop()
            for child in self._children(name):
                depths[child] = max(depths[child], depths[name] + 1)
                waiting[child] -= 1
                if not waiting[child]:
                    ready.append(child)
        return depths

    def _priority(self, name: str) -> int:
        text = str(self.groups[name].variables.get("ansible_group_priority", "1"))
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 1
