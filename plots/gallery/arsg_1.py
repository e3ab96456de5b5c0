"""Figure arsg.1: gain factor and error variance limit of RSG over the curvature times the step size."""

import json
from collections.abc import Iterable

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from dynamics.checks import Refusal, require_whole
from plots.dataset import describe, recorded, variable
from plots.marks import mark_divergence
from plots.style import finish, new_figure, style
from theory import arsg

__all__ = ["compute", "draw"]

TITLE = "Gain factor and error variance limit of RSG"
SOURCE = "Figure 1"
CLAIMS = (
    "arsg.convergence_region",
    "arsg.convergence_domain",
    "arsg.best_curvature",
    "arsg.variance_limit",
    "arsg.variance_increases",
    "arsg.observation_range",
    "arsg.figure1_variances",
    "arsg.negative_curvature",
    "arsg.small_observation_divergence",
    "arsg.small_curvature",
    "arsg.least_gain",
)

RANGES = ("near", "wide")
WIDE = (-1.0, 20.0)


def ranges(beta: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """The two ranges of τ: near 0 the curves part at multiples of 1 - β, the wide one is the paper's.

    Examples
    --------
    >>> ranges(0.999), ranges(0.9)
    (((-0.003, 0.01), (-1.0, 20.0)), ((-0.3, 1.0), (-1.0, 20.0)))
    """
    return (round(-3 * (1 - beta), 9), round(10 * (1 - beta), 9)), WIDE


@recorded
def compute(*, beta: float = 0.999, mu: Iterable[float] | None = None, points: int = 1301) -> xr.Dataset:
    """Gain factor and error variance limit near τ = 0 and on a wide range, at β = 0.999 those of the paper.

    Parameters
    ----------
    beta : float
        Momentum coefficient, in [0, 1); the paper draws 0.999 and mentions 0.9 and 0.99.
    mu : iterable of float, optional
        Observation factors, each in [0, 1). By default 0 (heavy ball), 1 - beta (Nesterov), 0.05, 0.1,
        0.2 and 0.4; the paper's text names 0, 0.001, 0.1 and 0.4, the others are a reading.
    points : int
        Abscissae per range, at least 2.

    Returns
    -------
    Dataset
        `gain_factor` and `variance_limit` over (range, curve, point), `tau` over (range, point), and each
        curve's `beta`, `mu` and the end `tau_rb` of its convergence region. The last curve is SGD without
        momentum (beta = 0). The variance limit is NaN outside the convergence region.

    Raises
    ------
    ValueError
        If a parameter is outside its range.
    """
    factors = _observation_factors(beta, mu)
    require_whole("points", points, 2, "a curve has two ends")
    betas = np.array([beta] * len(factors) + [0.0])
    mus = np.array([*factors, 0.0])
    tau = np.array([np.linspace(*ends, points) for ends in ranges(beta)])
    grid = tau[:, np.newaxis, :]
    per_curve = {"beta": betas[:, np.newaxis], "mu": mus[:, np.newaxis]}
    boundary = arsg.critical_points(beta=betas, mu=mus).tau_rb
    labels = [_label(beta, factor) for factor in factors] + ["SGD (β = 0)"]
    cells = ("range", "curve", "point")
    dataset = xr.Dataset(
        {
            "tau": variable(("range", "point"), tau, "scaled curvature, step size times curvature"),
            "gain_factor": variable(cells, arsg.gain_factor(grid, **per_curve), "gain factor"),
            "variance_limit": variable(cells, arsg.variance_limit(grid, **per_curve), "error variance limit"),
            "beta": variable("curve", betas, "momentum coefficient"),
            "mu": variable("curve", mus, "observation factor"),
            "tau_rb": variable("curve", boundary, "end of the convergence region"),
        },
        coords={
            "range": variable("range", list(RANGES), "range of the scaled curvature"),
            "curve": variable("curve", labels, "method"),
        },
    )
    return describe(
        dataset,
        "arsg.1",
        message="""Adding a share μ of the plain gradient to heavy ball speeds it up and calms its noise at
            moderate curvature; the larger the share, the sooner convergence ends (crosses).""",
        caption=f"""Spectral radius of RSG's transition matrix on one eigen-direction, and the limit of the
            error variance relative to the squared noise level, for β = {beta:g} and the stated observation
            factors μ; closed forms, so no seeds, no budget and no tuning. Crosses: the variance has no limit
            from the end of the convergence region on.""",
    )


def _observation_factors(beta: float, mu: Iterable[float] | None) -> list[float]:
    if not 0 <= beta < 1:
        raise Refusal(f"beta is {beta!r}; a momentum coefficient lies in [0, 1), such as 0.999.")
    if mu is None:
        mu = (0.0, round(1 - beta, 12), 0.05, 0.1, 0.2, 0.4)
    factors = sorted({float(factor) for factor in mu})
    if not factors or not all(0 <= factor < 1 for factor in factors):
        raise Refusal(f"mu is {factors!r}; RSG has observation factors in [0, 1) (at 1 it is SGD).")
    return factors


def _label(beta: float, mu: float) -> str:
    if mu == 0:
        return "μ = 0 (heavy ball)"
    name = " (Nesterov)" if np.isclose(mu, 1 - beta, rtol=1e-9) else ""
    return f"μ = {mu:g}{name}"


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw the four panels: gain factor above variance, the neighbourhood of τ = 0 left of the wide range."""
    with style(size) as sheet:
        narrow = size == "column"
        figure = new_figure(sheet, height=4.2 if narrow else None)
        panels = figure.subplots(2, 2, sharex="col")
        for column, name in enumerate(RANGES):
            part = dataset.sel(range=name)
            top, bottom = panels[:, column]
            curves = _plot(top, part, "gain_factor")
            _plot(bottom, part, "variance_limit")
            top.axhline(1.0, color="0.45", linestyle="-", linewidth=0.6, zorder=1)
            top.set_title(
                f"({'ac'[column]}) " + rf"$\beta={_momentum(dataset):g}$, " + ("near 0", "wide range")[column]
            )
            bottom.set_title(("(b)", "(d)")[column])
            low, high = part["tau"].values[[0, -1]]
            bottom.set_xlim(low, high)
            bottom.set_xticks(np.linspace(0, high, 3 if name == "near" else 5))
            bottom.set_xlabel(r"scaled curvature $\tau=\alpha\lambda$")
        panels[0, 0].set_ylabel("gain factor $r_g$")
        panels[1, 0].set_ylabel(r"error variance limit $l_{\mathrm{Var}}$")
        _frame_wide_range(panels[0, 1], panels[1, 1], dataset, curves)
        figure.legend(
            curves,
            [str(label) for label in dataset["curve"].values],
            loc="outside upper center" if narrow else "outside right center",
            ncols=2 if narrow else 1,
        )
        return finish(figure)


def _momentum(dataset: xr.Dataset) -> float:
    return float(json.loads(dataset.attrs["parameters"])["beta"])


def _plot(axes: Axes, part: xr.Dataset, quantity: str) -> list[Line2D]:
    curves = []
    for index, beta in enumerate(part["beta"].values):
        (curve,) = axes.plot(part["tau"].values, part[quantity].isel(curve=index).values)
        if beta == 0:
            curve.set(color="0.6", linestyle="-")  # the reference looks the same whatever else is drawn
        curves.append(curve)
    return curves


def _frame_wide_range(gain: Axes, variance: Axes, dataset: xr.Dataset, curves: list[Line2D]) -> None:
    # Far outside the convergence region the gain factors dwarf everything that converges: the frame follows
    # the curves with momentum inside the region and lets the others leave it.
    least = float(dataset["gain_factor"].sel(range="wide").where(dataset["beta"] > 0).min())
    gain.set_ylim(1 - 1.15 * (1 - least), 1 + 0.7 * (1 - least))
    variance.set_yscale("log")
    variance.set_ylim(0.01, 30)
    for curve, end in zip(curves, dataset["tau_rb"].values, strict=True):
        if WIDE[0] < end < WIDE[1]:
            mark_divergence(variance, float(end), curve)
