"""What every command on a host runs in: its directory, a clean environment, nothing inherited from the server."""

from pathlib import Path

from opsconductor.lab.hosts import USERNAME

SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"


def clean_environment(root: Path) -> dict[str, str]:
    """The whole environment of a command on the host with that directory."""
    return {
        "PATH": f"{root / 'bin'}:{SYSTEM_PATH}",
        "HOME": str(root),
        "USER": USERNAME,
        "LOGNAME": USERNAME,
        "SHELL": "/bin/sh",
        "LANG": "C.UTF-8",
        "TMPDIR": str(root / "tmp"),
    }
