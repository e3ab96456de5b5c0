"""Figure modern_methods.equal_cost: all methods on four landscapes, for the same number of gradients."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from dynamics import simulate
from dynamics.checks import require_whole
from modern_methods.landscapes import LANDSCAPES, landscape
from modern_methods.roster import ROSTER, chosen
from plots.dataset import describe, recorded, variable
from plots.style import finish, new_figure, style

TITLE = "Who leads depends on the landscape"
AMPLIFIES_ROUNDING = True
QUICK = {"methods": ("gradient descent", "sign descent", "Adam", "DoG", "Prodigy")}

GRID = np.geomspace(1e-3, 100.0, 11)
TUNED, FREE = "black", "0.45"


@recorded
def compute(*, methods: Sequence[str] = tuple(ROSTER), budget: int = 150, starts: int = 5, rng: int = 0) -> xr.Dataset:
    """The loss after a budget of gradients, by the loss at the start.

    Parameters
    ----------
    methods : sequence of str
        Names in `modern_methods.roster.ROSTER`.
    budget : int
        Gradients, at least 10.
    starts : int
        Random starts to show, at least 5; as many others are tuned on.
    rng : int
        Seed of the first start, 0 or more.

    Returns
    -------
    Dataset
        `loss` over (method, landscape, start), `step_size` over (method, landscape).

    Raises
    ------
    ValueError
        If a parameter is outside its range.
    """
    names = chosen(methods)
    require_whole("budget", budget, 10, "fewer say little")
    require_whole("starts", starts, 5, "fewer say little")
    require_whole("rng", rng, 0, "a figure keeps its seed as a whole number")
    loss = np.full((len(names), len(LANDSCAPES), starts), np.nan)
    step_size = np.full(loss.shape[:2], np.nan)
    shown = range(rng, rng + starts)
    tuning = range(rng + starts, rng + 2 * starts)
    for i, name in enumerate(names):
        for j, where in enumerate(LANDSCAPES):
            if ROSTER[name].free:
                loss[i, j] = _ends(name, where, 1.0, budget, shown)
                continue
            medians = [float(np.median(_ends(name, where, float(step), budget, tuning))) for step in GRID]
            step_size[i, j] = GRID[int(np.argmin(medians))]
            loss[i, j] = _ends(name, where, step_size[i, j], budget, shown)
    at_edge = int(np.isin(step_size, GRID[[0, -1]]).sum())
    dataset = xr.Dataset(
        {
            "loss": variable(("method", "landscape", "start"), loss, "loss at the end by the loss at the start"),
            "step_size": variable(("method", "landscape"), step_size, "tuned step size, NaN where there is none"),
        },
        coords={
            "method": variable("method", list(names), "method"),
            "landscape": variable("landscape", list(LANDSCAPES), "landscape"),
            "start": variable("start", np.array(shown), "seed of the start"),
        },
    )
    leaders = [names[k] for k in np.median(loss, axis=-1).argmin(axis=0)]
    told = "; ".join(f"{where}: {leader}" for where, leader in zip(LANDSCAPES, leaders, strict=True))
    return describe(
        dataset,
        __name__,
        message=f"Who leads depends on the landscape ({told}), and what leads along the axes may trail when they turn.",
        caption=f"""Loss after {budget} gradients by the loss at the start, 32 parameters; median and range over {
            starts
        } random starts, seeds {rng} to {rng + starts - 1}. Valleys have the condition number 1000; kinks are a turned
            sum of absolute values; two layers learn a 4 by 4 matrix. Black: the step size is the best of {len(GRID)}
            from 1e-3 to 100 by the median on {starts} other starts ({at_edge} at an edge of this grid); grey: no step
            size to tune, as its authors set it. Gradients are exact, and those of a line search are counted.""",
        seeds=(rng,),
    )


def _ends(name: str, where: str, step: float, budget: int, seeds: Any) -> np.ndarray:
    """The last loss within the budget by the first one, for each start; infinite where a run failed."""
    ends = []
    for seed in seeds:
        run = simulate(ROSTER[name].make(step), landscape(where, rng=seed), steps=budget, record_every=1)
        within = int(np.searchsorted(run.gradients, budget, side="right")) - 1
        failed = run.status.name in ("DIVERGED", "NOT_FINITE")
        ends.append(np.inf if failed else run.loss[within] / run.loss[0])
    found = np.array(ends, dtype=float)
    return np.where(np.isfinite(found), np.maximum(found, 1e-16), np.inf)


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw a panel for each landscape, the methods below each other."""
    names, places = [str(name) for name in dataset["method"].values], np.arange(dataset.sizes["method"])
    with style(size) as sheet:
        stacked = size == "column"
        tall = 0.19 * len(names) + 0.9
        figure = new_figure(sheet, height={"column": 2 * tall + 0.6, "page": tall}.get(size))
        figure.set_layout_engine("constrained")
        panels = figure.subplots(*((2, 2) if stacked else (1, 4)), sharey=True).ravel()
        for axes, letter, where in zip(panels, "abcd", map(str, dataset["landscape"].values), strict=True):
            part = np.clip(dataset["loss"].sel({"landscape": where}).values, 1e-16, 3.0)
            middle = np.median(part, axis=-1)
            for place, name, values in zip(places, names, part, strict=True):
                color, marker = (FREE, "s") if ROSTER[name].free else (TUNED, "o")
                axes.plot([values.min(), values.max()], [place, place], color=color, linestyle="-", linewidth=1.0)
                axes.plot([np.median(values)], [place], color=color, marker=marker, linestyle="none")
            axes.axvline(middle.min(), color="black", linestyle=(0, (1.2, 1.2)), linewidth=0.8)
            axes.set(xscale="log", xlim=(min(part.min() / 3, 1e-3), 5.0), title=f"({letter}) {where}")
            axes.locator_params(axis="x", numticks=4)
            axes.grid(axis="y", linewidth=0.3)
        panels[0].set(yticks=places, yticklabels=names, ylim=(len(names) - 0.5, -0.5))
        figure.supxlabel(
            "loss at the end, by the loss at the start; ● tuned  ■ no step size to tune", fontsize="medium"
        )
        return finish(figure)
