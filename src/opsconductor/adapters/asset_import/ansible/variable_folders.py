"""The folders group_vars and host_vars beside an inventory."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from opsconductor.adapters.asset_import.ansible.inventory import Inventory
from opsconductor.adapters.asset_import.ansible.yaml_text import LinedMap, YamlFault, read_yaml
from opsconductor.adapters.asset_records import read_text
from opsconductor.domain.errors import BadInput

MAX_FILES = 10_000
_ENDINGS = (".yml", ".yaml", ".json")


def read_folders(folder: Path, inventory: Inventory) -> None:
    """Add the variables of hosts and groups that the inventory names. Raises `import.unreadable`."""
    for name, known, kept in (
        ("group_vars", {*inventory.groups, "all", "ungrouped"}, inventory.folder_groups),
        ("host_vars", set(inventory.hosts), inventory.folder_hosts),
    ):
        # The files are looked for in the folder, not by the names of hosts: a name is no path.
        for owner, file in _files(folder / name):
            if owner in known:
                kept.setdefault(owner, {}).update(_variables(file, folder, inventory))


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Whose variables, and the file; a folder of files counts as one, in the order of their names."""
    if not folder.is_dir():
        return
    count = 0
    for entry in sorted(folder.iterdir()):
        for owner, file in _files_of(entry):
            count += 1
            if count > MAX_FILES:
                raise BadInput("import.unreadable", f"{folder.name} holds more than {MAX_FILES} files.")
            if file.is_file() and not file.name.startswith("."):
                yield owner, file


def _files_of(entry: Path) -> Iterator[tuple[str, Path]]:
    if not entry.is_dir():
        # A name may hold dots itself: web.example.com and web.example.com.yml are both of that host.
        yield (entry.stem if entry.suffix in _ENDINGS else entry.name), entry
        return
    for file in sorted(entry.iterdir()):
        if file.suffix in ("", *_ENDINGS):
            yield entry.name, file


def _variables(file: Path, folder: Path, inventory: Inventory) -> dict[str, Any]:
    shown = file.relative_to(folder).as_posix()
    text = read_text(file)
    if text.startswith("$ANSIBLE_VAULT"):
        inventory.warn(f"{shown} is encrypted with Ansible Vault and was left out.")
        return {}
    try:
        found = read_yaml(text)
    except YamlFault as fault:
        inventory.faults.add(fault.message, line=fault.line, file=shown)
        return {}
    if found is None:
        return {}
    if not isinstance(found, LinedMap):
        inventory.faults.add("a file of variables is a mapping", line=1, file=shown)
        return {}
    return found
