"""Figure modern_methods.learning_rate_free: methods without a step size against the whole range of step sizes."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

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
    return describe(
        dataset,
        __name__,
        message=f"""Without a step size to tune, DoG ends at {ratios[1, 0]:.2g} and {ratios[1, 1]:.2g} times the loss of
            gradient descent at the best of all step sizes; Prodigy stays further behind Adam's best.""",
        caption=f"""Loss after {budget} steps by the loss at the start, median and range over {starts} starts, seeds {
            rng
        } to {rng + starts - 1}; exact gradients, 32 parameters; cut off at 3. Curves: {points} step sizes, so that the
            lowest point is what tuning on the very same runs would give. Marks: methods without a step size, as their
            authors set them; by the lowest point of gradient descent, for Prodigy of Adam, their losses are: {told}.
            Step sizes within ten times the best loss span {width[0, 0]:.1f} (gradient descent) and {
            width[1, 0]:.1f} (Adam) decades in (a), {width[0, 1]:.1f} and {width[1, 1]:.1f} in (b).""",
        seeds=(rng,),
    )


def _end(name: str, where: str, step: float, budget: int, seed: int) -> float:
    run = simulate(ROSTER[name].make(float(step)), landscape(where, rng=seed), steps=budget, record_every=budget)
    end = float(run.loss[-1] / run.loss[0])
    return max(end, 1e-16) if run.status.name not in ("DIVERGED", "NOT_FINITE") and np.isfinite(end) else np.inf


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw the valley of step sizes, and the marks beside it."""
    top = 3.0
    with style(size) as sheet:
        stacked = size == "column"
        figure = new_figure(sheet, height={"column": 5.6, "page": 3.3}.get(size))
        figure.set_layout_engine("constrained")
        panels = figure.subplots(*((2, 1) if stacked else (1, 2)))
        steps = dataset["step_size"].values
        for axes, letter, where in zip(panels, "ab", PANELS, strict=True):
            for name, (color, dash) in SWEPT.items():
                values = np.clip(dataset["swept"].sel({"method": name, "landscape": where}).values, None, top)
                axes.plot(steps, np.median(values, axis=-1), color=color, linestyle=dash, label=name)
                axes.fill_between(steps, values.min(axis=-1), values.max(axis=-1), color=color, alpha=0.15, linewidth=0)
            for place, (name, marker) in enumerate(FREE.items()):
                values = np.clip(dataset["free"].sel({"free_method": name, "landscape": where}).values, None, top)
                at = 30.0 * 3.0**place
                axes.plot([at, at], [values.min(), values.max()], color="#D55E00", linestyle="-", linewidth=1.0)
                axes.plot([at], [np.median(values)], color="#D55E00", marker=marker, linestyle="none", label=name)
            axes.axvline(17.0, color="0.6", linestyle="-", linewidth=0.6)
            axes.set(xscale="log", yscale="log", xlim=(1e-5, 600.0), title=f"({letter}) {where}")
            axes.set(xlabel="step size", ylabel="loss at the end, by the first")
            axes.set_xticks([1e-5, 1e-3, 1e-1, 1e1], ["$10^{-5}$", "$10^{-3}$", "$10^{-1}$", "$10^1$"])
            axes.minorticks_off()
        panels[1].legend(loc="lower left")  # where the curves leave room
        return finish(figure)
