"""`disk-usage [PATH]`: how full the real file system is on which a path of this host lies."""

import os

from .host import FAILED, USAGE, ProgramError, host_root, run_program, write_line


def main() -> int:
    """The program; exit status 0, 1 no such path or one outside the host, 2 usage."""
    return run_program("disk-usage", _run)


def _run(arguments: list[str]) -> None:
    if len(arguments) > 1:
        raise ProgramError(USAGE, "usage: disk-usage [PATH]")
    root = host_root()
    path = inside(root, arguments[0] if arguments else "/")
    system = os.statvfs(path)
    used = (system.f_blocks - system.f_bfree) * system.f_frsize
    free = system.f_bavail * system.f_frsize
    write_line(
        {
            "path": "/" + os.path.relpath(path, root) if path != root else "/",
            "total_bytes": system.f_blocks * system.f_frsize,
            "used_bytes": used,
            "free_bytes": free,
            "used_percent": percent(used, free),
        }
    )


def inside(root: str, path: str) -> str:
    """The real path for a path of the host, whose `/` is `root`; refused when links or dots lead out of it."""
    real = os.path.realpath(os.path.join(root, path.lstrip("/")))
    if real != root and not real.startswith(root + os.sep):
        raise ProgramError(FAILED, f"{path!a} is outside this host")
    if not os.path.exists(real):
        raise ProgramError(FAILED, f"{path!a} does not exist")
    return real


def percent(used: int, free: int) -> int:
    """As df(1): rounded up, of what a normal user can use."""
    return -(-used * 100 // (used + free)) if used + free else 0
