"""Figure arsg.gain_map: the gain factor of RSG over scaled curvature and observation factor."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import Normal, Stroke
from matplotlib.ticker import FixedLocator, LogLocator, NullFormatter, NullLocator

from dynamics.checks import Refusal, require_whole
from plots.dataset import describe, recorded, variable
from plots.style import finish, new_figure, style
from theory import arsg

__all__ = ["compute", "draw", "draw_map", "map_grid"]

TITLE = "Gain factor of RSG over scaled curvature and observation factor"
CLAIMS = ("arsg.convergence_region", "arsg.critical_points", "arsg.best_curvature", "arsg.least_gain", "arsg.boost")
QUICK = {"points": 61}

TAU = (1e-4, 1e4)
MU = (1e-3, 0.9)
BETAS = (0.9, 0.99, 0.999)
CURVES: dict[str, tuple[str, Any]] = {
    "tau_cb1": (r"$\tau_{cb1}$ complex from here", "-"),
    "tau_cb2": (r"$\tau_{cb2}$ real again", (0, (6, 1.5))),
    "tau_sym": (r"$\tau_{sym}$ sum of zero", (0, (1.2, 1.2))),
    "tau_rb": (r"$\tau_{rb}$ end of convergence", (0, (6, 1.5, 1.2, 1.5))),
}
DIVERGES: dict[str, Any] = {"facecolor": "0.93", "edgecolor": "0.55", "hatch": "////", "linewidth": 0}


@recorded
def compute(*, betas: Sequence[float] = BETAS, points: int = 201) -> xr.Dataset:
    """Gain factor and critical curves of RSG on a grid of scaled curvatures and observation factors.

    Parameters
    ----------
    betas : sequence of float
        Momentum coefficients, one panel each: one to three, increasing, in (0, 1).
    points : int
        Grid points per axis, at least 11; both axes are logarithmic.

    Returns
    -------
    Dataset
        `gain_factor` over (beta, mu, tau); `tau_cb1`, `tau_cb2`, `tau_sym`, `tau_rb` over (beta, mu).

    Raises
    ------
    ValueError
        If a parameter is outside its range.
    """
    dataset, grid = map_grid(betas, points)
    dataset["gain_factor"] = variable(("beta", "mu", "tau"), arsg.gain_factor(grid.pop("tau"), **grid), "gain factor")
    return describe(
        dataset,
        "arsg.gain_map",
        message="""For each observation factor μ RSG is fastest where its eigenvalues become real again (τ_cb2),
            inside the edge of convergence.""",
        caption="""Spectral radius of RSG's transition matrix on one eigen-direction; the scale is logarithmic in its
            distance from 1, so that equal steps of colour are equal factors in the number of iterations; brighter is
            faster. White lines: the values at the colour bar. Hatched: no convergence. Lines: real eigenvalues become
            a complex pair at τ_cb1 and real again at τ_cb2, where the gain factor is least for each μ; they add up to
            zero at τ_sym; convergence ends at τ_rb. Closed forms, so no seeds, no budget and no tuning.""",
    )


def map_grid(betas: Sequence[float], points: int) -> tuple[xr.Dataset, dict[str, np.ndarray]]:
    """The dataset with the critical curves, and arrays `tau`, `beta` and `mu` that broadcast to a map."""
    beta = np.asarray(betas, dtype=float)
    if beta.ndim != 1 or not 1 <= beta.size <= 3 or not np.all((beta > 0) & (beta < 1)) or np.any(np.diff(beta) <= 0):
        raise Refusal(f"betas is {betas!r}; the map draws one to three increasing momentum coefficients in (0, 1).")
    require_whole("points", points, 11, "a map needs some on each axis")
    tau, mu = (np.geomspace(*ends, points) for ends in (TAU, MU))
    critical = arsg.critical_points(beta=beta[:, np.newaxis], mu=mu)
    words = {
        "tau_cb1": "where the eigenvalues become a complex pair",
        "tau_cb2": "where the eigenvalues become real again",
        "tau_sym": "where the eigenvalues add up to zero",
        "tau_rb": "end of the convergence region",
    }
    dataset = xr.Dataset(
        {name: variable(("beta", "mu"), getattr(critical, name), text) for name, text in words.items()},
        coords={
            "beta": variable("beta", beta, "momentum coefficient"),
            "mu": variable("mu", mu, "observation factor"),
            "tau": variable("tau", tau, "scaled curvature, step size times curvature"),
        },
    )
    return dataset, {"tau": tau, "beta": beta[:, np.newaxis, np.newaxis], "mu": mu[:, np.newaxis]}


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw one map for each momentum coefficient, with the critical curves."""
    gap = 1 - dataset["gain_factor"].where(dataset["gain_factor"] < 1)
    ticks = 10.0 ** np.arange(-4, 0)
    return draw_map(
        dataset.assign(shown=gap),
        norm=LogNorm(1e-4, 1.0),
        ticks={tick: f"{1 - tick:.5g}" for tick in ticks} | {1.0: "0"},
        label="gain factor $r_g$",
        colours="cividis",
        levels=ticks,
        size=size,
    )


