"""`pack`: begin a pack of one's own, and check it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from opsconductor.domain.catalogue import PackFault

Folder = Annotated[str, typer.Argument(metavar="DIR", help="The pack's folder.")]


def init(folder: Folder) -> None:
    """Write a small, sound pack into a new or empty folder, to be changed from there."""
    from importlib.resources import files

    from opsconductor.cli.printing import say
    from opsconductor.domain.errors import BadInput

    target = Path(folder)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise BadInput("request.invalid", f"{target} is there already and not empty.", next_step="Name a new folder.")
    template = files("opsconductor.cli").joinpath("new_pack")
    try:
        target.mkdir(parents=True, exist_ok=True)
        for name in sorted(part.name for part in template.iterdir() if part.name.endswith(".yaml")):
            (target / name).write_bytes(template.joinpath(name).read_bytes())
    except OSError as error:
        raise BadInput(
            "request.invalid", f"Cannot write {target}: {error.strerror}.", next_step="Name another folder."
        ) from error
    say(f"A small pack lies in {target}. Check it with: opsconductor pack check {target}")


def check(folder: Folder) -> int:
    """Check a pack: every fault with file, line and remedy."""
    from opsconductor.bootstrap import check_pack
    from opsconductor.cli.printing import say

    faults = check_pack(Path(folder))
    if faults:
        return tell_faults(faults)
    say(f"{folder} is sound.")
    return 0


def tell_faults(faults: "Sequence[PackFault]") -> int:
    """Every fault on a line of its own, then the error of the whole; its exit code."""
    from opsconductor.cli.printing import tell, tell_error
    from opsconductor.domain.errors import BadInput

    for fault in faults:
        tell(f"{fault.file}:{fault.line}: {fault.fault} {fault.remedy}")
    error = BadInput("pack.invalid", f"The pack has {len(faults)} {'fault' if len(faults) == 1 else 'faults'}.")
    tell_error(error)
    return error.spec.exit
