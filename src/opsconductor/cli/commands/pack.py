"""`pack`: begin a pack of one's own, and check it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from opsconductor.domain.catalogue import PackFault

Folder = Annotated[str, typer.Argument(metavar="DIR", help="The pack's folder.")]


def init(folder: Folder) -> None:
    """Write a copy of the pack that ships into a new or empty folder, to be changed from there."""
    import re
    import shutil

    from opsconductor.bootstrap import default_pack
    from opsconductor.cli.printing import say
    from opsconductor.domain.errors import BadInput

    target = Path(folder)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise BadInput("request.invalid", f"{target} is there already and not empty.", next_step="Name a new folder.")
    try:
        shutil.copytree(
            default_pack(), target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", "*.py")
        )
        agent = target / "agent.yaml"
        name = re.sub(r"[^a-z0-9]+", "-", target.absolute().name.lower()).strip("-") or "mine"
        agent.write_text(re.sub(r"^pack: .*$", f"pack: {name}", agent.read_text("utf-8"), flags=re.M), "utf-8")
    except OSError as error:
        raise BadInput(
            "request.invalid", f"Cannot write {target}: {error.strerror}.", next_step="Name another folder."
        ) from error
    say(f"A pack lies in {target}. Check it with: opsconductor pack check {target}")
    say("Use it by setting OPSCONDUCTOR_PACK to its path.")


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
