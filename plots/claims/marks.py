"""Marks that the pictures of claims share: levels, places and reference slopes, each with its name beside it."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullLocator
from numpy.typing import ArrayLike

from theory.claims.prose import typeset

__all__ = ["gap_to", "interval_rows", "level", "place", "plain_ticks", "room_for_names", "slope_line"]

QUIET = "0.35"
NOTE: dict[str, Any] = {"fontsize": "small", "color": QUIET}


def level(axes: Axes, value: float, name: str, *, above: bool = True, at: float = 0.99) -> None:
    """Draw a horizontal line with its name at a share `at` of the width."""
    axes.axhline(value, color=QUIET, linestyle=":", linewidth=1)
    axes.annotate(
        name,
        (at, value),
        xycoords=("axes fraction", "data"),
        xytext=(0, 2 if above else -2),
        textcoords="offset points",
        ha="right" if at > 0.5 else "left",
        va="bottom" if above else "top",
        **NOTE,
    )


def place(axes: Axes, value: float, name: str, *, at: float = 0.97, left: bool = False) -> None:
    """Draw a vertical line with its name at a share `at` of the height."""
    axes.axvline(value, color=QUIET, linestyle=":", linewidth=1)
    axes.annotate(
        name,
        (value, at),
        xycoords=("data", "axes fraction"),
        xytext=(-3 if left else 3, 0),
        textcoords="offset points",
        ha="right" if left else "left",
        va="top",
        **NOTE,
    )


def slope_line(axes: Axes, x: ArrayLike, start: float, power: float, name: str) -> None:
    """Draw `start · (x/x₀)^power` on logarithmic axes: what a law of that order looks like."""
    along = np.asarray(x, dtype=float)
    axes.plot(along, start * (along / along[0]) ** power, color=QUIET, linestyle=":", linewidth=1, label=name)


def gap_to(axes: Axes, x: ArrayLike, low: ArrayLike, high: ArrayLike, name: str) -> None:
    """Shade what lies between two curves."""
    axes.fill_between(np.asarray(x, dtype=float), low, high, color="0.88", linewidth=0, label=name)


def interval_rows(axes: Axes, names: list[str], low: ArrayLike, high: ArrayLike) -> None:
    """Draw an interval for each name, the first on top."""
    rows = np.arange(len(names))[::-1]
    room_for_names(axes)
    axes.hlines(rows, low, high, color="black", linewidth=2.5)
    axes.plot(low, rows, "k|", high, rows, "k|", linestyle="none", markersize=7)
    axes.set_yticks(rows, names)
    axes.set_ylim(-0.6, len(names) - 0.4)


def room_for_names(axes: Axes) -> None:
    """Widen the left margin for words in place of numbers."""
    _, bottom, width, height = axes.get_position().bounds
    axes.set_position((0.33, bottom, width - 0.165, height))


def plain_ticks(axes: Axes) -> None:
    """Write powers of ten in Unicode and leave small ticks out: typesetting them takes most of a picture's time."""
    for axis in (axes.xaxis, axes.yaxis):
        if axis.get_scale() == "log":
            low, high = axis.get_view_interval()
            narrow = np.log10(high / low) < 1.8
            axis.set_major_locator(LogLocator(subs=(1, 2, 5) if narrow else (1,), numticks=6))
            axis.set_minor_locator(NullLocator())
            axis.set_major_formatter(lambda value, _: _power(value))


def _power(value: float) -> str:
    """A number on a logarithmic axis.

    Examples
    --------
    >>> _power(1e-3), _power(1.0), _power(20.0)
    ('10⁻³', '1', '20')
    """
    exponent = np.log10(value)
    whole = abs(exponent - round(exponent)) < 1e-9 and abs(exponent) > 1.5
    return typeset(f"10^{round(exponent)}") if whole else f"{value:g}"
