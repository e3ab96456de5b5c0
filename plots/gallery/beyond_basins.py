"""Figure beyond.basins: which minimum of Himmelblau's function each start leads to, for six methods."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from dynamics import Adam, BarzilaiBorwein, GradientDescent, HeavyBall, Nesterov, Stop, TrustRegion, ensemble
from dynamics.checks import Refusal, require_whole
from plots.dataset import describe, recorded, variable
from plots.style import finish, new_figure, style
from synthetic import himmelblau
from synthetic import value as value_of

__all__ = ["METHODS", "compute", "draw"]

TITLE = "Basins of attraction on Himmelblau's function"
QUICK = {"methods": ["gradient descent", "heavy ball"], "resolution": 41, "steps": 400}

METHODS: dict[str, Any] = {
    "gradient descent": GradientDescent(0.01),
    "heavy ball": HeavyBall(0.05, beta=0.9),
    "Nesterov": Nesterov(0.01, beta=0.9),
    "Adam": Adam(0.1),
    "Barzilai-Borwein": BarzilaiBorwein(0.01),
    "trust region": TrustRegion(),
}
REACH = 5.0  # starts lie in the square from -REACH to REACH
TOLERANCE = 0.05  # distance at which a minimiser counts as reached
# Lightness tells the minimisers apart in grey; white is for starts that reach none of them.
FILLS = ("#0B3C6F", "#C8553D", "#8FC1E3", "#F7E7A1")
NONE = "white"


@recorded
def compute(
    *, methods: Sequence[str] = tuple(METHODS), resolution: int = 101, steps: int = 1000, tolerance: float = TOLERANCE
) -> xr.Dataset:
    """The minimiser that each method reaches from each start of a grid.

    Parameters
    ----------
    methods : sequence of str
        Among the keys of `METHODS`; one to six.
    resolution : int
        Starts along each axis, at least 11.
    steps : int
        Most steps of a run, at least 10.
    tolerance : float
        Distance to a minimiser within which a run has reached it, in (0, 1).

    Returns
    -------
    Dataset
        `reached` over (method, y, x): the minimiser's number, 0 to 3, or -1 for a run that ends near none of them;
        `steps_taken` over the same; `minimiser` over (number, coordinate); `height` of the function over (y, x).

    Raises
    ------
    ValueError
        If a parameter is outside its range.
    """
    names = list(methods)
    if not names or len(set(names)) < len(names) or not set(names) <= set(METHODS):
        raise Refusal(f"methods is {methods!r}; give different ones of " + ", ".join(METHODS) + ".")
    require_whole("resolution", resolution, 11, "a basin needs an outline")
    require_whole("steps", steps, 10, "a run needs time")
    if not 0 < tolerance < 1:
        raise Refusal(f"tolerance is {tolerance!r}; it must lie in (0, 1): minimisers are 3.9 apart or more.")
    problem, ticks = himmelblau(), np.linspace(-REACH, REACH, resolution)
    starts = np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)
    shape, reached, taken = (resolution, resolution), [], []
    for name in names:
        sweep = ensemble(
            [METHODS[name]], problem, steps=steps, seeds=len(starts), x0=starts, record_every=steps,
            stop=Stop(gradient_norm=1e-6, loss_bound=1e12),
        )  # fmt: skip
        distance = np.linalg.norm(sweep.x[0][:, np.newaxis] - problem.minimisers, axis=-1)
        nearest = np.where(np.isfinite(distance).all(axis=1), distance.argmin(axis=1), 0)
        near = np.take_along_axis(distance, nearest[:, np.newaxis], axis=1)[:, 0] <= tolerance
        reached.append(np.where(near, nearest, -1).reshape(shape))
        taken.append(sweep.stopped_at[0].reshape(shape))
    cells = ("method", "y", "x")
    heights = np.array([value_of(problem, start) for start in starts]).reshape(shape)
    dataset = xr.Dataset(
        {
            "reached": variable(cells, np.array(reached, dtype=np.int8), "number of the minimiser reached"),
            "steps_taken": variable(cells, np.array(taken, dtype=np.int32), "steps taken"),
            "height": variable(cells[1:], heights, "value of the function"),
            "minimiser": variable(("number", "coordinate"), problem.minimisers, "minimiser"),
        },
        coords={
            "method": variable("method", np.array(names), "method"),
            "x": variable("x", ticks, "first coordinate of the start"),
            "y": variable("y", ticks, "second coordinate of the start"),
        },
    )
    return describe(
        dataset,
        "beyond.basins",
        message="""From neighbouring starts gradient descent ends in the same minimum; the basins of heavy ball are
            frayed.""",
        caption=f"""The minimiser of Himmelblau's function (circles; all four have the value 0) that a run from each of
            {resolution}×{resolution} starts reaches to within {tolerance:g}; white: none, after {steps} steps or a
            divergence. {_numbers(names)} Exact gradients, so no seeds; the budget is the number of steps, and
            settings are fixed and untuned: step sizes at which most starts converge.""",
    )


def _numbers(names: Sequence[str]) -> str:
    settings = []
    for name in names:
        numbers = METHODS[name]._asdict()
        words = [
            f"{key.replace('_', ' ')} {numbers[key]:g}"
            for key in ("step_size", "beta")
            if "step_size" in numbers and key in numbers
        ]
        settings.append(f"{name}: {', '.join(words) or 'defaults'}")
    return "; ".join(settings) + "."


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw one map for each method."""
    with style(size) as sheet:
        narrow, count = size == "column", dataset.sizes["method"]
        columns = min(2 if narrow else 3, count)
        rows = -(-count // columns)
        figure = new_figure(sheet, height={"column": 0.9 + 1.65 * rows, "page": 0.9 + 2.3 * rows}.get(size))
        figure.set_layout_engine("compressed")  # the maps are square
        panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
        for axes in panels.flat[count:]:
            axes.set_visible(False)
        for axes, letter, name in zip(panels.flat, "abcdef", map(str, dataset["method"].values), strict=False):
            _plot_map(axes, dataset.sel({"method": name}))
            axes.set_title(f"({letter}) {name}")
        for axes in panels[-1]:
            axes.set_xlabel("start, $x_0$")
        for axes in panels[:, 0]:
            axes.set_ylabel("start, $y_0$")
        keys = [
            Patch(facecolor=fill, edgecolor="0.3", label=f"({x:.1f}, {y:.1f})".replace("-", "−"))
            for fill, (x, y) in zip(FILLS, dataset["minimiser"].values, strict=True)
        ]
        keys.append(Patch(facecolor=NONE, edgecolor="0.3", label="none"))
        figure.legend(handles=keys, loc="outside upper center", ncols=3 if narrow else 5, handlelength=1.4)
        return finish(figure)


def _plot_map(axes: Axes, part: xr.Dataset) -> None:
    x, y, reached = part["x"].values, part["y"].values, part["reached"].values
    axes.pcolormesh(
        x, y, np.where(reached < 0, len(FILLS), reached), cmap=ListedColormap([*FILLS, NONE]),
        norm=BoundaryNorm(np.arange(-0.5, 5.0), 5),
        shading="nearest", rasterized=True,
    )  # fmt: skip
    axes.contour(x, y, np.log1p(part["height"].values), levels=7, colors="0.35", linewidths=0.3)
    for px, py in part["minimiser"].values:
        axes.plot(
            px, py, marker="o", linestyle="none", markerfacecolor="white", markeredgecolor="black",
            markersize=rcParams["lines.markersize"],
        )  # fmt: skip
    axes.set(aspect="equal", xticks=(-5, 0, 5), yticks=(-5, 0, 5))
    axes.grid(visible=False)
