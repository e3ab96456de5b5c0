"""Figure arsg.1_betas: the curves of arsg.1 for three momentum coefficients, on one logarithmic axis."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter, NullLocator

from dynamics.checks import Refusal, require_whole
from plots.dataset import describe, recorded, variable
from plots.marks import mark_divergence
from plots.style import finish, new_figure, style
from theory import arsg

__all__ = ["compute", "draw"]

TITLE = "Gain factor and error variance limit of RSG for three momentum coefficients"
SOURCE = "Figure 1 at the other momentum coefficients that its text names"
CLAIMS = ("arsg.convergence_domain", "arsg.observation_range", "arsg.small_curvature")

TAU = (1e-4, 40.0)
NESTEROV: dict[str, Any] = {"color": "#F0E442", "linestyle": "-", "linewidth": 5.0, "zorder": 0.5}  # behind the others


@recorded
def compute(
    *,
    betas: Sequence[float] = (0.9, 0.99, 0.999),
    mu: Sequence[float] = (0.0, 0.001, 0.05, 0.1, 0.2, 0.4),
    points: int = 601,
) -> xr.Dataset:
    """Gain factor and error variance limit over scaled curvatures for several momentum coefficients.

    Parameters
    ----------
    betas : sequence of float
        Momentum coefficients, one column each: one to three, increasing, in [0, 1).
    mu : sequence of float
        Observation factors, increasing, at most seven, each in [0, 1).
    points : int
        Abscissae, at least 2, logarithmic.

    Returns
    -------
    Dataset
        `gain_factor` and `variance_limit` (NaN where there is none) over (beta, mu, tau); `tau_rb`, the end of the
        convergence region, over (beta, mu); `sgd_gain_factor` and `sgd_variance_limit` over tau, for β = 0;
        `nesterov_gain_factor` and `nesterov_variance_limit` over (beta, tau), for μ = 1 - β.

    Raises
    ------
    ValueError
        If a parameter is outside its range.
    """
    beta, factors = _within("betas", betas, 3), _within("mu", mu, 7)
    require_whole("points", points, 2, "a curve has two ends")
    tau = np.geomspace(*TAU, points)
    grid = {"beta": beta[:, np.newaxis, np.newaxis], "mu": factors[:, np.newaxis]}
    nesterov = {"beta": beta[:, np.newaxis], "mu": np.round(1 - beta, 12)[:, np.newaxis]}
    end = arsg.critical_points(beta=beta[:, np.newaxis], mu=factors).tau_rb
    cells = ("beta", "mu", "tau")
    dataset = xr.Dataset(
        {
            "gain_factor": variable(cells, arsg.gain_factor(tau, **grid), "gain factor"),
            "variance_limit": variable(cells, arsg.variance_limit(tau, **grid), "error variance limit"),
            "sgd_gain_factor": variable("tau", arsg.gain_factor(tau, beta=0.0, mu=0.0), "gain factor of SGD"),
            "sgd_variance_limit": variable(
                "tau", arsg.variance_limit(tau, beta=0.0, mu=0.0), "error variance limit of SGD"
            ),
            "nesterov_gain_factor": variable(
                ("beta", "tau"), arsg.gain_factor(tau, **nesterov), "gain factor of Nesterov"
            ),
            "nesterov_variance_limit": variable(
                ("beta", "tau"), arsg.variance_limit(tau, **nesterov), "error variance limit of Nesterov"
            ),
            "tau_rb": variable(cells[:2], end, "end of the convergence region"),
        },
        coords={
            "beta": variable("beta", beta, "momentum coefficient"),
            "mu": variable("mu", factors, "observation factor"),
            "tau": variable("tau", tau, "scaled curvature, step size times curvature"),
        },
    )
    return describe(
        dataset,
        "arsg.1_betas",
        message="""A share μ of the plain gradient speeds heavy ball (μ = 0) up and calms it at moderate curvature;
            the larger the share, the sooner convergence ends (crosses), and Nesterov's method takes μ = 1 − β.""",
        caption="""Spectral radius of RSG's transition matrix on one eigen-direction (as its distance from 1,
            higher is faster) and the limit of the error variance relative to the squared noise level, divided by τ
            (½ for short steps whatever the method), for several momentum coefficients β and the stated observation
            factors μ; grey: SGD without momentum; wide and yellow: Nesterov's method, μ = 1 − β. Closed forms, so
            no seeds, no budget and no tuning. Crosses: no limit from the end of the convergence region on.""",
    )


