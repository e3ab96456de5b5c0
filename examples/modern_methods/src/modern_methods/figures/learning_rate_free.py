"""Figure modern_methods.learning_rate_free: methods without a step size against the whole range of step sizes."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from dynamics import simulate
from dynamics.checks import require_whole
from modern_methods.landscapes import landscape
from modern_methods.roster import ROSTER
from plots.dataset import describe, recorded, variable
from plots.style import finish, new_figure, style

TITLE = "Without a step size, against the best of all step sizes"
AMPLIFIES_ROUNDING = True
QUICK = {"points": 13}

PANELS = ("kinks", "turned valley")
SWEPT = {"gradient descent": ("black", "-"), "Adam": ("#0072B2", (0, (6, 1.5)))}
FREE = {"D-Adaptation, SGD": "s", "DoG": "o", "Prodigy": "D"}
ORANGE = "#D55E00"
TOP = 3.0  # where the axes end
RIVALS = {"D-Adaptation, SGD": "gradient descent", "DoG": "gradient descent", "Prodigy": "Adam"}


@recorded
def compute(*, points: int = 25, budget: int = 400, starts: int = 5, rng: int = 0) -> xr.Dataset:
    """The loss after a budget of steps over the step size, and that of methods without one.

    Parameters
    ----------
    points : int
        Step sizes from 1e-5 to 10, at least 5.
    budget : int
        Steps, at least 10.
    starts : int
        Random starts, at least 5.
    rng : int
        Seed of the first start, 0 or more.

    Returns
    -------
    Dataset
        `swept` over (method, landscape, step_size, start), `free` over (free_method, landscape, start).

    Raises
    ------
    ValueError
        If a parameter is outside its range.
    """
    require_whole("points", points, 5, "a curve needs points")
    require_whole("budget", budget, 10, "fewer say little")
    require_whole("starts", starts, 5, "fewer say little")
    require_whole("rng", rng, 0, "a figure keeps its seed as a whole number")
    steps, seeds = np.geomspace(1e-5, 10.0, points), range(rng, rng + starts)
    swept = np.array(
        [
            [[[_end(name, where, step, budget, s) for s in seeds] for step in steps] for where in PANELS]
            for name in SWEPT
        ]
    )
    free = np.array([[[_end(name, where, 1.0, budget, s) for s in seeds] for where in PANELS] for name in FREE])
    dataset = xr.Dataset(
        {
            "swept": variable(("method", "landscape", "step_size", "start"), swept, "loss at the end by the first"),
            "free": variable(("free_method", "landscape", "start"), free, "loss at the end by the first"),
        },
        coords={
            "method": variable("method", list(SWEPT), "method with a step size"),
            "free_method": variable("free_method", list(FREE), "method without one"),
            "landscape": variable("landscape", list(PANELS), "landscape"),
            "step_size": variable("step_size", steps, "step size"),
            "start": variable("start", np.array(seeds), "seed of the start"),
        },
    )
    best = np.median(swept, axis=-1).min(axis=2)  # (method, landscape)
    rival = [list(SWEPT).index(RIVALS[name]) for name in FREE]
    ratios = np.array([np.median(free[i], axis=-1) / best[rival[i]] for i in range(len(FREE))])
    told = "; ".join(
        f"{where} " + ", ".join(f"{name} {ratios[i, j]:.2g}" for i, name in enumerate(FREE))
        for j, where in enumerate(PANELS)
    )
    width = (np.median(swept, axis=-1) < 10 * best[..., None]).mean(axis=2) * 6
    seen = f"{rng} to {rng + starts - 1}"
    return describe(
        dataset,
        __name__,
        message=f"""Without a step size to tune, DoG ends at {ratios[1, 0]:.2g} and {ratios[1, 1]:.2g} times the loss of
            gradient descent at the best of all step sizes; Prodigy stays further behind Adam's best.""",
        caption=f"""Loss after {budget} steps by the loss at the start, median and range over {starts} starts, seeds
            {seen}; exact gradients, 32 parameters; cut off at 3. Curves: {points} step sizes, so that the lowest point
            is what tuning on the very same runs would give. Marks: methods without a step size, as their authors set
            them, with a line at the height of what they compete with, the lowest point of gradient descent, for Prodigy
            of Adam; by it their losses are: {told}. Step sizes within ten times the best loss span {width[0, 0]:.1f}
            (gradient descent) and {width[1, 0]:.1f} (Adam) decades in (a), {width[0, 1]:.1f} and {width[1, 1]:.1f} in
            (b).""",
        seeds=(rng,),
    )


