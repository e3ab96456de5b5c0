"""Figures as the bytes of a file, each laid out once and drawn once for a format."""

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import matplotlib
from matplotlib.figure import Figure

from plots.fonts import lean_fonts
from plots.ticks import ticks_worked_out_once
from theory.typesetting import formulas_set_once

__all__ = ["printed", "printing"]

OPAQUE = 255
PACKED = 3  # of 9: a tenth larger than at Pillow's 6, as much as the pixels' opacity took, in half of its time


@contextmanager
def printing() -> Iterator[None]:
    """What takes most of a picture's time is done once for all that are made within: fonts read, formulas set.

    Examples
    --------
    >>> from matplotlib.textpath import TextToPath
    >>> with printing():
    ...     TextToPath().mathtext_parser is TextToPath().mathtext_parser
    True
    """
    with lean_fonts(), formulas_set_once():
        yield


def printed(figure: Figure, kind: str, metadata: Mapping[str, str | None]) -> bytes:
    """A figure of which `plots.style.laid_out` has settled the places, in a format.

    The canvas is called directly, since `Figure.savefig` draws twice: first to lay the figure out.

    Parameters
    ----------
    figure : Figure
        Its dots per inch are those of the picture.
    kind : {"png", "pdf", "svg"}
        Format.
    metadata : mapping
        What the file says of itself; None for an entry that Matplotlib would add.

    Examples
    --------
    >>> from plots.style import laid_out, new_figure, style
    >>> with style("column") as size:
    ...     printed(laid_out(new_figure(size)), "png", {"Title": "nothing yet"})[1:4]
    b'PNG'
    """
    buffer = io.BytesIO()
    dpi = figure.dpi
    try:
        with ticks_worked_out_once():
            _printer(figure, kind)(buffer, metadata=metadata)
    finally:
        figure.set_dpi(dpi)  # vector formats leave their own
    return buffer.getvalue()


def _printer(figure: Figure, kind: str) -> Callable[..., Any]:
    """What writes a format; each canvas is imported when the first picture needs it."""
    if kind == "png":
        return partial(_print_png, figure)
    if kind == "pdf":
        from matplotlib.backends.backend_pdf import FigureCanvasPdf

        return FigureCanvasPdf(figure).print_pdf
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    return FigureCanvasSVG(figure).print_svg


def _print_png(figure: Figure, buffer: io.BytesIO, *, metadata: Mapping[str, str | None]) -> None:
    """As Matplotlib does, but without the opacity of pixels where all are opaque, and packed in half of the time."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image, PngImagePlugin

    own = figure.canvas
    canvas = own if isinstance(own, FigureCanvasAgg) else FigureCanvasAgg(figure)
    canvas.draw()
    image = Image.frombuffer("RGBA", canvas.get_width_height(), canvas.buffer_rgba(), "raw", "RGBA", 0, 1)
    if image.getchannel("A").getextrema() == (OPAQUE, OPAQUE):
        image = image.convert("RGB")
    text = PngImagePlugin.PngInfo()
    drawn_by = f"Matplotlib version{matplotlib.__version__}, https://matplotlib.org/"
    for name, words in {"Software": drawn_by, **metadata}.items():
        if words is not None:
            text.add_text(name, words)
    image.save(buffer, "png", pnginfo=text, dpi=(figure.dpi, figure.dpi), compress_level=PACKED)
