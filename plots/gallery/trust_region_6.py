"""Figure trust_region.6: the diagonal share of random least-squares Hessians, simulated and predicted."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullFormatter

from dynamics.checks import Refusal, require_whole
from plots.dataset import describe, recorded, variable
from plots.seeds import seed_band
from plots.style import finish, new_figure, style
from theory.diagonal_share import ols_share, simulate_share

__all__ = ["compute", "draw"]

TITLE = "Diagonal share of ordinary least-squares Hessians"
SOURCE = "Figure 6"
CLAIMS = (
    "trust_region.least_squares_share",
    "trust_region.gaussian_share",
    "trust_region.rademacher_share",
    "trust_region.decay_in_the_limit",
)
QUICK = {
    "dimensions": [2, 5, 12, 30, 80],
    "samples": [1, 2, 4, 10, 30, 100, 300],
    "simulations": 5,
    "trials": 20,
}

DIMENSIONS = (2, 3, 5, 7, 10, 20, 30, 50, 100)
SAMPLES = (1, 2, 3, 5, 7, 10, 20, 30, 50, 100, 200, 500)
MARKERS = ("o", "s", "^")
LIMIT_DASHES = (0, (4, 2))
LOOKS: dict[str, dict[str, Any]] = {
    "share_of_expectation": {"color": "black", "marker": "o"},
    "expected_share": {"color": "#0072B2", "marker": "D", "markerfacecolor": "white"},
}


@recorded
def compute(
    *,
    dimensions: Sequence[int] = DIMENSIONS,
    samples: Sequence[int] = SAMPLES,
    simulations: int = 10,
    trials: int = 100,
    rng: int = 0,
) -> xr.Dataset:
    """Diagonal shares of H = XXᵀ/n with Gaussian data, in independent simulations and in closed form.

    Parameters
    ----------
    dimensions, samples : sequence of int
        Values of d and n, increasing, at least 3 of each; every pair is simulated.
    simulations : int
        Independent simulations of each pair, at least 5: they make the bands.
    trials : int
        Random Hessians per simulation, at least 2.
    rng : int
        Seed, 0 or more; the stream of a simulation depends on it, on d, n and the simulation's number alone.

    Returns
    -------
    Dataset
        `share_of_expectation` and `expected_share` over (simulation, dimension, samples); `exact` (Gaussian
        data) and `limit` (Proposition 2) over (dimension, samples), which predict the first of the two.

    Raises
    ------
    ValueError
        If a parameter is outside its range.
    """
    d, n = _increasing("dimensions", dimensions), _increasing("samples", samples)
    require_whole("simulations", simulations, 5, "a band over fewer says little")
    require_whole("trials", trials, 2, "an estimate needs its spread")
    require_whole("rng", rng, 0, "a figure keeps its seed as a whole number")
    shares = np.empty((2, simulations, d.size, n.size))
    for simulation, i, j in np.ndindex(*shares.shape[1:]):
        stream = np.random.SeedSequence(rng, spawn_key=(int(d[i]), int(n[j]), simulation))
        estimate = simulate_share("ols", dimension=int(d[i]), samples=int(n[j]), trials=trials, rng=stream)
        shares[:, simulation, i, j] = estimate.share_of_expectation, estimate.expected_share
    grid, cells = (d[:, np.newaxis], n), ("simulation", "dimension", "samples")
    dataset = xr.Dataset(
        {
            "share_of_expectation": variable(cells, shares[0], "diagonal share of the mean absolute Hessian"),
            "expected_share": variable(cells, shares[1], "mean diagonal share of single Hessians"),
            "exact": variable(cells[1:], ols_share(*grid, data="gaussian"), "exact law for Gaussian data"),
            "limit": variable(cells[1:], ols_share(*grid), "limit formula for many samples"),
        },
        coords={
            "simulation": variable("simulation", np.arange(simulations, dtype=np.int32), "independent simulation"),
            "dimension": variable("dimension", d, "dimension"),
            "samples": variable("samples", n, "number of samples"),
        },
    )
    return describe(
        dataset,
        "trust_region.6",
        message="""The diagonal of a least-squares Hessian weighs less the higher the dimension and more the more
            samples there are, as the exact law says; the limit formula errs where samples are few.""",
        caption=f"""Share of the diagonal in the absolute entries of least-squares Hessians with standard
            normal data. Markers and bands: median and central 80 % of {simulations} independent simulations
            of {trials} Hessians each, seed {rng}. The formulas are for the share of the expected absolute
            matrix (filled markers); the expected share of a single matrix (open markers) is another number.
            No tuning.""",
        seeds=(rng,),
    )


def _increasing(name: str, values: Sequence[int]) -> np.ndarray:
    array = np.asarray(values)
    if array.ndim != 1 or array.size < 3 or array.dtype.kind not in "iu" or array[0] < 1 or np.any(np.diff(array) < 1):
        raise Refusal(f"{name} is {values!r}; the figure needs 3 or more increasing whole numbers from 1 on.")
    return array.astype(np.int32)


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw the share over d and over n, and how far formula and simulation depart from the exact law."""
    with style(size) as sheet:
        narrow = size == "column"
        figure = new_figure(sheet, height={"column": 6.2, "page": 3.2}.get(size))
        by_dimension, by_samples, departure = figure.subplots(*((3, 1) if narrow else (1, 3)))
        _plot_cuts(by_dimension, dataset, along="dimension", across="samples", symbol="n")
        _plot_cuts(by_samples, dataset, along="samples", across="dimension", symbol="d")
        by_dimension.legend(loc="lower left")
        by_samples.legend(loc="lower right")
        for axes, letter in ((by_dimension, "a"), (by_samples, "b")):
            axes.set(xscale="log", yscale="log", title=f"({letter})", ylabel=r"diagonal share $\delta(H)$")
        by_dimension.set_xlabel("dimension $d$")
        for axes in (by_samples, departure):
            axes.set_xlabel("number of samples $n$")
        dimension = int(dataset["dimension"][2])
        _plot_departure(departure, dataset.sel(dimension=dimension))
        departure.set(xscale="log", title=f"(c)  $d={dimension}$", ylabel="departure from the exact law, %")
        for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
            if axis.get_scale() == "log":
                axis.set_minor_formatter(NullFormatter())  # short ranges would label every minor tick
        figure.legend(handles=_key(), loc="outside upper center", ncols=2 if narrow else 4)
        return finish(figure)


