"""Figure sigma_nice.6: polynomial decay with seven powers, and the radius that each of them needs."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from dynamics.checks import require_whole
from plots.dataset import describe, recorded, variable
from plots.gallery.parameter_checks import require_increasing
from plots.style import finish, new_figure, style
from theory.sigma_nice import ladder, least_radius, schedule

__all__ = ["POWERS", "compute", "draw", "look_of_power"]

TITLE = "Polynomial decay with seven powers, and the radius of strong convexity that each of them needs"
SOURCE = "Figure 6"
CLAIMS = ("sigma_nice.only_small_powers",)

POWERS = (0.1, 0.5, 0.9, 1.0, 2.0, 4.0, 8.0)
ENDS = {"lenient": r"$d=1+r/\delta$", "strict": r"$d=\sqrt{1+r^2/\delta^2}$"}
END_LOOKS: dict[str, dict[str, Any]] = {
    "lenient": {"color": "black", "linestyle": "-"},
    "strict": {"color": "#D55E00", "linestyle": (0, (6, 1.5))},
}
END_MARKERS = {"lenient": "o", "strict": "s"}


@recorded
def compute(*, powers: Sequence[float] = POWERS, epochs: int = 200, points: int = 241) -> xr.Dataset:
    """Step sizes of polynomial decay, and the least radius of strong convexity that lets them decay so fast.

    Parameters
    ----------
    powers : sequence of float
        Powers p whose curves are drawn, 2 or more, increasing, above 0.
    epochs : int
        Length T, at least 3.
    points : int
        Powers between 0.05 and 10 at which the least radius is found, at least 21.

    Returns
    -------
    Dataset
        `step_size` over (power, epoch), in units of the first; `least_radius` over (end, grid), in units of the first
        noise level, the last step to 0 included; `cosine_radius`, `floor` and `best_power` over `end`.

    Raises
    ------
    ValueError
        If a parameter is outside its range.
    """
    shown = require_increasing("powers", powers, count=2, above=0, reason="each is a curve")
    require_whole("epochs", epochs, 3, "a shorter schedule has no shape")
    require_whole("points", points, 21, "a curve needs as many")
    grid = np.unique(np.concatenate([np.geomspace(0.05, 10.0, points), [0.5, 1.0]]))
    radii = np.array([least_radius(ladder(1.0, epochs, float(p))) for p in grid]).T
    dataset = xr.Dataset(
        {
            "step_size": variable(
                ("power", "epoch"),
                np.array([schedule("polynomial", epochs, 1.0, p=p) for p in shown]),
                "step size, in units of the first",
            ),
            "least_radius": variable(("end", "grid"), radii, "least radius, in units of the first noise level"),
            "cosine_radius": variable(
                "end", np.array(least_radius(schedule("cosine", epochs, 1.0))), "least radius of the cosine schedule"
            ),
            "floor": variable("end", np.array([1 / epochs, epochs**-0.5]), "least radius of any schedule"),
            "best_power": variable("end", grid[radii.argmin(axis=1)], "power with the smallest least radius"),
        },
        coords={
            "power": variable("power", shown, "power"),
            "epoch": variable("epoch", np.arange(epochs + 1, dtype=np.int32), "epoch", "epoch"),
            "grid": variable("grid", grid, "power"),
            "end": variable("end", np.array(list(ENDS), dtype=str), "end of the range of d"),
        },
    )
    best = dataset["best_power"].values
    return describe(
        dataset,
        "sigma_nice.6",
        message="""Polynomial decay asks least of the landscape at a power of 1/2 or 1; smaller and larger powers
            need a wider convex region.""",
        caption=f"""(a) Polynomial decay (1 - t/T)^p over T = {epochs} epochs. (b) The smallest radius r of strong
            convexity with which the decay is slow enough at every epoch, the last step to 0 included, for both ends of
            the range (8) of d. The drops of δ, or of δ², add up to the first level, so no schedule needs less than
            δ₁/T (or δ₁/√T); p = {best[0]:g} and p = {best[1]:g} attain it. Smaller powers need more, since they
            plunge at the end: at p = 0.1 more than the cosine (dotted), so "a small power" is not what the paper's
            condition asks for. Batch size constant; nothing is random, no tuning.""",
    )


def look_of_power(index: int, count: int) -> dict[str, Any]:
    """Colour from light to dark over the powers, and dashes that alternate, for a curve of polynomial decay."""
    dashes = ("-", (0, (5, 1.5)), (0, (1.2, 1.2)))[index % 3]
    return {"color": colormaps["plasma_r"](0.15 + 0.85 * index / (count - 1)), "linestyle": dashes}


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw the curves, and the least radius over the power."""
    with style(size) as sheet:
        narrow = size == "column"
        figure = new_figure(sheet, height={"column": 5.8, "page": 3.7}.get(size))
        steps, radius = figure.subplots(*((2, 1) if narrow else (1, 2)))
        for index, power in enumerate(dataset["power"].values):
            curve = dataset["step_size"].sel(power=power)
            steps.plot(dataset["epoch"], curve, label=f"$p={power:g}$", **look_of_power(index, dataset.sizes["power"]))
        steps.set(title="(a)", xlabel="epoch $t$", ylabel=r"step size $\eta_t/\eta_0$")
        for end, words in ENDS.items():
            _plot_radius(radius, dataset.sel(end=end), words, end)
        radius.set(xscale="log", yscale="log", title="(b)", xlabel="power $p$")
        radius.set_ylabel(r"least radius $r/\delta_1$")
        radius.set_xticks([0.1, 0.5, 1, 2, 10], ["0.1", "0.5", "1", "2", "10"])
        for axis in (radius.xaxis, radius.yaxis):
            axis.set_minor_formatter(NullFormatter())
        radius.legend(loc="upper right", handlelength=2.6)
        figure.legend(*steps.get_legend_handles_labels(), loc="outside upper center", ncols=4, handlelength=2.6)
        return finish(figure)


def _plot_radius(axes: Axes, part: xr.Dataset, words: str, end: str) -> None:
    look = END_LOOKS[end]
    axes.plot(part["grid"], part["least_radius"], label=words, **look)
    axes.plot(
        [float(part["best_power"])], [float(part["floor"])], linestyle="none",
        marker=END_MARKERS[end], color=look["color"],
    )  # fmt: skip
    axes.axhline(float(part["cosine_radius"]), color=look["color"], linestyle=":", linewidth=1.0)
    axes.annotate(
        "cosine", (10.0, float(part["cosine_radius"])), xytext=(-2, 2), textcoords="offset points",
        ha="right", va="bottom", color=look["color"], fontsize="small",
    )  # fmt: skip
