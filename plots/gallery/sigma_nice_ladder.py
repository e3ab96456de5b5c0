"""Figure sigma_nice.ladder: graduated optimisation down a ladder of smoothed Rastrigin functions."""

from collections.abc import Sequence
from typing import Any, get_args

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from dynamics import ensemble, simulate
from dynamics.algorithms.graduated_descent import GraduatedDescent
from dynamics.checks import Refusal, require_whole
from dynamics.protocol.schedules import table
from plots.dataset import describe, recorded, variable
from plots.gallery.parameter_checks import require_increasing
from plots.style import finish, new_figure, style
from synthetic import rastrigin, smoothed, value
from synthetic.smoothing.factor import Smoothing
from synthetic.smoothing.graduated import Graduated, graduated
from theory.sigma_nice import ladder

__all__ = ["compute", "descent", "draw"]

TITLE = "Graduated optimisation down a ladder of smoothed Rastrigin functions"
CLAIMS = (
    "sigma_nice.explicit_rounds",
    "sigma_nice.minimisers_stay_near",
    "sigma_nice.slow_decay",
    "sigma_nice.always_reaches",
)
QUICK = {"starts": 21, "first_levels": 31}

LAWS: tuple[Smoothing, ...] = get_args(Smoothing)
PARTS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("level", (), "noise level"),
    ("landscape", ("abscissa",), "value of the smoothed function, less that at 0"),
    ("iterate", ("step",), "iterate"),
    ("height", ("step",), "value at the iterate, less that at 0"),
)
WINDOW = 3.2
FARTHEST = 4.5
FOUND = 1e-3  # |x| at the end of a run that has found the minimiser, which is 0


@recorded
def compute(
    *,
    examples: Sequence[float] = (0.5, 0.7),
    levels: int = 5,
    power: float = 1.0,
    stage_steps: int = 40,
    start: float = 2.5,
    starts: int = 61,
    first_levels: int = 76,
) -> xr.Dataset:
    """Two runs of the explicit method on their ladders, and the share of starts from which ladders lead to the minimum.

    Parameters
    ----------
    examples : sequence of float
        δ₁ of the two ladders that are drawn, increasing, above 0; half a wavelength takes the ripple away altogether.
    levels : int
        M, smoothed functions of a ladder, at least 2.
    power : float
        p of the ladders, above 0.
    stage_steps : int
        Gradient steps on each function, at least 1.
    start : float
        Where the runs that are drawn begin.
    starts : int
        Starts, evenly spaced from -4.5 to 4.5, at least 5.
    first_levels : int
        First levels from 0 to 1.5 whose ladders are tried, at least 11.

    Returns
    -------
    Dataset
        `level` over (example, stage); `landscape` over (example, stage, abscissa), less its value at 0; `iterate` and
        `height` over (example, stage, step) of the runs;
        `end` over (law, first_level, start) and `found` over (law, first_level), the share of starts that end at 0.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Notes
    -----
    On each function the step size is 1/L with L its own gradient's Lipschitz constant 2 + 40π²|A|, A what is left of
    the ripple.
    """
    require_whole("levels", levels, 2, "a ladder has rungs")
    require_whole("starts", starts, 5, "a share of fewer says little")
    require_whole("first_levels", first_levels, 11, "the gaps between the windows have to show")
    drawn = require_increasing("examples", examples, count=2, above=0, reason="each is a panel")
    if drawn.size > 2:
        raise Refusal(f"examples is {examples!r}; the figure has room for two ladders.")
    x = np.linspace(-WINDOW, WINDOW, 401)
    runs = [_example(float(first), levels, power, stage_steps, start, x) for first in drawn]
    tried = np.linspace(0.0, 1.5, first_levels)
    begins = np.linspace(-FARTHEST, FARTHEST, starts)
    ends = np.array([[_ends(law, float(first), levels, power, stage_steps, begins) for first in tried] for law in LAWS])
    dataset = xr.Dataset(
        {
            **{
                name: variable(("example", "stage", *over), np.array([run[name] for run in runs]), words)
                for name, over, words in PARTS
            },
            "end": variable(("law", "first_level", "start"), ends, "last iterate"),
            "found": variable(("law", "first_level"), (np.abs(ends) < FOUND).mean(axis=2), "share of starts"),
        },
        coords={
            "example": variable("example", drawn, "first noise level of the ladder"),
            "abscissa": variable("abscissa", x, "position"),
            "step": variable("step", np.arange(stage_steps + 1, dtype=np.int32), "gradient step of the stage"),
            "law": variable("law", np.array(LAWS, dtype=str), "law of the smoothing noise"),
            "first_level": variable("first_level", tried, "first noise level"),
            "start": variable("start", begins, "start"),
        },
    )
    plain, best = float(dataset["found"][0, 0]), float(dataset["found"][0].max())
    return describe(
        dataset,
        "sigma_nice.ladder",
        message="""Going down a ladder of smoothed functions finds the minimiser where a rung meets a noise level
            at which the ripple is gone, and misses it where none does.""",
        caption=f"""Explicit graduated optimisation of x² - 10 cos 2πx + 10: {levels} smoothed functions with noise
            levels δ₁(1 - (m - 1)/M)^p, p = {power:g}, and then the function itself, {stage_steps} gradient steps of
            length 1/L on each. (a, b) Ladders from δ₁ = {drawn[0]:g} and {drawn[1]:g} over [x - δ, x + δ], and the
            iterates from {start:g}; a circle where a stage begins, a disc where it ends. (c) Share of {starts} starts
            between {-FARTHEST:g} and {FARTHEST:g} that end within {FOUND:g} of x* = 0, by the first level:
            {plain:.0%} without smoothing. Smoothing over an interval brings up to {best:.0%}, but only where a rung
            falls near a multiple of half a wavelength, at which the ripple is gone; elsewhere it is there, turned over
            in half of the cases. Smoothing by a normal law of standard deviation δ works from some level on.
            Deterministic runs, no tuning.""",
    )


