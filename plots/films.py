"""A film that shows itself in a notebook and saves itself as GIF or MP4."""

import base64
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from matplotlib.animation import FFMpegWriter, FuncAnimation, PillowWriter
from matplotlib.figure import Figure

from dynamics.checks import FileRefusal, Refusal
from plots.style import style

__all__ = ["Film"]

DOTS_PER_INCH = 100  # a film on a screen, not a print
ENDINGS = (".gif", ".mp4")


class Film:
    """Frames that are drawn when the film is shown or saved.

    Attributes
    ----------
    figure : Figure
        What every frame is drawn into.
    show : callable
        Draws frame number k into the figure.
    frames : int
        How many there are.
    rate : float
        Frames a second.

    Examples
    --------
    >>> from dynamics import GradientDescent
    >>> from plots import compare
    >>> from synthetic import rosenbrock
    >>> film = compare(rosenbrock(), {"GD": GradientDescent(1e-3)}, steps=50, animate=True)
    >>> film.rate
    12.0
    """

    def __init__(self, figure: Figure, show: Callable[[int], None], frames: int, *, rate: float, size: str) -> None:
        self.figure, self.show, self.frames, self.rate, self.size = figure, show, frames, rate, size

    def save(self, path: str | Path) -> None:
        """Write the film: .gif always, .mp4 where there is ffmpeg.

        Raises
        ------
        ValueError
            For another ending, or MP4 without ffmpeg.
        """
        path = Path(path)
        if path.suffix.lower() not in ENDINGS:
            raise Refusal(f"{path} must end in {' or '.join(ENDINGS)}: a film has no other format.")
        if path.suffix.lower() == ".mp4" and not FFMpegWriter.isAvailable():
            raise Refusal(
                f"mp4 is written by ffmpeg, which is not installed: install it, or try {path.with_suffix('.gif')}."
            )
        data = self.bytes(path.suffix.lower())
        try:
            path.write_bytes(data)
        except OSError as error:
            raise FileRefusal(f"cannot write {path}: {error.strerror or error}; give another file.") from error

    def bytes(self, ending: str = ".gif") -> bytes:
        """The film as the content of a file."""
        speed: Any = self.rate
        writer = FFMpegWriter(fps=speed) if ending == ".mp4" else PillowWriter(fps=speed)
        with style(self.size), tempfile.TemporaryDirectory() as folder:
            film = FuncAnimation(self.figure, self._frame, frames=self.frames, interval=1000 / self.rate)
            film.save(Path(folder, f"film{ending}"), writer=writer, dpi=DOTS_PER_INCH)
            return Path(folder, f"film{ending}").read_bytes()

    def _frame(self, k: int) -> list[Any]:
        with style(self.size):
            self.show(k)
        return []

    def _repr_html_(self) -> str:
        """The film as a GIF inside the page."""
        width = round(float(self.figure.get_figwidth()) * DOTS_PER_INCH)
        return f'<img width="{width}" src="data:image/gif;base64,{base64.b64encode(self.bytes()).decode()}">'
