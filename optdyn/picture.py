"""Pictures as files: those of runs, and those that claims bring."""

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dynamics import Trajectory
from optdyn.exports import write_file

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["claim_picture", "save", "write_picture"]


def write_picture(run: Trajectory, path: Path, *, seed: int | None, x0: Any = None) -> None:
    """Draw a run into a PNG, PDF or SVG file; the same run gives the same bytes."""
    from plots.pictures import draw_run

    save(draw_run(run, seed=seed, x0=x0), path)


def save(picture: "Figure", path: Path) -> None:
    """Write a picture as PNG, PDF or SVG, with no date in it."""
    from matplotlib import rc_context

    from plots.style import style

    buffer = io.BytesIO()
    ending = path.suffix.lstrip(".").lower()
    undated: dict[str, dict[str, None]] = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}
    with style("page"), rc_context({"svg.hashsalt": "optdyn"}):
        picture.savefig(buffer, format=ending, metadata=undated.get(ending, {}))
    write_file(path, buffer.getvalue())


def claim_picture(draw: Callable[[Mapping[str, Any]], "Figure"], data: Mapping[str, Any]) -> bytes:
    """Draw the numbers of a check as SVG in the style of all figures; the same numbers give the same bytes."""
    from matplotlib import rcParams

    from plots.printing import printed, printing
    from plots.style import style

    with style("column"), printing():
        rcParams["svg.hashsalt"] = "optdyn"  # which `style` takes back
        return printed(draw(data), "svg", {"Date": None})
