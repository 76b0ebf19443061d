"""Options that several commands share."""

from typing import Annotated

import typer

AsIdentity = Annotated[
    str,
    typer.Option(
        "--as", metavar="WHO", help="Act as WHO; needs a token of WHO in OPSCONDUCTOR_TOKEN.", show_default=False
    ),
]
Tenant = Annotated[str, typer.Option("--tenant", metavar="T", help="The isolation tenant.", show_default=False)]
Session = Annotated[str, typer.Option("--session", metavar="S", help="Continue that conversation.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=200, help="At most so many, newest first.")]