def _plot_cuts(axes: Axes, dataset: xr.Dataset, *, along: str, across: str, symbol: str) -> None:
    x, last = dataset[along].values, dataset.sizes[across] - 1
    for index, marker in zip((0, (last + 1) // 2, last), MARKERS, strict=True):
        cut = dataset.isel({across: index})
        (curve,) = axes.plot(x, cut["exact"].values, linestyle="-")
        color = curve.get_color()
        axes.plot(x, cut["limit"].values, color=color, linestyle=LIMIT_DASHES)
        low, median, high = seed_band(cut["share_of_expectation"].values)
        axes.fill_between(x, low, high, color=color, alpha=0.25, linewidth=0)
        label = f"${symbol}={int(cut[across])}$"
        axes.plot(x, median, color=color, linestyle="none", marker=marker, label=label)


def _plot_departure(axes: Axes, cut: xr.Dataset) -> None:
    x, exact = cut["samples"].values, cut["exact"].values
    axes.axhline(0.0, color="black", linestyle="-")
    axes.plot(x, 100 * (cut["limit"].values / exact - 1), color="black", linestyle=LIMIT_DASHES)
    for name, look in LOOKS.items():
        low, median, high = (100 * (end / exact - 1) for end in seed_band(cut[name].values))
        axes.fill_between(x, low, high, color=look["color"], alpha=0.25, linewidth=0)
        axes.plot(x, median, linestyle="none", **look)


def _key() -> list[Line2D]:
    return [
        Line2D([], [], color="black", linestyle="-", label="exact law, Gaussian data"),
        Line2D([], [], color="black", linestyle=LIMIT_DASHES, label="limit formula"),
        Line2D([], [], linestyle="none", **LOOKS["share_of_expectation"], label="share of expectation"),
        Line2D([], [], linestyle="none", **LOOKS["expected_share"], label="expected share"),
    ]
