"""Tables: within the width of a terminal, and in a pipe as wide as their content, so that nothing is cut off there."""

from collections.abc import Sequence

from opsconductor.cli.printing import printable, say


def show_table(columns: Sequence[str], rows: Sequence[Sequence[object]], empty: str = "None.") -> None:
    """Print rows under their column names; `empty` is said when there is none."""
    if not rows:
        say(empty)
        return
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(markup=False, highlight=False, emoji=False)
    piped = not console.is_terminal
    table = Table(
        box=None if piped else SIMPLE_HEAD,
        pad_edge=False,
        show_edge=False,
        show_header=any(columns),
        header_style="bold",
    )
    for column in columns:
        table.add_column(column, no_wrap=piped, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell(value)) for value in row))
    if piped:
        console.width = max(table.__rich_measure__(console, console.options.update(width=100_000)).maximum, 1)
    console.print(table)


def cell(value: object) -> str:
    """One value as a cell: nothing for nothing, lists joined, no control character."""
    if value is None or value == "":
        return "-"
    if isinstance(value, str):
        return printable(value).replace("\n", " ")
    if isinstance(value, Sequence):
        return ", ".join(cell(part) for part in value) or "-"
    return str(value)