def _end(name: str, where: str, step: float, budget: int, seed: int) -> float:
    run = simulate(ROSTER[name].make(float(step)), landscape(where, rng=seed), steps=budget, record_every=budget)
    end = float(run.loss[-1] / run.loss[0])
    return max(end, 1e-16) if run.status.name not in ("DIVERGED", "NOT_FINITE") and np.isfinite(end) else np.inf


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw the valley of step sizes, and in a strip beside it, at the same height, the methods without one."""
    with style(size) as sheet:
        stacked = size == "column"
        figure = new_figure(sheet, height={"column": 6.0, "page": 3.4}.get(size))
        shape = {"width_ratios": (2, 1) if stacked else (2, 1, 2, 1)}
        panels = figure.subplots(*((2, 2) if stacked else (1, 4)), **shape).reshape(2, 2)
        for (axes, strip), letter, where in zip(panels, "ab", PANELS, strict=True):
            part = dataset.sel({"landscape": where})
            lowest = _plot_swept(axes, part)
            axes.set(title=f"({letter}) {where}", xlabel="step size", ylabel="loss at the end, by the first")
            strip.sharey(axes)
            _plot_free(strip, part, lowest)
            strip.set(title="no step size", xlabel="method")
            for one in (axes, strip):
                one.set(yscale="log")
                one.yaxis.set_minor_locator(NullLocator())
        handles = panels[0, 0].get_lines()
        figure.legend(handles=handles, loc="outside upper center", ncols=len(handles))
        if not stacked:
            panels[1, 0].set_ylabel("")
        return finish(figure)


def _plot_swept(axes: Axes, part: xr.Dataset) -> dict[str, float]:
    """Loss over step size of the methods that have one; the heights of their lowest points."""
    steps, lowest = part["step_size"].values, {}
    for name, (color, dash) in SWEPT.items():
        values = np.clip(part["swept"].sel({"method": name}).values, None, TOP)
        median = np.median(values, axis=-1)
        axes.plot(steps, median, color=color, linestyle=dash, label=name)
        axes.fill_between(steps, values.min(axis=-1), values.max(axis=-1), color=color, alpha=0.15, linewidth=0)
        lowest[name] = float(median.min())
    axes.set(xscale="log", xlim=(steps[0], steps[-1]))
    axes.set_xticks([1e-5, 1e-3, 1e-1, 1e1], ["$10^{-5}$", "$10^{-3}$", "$10^{-1}$", "$10^1$"])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.margins(y=0.12)
    return lowest


def _plot_free(axes: Axes, part: xr.Dataset, lowest: dict[str, float]) -> None:
    """Median and range of the methods without a step size; a short line at their rival's lowest point."""
    for place, (name, marker) in enumerate(FREE.items()):
        values = np.clip(part["free"].sel({"free_method": name}).values, None, TOP)
        color, dash = SWEPT[RIVALS[name]]
        axes.hlines(lowest[RIVALS[name]], place - 0.35, place + 0.35, color=color, linestyle=dash, linewidth=1.2)
        axes.plot([place, place], [values.min(), values.max()], color=ORANGE, linestyle="-", linewidth=1.0)
        axes.plot([place], [np.median(values)], color=ORANGE, marker=marker, linestyle="none")
    axes.set_xticks(range(len(FREE)), [name.replace(", ", ",\n") for name in FREE], rotation=90, fontsize="small")
    axes.set_xlim(-0.6, len(FREE) - 0.4)
    axes.tick_params(labelleft=False)
