from pathlib import Path

from opsconductor.adapters.asset_import.ansible.inventory import Inventory
from opsconductor.adapters.asset_import.ansible.variable_folders import read_folders
from opsconductor.adapters.asset_records import Faults


def an_inventory() -> Inventory:
    inventory = Inventory(faults=Faults(source="x"))
    inventory.host("web.example.com", "", 1)
    inventory.group("web")
    return inventory


def put(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)


def test_names_with_dots_find_their_file(tmp_path: Path) -> None:
    put(tmp_path, "host_vars/web.example.com", "a: 1\n")
    put(tmp_path, "host_vars/web.example.com.yml", "b: 2\n")
    inventory = an_inventory()
    read_folders(tmp_path, inventory)
    assert inventory.folder_hosts == {"web.example.com": {"a": "1", "b": "2"}}


def test_empty_and_foreign_files_are_passed_over(tmp_path: Path) -> None:
    put(tmp_path, "group_vars/web.yml", "# nothing\n")
    put(tmp_path, "group_vars/web/notes.txt", "x: 1\n")
    put(tmp_path, "group_vars/web/.hidden.yml", "x: 1\n")
    put(tmp_path, "group_vars/unknown.yml", "x: 1\n")
    inventory = an_inventory()
    read_folders(tmp_path, inventory)
    assert inventory.folder_groups == {"web": {}}


def test_no_folders_is_no_fault(tmp_path: Path) -> None:
    inventory = an_inventory()
    read_folders(tmp_path, inventory)
    assert inventory.faults.found == []
