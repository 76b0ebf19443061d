"""Assets from an Ansible inventory in INI or YAML; nothing in it is executed, decrypted or evaluated."""

import asyncio
import re
from pathlib import Path

from opsconductor.adapters.asset_import.ansible.hosts import record_of
from opsconductor.adapters.asset_import.ansible.ini import read_ini
from opsconductor.adapters.asset_import.ansible.inventory import Inventory
from opsconductor.adapters.asset_import.ansible.variable_folders import read_folders
from opsconductor.adapters.asset_import.ansible.yaml_inventory import read_yaml_inventory
from opsconductor.adapters.asset_records import Faults, build_assets, read_text
from opsconductor.domain.errors import BadInput
from opsconductor.ports.asset_import import ImportedAssets, ImportOptions
from opsconductor.ports.secrets import Secrets

SOURCE = "ansible"

_YAML = (".yml", ".yaml", ".json")
# What Ansible itself passes over in a folder of inventories.
_IGNORED = re.compile(r"(~|\.(bak|cfg|md|orig|pyc|pyo|retry|rpm|rst|swp|txt))$|^\.")


class AnsibleImporter:
    """Reads one inventory file, or a folder of them, with group_vars and host_vars beside it."""

    async def read(self, source: str | Path, tenant: str, options: ImportOptions) -> ImportedAssets:
        """See the port; of the variables only those are kept that describe an asset or how to reach it."""
        return await asyncio.to_thread(_read, Path(source), tenant)


def open_importer(secrets: Secrets | None = None) -> AnsibleImporter:
    """The engine; a file needs no credential."""
    return AnsibleImporter()


def _read(path: Path, tenant: str) -> ImportedAssets:
    inventory = Inventory(faults=Faults(source=path.name))
    several = path.is_dir()
    for file in _files(path, inventory) if several else [path]:
        _add(file, file.name if several else "", inventory)
    inventory.check()
    folder = path if several else path.parent
    try:
        read_folders(folder, inventory)
    except OSError as error:
        raise BadInput("import.unreadable", f"The variables beside {path.name} cannot be read.") from error
    inventory.faults.raise_any()
    memberships = inventory.memberships()
    records = [record_of(host, memberships[name], inventory) for name, host in inventory.hosts.items()]
    assets = build_assets(records, tenant, SOURCE, inventory.faults)
    return ImportedAssets(source=SOURCE, assets=assets, warnings=inventory.warnings())


def _files(folder: Path, inventory: Inventory) -> list[Path]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise BadInput("import.unreadable", f"{folder.name} cannot be read: {error.strerror}.") from error
    for entry in entries:
        if entry.is_dir() and entry.name not in ("group_vars", "host_vars") and not entry.name.startswith("."):
            inventory.warn(f"The folder {entry.name} was not read.")
    return [entry for entry in entries if entry.is_file() and not _IGNORED.search(entry.name)]


def _add(path: Path, file: str, inventory: Inventory) -> None:
    text = read_text(path)
    if text.startswith("#!"):
        message = (
            "this is a program; a dynamic inventory is never run: export it with "
            "ansible-inventory --list --yaml --output hosts.yml"
        )
        inventory.faults.add(message, line=1, file=file)
    elif text.startswith("$ANSIBLE_VAULT"):
        inventory.faults.add("this is encrypted with Ansible Vault; decrypt it first", line=1, file=file)
    elif path.suffix in _YAML:
        read_yaml_inventory(text, file, inventory)
    else:
        read_ini(text, file, inventory)