def draw_map(
    dataset: xr.Dataset,
    *,
    norm: LogNorm,
    ticks: dict[float, str],
    label: str,
    colours: str,
    levels: np.ndarray,
    size: str,
) -> Figure:
    """Draw the variable `shown`, NaN where there is none, with contours at the levels and the critical curves."""
    with style(size) as sheet:
        narrow, panels = size == "column", dataset.sizes["beta"]
        height = {"column": 1.3 + 1.9 * panels, "page": 3.7}.get(size)
        figure = new_figure(sheet, height=height)
        every = np.atleast_1d(figure.subplots(*((panels, 1) if narrow else (1, panels)), sharex=True, sharey=True))
        for axes, letter, beta in zip(every, "abc", dataset["beta"].values, strict=False):
            part = dataset.sel(beta=beta)
            mesh = axes.pcolormesh(
                part["tau"].values, part["mu"].values, part["shown"].values,
                norm=norm, cmap=colours, shading="nearest", rasterized=True,
            )  # fmt: skip
            axes.contour(part["tau"], part["mu"], part["shown"], levels=levels, colors="white", linewidths=0.5)
            _plot_curves(axes, part)
            axes.set(xscale="log", yscale="log", xlim=TAU, ylim=MU, title=rf"({letter})  $\beta={beta:g}$")
            axes.grid(visible=False)
            axes.xaxis.set_major_locator(LogLocator(numticks=5))
            axes.xaxis.set_minor_locator(NullLocator())
            axes.yaxis.set_major_locator(FixedLocator([0.001, 0.01, 0.1, 0.9]))
            axes.set_yticklabels(["0.001", "0.01", "0.1", "0.9"])
            axes.yaxis.set_minor_formatter(NullFormatter())
        for axes in every[-1:] if narrow else every:
            axes.set_xlabel(r"scaled curvature $\tau=\alpha\lambda$")
        for axes in every if narrow else every[:1]:
            axes.set_ylabel(r"observation factor $\mu$")
        bar = figure.colorbar(mesh, ax=every.tolist(), location="bottom" if narrow else "right", label=label, pad=0.02)
        bar.ax.minorticks_off()
        bar.set_ticks(list(ticks), labels=list(ticks.values()))
        figure.legend(handles=_key(), loc="outside upper center", ncols=2 if narrow else 3, handlelength=2.6)
        return finish(figure)


def _plot_curves(axes: Axes, part: xr.Dataset) -> None:
    mu, end = part["mu"].values, part["tau_rb"].values
    axes.fill_betweenx(mu, np.minimum(end, TAU[1]), TAU[1], **DIVERGES)
    halo = [Stroke(linewidth=2.2 * rcParams["lines.linewidth"], foreground="white"), Normal()]
    for name, (_, dashes) in CURVES.items():
        axes.plot(part[name].values, mu, color="black", linestyle=dashes, path_effects=halo)


def _key() -> list[Line2D | Patch]:
    lines: list[Line2D | Patch] = [
        Line2D([], [], color="black", linestyle=dashes, label=name) for name, dashes in CURVES.values()
    ]
    return [*lines, Patch(**DIVERGES, label="diverges")]
