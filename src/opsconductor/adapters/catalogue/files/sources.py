"""The files of a pack folder: which there are, what they hold, and whether they have changed."""

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from opsconductor.adapters.catalogue.files.faults import Faults, did_you_mean
from opsconductor.domain.errors import NotFound

FOLDERS = ("tools", "rules", "scenarios", "intents")
SINGLE = ("agent.yaml", "glossary.yaml", "customer_fields.yaml", "out_of_scope.yaml")
MAX_FILE = 256 * 1024
MAX_PACK = 5 * 1024 * 1024
MAX_FILES = 1_000


@dataclass(frozen=True, kw_only=True)
class Sources:
    """The content of every file of a pack, by its path inside the folder."""

    folder: Path
    files: Mapping[str, bytes]
    digests: Mapping[str, str] = field(default_factory=dict)  # SHA-256 of each file


def stamp(folder: Path) -> tuple[tuple[str, int, int, int, int], ...]:
    """What changes when a file of the pack does: names, sizes, times and inodes. () when there is no folder."""
    return tuple(sorted(_stamps(folder)))


def read_sources(folder: Path, faults: Faults) -> Sources:
    """Every file, as far as the limits allow. Raises `pack.not_found` when there is no such folder."""
    if not folder.is_dir():
        raise NotFound("pack.not_found", f"There is no pack folder {folder}.", folder=str(folder))
    root = folder.resolve()
    files: dict[str, bytes] = {}
    total = 0
    for path in sorted(_yaml_files(folder)):
        name = path.relative_to(folder).as_posix()
        if not _belongs(name, faults):
            continue
        content = _read(path, root, name, faults)
        total += len(content or b"")
        if total > MAX_PACK or len(files) == MAX_FILES:
            limit = f"{MAX_PACK // 1024 // 1024} MiB or {MAX_FILES} files"
            faults.add(name, 1, f"The pack is larger than {limit}.", "Make several packs of it.")
            break
        if content is not None:
            files[name] = content
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    return Sources(folder=folder, files=files, digests=digests)


def _stamps(folder: Path) -> Iterator[tuple[str, int, int, int, int]]:
    for path in _yaml_files(folder):
        try:
            found = path.stat()
        except OSError:
            continue  # gone again; the next look sees it
        yield str(path), found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


def _yaml_files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith((".", "__"))]
        yield from (Path(place, name) for name in names if name.endswith((".yaml", ".yml")) and name[0] != ".")


def _belongs(name: str, faults: Faults) -> bool:
    """A YAML file in a place that nobody reads would be a silent mistake."""
    folder, _, file = name.rpartition("/")
    if name in SINGLE or (folder in FOLDERS and file.endswith(".yaml")):
        return True
    if file.endswith(".yml"):
        remedy = f"Name it {file.removesuffix('.yml')}.yaml."
    elif folder:
        remedy = did_you_mean(folder, FOLDERS, "Put it into one of the folders")
    else:
        remedy = did_you_mean(file, SINGLE, "Name it as one of")
    faults.add(name, 1, "A pack has no such file.", remedy)
    return False


def _read(path: Path, root: Path, name: str, faults: Faults) -> bytes | None:
    try:
        if not path.resolve().is_relative_to(root):
            faults.add(name, 1, "The file is a link that leads out of the pack.", "Copy the file into the pack.")
            return None
        with path.open("rb") as file:
            content = file.read(MAX_FILE + 1)
    except OSError as error:
        faults.add(name, 1, f"The file cannot be read: {error.strerror}.", "Make it readable for this user.")
        return None
    if len(content) > MAX_FILE:
        faults.add(name, 1, f"The file is larger than {MAX_FILE // 1024} KiB.", "Split it.")
        return None
    return content
