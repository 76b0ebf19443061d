"""`turns replay`: does a past turn's reply follow from what its record holds?"""

from collections.abc import Iterator
from json import dumps
from typing import Annotated, Any

import typer

from opsconductor.cli.connect import with_client
from opsconductor.cli.options import AsIdentity, AsJson, Tenant

DIFFERENT = 5
SHOWN = 200
"""So many characters of a value are shown; `--json` has it whole."""


def replay(
    turn_id: Annotated[str, typer.Argument(metavar="ID", help="The turn.")],
    as_json: AsJson = False,
    acting_as: AsIdentity = "",
    tenant: Tenant = "",
) -> int:
    """Derive a finished turn again from its record and compare; no tool is called and nothing is written.

    Exit code 0: the same reply; 5: it differs.
    """
    from opsconductor.cli.printing import say, say_json

    found = with_client(lambda client: client.replay(turn_id), acting_as=acting_as, tenant=tenant)
    if as_json:
        say_json(found)
    else:
        for line in replay_lines(found):
            say(line)
    return 0 if found["outcome"] == "same" else DIFFERENT


def replay_lines(found: Any) -> Iterator[str]:
    """What a replay found, in lines."""
    yield f"Turn {found['turn_id']}: {found['outcome']}"
    for one in found["differences"]:
        yield f"{one['phase']} {one['what']}"
        yield f"  told:    {_short(one['told'])}"
        yield f"  derived: {_short(one['derived'])}"
    for one in found["changed_since"]:
        yield f"The {one['name']} has changed since: {one['then']}, now {one['now']}. A difference may come from that."
    yield from found["notes"]


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN else text[:SHOWN] + " …"