def _example(first: float, levels: int, power: float, stage_steps: int, start: float, x: NDArray) -> dict[str, NDArray]:
    """One ladder and the run that goes down it."""
    degrees = ladder(first, levels, power)
    problem = graduated(rastrigin(), degrees)
    rungs = [smoothed(rastrigin(), float(delta)) for delta in degrees]
    steps = stage_steps * (levels + 1)
    run = simulate(
        descent(problem, stage_steps), problem, steps=steps, x0=[start], record_iterates=True, record_every=1
    )
    path = _by_stage(run.iterates[:, 0], stage_steps)  # type: ignore[index]
    return {
        "level": degrees,
        "landscape": np.array([_above_centre(rung, x) for rung in rungs]),
        "iterate": path,
        "height": np.array([_above_centre(rung, row) for rung, row in zip(rungs, path, strict=True)]),
    }


def descent(problem: Graduated, stage_steps: int) -> GraduatedDescent:
    """The explicit method with the step size 1/L on each of the functions."""
    ripples = problem.levels.amplitudes * problem.levels.problem.frequency**2
    step_sizes = 1 / (problem.levels.problem.curvature + np.abs(ripples))
    return GraduatedDescent(table(step_sizes, period=stage_steps), stage_steps=stage_steps)


def _ends(law: Smoothing, first: float, levels: int, power: float, stage_steps: int, begins: NDArray) -> NDArray:
    """Where runs from all starts end; a first level of 0 takes the ladder's steps on the function itself."""
    degrees = ladder(first, levels, power) if first > 0 else np.array([1e-12])
    problem = graduated(rastrigin(), degrees, law)
    steps = stage_steps * (levels + 1)
    sweep = ensemble(
        [descent(problem, stage_steps)], problem, steps=steps, seeds=begins.size, x0=begins[:, np.newaxis],
        record_every=steps, threads=1,
    )  # fmt: skip
    return np.asarray(sweep.x[0, :, 0])


def _by_stage(path: NDArray, stage_steps: int) -> NDArray:
    """The iterates of each stage, its first and its last among them."""
    stages = (path.size - 1) // stage_steps
    return np.array([path[m * stage_steps : (m + 1) * stage_steps + 1] for m in range(stages)])


def _above_centre(problem: Any, x: NDArray) -> NDArray:
    return np.asarray(value(problem, x[:, np.newaxis]) - value(problem, [0.0]))


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw both ladders with the iterates, and the share of starts that succeed."""
    with style(size) as sheet:
        narrow = size == "column"
        figure = new_figure(sheet, height={"column": 8.0, "page": 4.0}.get(size))
        panels = figure.subplots(*((3, 1) if narrow else (1, 3)), height_ratios=[1.3, 1.3, 1] if narrow else None)
        for axes, letter, example in zip(panels, "ab", range(2), strict=False):
            part = dataset.isel(example=example)
            _plot_ladder(axes, part)
            axes.set(title=rf"({letter}) $\delta_1={float(part['example']):g}$", xlabel="position $x$")
            axes.set_ylabel(r"noise level $\delta_m$")
        shares = panels[2]
        for law, label in zip(LAWS, ("interval", "normal law"), strict=True):
            shares.plot(dataset["first_level"], 100 * dataset["found"].sel(law=law), label=label)
        shares.set(title="(c)", xlabel=r"first noise level $\delta_1$", ylim=(-4, 140), yticks=range(0, 101, 25))
        shares.set_ylabel("starts that end at $x^*$, %")
        shares.legend(loc="upper left", handlelength=2.6)
        return finish(figure)


def _plot_ladder(axes: Axes, part: xr.Dataset) -> None:
    x, spacing = part["abscissa"].values, 20.0
    bases = spacing * np.arange(part.sizes["stage"])[::-1]
    for stage, base in enumerate(bases):
        row = part.isel(stage=stage)
        axes.plot(x, base + row["landscape"], color="0.45", linestyle="-", linewidth=0.9)
        path, height = row["iterate"].values, base + row["height"].values
        axes.plot(path, height, color="#0072B2", linestyle="-", marker=".")
        axes.plot(path[-1], height[-1], color="#D55E00", linestyle="none", marker="o", zorder=4)
        axes.plot(path[0], height[0], color="#D55E00", linestyle="none", marker="o", markerfacecolor="none", zorder=5)
    axes.set_yticks(bases, [f"{level:.3g}" for level in part["level"].values])
    axes.set_ylim(-8, bases[0] + 1.1 * spacing)
    axes.set_xlim(-WINDOW, WINDOW)
    axes.grid(visible=False)
