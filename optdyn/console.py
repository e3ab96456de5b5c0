"""Where commands print, and how their tables look."""

import io
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from rich.console import Console

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["VERDICT_STYLES", "new_console", "new_pairs", "new_table"]

VERDICT_STYLES = {
    "proved": "bold green",
    "supported": "green",
    "conditional": "yellow",
    "refuted": "red",
    "undecided": "dim",
    "crashed": "bold white on red",
}


def new_console() -> Console:
    """A console for standard output.

    Made anew for each command, since a console keeps the stream that it found. Numbers are not painted: colour is
    kept for what it says. A character that the terminal cannot show becomes a question mark.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    return Console(highlight=False)


def new_table(*columns: str, prose: Iterable[str] = (), rows: Iterable[tuple[str, ...]] = ()) -> "Table":
    """A table with a rule under its head and no other lines.

    A column named `>name` is set right; only the columns in `prose` are broken into lines.
    """
    from rich import box
    from rich.table import Table

    broken = set(prose)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        justify: Literal["left", "right"] = "right" if column.startswith(">") else "left"
        table.add_column(column.lstrip(">"), justify=justify, overflow="fold", no_wrap=column not in broken)
    for row in rows:
        table.add_row(*row)
    return table


def new_pairs(rows: Iterable[tuple[str, str]]) -> "Table":
    """Names and what they stand for, without head and lines."""
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table
