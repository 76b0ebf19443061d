"""The edge of the command line: every way a command can end becomes an exit code and at most one line of words."""

import os
import sys
from collections.abc import Sequence

from typer.exceptions import Abort, TyperException

from opsconductor.cli.application import create_application
from opsconductor.cli.printing import tell_error
from opsconductor.domain.errors import BadInput, InternalFault, OpsConductorError

INTERRUPTED = 130
BROKEN_PIPE = 141


def main() -> None:
    """Run the command that the arguments of this process name, and end the process with its exit code."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command and give its exit code; nothing is raised."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _run(arguments)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # Whoever read us has gone; the interpreter must not complain about it while it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE


def _run(arguments: Sequence[str]) -> int:
    try:
        code = create_application()(args=list(arguments), prog_name="opsconductor", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except (KeyboardInterrupt, Abort):
        return INTERRUPTED
    except SystemExit as end:
        return _pipe_or(end.code)
    except BrokenPipeError:
        raise
    except Exception as error:
        told = told_as(error)
        tell_error(told)
        return told.spec.exit


def told_as(error: Exception) -> OpsConductorError:
    """What the person is told: our own errors as they are, wrong usage in its words, the rest by a reference."""
    while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    if isinstance(error, OpsConductorError):
        return error
    if isinstance(error, TyperException):
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "opsconductor"
        return BadInput("request.invalid", error.format_message(), next_step=f"See: {command} --help")
    reference = _report(error)
    return InternalFault(
        "internal.fault",
        f"Something broke in here ({type(error).__name__}, reference {reference}).",
        reference=reference,
    )


def _report(error: Exception) -> str:
    """Write the fault to the log of the home; the reference it has there."""
    try:
        from opsconductor.bootstrap import fault_log
        from opsconductor.settings import load_settings

        return fault_log(load_settings()).report(error, "command line")
    except (ImportError, OpsConductorError):
        return "none: the log cannot be written"


def _pipe_or(code: object) -> int:
    if code is None:
        return 0
    return code if isinstance(code, int) else 1
