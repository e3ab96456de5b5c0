"""The one style sheet, and the sizes in which a figure can be drawn."""

import functools
import io
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import matplotlib
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.layout_engine import ConstrainedLayoutEngine

from dynamics.checks import Refusal
from plots.ticks import ticks_worked_out_once

__all__ = [
    "SIZES",
    "STYLE_SHEET",
    "Picture",
    "Size",
    "finish",
    "for_print",
    "laid_out",
    "lay_out",
    "new_figure",
    "set_title",
    "style",
]

Drawn = TypeVar("Drawn", bound=Figure)

ON_SCREEN = 100  # dots an inch, of which a screen may have two each way
PRINTED: ContextVar[bool] = ContextVar("PRINTED", default=False)  # whether figures are made for a print
STYLE_SHEET = Path(__file__).with_name("optdyn.mplstyle")


class Size(NamedTuple):
    """Width and height in inches, and the factor from the style sheet's text and lines to this size's.

    Examples
    --------
    >>> SIZES["slide"].width, SIZES["page"].scale
    (10.0, 1.0)
    """

    width: float
    height: float
    scale: float


SIZES = {
    "column": Size(3.4, 3.6, 0.78),
    "page": Size(7.0, 4.6, 1.0),
    "slide": Size(10.0, 5.625, 1.45),
}

_SCALED = (
    "font.size",
    "axes.linewidth",
    "grid.linewidth",
    "lines.linewidth",
    "lines.markersize",
    "xtick.major.size",
    "xtick.major.width",
    "xtick.minor.size",
    "xtick.minor.width",
    "ytick.major.size",
    "ytick.major.width",
    "ytick.minor.size",
    "ytick.minor.width",
)

# What no style sheet changes, by Matplotlib's own list: it belongs to the session.
_OF_THE_SESSION = (
    "backend",
    "backend_fallback",
    "date.epoch",
    "docstring.hardcopy",
    "figure.max_open_warning",
    "figure.raise_window",
    "interactive",
    "savefig.directory",
    "timezone",
    "tk.window_focus",
    "toolbar",
    "webagg.address",
    "webagg.open_in_browser",
    "webagg.port",
    "webagg.port_retries",
)


@contextmanager
def style(size: str = "page") -> Iterator[Size]:
    """Draw or save with the style sheet at one of `SIZES`; the caller's own settings come back afterwards.

    Parameters
    ----------
    size : {"column", "page", "slide"}
        What the figure is for.

    Raises
    ------
    ValueError
        If there is no such size.

    Examples
    --------
    >>> import matplotlib
    >>> before = matplotlib.rcParams["font.size"]
    >>> with style("slide") as size:
    ...     print(size.width, round(matplotlib.rcParams["font.size"], 2))
    10.0 13.05
    >>> matplotlib.rcParams["font.size"] == before
    True
    """
    if size not in SIZES:
        raise Refusal(f"size is {size!r}; a figure is drawn for " + ", ".join(map(repr, SIZES)) + ".")
    with matplotlib.rc_context():
        settings: Any = matplotlib.rcParams  # typed by literal names
        dict.update(settings, _settings(size))  # which were checked as they were read
        yield SIZES[size]


@functools.cache
def _settings(size: str) -> Mapping[str, Any]:
    """Matplotlib's defaults and the style sheet, which takes ten times as long to read as to put in force."""
    read: dict[Any, Any] = dict(dict.items(matplotlib.rc_params_from_file(STYLE_SHEET)))
    scaled = {name: read[name] * SIZES[size].scale for name in _SCALED}
    return {name: value for name, value in (read | scaled).items() if name not in _OF_THE_SESSION}


class Picture(Figure):
    """A figure that shows itself in a notebook, whatever backend is in force and without pyplot.

    Examples
    --------
    >>> data, shown = new_figure(SIZES["column"])._repr_png_()
    >>> shown
    {'width': 340, 'height': 360}
    """

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        """The picture for a screen with many dots, and the size at which it is shown."""
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", dpi=2 * ON_SCREEN)
        width, height = (round(float(inches) * ON_SCREEN) for inches in self.get_size_inches())
        return buffer.getvalue(), {"width": width, "height": height}


def new_figure(size: Size, *, height: float | None = None) -> Picture:
    """An empty figure of the given size; `height` (inches) replaces the size's own.

    Examples
    --------
    >>> new_figure(SIZES["page"], height=2.0).get_size_inches().tolist()
    [7.0, 2.0]
    """
    dpi = matplotlib.rcParams["savefig.dpi"] if PRINTED.get() else None
    figure = Picture(figsize=(size.width, size.height if height is None else height), dpi=dpi)
    if PRINTED.get():
        FigureCanvasAgg(figure)  # its canvas from now on: what texts measure is known when pixels are drawn
    return figure


@contextmanager
def for_print() -> Iterator[None]:
    """Make figures at the dots of a print, so that `finish` lays them out as they will be printed.

    Examples
    --------
    >>> with style() as size, for_print():
    ...     new_figure(size).dpi
    300.0
    """
    before = PRINTED.set(True)
    try:
        yield
    finally:
        PRINTED.reset(before)


def set_title(figure: Figure, text: str) -> None:
    """A title above all panels, in as many lines as its words need.

    Examples
    --------
    >>> figure = new_figure(SIZES["column"])
    >>> set_title(figure, "one title above all panels, in as many lines as its words need")
    >>> figure.get_suptitle().count("\\n")
    1
    """
    across = figure.get_figwidth() * 72 / FontProperties(size="medium").get_size_in_points()  # font heights
    lines = textwrap.wrap(text, max(20, int(1.75 * across)))
    figure.suptitle("\n".join(lines), x=0.01, ha="left", fontsize="medium")


def finish(figure: Drawn) -> Drawn:
    """Lay out the figure while the style is in force: Matplotlib makes ticks and places labels only now.

    Examples
    --------
    >>> with style() as size:
    ...     figure = finish(new_figure(size))
    """
    with ticks_worked_out_once():
        lay_out(figure)
        for axis in figure.findobj(Axis):
            axis.get_ticklabels()  # the layout may have made room for one more, which is made in this style
    return figure


def lay_out(figure: Figure) -> None:
    """Put everything in its place, as drawing does, in half of the time.

    Examples
    --------
    >>> with style() as size:
    ...     figure = new_figure(size)
    ...     before = figure.subplots().get_position().x0
    ...     lay_out(figure)
    ...     print(figure.axes[0].get_position().x0 < before)
    True
    """
    engine = figure.get_layout_engine()
    if not isinstance(engine, ConstrainedLayoutEngine) or not figure.axes:
        figure.draw_without_rendering()
        return
    with ticks_worked_out_once():
        engine.execute(figure)
    for axes in figure.axes:
        axes.apply_aspect()  # the layout gives room, which axes take up only now


def laid_out(figure: Drawn) -> Drawn:
    """The figure with everything in its place for good, at the dots of a print: each drawing would lay it out anew.

    One that was made `for_print` is laid out already.

    Examples
    --------
    >>> with style() as size:
    ...     print(laid_out(new_figure(size)).dpi)
    300.0
    """
    dots = matplotlib.rcParams["savefig.dpi"]
    if figure.dpi != dots:
        figure.set_dpi(dots)
        lay_out(figure)
    figure.set_layout_engine("none")
    return figure
