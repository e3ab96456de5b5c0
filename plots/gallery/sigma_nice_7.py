"""Figure sigma_nice.7: how fast polynomial schedules decay, and how fast they may."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import NullLocator

from dynamics.checks import require_whole
from plots.dataset import describe, recorded, variable
from plots.gallery.parameter_checks import require_increasing
from plots.gallery.sigma_nice_6 import POWERS, look_of_power
from plots.style import finish, new_figure, style
from theory.sigma_nice import decay_rates, least_radius, required_decay_rate, schedule

__all__ = ["compute", "draw"]

TITLE = "Decay rates of polynomial schedules, and the rates that graduated optimisation asks for"
SOURCE = "Figure 7"
CLAIMS = ("sigma_nice.only_small_powers", "sigma_nice.decay_condition")

RATES = (0.5, 0.9, 0.99, 0.999, 0.9999)
FLOOR, CEILING = 0.3, 0.99995
BAND: dict[str, Any] = {"facecolor": "0.85", "edgecolor": "none"}
TOO_FAST: dict[str, Any] = {"facecolor": "none", "edgecolor": "0.65", "hatch": "////", "linewidth": 0}


@recorded
def compute(*, radius: float = 0.1, epochs: int = 200, powers: Sequence[float] = POWERS) -> xr.Dataset:
    """Decay rates of polynomial schedules and the rates that the noise levels they reach require.

    Parameters
    ----------
    radius : float
        r/δ₁, radius of strong convexity over the first noise level, above 0. The paper does not state one.
    epochs : int
        Length T of the schedules, at least 3.
    powers : sequence of float
        Powers p, 2 or more, increasing, above 0.

    Returns
    -------
    Dataset
        Over (power, epoch), epochs t = 0, …, T-2: `decay_rate` from epoch t to t + 1 and `level` reached; over
        `power`, `meets_lenient` and `meets_strict` (1 where the requirement holds throughout) and `least_radius` over
        (power, end); over `grid`, `required_lenient` and `required_strict`.

    Raises
    ------
    ValueError
        If a parameter is outside its range.
    """
    shown = require_increasing("powers", powers, count=2, above=0, reason="each is a curve")
    require_whole("epochs", epochs, 3, "two decay rates need as many")
    used = np.array([schedule("polynomial", epochs, 1.0, p=p)[:-1] for p in shown])
    rates = np.array([decay_rates(np.append(levels, 0.0)) for levels in used])
    lenient, strict = required_decay_rate(used[:, 1:], radius)
    least = np.array([least_radius(levels) for levels in used])
    grid = np.linspace(0.0, 1.0, 801)
    grid_lenient, grid_strict = required_decay_rate(grid, radius)
    first = "in units of the first noise level"
    dataset = xr.Dataset(
        {
            "decay_rate": variable(("power", "epoch"), rates, "decay rate of the step size"),
            "level": variable(("power", "epoch"), used[:, 1:], f"noise level reached, {first}"),
            "meets_lenient": variable("power", np.all(rates >= lenient, axis=1).astype(np.int8), "meets d = 1 + r/δ"),
            "meets_strict": variable(
                "power", np.all(rates >= strict, axis=1).astype(np.int8), "meets d = √(1 + r²/δ²)"
            ),
            "least_radius": variable(("power", "end"), least, f"least radius, {first}"),
            "required_lenient": variable("grid", grid_lenient, "required decay rate, d = 1 + r/δ"),
            "required_strict": variable("grid", grid_strict, "required decay rate, d = √(1 + r²/δ²)"),
        },
        coords={
            "power": variable("power", shown, "power"),
            "epoch": variable("epoch", np.arange(epochs - 1, dtype=np.int32), "epoch", "epoch"),
            "end": variable("end", np.array(["lenient", "strict"], dtype=str), "end of the range of d"),
            "grid": variable("grid", grid, f"noise level reached, {first}"),
        },
    )
    return describe(
        dataset,
        "sigma_nice.7",
        message=f"""Large powers fall too fast at the start, small ones at the end: of those drawn, the strict
            requirement is met throughout by {_met(dataset, "meets_strict")}.""",
        caption=f"""Ratio of consecutive step sizes of polynomial schedules over {epochs} epochs, (a) by epoch and (b)
            by the noise level that is reached, with the least ratio that equation (8) asks for at both ends of its
            range of d, for a region of radius r = {radius:g} δ₁ (the paper states none). In the white part a rate is
            slow enough for both; the lenient one is met throughout by {_met(dataset, "meets_lenient")}. The
            requirement is a bound on the fall of δ (or δ²) per epoch, so it is strict for large noise and void for
            small; a large power breaks it at the start, a small one at the end. Batch size constant; nothing is
            random, no tuning. The last step size, 0, is not used by training.""",
    )


def _met(dataset: xr.Dataset, requirement: str) -> str:
    met = [f"{p:g}" for p in dataset["power"].values[dataset[requirement].values == 1]]
    return ("p = " + ", ".join(met)) if met else "no power"


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw the rates against the epoch, and against the noise level together with the required rates."""
    with style(size) as sheet:
        narrow = size == "column"
        figure = new_figure(sheet, height={"column": 5.8, "page": 3.8}.get(size))
        by_epoch, by_level = figure.subplots(*((2, 1) if narrow else (1, 2)))
        handles: list[Line2D | Patch] = []
        for index, power in enumerate(dataset["power"].values):
            part, look = dataset.sel(power=power), look_of_power(index, dataset.sizes["power"])
            by_epoch.plot(part["epoch"], part["decay_rate"], **look)
            handles += by_level.plot(part["level"], part["decay_rate"], label=f"$p={power:g}$", **look)
        grid = dataset["grid"].values
        lenient, strict = (np.maximum(dataset[f"required_{end}"].values, FLOOR) for end in ("lenient", "strict"))
        by_level.fill_between(grid, lenient, strict, zorder=1, **BAND)
        by_level.fill_between(grid, FLOOR, lenient, zorder=1, **TOO_FAST)
        handles += [
            Patch(**BAND, label=r"slow enough for $d=1+r/\delta$ only"),
            Patch(**TOO_FAST, label="too fast for either $d$"),
        ]
        by_epoch.set(title="(a)", xlabel="epoch $t$")
        radius = _radius(dataset)
        by_level.set(title=rf"(b)  $r={radius:g}\,\delta_1$", xlabel=r"noise level reached $\delta_{t+1}/\delta_1$")
        by_level.set_xlim(1.02, -0.02)
        for axes in (by_epoch, by_level):
            if narrow or axes is by_epoch:
                axes.set_ylabel(r"decay rate $\rho_t=\eta_{t+1}/\eta_t$")
            axes.set_yscale("logit")
            axes.set_ylim(FLOOR, CEILING)
            axes.set_yticks(RATES, [f"{rate:g}" for rate in RATES])
            axes.yaxis.set_minor_locator(NullLocator())
        figure.legend(handles=handles, loc="outside upper center", ncols=2 if narrow else 5, handlelength=2.6)
        return finish(figure)


def _radius(dataset: xr.Dataset) -> float:
    # The requirement at the first level is 1 / (1 + r).
    return float(1 / dataset["required_lenient"][-1] - 1)
