"""Every figure's quick version, computed once and drawn once a size for all tests."""

import functools
import io
import pickle
from typing import NamedTuple

import xarray as xr
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

import plots
from plots.registry import entry
from tests.once import once

__all__ = ["Drawn", "drawn", "quick", "reread"]


@functools.cache
def quick(id: str) -> xr.Dataset:
    """The numbers of a figure's quick version; all tests share them, so that nobody may change them."""
    return pickle.loads(once(f"{id}.figure", lambda: pickle.dumps(plots.compute(id, **entry(id).quick))))


def reread(dataset: xr.Dataset) -> xr.Dataset:
    """The dataset as it comes back from its file."""
    return xr.load_dataset(io.BytesIO(bytes(dataset.to_netcdf(engine="scipy"))), engine="scipy")


class Drawn(NamedTuple):
    """A picture, and the text in it with its boxes in pixels."""

    picture: Figure
    texts: list[tuple[str, Bbox]]


@functools.cache
def drawn(id: str, size: str) -> Drawn:
    """The quick version drawn from its file, as `optdyn figure` would."""
    picture = plots.draw(reread(quick(id)), size=size)
    return Drawn(picture, texts_of(picture))


def texts_of(picture: Figure) -> list[tuple[str, Bbox]]:
    """The text that reaches the renderer: axes also keep labels of ticks that they do not draw."""
    reached: dict[int, Text] = {}
    draw_text = Text.draw

    def draw(self, renderer, *args, **kwargs):
        reached[id(self)] = self
        return draw_text(self, renderer, *args, **kwargs)

    canvas = FigureCanvasAgg(picture)
    Text.draw = draw
    try:
        canvas.draw()
    finally:
        Text.draw = draw_text
    return [
        (text.get_text(), Text.get_window_extent(text, canvas.get_renderer()))
        for text in reached.values()
        if text.get_visible() and text.get_text().strip()
    ]
