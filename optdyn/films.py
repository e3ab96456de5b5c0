"""Films: an animation as the bytes of a GIF or MP4 file, with the sidecar's text inside."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optdyn.provenance import as_line
from optdyn.refusals import BadInput

if TYPE_CHECKING:
    from xarray import Dataset

__all__ = ["FILMS", "check_films", "render_film"]

FILMS = ("gif", "mp4")
DOTS_PER_INCH = 100  # a film on a screen, not a print


def check_films(formats: tuple[str, ...]) -> None:
    """Refuse MP4 where there is no ffmpeg to write it.

    Raises
    ------
    ValueError
        With the way out.
    """
    if "mp4" in formats:
        from matplotlib.animation import FFMpegWriter

        if not FFMpegWriter.isAvailable():
            raise BadInput("mp4 is written by ffmpeg, which is not installed: install it, or try --format gif.")


def render_film(dataset: "Dataset", name: str, *, size: str, made: Mapping[str, Any]) -> bytes:
    """Animate a dataset and return the file.

    Parameters
    ----------
    dataset : xarray.Dataset
        Of a figure that has a film.
    name : {"gif", "mp4"}
        Format.
    size : {"column", "page", "slide"}
        What it is drawn for.
    made : mapping
        The record that goes into the file's comment.
    """
    import plots
    from plots.printing import printing
    from plots.style import style

    film = plots.animate(dataset, size=size)
    interval = film._interval  # type: ignore[attr-defined]  # milliseconds; Matplotlib reads it the same way
    with style(size), printing(), tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"film.{name}")
        film.save(path, writer=_writer(name, 1000 / interval, made), dpi=DOTS_PER_INCH)
        return path.read_bytes()


def _writer(name: str, rate: float, made: Mapping[str, Any]) -> Any:
    from matplotlib.animation import FFMpegWriter, PillowWriter
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    from plots.ticks import ticks_worked_out_once

    speed: Any = rate  # typed as a whole number, but any goes
    if name == "mp4":
        return FFMpegWriter(fps=speed, metadata={"title": made["title"], "comment": as_line(made)})

    class Canvas(FigureCanvasAgg):
        def draw(self) -> None:
            with ticks_worked_out_once():
                super().draw()

    class CommentedGif(PillowWriter):
        def setup(self, fig: Any, outfile: Any, dpi: Any = None) -> None:
            super().setup(fig, outfile, dpi=dpi)
            fig.set_dpi(self.dpi)
            Canvas(fig)  # becomes the figure's canvas, on which the animation draws each frame

        def grab_frame(self, **options: Any) -> None:
            """Keep what is drawn: `Figure.savefig` would draw it twice more."""
            canvas: Any = self.fig.canvas
            if self.fig.stale:
                canvas.draw()
            frame = Image.frombuffer("RGBA", self.frame_size, canvas.buffer_rgba(), "raw", "RGBA", 0, 1)
            self._frames.append(frame.convert("RGB"))  # type: ignore[attr-defined]  # where the base class gathers them

        def finish(self) -> None:
            frames: Any = self._frames  # type: ignore[attr-defined]  # where the base class gathers them
            frames[0].info["comment"] = as_line(made).encode()
            super().finish()

    return CommentedGif(fps=speed)
