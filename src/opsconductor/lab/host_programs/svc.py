"""`svc`: look at, start, stop, restart and change the release of a service of this host, one change at a time."""

import contextlib
import fcntl
import signal
from collections.abc import Callable, Iterator

from . import releases, service_process
from .ask_service import ask_service
from .host import BUSY, FAILED, USAGE, ProgramError, Service, find_service, host_root, run_program, write_line
from .service_process import Running

_LOCK_WAIT_S = 20
_USAGE = "usage: svc status|start|stop|restart|versions|rollback NAME, or: svc deploy NAME VERSION"


def main() -> int:
    """The program; exit status 0 done, 1 failed, 2 usage, 3 unknown service or 4 version, 5 port taken, 75 busy."""
    return run_program("svc", _run)


def _run(arguments: list[str]) -> None:
    looks: dict[str, Callable[[Service], None]] = {"status": _show, "versions": _show_versions}
    changes: dict[str, Callable[[Service], None]] = {
        "start": _start,
        "stop": _stop,
        "restart": _restart,
        "rollback": _rollback,
    }
    match arguments:
        case [verb, name] if verb in looks:
            looks[verb](find_service(host_root(), name))
        case [verb, name] if verb in changes:
            service = find_service(host_root(), name)
            with _alone(service):
                changes[verb](service)
        case ["deploy", name, version]:
            service = find_service(host_root(), name)
            with _alone(service):
                _deploy(service, version)
        case _:
            raise ProgramError(USAGE, _USAGE)


@contextlib.contextmanager
def _alone(service: Service) -> Iterator[None]:
    """Changes to one service wait for each other; the lock goes with the process, however that ends."""

    def give_up(_number: int, _frame: object) -> None:
        raise ProgramError(BUSY, f"{service.name} is being changed by another svc for over {_LOCK_WAIT_S} s")

    with open(service.run_file("svc.lock"), "a", encoding="utf-8") as lock:
        signal.signal(signal.SIGALRM, give_up)
        signal.alarm(_LOCK_WAIT_S)
        fcntl.flock(lock, fcntl.LOCK_EX)
        signal.alarm(0)
        yield


def _status(service: Service) -> dict[str, object]:
    process = service_process.running(service)
    answers, version = ask_service(service) if process is not None else (False, None)
    return {
        "service": service.name,
        "running": process is not None,
        "pid": process.pid if process is not None else None,
        "started_at": process.started_at if process is not None else None,
        "version": version or (process.version if process is not None else None),
        "answers": answers,
        "port": service.port,
    }


def _show(service: Service) -> None:
    write_line(_status(service))


def _show_versions(service: Service) -> None:
    write_line(
        {
            "service": service.name,
            "versions": releases.versions(service),
            "current": releases.linked(service, "current"),
            "previous": releases.linked(service, "previous"),
        }
    )


def _start(service: Service) -> None:
    before = service_process.running(service)
    if before is None:
        service_process.start(service)
    elif not service_process.comes_to_answer(service):
        raise ProgramError(FAILED, f"{service.name} runs (process {before.pid}) and does not answer; try svc restart")
    _report(service, before)


def _stop(service: Service) -> None:
    before = service_process.running(service)
    service_process.stop(service)
    _report(service, before)


def _restart(service: Service) -> None:
    before = service_process.running(service)
    _replace_process(service, before)
    _report(service, before)


def _replace_process(service: Service, before: Running | None) -> None:
    """Stop and start; a pid that came round again would hide that anything happened, so it is not accepted."""
    service_process.stop(service)
    after = service_process.start(service)
    if before is not None and after.pid == before.pid:
        service_process.stop(service)
        service_process.start(service)


def _deploy(service: Service, version: str) -> None:
    """Nothing is undone on failure: what runs then is told by `svc status`, and `svc rollback` goes back."""
    releases.switch(service, version)
    _run_release(service, version)


def _rollback(service: Service) -> None:
    _run_release(service, releases.switch_back(service))


def _run_release(service: Service, version: str) -> None:
    before = service_process.running(service)
    _replace_process(service, before)
    _, told = ask_service(service)
    if told not in (version, None):  # None: it is alive and does not say; that is for a look from outside to judge
        raise ProgramError(FAILED, f"{service.name} was switched to {version} and says it is {told!a}")
    _report(service, before)


def _report(service: Service, before: Running | None) -> None:
    """The status after the change, and what there was before it."""
    after = _status(service)
    previous = before.pid if before is not None else None
    write_line(
        after
        | {
            "previous_pid": previous,
            "previous_version": before.version if before is not None else None,
            "changed": after["pid"] != previous,
        }
    )
