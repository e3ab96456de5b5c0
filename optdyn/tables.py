"""Numbers of a check as tables in HTML: what belongs together stands in one, with words at its rows and columns."""

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any

from theory.claims.prose import typeset
from theory.claims.shown import as_text

__all__ = ["number_tables"]

LONGEST = 30  # rows that are shown
WIDEST = 6  # longer lists stand upright


def number_tables(data: Mapping[str, Any]) -> str:
    """The entries of an evidence's data, which have JSON's own types.

    Lists of the same length are columns of one table, numbers rows of another; a mapping or a list of lists is a table
    of its own, whose columns have the names that end the entry's, in brackets: "bounds (exact, noisy)".

    Examples
    --------
    >>> number_tables({"largest": 0.5}).partition("<tbody>")[2]
    '<tr><th>largest</th><td>0.5</td></tr></tbody></table></div>'
    """
    plain = {name: value for name, value in data.items() if not isinstance(value, dict | list)}
    lengths: dict[int, dict[str, list[Any]]] = {}
    for name, value in data.items():
        if _is_row(value):
            lengths.setdefault(len(value), {})[name] = value
    columns = [group for group in lengths.values() if len(group) > 1]
    together = {name for group in columns for name in group}
    made = [_table([], [[name, value] for name, value in plain.items()])] if plain else []
    made += [_table(list(group), list(zip(*group.values(), strict=True)), named=False) for group in columns]
    made += [_of_one(name, value) for name, value in data.items() if name not in plain and name not in together]
    return "".join(made)


def _is_row(value: Any) -> bool:
    return isinstance(value, list) and not any(isinstance(entry, dict | list) for entry in value)


def _of_one(name: str, value: Any) -> str:
    """A mapping or a list under its name."""
    titles = re.search(r"\(([^()]*,[^()]*)\)$", name)
    heads = re.split(r",\s+", titles[1]) if titles else []
    rows: list[Sequence[Any]]
    if isinstance(value, dict):
        lengths = {len(entry) if _is_row(entry) else 0 for entry in value.values()}
        if len(lengths) == 1 and max(lengths) > WIDEST:
            return _table(list(value), list(zip(*value.values(), strict=True)), named=False, caption=name)
        if value and all(isinstance(entry, dict) and entry.keys() == _first(value).keys() for entry in value.values()):
            heads, rows = list(_first(value)), [[key, *entry.values()] for key, entry in value.items()]
        else:
            rows = [[key, *entry] if _is_row(entry) else [key, entry] for key, entry in value.items()]
        heads = ["", *heads] if heads else []
    else:
        rows = [entry if _is_row(entry) else [entry] for entry in value] if not _is_row(value) else [value]
    fits = len(heads) == _width(rows)
    caption = name[: titles.start()].rstrip(" :") if titles and fits else name
    return _table(heads if fits else [], rows, named=isinstance(value, dict), caption=caption)


def _first(value: Mapping[str, Any]) -> Any:
    return next(iter(value.values()))


def _width(rows: Sequence[Sequence[Any]]) -> int:
    return max(map(len, rows), default=0)


def _written(cell: Any) -> str:
    """A number, or a formula as SymPy prints it, as people write it."""
    return html.escape(typeset(as_text(cell).replace("**", "^").replace("*", " ")))


def _table(heads: Sequence[str], rows: Sequence[Sequence[Any]], *, named: bool = True, caption: str = "") -> str:
    """Rows of cells; the first cell of each is its name where rows are named."""
    head = "".join(f"<th>{html.escape(name)}</th>" for name in heads)
    body = "".join(
        "<tr>"
        + "".join(
            f"<th>{html.escape(str(cell))}</th>" if named and not place else f"<td>{_written(cell)}</td>"
            for place, cell in enumerate(row)
        )
        + "</tr>"
        for row in rows[:LONGEST]
    )
    more = f"<p>and {len(rows) - LONGEST} more rows</p>" if len(rows) > LONGEST else ""
    return (
        '<div class="wide"><table class="numbers">'
        + (f"<caption>{html.escape(caption)}</caption>" if caption else "")
        + (f"<thead><tr>{head}</tr></thead>" if head else "")
        + f"<tbody>{body}</tbody></table>{more}</div>"
    )
