"""Figure arsg.variance_map: the error variance limit of RSG over scaled curvature and observation factor."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from plots.dataset import describe, recorded, variable
from plots.gallery.arsg_gain_map import BETAS, draw_map, map_grid
from theory import arsg

__all__ = ["compute", "draw"]

TITLE = "Error variance limit of RSG over scaled curvature and observation factor"
CLAIMS = ("arsg.variance_limit", "arsg.variance_increases")
QUICK = {"points": 61}


@recorded
def compute(*, betas: Sequence[float] = BETAS, points: int = 201) -> xr.Dataset:
    """Error variance limit and critical curves of RSG on a grid of scaled curvatures and observation factors.

    Parameters
    ----------
    betas : sequence of float
        Momentum coefficients, one panel each: one to three, increasing, in (0, 1).
    points : int
        Grid points per axis, at least 11; both axes are logarithmic.

    Returns
    -------
    Dataset
        `variance_limit` over (beta, mu, tau), NaN outside the convergence region; the curves of arsg.gain_map.

    Raises
    ------
    ValueError
        If a parameter is outside its range.
    """
    dataset, grid = map_grid(betas, points)
    limit = arsg.variance_limit(grid.pop("tau"), **grid)
    dataset["variance_limit"] = variable(("beta", "mu", "tau"), limit, "error variance limit")
    return describe(
        dataset,
        "arsg.variance_map",
        message="""Noise costs the more the larger the scaled curvature, and without bound towards the edge of
            convergence (hatched).""",
        caption="""Limit of the error's variance on one eigen-direction, in units of the squared noise level (noise
            of the gradient divided by the curvature); brighter is less. White lines: decades. Along a row it
            increases with τ up to the end τ_rb of the convergence region, beyond which there is no limit
            (hatched); the critical curves are those of the gain factor. Closed forms, so no seeds, no budget
            and no tuning.""",
    )


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw one map for each momentum coefficient, with the critical curves."""
    decades = 10.0 ** np.arange(-4, 2)
    return draw_map(
        dataset.assign(shown=dataset["variance_limit"]),
        norm=LogNorm(decades[0], decades[-1]),
        ticks={float(decade): f"{decade:g}" for decade in decades},
        label=r"error variance limit $l_{\mathrm{Var}}$",
        colours="cividis_r",
        levels=decades,
        size=size,
    )
