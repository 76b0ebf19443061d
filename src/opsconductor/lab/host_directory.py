"""Lays out the directory of a host: programs, releases, configuration. What is there and right is left alone."""

import json
import os
import shlex
import sys
from importlib.resources import files
from pathlib import Path

from opsconductor.lab.hosts import HostSpec, ServiceSpec

_PROGRAMS = {"svc": "svc", "disk-usage": "disk_usage", "host-info": "host_info"}  # name in bin/ → module
_FOLDERS = ("bin", "etc", "libexec/host_programs", "opt", "run/commands", "tmp", "var/log")
_LAUNCH = '''"""Runs the program named by the first argument."""

import importlib
import sys

sys.exit(importlib.import_module("host_programs." + sys.argv.pop(1)).main())
'''


def lay_out(root: Path, spec: HostSpec, service_port: int) -> None:
    """Make or repair the host's directory. Raises OSError.

    The release that is current stays current, unless it is a broken one: a start after that begins with a good one.
    """
    for folder in _FOLDERS:
        (root / folder).mkdir(parents=True, exist_ok=True, mode=0o700)
    service = spec.service
    _write(root / "etc" / "hostname", spec.name + "\n")
    declared = {service.name: {"protocol": service.protocol, "port": service_port}}
    _write(root / "etc" / "services.json", json.dumps(declared) + "\n")
    _write_programs(root)
    _write_releases(root / "opt" / service.name, service)


def _write_programs(root: Path) -> None:
    _write(root / "libexec" / "__main__.py", _LAUNCH)
    for source in files("opsconductor.lab.host_programs").iterdir():
        if source.name.endswith(".py"):
            _write(root / "libexec" / "host_programs" / source.name, source.read_text("utf-8"))
    for name, module in _PROGRAMS.items():
        # -S -E: no site-packages, no PYTHON… variables; a third of the usual start-up.
        words = [sys.executable, "-S", "-E", str(root / "libexec"), module]
        _write(root / "bin" / name, f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n', mode=0o700)


def _write_releases(folder: Path, service: ServiceSpec) -> None:
    program = files("opsconductor.lab.service_programs").joinpath(f"{service.protocol}_service.py").read_text("utf-8")
    for version in (*service.versions, *service.broken):
        (folder / version).mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(folder / version / "server.py", program)
        _write(folder / version / "VERSION", version + "\n")
        if service.page:
            _write(folder / version / "index.html", service.page)
        if version in service.broken:
            _write(folder / version / "BROKEN", "answers 500\n")
    current = folder / "current"
    if not os.path.lexists(current) or current.readlink().name in service.broken:
        current.unlink(missing_ok=True)
        current.symlink_to(service.versions[0])


def _write(path: Path, text: str, *, mode: int = 0o600) -> None:
    """Only when it differs, and in one step: whoever reads it just now gets the old or the new text."""
    if path.exists() and path.read_bytes() == text.encode() and path.stat().st_mode & 0o777 == mode:
        return
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(text, "utf-8")
    fresh.chmod(mode)
    fresh.replace(path)
