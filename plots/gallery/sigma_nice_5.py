"""Figure sigma_nice.5: how fast five step-size schedules decay, and how fast they may."""

import json

import numpy as np
import xarray as xr
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from dynamics.checks import require_whole
from plots.dataset import describe, recorded, variable
from plots.style import finish, new_figure, style
from theory.sigma_nice import decay_rates, required_decay_rate, schedule

__all__ = ["compute", "draw"]

TITLE = "Decay rates of five step-size schedules, and the rates that graduated optimisation asks for"
SOURCE = "Figure 5"
CLAIMS = (
    "sigma_nice.decay_condition",
    "sigma_nice.only_small_powers",
    "sigma_nice.halving_excluded",
    "sigma_nice.ladder_rates",
)

RATES = (0.2, 0.5, 0.9, 0.99, 0.999, 0.9999)


@recorded
def compute(
    *,
    radius: float = 0.1,
    epochs: int = 200,
    polynomial_power: float = 0.9,
    cosine_power: float = 10.0,
    factor: float = 0.5,
    every: int = 40,
    rate: float = -float(np.log(0.9)),
) -> xr.Dataset:
    """Decay rates of five schedules and the rates that the noise levels they reach require.

    Parameters
    ----------
    radius : float
        r/δ₁, radius of strong convexity over the first noise level, above 0. The paper does not state one;
        0.1 is where its conclusion, that slow polynomials alone decay slowly enough, can be seen.
    epochs : int
        Length T of the schedules, at least 3.
    polynomial_power, cosine_power : float
        p of the polynomial and of the cosine power schedule.
    factor, every : float, int
        Factor of the step schedule, and epochs between its steps.
    rate : float
        Rate per epoch of the exponential schedule.

    Returns
    -------
    Dataset
        Over (schedule, epoch), epochs t = 0, …, T-2: `decay_rate` from epoch t to t + 1, `level` reached,
        `required_lenient` and `required_strict` at that level. Per schedule, `least_radius_lenient` and
        `least_radius_strict`: the smallest r/δ₁ with which it meets each requirement throughout. Over `grid`,
        the same two requirements as curves of the level.

    Raises
    ------
    ValueError
        If a parameter is outside its range.
    """
    require_whole("epochs", epochs, 3, "two decay rates have three epochs")
    steps = {
        f"polynomial, p = {polynomial_power:g}": schedule("polynomial", epochs, 1.0, p=polynomial_power),
        "cosine": schedule("cosine", epochs, 1.0),
        f"cosine power, p = {cosine_power:g}": schedule("cosine_power", epochs, 1.0, p=cosine_power),
        f"exponential, {np.exp(-rate):.3g} per epoch": schedule("exponential", epochs, 1.0, rate=rate),
        f"step, {factor:g} per {every} epochs": schedule("step", epochs, 1.0, factor=factor, every=every),
    }
    used = np.array([levels[:-1] for levels in steps.values()])
    rates = np.array([decay_rates(levels) for levels in steps.values()])
    lenient, strict = required_decay_rate(used[:, 1:], radius)
    grid = np.linspace(0.0, 1.0, 401)
    grid_lenient, grid_strict = required_decay_rate(grid, radius)
    cells = ("schedule", "epoch")
    first = "in units of the first noise level"
    dataset = xr.Dataset(
        {
            "decay_rate": variable(cells, rates, "decay rate of the step size"),
            "level": variable(cells, used[:, 1:], f"noise level reached, {first}"),
            "required_lenient": variable(cells, lenient, "required decay rate, d = 1 + r/δ"),
            "required_strict": variable(cells, strict, "required decay rate, d = √(1 + r²/δ²)"),
            "least_radius_lenient": variable(
                "schedule", -np.diff(used).min(axis=1), f"least radius for d = 1 + r/δ, {first}"
            ),
            "least_radius_strict": variable(
                "schedule",
                np.sqrt(-np.diff(used**2).min(axis=1)),
                f"least radius for d = √(1 + r²/δ²), {first}",
            ),
            "grid_lenient": variable("grid", grid_lenient, "required decay rate, d = 1 + r/δ"),
            "grid_strict": variable("grid", grid_strict, "required decay rate, d = √(1 + r²/δ²)"),
        },
        coords={
            "schedule": variable("schedule", list(steps), "schedule"),
            "epoch": variable("epoch", np.arange(epochs - 1, dtype=np.int32), "epoch", "epoch"),
            "grid": variable("grid", grid, f"noise level reached, {first}"),
        },
    )
    return describe(
        dataset,
        "sigma_nice.5",
        message=f"""In a landscape whose convex region is {radius:g} of the first noise level,
            {_slow_enough(dataset, radius)}.""",
        caption=f"""Ratio of consecutive step sizes of five schedules over {epochs} epochs, and the least
            ratio that keeps the next minimiser inside the strongly convex region, for a region of radius
            r = {radius:g} δ₁ (the paper states none) and for both ends of the range of d in its equation (8).
            Below the band a schedule falls too fast for either; a step schedule is shown by
            its drops. Batch size constant; nothing is random, no
            tuning. The last step size, which is 0 for three schedules, is not used by training.""",
    )


