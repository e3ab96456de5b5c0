"""Figure edge_of_stability.edge: three methods, each at its own edge."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from dynamics.checks import require_whole
from edge_of_stability.networks import EVERY, HIDDEN, SETTINGS, probed
from plots.dataset import describe, recorded, variable
from plots.style import finish, new_figure, style

__all__ = ["compute", "draw"]

TITLE = "Each method trains at an edge of its own"
SOURCE = "section 3, and arXiv:2207.14484"
AMPLIFIES_ROUNDING = True
QUICK = {"seeds": 5}

WORDS = {
    "gradient descent": r"$\lambda_{\max}(H)\;/\;(2/\eta)$",
    "RMSprop": r"$\lambda_{\max}(P^{-1}H)\;/\;(2/\eta)$",
    "Adam": r"$\lambda_{\max}(P^{-1}H)\;/\;(38/\eta)$",
}


@recorded
def compute(*, seeds: int = 10, rng: int = 0) -> xr.Dataset:
    """Sharpness by its threshold, and loss, along full-batch runs on the digits.

    Parameters
    ----------
    seeds : int
        Starts of each method, at least 5.
    rng : int
        First seed, 0 or more.

    Returns
    -------
    Dataset
        `ratio` and `loss` over (method, seed, step), `products` that a value of the sharpness took over the same.

    Raises
    ------
    ImportError
        If scikit-learn is not installed.
    ValueError
        If a parameter is outside its range.
    """
    require_whole("seeds", seeds, 5, "fewer say little")
    require_whole("rng", rng, 0, "a figure keeps its seed as a whole number")
    runs = {name: [probed(name, rng + seed) for seed in range(seeds)] for name in SETTINGS}
    over, length = ("method", "seed", "step"), max(one.steps for one in SETTINGS.values()) // EVERY + 1

    def table(read) -> np.ndarray:
        rows = np.full((len(runs), seeds, length), np.nan)
        for i, (name, of_method) in enumerate(runs.items()):
            for j, run in enumerate(of_method):
                values = read(name, run)[:length]
                rows[i, j, : len(values)] = values
        return rows

    ratio = table(lambda name, run: run.probes["sharpness"].values / SETTINGS[name].threshold)
    dataset = xr.Dataset(
        {
            "ratio": variable(over, ratio, "sharpness by its threshold"),
            "loss": variable(over, table(lambda name, run: run.loss), "training loss"),
            "products": variable(over, table(lambda name, run: run.probes["sharpness"].products), "Hessian products"),
        },
        coords={
            "method": variable("method", list(runs), "method"),
            "seed": variable("seed", np.arange(rng, rng + seeds), "seed"),
            "step": variable("step", EVERY * np.arange(length), "step"),
        },
    )
    told = ", ".join(
        f"{name} {SETTINGS[name].method.step_size:g} (median {_late(ratio[i], SETTINGS[name].steps):.2f})"
        for i, name in enumerate(runs)
    )
    return describe(
        dataset,
        "edge_of_stability.edge",
        message="Sharpness rises until its method would leave a minimum that sharp, and stays there.",
        caption=f"""Tanh network
            with {HIDDEN} hidden units on the digits, full batch, cross-entropy without penalty; the largest eigenvalue
            of the Hessian (gradient descent) or of the preconditioned one, by Lanczos' method to a residual of 1e-4,
            divided by the threshold that follows from the step's matrix. A line a start, seeds {rng} to {
            rng + seeds - 1
        }. Step sizes, with the median over the last third: {told}. They are fixed and untuned, so that the edge
            is reached; a value takes {np.nanmean(dataset["products"]):.0f} Hessian products on average, charged to
            nobody.""",
        seeds=(rng,),
    )


def _late(ratio: np.ndarray, steps: int) -> float:
    """The median over the last third of the runs of a method."""
    own = ratio[:, : steps // EVERY + 1]
    return float(np.nanmedian(own[:, -own.shape[1] // 3 :]))


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw a panel for each method, on the same axes."""
    with style(size) as sheet:
        stacked = size == "column"
        figure = new_figure(sheet, height={"column": 5.6, "page": 2.9}.get(size))
        figure.set_layout_engine("constrained")
        panels = figure.subplots(*((3, 1) if stacked else (1, 3)), sharey=True)
        for axes, letter, name in zip(panels, "abc", map(str, dataset["method"].values), strict=True):
            part = dataset.sel({"method": name})
            axes.axhline(1.0, color="black", linestyle=(0, (4, 2)))
            axes.plot(part["step"], part["ratio"].values.T, color="#0072B2", linestyle="-", linewidth=0.8, alpha=0.7)
            axes.set_title(f"({letter}) {name}")
            axes.set(ylim=(0, 1.6), ylabel=WORDS[name], xlim=(0, SETTINGS[name].steps))
            axes.text(
                0.98, 0.97, "unstable above the line", transform=axes.transAxes, ha="right", va="top", fontsize="small"
            )
            axes.set_xlabel("step $t$")
        return finish(figure)
