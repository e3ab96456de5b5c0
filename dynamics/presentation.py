"""Methods and problems as people read them: what differs from the defaults, and the shapes of arrays."""

import html
import importlib
import json
import typing
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import numpy as np

SHORT = 6  # numbers of an array or a list that are shown
LONGEST = 240  # characters of a thing: three lines


def described(thing: Any) -> str:
    """A NamedTuple as a call that makes it: only what differs from the defaults, words for choices, shapes for arrays.

    Examples
    --------
    >>> from dynamics import RSG, TrustRegion
    >>> RSG(0.1)
    RSG(step_size=0.1)
    >>> TrustRegion("adagrad", radius=0.5)
    TrustRegion(norm="adagrad", radius=0.5)
    """
    return call(type(thing).__name__, _telling(thing))


def call(name: str, given: Iterable[tuple[str, Any]]) -> str:
    """What makes a thing, in three lines at the most: a name, and arguments with their values.

    Examples
    --------
    >>> call("Data", [("samples", 50), ("rows", np.zeros((50, 8)))])
    'Data(samples=50, rows=<50×8 float64>)'
    """
    fields = [f"{field}={_short(value)}" for field, value in given]
    whole = f"{name}({', '.join(fields)})"
    while len(whole) > LONGEST and fields:
        fields.pop()
        whole = f"{name}({', '.join([*fields, '…'])})"
    return whole


def listed(name: str, given: Iterable[tuple[str, Any]]) -> str:
    """The same as a small table in HTML."""
    return table(name, [(field, _short(value)) for field, value in given])


def readable(kind: Any) -> None:
    """Let the instances of a NamedTuple class show themselves by `described`, unless the class says how they do."""
    if not hasattr(kind, "_fields"):
        return
    if getattr(kind.__repr__, "__globals__", {}).get("__name__") == "collections":
        kind.__repr__ = described
    if not hasattr(kind, "_repr_html_"):
        kind._repr_html_ = _as_table


def table(title: str, rows: Iterable[Sequence[Any]], heads: Sequence[str] = ()) -> str:
    """A small table in HTML; everything in it is text and escaped."""
    above = [_row("th", heads)] if heads else []
    lines = "".join(above + [_row("td", row) for row in rows])
    caption = f'<caption style="text-align:left;font-weight:bold">{html.escape(title)}</caption>'
    return f"<table>{caption}{lines}</table>"


def drawn(name: str, thing: Any, **options: Any) -> Any:
    """The picture of a thing by the function `name` of `plots.pictures`.

    Nothing here imports `plots`, which stands above: whoever asks for a picture has it loaded by its name.
    """
    return getattr(importlib.import_module("plots.pictures"), name)(thing, **options)


def _row(cell, entries):
    inside = "".join(f'<{cell} style="text-align:left">{html.escape(str(entry))}</{cell}>' for entry in entries)
    return f"<tr>{inside}</tr>"


def _as_table(thing: Any) -> str:
    return listed(type(thing).__name__, _telling(thing, defaults=True))


def _telling(thing, defaults=False):
    """The fields worth showing and their values, with words for choices; scratch never is."""
    kind: Any = type(thing)
    words, usual = _words(kind), kind._field_defaults
    for name, value in zip(kind._fields, thing, strict=True):
        shown = (
            words[name][value] if name in words and type(value) is int and value in range(len(words[name])) else value
        )
        if name != "work" and (defaults or name not in usual or not _same(shown, usual[name])):
            yield name, shown


@cache
def _words(kind: Any) -> dict[str, tuple[Any, ...]]:
    """The words of the fields that hold choices."""
    try:
        annotations = typing.get_type_hints(kind)
    except (NameError, TypeError):  # a class made inside a function may name types that are out of reach
        return {}
    literal = {name: note for name, note in annotations.items() if typing.get_origin(note) is typing.Literal}
    return {name: typing.get_args(note) for name, note in literal.items()}


def _same(value, usual):
    if isinstance(value, np.ndarray) or isinstance(usual, np.ndarray):
        return type(value) is type(usual) and np.array_equal(value, usual)
    return type(value) is type(usual) and repr(value) == repr(usual)


def _short(value):
    if isinstance(value, np.ndarray):
        few = value.ndim == 1 and value.size <= SHORT
        return f"[{', '.join(f'{number:.6g}' for number in value.tolist())}]" if few else f"<{_size(value)}>"
    if hasattr(type(value), "_fields"):
        if getattr(type(value).__repr__, "__globals__", {}).get("__name__") not in ("collections", __name__):
            return repr(value)
        fields = list(_telling(value))
        # Of a part, the numbers and words say enough; where there is nothing but arrays, their shapes.
        return call(type(value).__name__, [field for field in fields if not _bulky(field[1])] or fields)
    if isinstance(value, list | tuple) and len(value) > SHORT:
        return f"<{len(value)} values>"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return repr(value.item() if isinstance(value, np.generic) else value)


def _bulky(value):
    return isinstance(value, np.ndarray) or (
        hasattr(type(value), "_fields") and bool(value) and all(_bulky(part) for part in value)
    )


def _size(array):
    return f"{'×'.join(map(str, array.shape)) or 'one'} {array.dtype}"
