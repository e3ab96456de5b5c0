"""Figure modern_methods.invariances: what may be changed about a problem without a method's noticing."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from scipy.stats import ortho_group

from dynamics import simulate
from dynamics.checks import require_whole
from modern_methods.landscapes import Landscape, landscape
from modern_methods.roster import ROSTER, chosen
from plots.dataset import describe, recorded, variable
from plots.style import finish, new_figure, style

TITLE = "What a method does not notice"
AMPLIFIES_ROUNDING = True
QUICK = {"methods": ("gradient descent", "sign descent", "Adam", "DoG", "Prodigy")}

CHANGES = ("permutation", "turned\nmatrices", "rotation", "scale of\ncoordinates", "scale of\nthe loss")
HOLDS = 1e-6
STEP, SCALE = 0.01, 1024.0


@recorded
def compute(*, methods: Sequence[str] = tuple(ROSTER), steps: int = 12, rng: int = 0) -> xr.Dataset:
    """How far a run on a changed problem, changed back, is from the run on the problem itself.

    Parameters
    ----------
    methods : sequence of str
        Names in `modern_methods.roster.ROSTER`.
    steps : int
        Length of the runs, at least 2.
    rng : int
        Seed of the start and of what is changed, 0 or more.

    Returns
    -------
    Dataset
        `deviation` over (method, change), by the way that the run goes.

    Raises
    ------
    ValueError
        If a parameter is outside its range.
    """
    names = chosen(methods)
    require_whole("steps", steps, 2, "a method has to move")
    require_whole("rng", rng, 0, "a figure keeps its seed as a whole number")
    problem = landscape("turned valley", rng=rng)
    maps = _maps(rng)
    found = np.array([[_deviation(name, problem, T, steps) for T in maps.values()] for name in names])
    kept = found < HOLDS
    dataset = xr.Dataset(
        {"deviation": variable(("method", "change"), found, "distance of the runs by the way gone")},
        coords={
            "method": variable("method", list(names), "method"),
            "change": variable("change", [change.replace("\n", " ") for change in CHANGES], "change of the problem"),
        },
    )
    told = ", ".join(
        f"{change} {count}" for change, count in zip(dataset["change"].values, kept.sum(axis=0), strict=True)
    )
    return describe(
        dataset,
        __name__,
        message=f"""Turned axes make another method of {_listed(names, ~kept[:, 2])}; {
            _listed(names, kept[:, 1] & ~kept[:, 2])
        } at least do not notice it when the sides of a matrix turn; scaled coordinates are noticed by all but {
            _listed(names, kept[:, 3])
        }.""",
        caption=f"""Black where the run on the changed problem is the changed run, to {HOLDS:g} of the way gone in {
            steps
        } steps; else how far the two part. A quadratic in 32 parameters, two 4 by 4 matrices, seed {
            rng
        }. Permutation of all parameters; both sides of each matrix turned; all parameters turned; coordinates scaled by
            1 to 8; loss times {SCALE:g}. Step size {STEP:g}, nothing tuned; eps is 0 where a method allows it. Methods
            that keep it, of {len(names)}: {told}.""",
        seeds=(rng,),
    )


def _listed(names: Sequence[str], which: np.ndarray) -> str:
    return ", ".join(name for name, one in zip(names, which, strict=True) if one) or "none"


def _maps(rng: int) -> dict[str, np.ndarray]:
    """The change of variables that stands for each change; the last one is of the loss alone."""
    draws, d = np.random.default_rng(rng + 1), 32
    sides = [np.kron(*ortho_group.rvs(4, size=2, random_state=draws)) for _ in range(2)]
    blocks = np.zeros((d, d))
    blocks[:16, :16], blocks[16:, 16:] = sides
    return {
        CHANGES[0]: np.eye(d)[draws.permutation(d)],
        CHANGES[1]: blocks,
        CHANGES[2]: ortho_group.rvs(d, random_state=draws),
        CHANGES[3]: np.diag(draws.permutation(np.geomspace(1.0, 8.0, d))),
        CHANGES[4]: np.eye(d),
    }


def _deviation(name: str, problem: Landscape, T: np.ndarray, steps: int) -> float:
    scale = SCALE if np.array_equal(T, np.eye(len(T))) else 1.0
    changed = problem._replace(matrix=problem.matrix @ T, start=np.linalg.solve(T, problem.start), scale=scale)
    runs = [
        simulate(ROSTER[name].make(STEP), each, steps=steps, record_iterates=True, record_every=1)
        for each in (problem, changed)
    ]
    length = min(len(run.iterates) for run in runs)
    paths = runs[0].iterates[:length], runs[1].iterates[:length] @ T.T
    way = max(float(np.abs(paths[0] - problem.start).max()), 1e-300)
    apart = float(np.abs(paths[0] - paths[1]).max()) / way
    return apart if np.isfinite(apart) else np.inf


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw a table: a row for each method, a column for each change."""
    names = [str(name) for name in dataset["method"].values]
    with style(size) as sheet:
        figure = new_figure(sheet, height=0.22 * len(names) * sheet.scale + 1.0 * sheet.scale)
        figure.set_layout_engine("constrained")
        axes = figure.subplots()
        for i, row in enumerate(dataset["deviation"].values):
            for j, value in enumerate(row):
                holds = value < HOLDS
                axes.plot(
                    [j],
                    [i],
                    marker="s",
                    markersize=9 * sheet.scale,
                    linestyle="none",
                    color="black" if holds else "0.93",
                )
                if not holds:
                    told = ">10" if not value < 10 else f"{value:.1g}"
                    axes.annotate(told, (j, i), ha="center", va="center", fontsize="x-small", color="0.25")
        axes.set(xticks=range(len(CHANGES)), xticklabels=CHANGES, yticks=range(len(names)), yticklabels=names)
        axes.set(xlim=(-0.5, len(CHANGES) - 0.5), ylim=(len(names) - 0.5, -0.5))
        axes.xaxis.tick_top()
        axes.tick_params(length=0)
        axes.grid(visible=False)
        for side in axes.spines.values():
            side.set_visible(False)
        return finish(figure)