def _within(name: str, values: Sequence[float], most: int) -> np.ndarray:
    array = np.asarray(values, dtype=float)
    if array.ndim != 1 or not 1 <= array.size <= most or not np.all((array >= 0) & (array < 1)):
        raise Refusal(f"{name} is {values!r}; give one to {most} numbers in [0, 1).")
    if np.any(np.diff(array) <= 0):
        raise Refusal(f"{name} is {values!r}; the numbers must increase.")
    return array


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw one column for each momentum coefficient: convergence above, variance below (side by side if narrow)."""
    with style(size) as sheet:
        narrow, count = size == "column", dataset.sizes["beta"]
        figure = new_figure(sheet, height=1.2 + 1.7 * count if narrow else None)
        panels = figure.subplots(*((count, 2) if narrow else (2, count)), sharex=True, squeeze=False)
        panels = panels if narrow else panels.T
        for (gain, variance), letter, beta in zip(panels, "abc", dataset["beta"].values, strict=False):
            part = dataset.sel(beta=beta)
            curves = _plot(gain, variance, part)
            gain.set_title(rf"({letter})  $\beta={beta:g}$")
        for gain, variance in panels:
            gain.set(xscale="log", yscale="log", xlim=TAU, ylim=(1e-4, 1.5))
            variance.set(xscale="log", yscale="log", xlim=TAU, ylim=(5e-3, 5))
            for axes in (gain, variance):
                axes.xaxis.set_major_locator(LogLocator(numticks=4 if narrow else 6))
                axes.xaxis.set_minor_locator(NullLocator())
                axes.yaxis.set_major_locator(LogLocator(numticks=4))
                axes.yaxis.set_minor_formatter(NullFormatter())
        for gain, variance in panels if narrow else panels[:1]:
            gain.set_ylabel("$1-r_g$" if narrow else "convergence $1-r_g$")
            variance.set_ylabel(r"$l_{\mathrm{Var}}/\tau$" if narrow else r"error variance $l_{\mathrm{Var}}/\tau$")
        for axes in panels[-1] if narrow else panels[:, 1]:
            axes.set_xlabel(r"curvature $\tau=\alpha\lambda$" if narrow else r"scaled curvature $\tau=\alpha\lambda$")
        labels = [_label(float(mu)) for mu in dataset["mu"].values] + ["SGD (β = 0)", "Nesterov (μ = 1 − β)"]
        figure.legend(curves, labels, loc="outside upper center", ncols=2 if narrow else 4)
        return finish(figure)


def _label(mu: float) -> str:
    return "μ = 0 (heavy ball)" if mu == 0 else f"μ = {mu:g}"


def _plot(gain: Axes, variance: Axes, part: xr.Dataset) -> list[Line2D]:
    tau, curves = part["tau"].values, []
    for factor in part["mu"].values:
        row = part.sel(mu=factor)
        (curve,) = gain.plot(tau, 1 - row["gain_factor"].where(row["gain_factor"] < 1).values)
        (limit,) = variance.plot(tau, (row["variance_limit"] / tau).values)
        if TAU[0] < float(row["tau_rb"]) < TAU[1]:
            mark_divergence(variance, float(row["tau_rb"]), limit)
        curves.append(curve)
    sgd = part["sgd_gain_factor"]
    (curve,) = gain.plot(tau, 1 - sgd.where(sgd < 1).values, color="0.6", linestyle="-", zorder=1)
    (limit,) = variance.plot(tau, (part["sgd_variance_limit"] / tau).values, color="0.6", linestyle="-", zorder=1)
    mark_divergence(variance, 2.0, limit)  # SGD's region ends at τ = 2
    near = part["nesterov_gain_factor"]
    (halo,) = gain.plot(tau, 1 - near.where(near < 1).values, **NESTEROV)
    variance.plot(tau, (part["nesterov_variance_limit"] / tau).values, **NESTEROV)
    return [*curves, curve, halo]
