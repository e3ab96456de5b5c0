"""Pictures of claims: what a claim says, to be seen in five seconds.

A picture is a function below `shows`, in the file of its paper, and draws closed forms, or those entries of the
evidence's data that it names. Its docstring says what to see, and stands below it. They are drawn for pages, never to
verify anything.
"""

import functools
import importlib
import pkgutil
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from theory.claims.evidence import folded

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["ClaimPicture", "drawable", "picture_of", "pictures", "shows"]

WIDTH, HEIGHT = 3.4, 2.35  # inches
PANEL = (0.165, 0.185, 0.81, 0.745)  # left, bottom, width, height, as shares


class ClaimPicture(NamedTuple):
    """A claim's picture: its caption, the entries of the evidence's data that it needs, and what draws it."""

    caption: str
    needs: tuple[str, ...]
    draw: Callable[[Mapping[str, Any]], "Figure"]


_OURS: dict[str, ClaimPicture] = {}


def shows(*claim_ids: str, needs: tuple[str, ...] = ()) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a claim's picture of the function below, whose docstring is the caption.

    Parameters
    ----------
    *claim_ids : str
    needs : tuple of str
        Entries of the evidence's data, as JSON has them, which the function receives after the axes.

    Returns
    -------
    callable
        Decorates `draw(axes, *needs)`.
    """

    def kept(draw: Callable[..., None]) -> Callable[..., None]:
        def drawn(data: Mapping[str, Any]) -> "Figure":
            from matplotlib.figure import Figure

            from plots.claims.marks import plain_ticks

            # Margins that fit all pictures: to measure their texts would take as long as to draw them.
            figure = Figure(figsize=(WIDTH, HEIGHT), layout="none")  # type: ignore[arg-type]  # the stubs lack it
            axes = figure.add_axes(PANEL)
            draw(axes, *(data[name] for name in needs))
            plain_ticks(axes)
            return figure

        for claim_id in claim_ids:
            _OURS[claim_id] = ClaimPicture(folded(draw.__doc__ or ""), needs, drawn)
        return draw

    return kept


@functools.cache
def pictures() -> Mapping[str, ClaimPicture]:
    """Return the pictures of optdyn's own claims, by their ids.

    Examples
    --------
    >>> pictures()["problems.carmon_curvature"].caption
    'The curvature of the loss lies between −1/2 and 2, and is negative beyond a residual of 1.'
    """
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return _OURS


def picture_of(entry: Any) -> ClaimPicture | None:
    """Return the picture of a `theory.claims.Claim`: ours, or the one that it brings; None where it has none."""
    if entry.picture is not None:
        return ClaimPicture("", (), entry.picture)
    return pictures().get(entry.id)


def drawable(entry: Any, data: Mapping[str, Any]) -> ClaimPicture | None:
    """Return the picture that can be drawn from the data of a check; without data a claim's own can't be."""
    picture = picture_of(entry)
    if picture is None or not set(picture.needs) <= set(data) or (entry.picture is not None and not data):
        return None
    return picture
