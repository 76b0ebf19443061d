"""`host-info`: the host's name, and the system, load and memory of the machine it runs on; whole numbers only."""

import os
import sys
import time

from .host import USAGE, ProgramError, host_root, run_program, write_line


def main() -> int:
    """The program; exit status 0, 2 usage."""
    return run_program("host-info", _run)


def _run(arguments: list[str]) -> None:
    if arguments:
        raise ProgramError(USAGE, "usage: host-info")
    with open(os.path.join(host_root(), "etc", "hostname"), encoding="utf-8") as file:
        hostname = file.read().strip()
    total, available = _memory()
    write_line(
        {
            "hostname": hostname,
            "os": os_name(),
            "kernel": os.uname().release,
            "architecture": os.uname().machine,
            "cpus": os.cpu_count(),
            "uptime_s": _uptime(),
            "load_x100": [round(load * 100) for load in os.getloadavg()],
            "memory_total_bytes": total,
            "memory_available_bytes": available,
        }
    )


def os_name() -> str:
    """The system's name as it words it itself, for example "Debian GNU/Linux 12 (bookworm)"."""
    if sys.platform == "darwin":
        return f"macOS {_command('sw_vers', '-productVersion') or ''}".strip()
    for line in _read("/etc/os-release").splitlines():
        if line.startswith("PRETTY_NAME="):
            return line.partition("=")[2].strip().strip("\"'")
    return os.uname().sysname


def _uptime() -> int | None:
    """Whole seconds since the machine started; None where it does not say."""
    if sys.platform == "darwin":
        boot = (_command("sysctl", "-n", "kern.boottime") or "").partition("sec =")[2].partition(",")[0].strip()
        return int(time.time()) - int(boot) if boot.isdigit() else None
    seconds = _read("/proc/uptime").partition(".")[0]
    return int(seconds) if seconds.isdigit() else None


def _memory() -> tuple[int | None, int | None]:
    """(total, available) in bytes; None where the machine does not say."""
    if sys.platform == "darwin":
        total = _command("sysctl", "-n", "hw.memsize") or ""
        return int(total) if total.isdigit() else None, None
    sizes = {
        name: rest.split() for name, _, rest in (line.partition(":") for line in _read("/proc/meminfo").splitlines())
    }
    return _kibibytes(sizes.get("MemTotal")), _kibibytes(sizes.get("MemAvailable"))


def _kibibytes(words: list[str] | None) -> int | None:
    return int(words[0]) * 1024 if words else None


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except OSError:
        return ""


def _command(*arguments: str) -> str | None:
    import subprocess  # macOS only; costs a tenth of the start-up

    run = subprocess.run(arguments, capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/usr/sbin"})
    return run.stdout.strip() or None
