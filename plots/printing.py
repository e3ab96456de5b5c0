"""Figures as the bytes of a file, each laid out once and drawn once for a format."""

import io
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from plots.fonts import lean_fonts
from plots.ticks import ticks_worked_out_once
from theory.typesetting import formulas_set_once

__all__ = ["printed", "printing"]

OPAQUE = 255
PACKED = 3  # of 9
SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOURS = {3: 2, 4: 6}  # PNG's number for colours, without and with opacity
INCH = 0.0254  # metres


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
    """As Matplotlib does, but without the opacity of pixels where all are opaque, and in a third of the time."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import PngImagePlugin

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())
    text = PngImagePlugin.PngInfo()
    drawn_by = f"Matplotlib version{matplotlib.__version__}, https://matplotlib.org/"
    for name, words in {"Software": drawn_by, **metadata}.items():
        if words is not None:
            text.add_text(name, words)
    buffer.write(_png(pixels if (pixels[..., 3] < OPAQUE).any() else pixels[..., :3], figure.dpi, text.chunks))


def _png(pixels: NDArray, dpi: float, chunks: Sequence[tuple[Any, ...]]) -> bytes:
    """A PNG file of pixels as they are: to say what each row adds to the one above takes time and no less room here."""
    height, width, channels = pixels.shape
    rows = np.zeros((height, 1 + width * channels), dtype=np.uint8)  # a row begins with the number of its filter: none
    rows[:, 1:] = pixels.reshape(height, -1)
    dots = round(dpi / INCH)
    return SIGNATURE + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content, *_ in (
            (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, COLOURS[channels], 0, 0, 0)),
            *chunks,
            (b"pHYs", struct.pack(">IIB", dots, dots, 1)),
            (b"IDAT", zlib.compress(rows.data, PACKED)),
            (b"IEND", b""),
        )
    )