def _slow_enough(dataset: xr.Dataset, radius: float) -> str:
    """Which schedules fall slowly enough for either end of the range of d, and which for one."""
    names = dataset["schedule"].values
    strict, lenient = (names[dataset[f"least_radius_{end}"].values <= radius] for end in ("strict", "lenient"))
    perhaps = "; ".join(name for name in lenient if name not in strict)
    told = f"these schedules fall slowly enough: {'; '.join(strict) or 'none'}"
    return f"{told} (perhaps: {perhaps})" if perhaps else told


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw the rates against the epoch, and against the noise level together with the required rates."""
    with style(size) as sheet:
        narrow = size == "column"
        figure = new_figure(sheet, height={"column": 5.2, "page": 3.8}.get(size))
        by_epoch, by_level = figure.subplots(*((2, 1) if narrow else (1, 2)))
        curves = [
            (_plot(by_epoch, part["epoch"], part), _plot(by_level, part["level"], part))[0]
            for part in (dataset.isel(schedule=k) for k in range(dataset.sizes["schedule"]))
        ]
        radius = json.loads(dataset.attrs["parameters"])["radius"]
        by_epoch.set_title("(a)")
        by_epoch.set_xlabel("epoch $t$")
        by_level.set_title(rf"(b)  $r={radius:g}\,\delta_1$")
        by_level.set_xlabel(r"noise level reached $\delta_{t+1}/\delta_1$")
        by_level.set_xlim(1.02, -0.02)
        for axes in (by_epoch, by_level) if narrow else (by_epoch,):
            axes.set_ylabel(r"decay rate $\rho_t=\eta_{t+1}/\eta_t$")
        for axes in (by_epoch, by_level):
            axes.set_yscale("logit")
            axes.set_ylim(RATES[0] / 2, 0.99995)
            axes.set_yticks(RATES, [f"{rate:g}" for rate in RATES])
            axes.yaxis.set_minor_locator(NullLocator())
        figure.legend(
            [*curves, *_shade_requirements(by_level, dataset)],
            [
                *map(str, dataset["schedule"].values),
                r"slow enough for $d=1+r/\delta$ only",
                "too fast for either $d$",
            ],
            loc="outside upper center",
            ncols=2 if narrow else 3,
        )
        return finish(figure)


def _plot(axes: Axes, x: xr.DataArray, part: xr.Dataset) -> Line2D:
    # A rate of 1 is out of reach of the scale: a schedule that mostly stands still is drawn by its drops.
    rate = part["decay_rate"].where(part["decay_rate"] < 1)
    sparse = int(rate.count()) < rate.size / 2
    (curve,) = axes.plot(x.values, rate.values)
    if sparse:
        curve.set(linestyle="none", marker="D")
    return curve


def _shade_requirements(axes: Axes, dataset: xr.Dataset) -> tuple[Artist, Artist]:
    level, lenient, strict = (dataset[name].values for name in ("grid", "grid_lenient", "grid_strict"))
    # The scale ends short of 0, which both requirements reach at noise level 0.
    floor = RATES[0] / 2
    lenient, strict = np.maximum(lenient, floor), np.maximum(strict, floor)
    band = axes.fill_between(level, lenient, strict, color="0.85", linewidth=0, zorder=1)
    too_fast = axes.fill_between(
        level, floor, lenient, facecolor="none", edgecolor="0.65", hatch="////", linewidth=0, zorder=1
    )
    return band, too_fast
