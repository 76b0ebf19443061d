"""The releases of a service: a directory a version under `opt/<service>/`, and the links `current` and `previous`."""

import os

from .host import FAILED, UNKNOWN_VERSION, ProgramError, Service


def versions(service: Service) -> list[str]:
    """The versions that lie ready, in order."""
    names = os.listdir(service.releases)
    found = [name for name in names if os.path.isfile(os.path.join(_directory(service, name), "VERSION"))]
    return sorted((name for name in found if name not in ("current", "previous")), key=_order)


def linked(service: Service, link: str) -> str | None:
    """The version that `current` or `previous` points to."""
    try:
        return os.readlink(_directory(service, link))
    except FileNotFoundError:
        return None


def current(service: Service) -> str:
    """The version that a start would run; an error when no release is switched on."""
    version = linked(service, "current")
    if version is None or version not in versions(service):
        raise ProgramError(FAILED, f"{service.name} has no current release")
    return version


def release_directory(service: Service, version: str) -> str:
    """Where that version lies; refused unless it is one of `versions`."""
    ready = versions(service)
    if version not in ready:
        raise ProgramError(
            UNKNOWN_VERSION, f"unknown version {version!a} of {service.name}; ready are: {', '.join(ready)}"
        )
    return _directory(service, version)


def switch(service: Service, version: str) -> None:
    """Point `current` to `version`, and `previous` to what it was. A crash in between leaves `current` as it was."""
    release_directory(service, version)
    before = linked(service, "current")
    if before == version:
        return
    if before is not None:
        _link(service, "previous", before)
    _link(service, "current", version)


def switch_back(service: Service) -> str:
    """Point `current` to what `previous` names and forget `previous`; returns the version."""
    version = linked(service, "previous")
    if version is None:
        raise ProgramError(FAILED, f"{service.name} has no previous release to go back to")
    release_directory(service, version)
    _link(service, "current", version)
    os.unlink(_directory(service, "previous"))
    return version


def _directory(service: Service, name: str) -> str:
    return os.path.join(service.releases, name)


def _link(service: Service, link: str, version: str) -> None:
    """Replace the link in one step: a reader sees the old or the new one."""
    fresh = _directory(service, f".{link}.{os.getpid()}")
    os.symlink(version, fresh)
    os.replace(fresh, _directory(service, link))


def _order(version: str) -> list[tuple[int, str]]:
    """2.10 comes after 2.9, and 2.9-rc after both 2.9 and 2.8."""
    parts = version.replace("-", ".").split(".")
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]
