"""Methods on one problem in one line: loss over cost, and on a plane their paths over its level lines."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from dynamics import Trajectory, simulate
from dynamics.checks import KindRefusal, Refusal, require_truth, require_whole, shown
from dynamics.protocol.status import Status
from dynamics.runs.driver import Records
from plots.budget import FAILURES, PASSES, Weights
from plots.comparison_words import failures, set_words
from plots.looks import DASH_DOT, DASHES, DOTS, LONG_DASH_TWO_DOTS, LONG_DASHES, LOOKS, SHORT_DASHES, Look
from plots.marks import is_wide, label_ends, mark_divergence, plot_over_seeds
from plots.planes import Heights, draw_level_lines, draw_path, heights_of, minimisers_of, window_of
from plots.style import Picture, finish, new_figure, style
from synthetic import info

if TYPE_CHECKING:
    from plots.films import Film

__all__ = ["compare", "draw_comparison"]

OTHERS = (
    Look("#0072B2", "-", "o"),
    Look("#D55E00", DASHES, "D"),
    Look("black", DASH_DOT, "s"),
    Look("#009E73", DOTS, "^"),
    Look("#CC79A7", SHORT_DASHES, "P"),
    Look("#E69F00", LONG_DASHES, "v"),
    Look("#56B4E9", LONG_DASH_TWO_DOTS, "X"),
)
"""Looks of curves that have none by their name."""

LABELLED = len(OTHERS)
"""Curves that a picture tells apart."""

BAND = 5  # seeds from which a median and a band are drawn
FRAMES, RATE = 48, 12.0  # of a film: at most, and a second


class Runs(NamedTuple):
    """What is compared: runs of each label, a run a seed."""

    problem: Any
    methods: dict[str, Any]
    runs: dict[str, list[Trajectory]]
    steps: int
    seeds: tuple[int, ...]
    weights: Weights
    x0: Any = None  # where the runs start, if not where the problem says

    @property
    def is_plane(self) -> bool:
        """Whether the problem has two parameters, and paths are there to be drawn."""
        return all(run.iterates is not None and run.iterates.shape[1:] == (2,) for run in self.first)

    @property
    def first(self) -> list[Trajectory]:
        """The first run of each label."""
        return [runs[0] for runs in self.runs.values()]


def compare(
    problem: Any,
    methods: Mapping[str, Any],
    *,
    steps: int,
    seeds: int | Sequence[int] = 1,
    x0: Any = None,
    animate: bool = False,
    size: str = "page",
    weights: Weights = PASSES,
) -> "Picture | Film":
    """Run methods on one problem and draw what they cost and gain.

    Parameters
    ----------
    problem : NamedTuple
        A problem of `synthetic`, or one's own.
    methods : mapping of str to NamedTuple
        Methods by the names that stand beside their curves.
    steps : int
        Steps that each run takes.
    seeds : int or sequence of int
        How many seeds, or which; runs are drawn one by one, and from 5 on as median and band (80 %).
    x0 : array_like, optional
        Where all runs start; the problem's own initial point unless given.
    animate : bool
        Whether to make a film.
    size : {"column", "page", "slide"}
        What it is drawn for.
    weights : Weights
        What oracle calls cost in gradients.

    Returns
    -------
    Picture or Film
        A Matplotlib figure, or a film with `save(path)`; both show themselves in a notebook.

    Raises
    ------
    ValueError
        For bad numbers, names and sizes.

    Examples
    --------
    >>> from dynamics import GradientDescent, HeavyBall
    >>> from synthetic import rosenbrock
    >>> picture = compare(rosenbrock(), {"GD": GradientDescent(1e-3), "HB": HeavyBall(1e-2)}, steps=200)
    >>> len(picture.axes)
    2
    """
    seen = run_all(problem, methods, steps=steps, seeds=seeds, x0=x0, weights=weights)
    if require_truth("animate", animate):
        return film_of(seen, size=size)
    return draw_comparison(seen, size=size)


def run_all(
    problem: Any,
    methods: Mapping[str, Any],
    *,
    steps: int,
    seeds: int | Sequence[int] = 1,
    x0: Any = None,
    weights: Weights = PASSES,
) -> Runs:
    """The runs behind a comparison."""
    if not isinstance(methods, Mapping):
        example = '{"GD": GradientDescent(0.1), "Adam": Adam(0.1)}'
        raise KindRefusal(f"methods = {shown(methods)} must be a dict of names and methods, such as {example}.")
    if not methods or len(methods) > len(OTHERS):
        raise Refusal(f"{len(methods)} methods: a picture tells 1 to {len(OTHERS)} apart.")
    steps = require_whole("steps", steps, 1, "a curve needs a step")
    chosen = tuple(range(require_whole("seeds", seeds, 1))) if np.ndim(seeds) == 0 else tuple(seeds)  # type: ignore[arg-type]
    if not chosen:
        raise Refusal("seeds is empty: give a number such as 10, or a list such as [0, 1, 2].")
    runs = {
        str(name): [
            simulate(method, problem, steps=steps, x0=x0, rng=seed, record_iterates=_is_plane(problem, x0))
            for seed in chosen
        ]
        for name, method in methods.items()
    }
    return Runs(problem, {str(name): method for name, method in methods.items()}, runs, steps, chosen, weights, x0)


def _is_plane(problem: Any, x0: Any) -> bool:
    from dynamics import initial_point

    start = initial_point(problem) if x0 is None else x0
    return start is not None and np.shape(start) == (2,)


def draw_comparison(seen: Runs, *, size: str = "page") -> Picture:
    """Draw runs that are there already."""
    with style(size) as sheet:
        figure, plane, panel = _panels(seen, size, sheet)
        looks = looks_of(list(seen.runs))
        if plane is not None:
            _draw_plane(plane, seen, sheet.scale)
            _draw_paths(plane, seen, looks, sheet.scale)
        curves = _draw_losses(panel, seen, looks)
        label_ends(panel, curves)
        set_words(figure, seen, looks)
        return finish(figure)


def film_of(seen: Runs, *, size: str = "page") -> "Film":
    """The same as a film: paths and curves as they grow."""
    from plots.films import Film

    with style(size) as sheet:
        figure, plane, panel = _panels(seen, size, sheet)
        looks = looks_of(list(seen.runs))
        still = 0  # lines of the plane that no frame changes
        if plane is not None:
            _draw_plane(plane, seen, sheet.scale)
            still = len(plane.lines)
            _draw_paths(plane, seen, looks, sheet.scale)
        label_ends(panel, _draw_losses(panel, seen, looks))
        set_words(figure, seen, looks)
        finish(figure)
        figure.set_layout_engine("none")  # frames must not jump
    limits = panel.get_xlim(), panel.get_ylim(), panel.get_yscale()
    ends = np.unique(np.geomspace(1, max(len(run.iteration) for run in seen.first), FRAMES).round().astype(int))

    seen_so_far: list[int] = []

    def show(k: int) -> None:
        upto = int(ends[min(k, len(ends) - 1)])
        if seen_so_far[-1:] == [upto]:
            return
        seen_so_far.append(upto)
        part = seen._replace(runs={name: [cut(run, upto) for run in runs] for name, runs in seen.runs.items()})
        panel.clear()
        lines = _draw_losses(panel, part, looks)
        panel.set(yscale=limits[2], xlim=limits[0], ylim=limits[1])
        label_ends(panel, lines, laid_out=True)
        if plane is not None:
            for line in [*plane.lines][still:]:
                line.remove()
            _draw_paths(plane, part, looks, sheet.scale)

    return Film(figure, show, len(ends) + round(RATE), rate=RATE, size=size)


def cut(run: Trajectory, records: int) -> Trajectory:
    """A run as it was after so many of its records."""
    from dataclasses import replace

    rows = len(run.iteration)
    shares = (len(column) // max(rows, 1) for column in run.records)  # an iterate is as many numbers in a row
    kept = Records(*(column[: records * share] for column, share in zip(run.records, shares, strict=True)))
    done = records >= rows
    return replace(run, records=kept, status=run.status if done else Status.RUNNING)


def _panels(seen: Runs, size: str, sheet: Any) -> tuple[Picture, Axes | None, Axes]:
    lines = len(seen.methods) + len(failures(seen))
    below = 0.19 * lines * sheet.scale  # inches for the key
    if not seen.is_plane:
        figure = new_figure(sheet, height={"column": 2.6, "page": 3.6}.get(size, 4.6) + below)
        return figure, None, figure.subplots()
    narrow = size == "column"
    figure = new_figure(sheet, height={"column": 5.2, "page": 3.3}.get(size, 4.6) + below)
    plane, panel = figure.subplots(*((2, 1) if narrow else (1, 2)))
    return figure, plane, panel


def looks_of(names: Sequence[str]) -> dict[str, Look]:
    """A look for each name, no two alike: that of the method of this name, or one that is still free.

    Examples
    --------
    >>> found = looks_of(["Adam", "mine", "yours"])
    >>> found["Adam"].marker, len(set(found.values()))
    ('^', 3)
    """
    found: dict[str, Look] = {}
    for name in names:
        if name in LOOKS and LOOKS[name].color not in {look.color for look in found.values()}:
            found[name] = LOOKS[name]
    for name in names:
        if name not in found:
            colors, markers = ({getattr(look, part) for look in found.values()} for part in ("color", "marker"))
            free = [look for look in OTHERS if look.color not in colors and look.marker not in markers]
            free = free or [look for look in OTHERS if look.color not in colors]
            found[name] = free[0]
    return found


def cost_of(run: Trajectory, weights: Weights) -> NDArray:
    """What a run had spent at each record, in gradients."""
    spent = weights.value * run.values + weights.gradient * run.gradients
    return np.asarray(spent + weights.hessian_product * run.hessian_products)


def _minimum(problem: Any) -> float | None:
    try:
        known = info(problem).minimum
    except TypeError:
        return None
    return None if known is None or not np.isfinite(known) else float(known)


def _draw_losses(axes: Axes, seen: Runs, looks: Mapping[str, Look]) -> dict[str, Line2D]:
    """Loss over cost, a curve a method; on a logarithmic scale where that shows more."""
    least = _minimum(seen.problem)
    low = least or 0.0
    every = np.concatenate([run.loss - low for runs in seen.runs.values() for run in runs])
    finite = every[np.isfinite(every)]
    positive = finite[finite > 0]
    # Only where it hides nothing: at a known minimum zeros are rounding, elsewhere they are losses like others.
    logarithmic = is_wide(positive) and (positive.size == finite.size or least is not None)
    floor = 1e-16 * max(1.0, abs(low)) if least is not None else 0.0
    begin = max((float(run.loss[0] - low) for run in seen.first if run.loss.size), default=1.0)
    curves = {}
    for name, runs in seen.runs.items():
        drawn = {key: value for key, value in looks[name]._asdict().items() if key != "marker"}
        shown_runs = [(cost_of(run, seen.weights), _shown(run.loss - low, logarithmic, floor)) for run in runs]
        curves[name] = _curve(axes, shown_runs, runs, drawn)
    if logarithmic:
        axes.set_yscale("log")
        axes.set_ylim(top=max(3.0 * begin, 1e-300), bottom=max(floor, 0.3 * float(positive.min())))
    elif np.isfinite(begin):
        finite = every[np.isfinite(every)]
        axes.set_ylim(top=begin + 0.1 * (begin - float(finite.min(initial=begin))) + 1e-300)
    known = "loss above its minimum, $f-f^\\star$" if least is not None else "loss $f$"
    axes.set(xlabel="cost, in full-batch gradients", ylabel=known)
    axes.set_xlim(left=0.0)
    return curves


def _shown(loss: NDArray, logarithmic: bool, floor: float) -> NDArray:
    return np.where(loss > floor, loss, np.nan) if logarithmic else loss


def _curve(axes: Axes, shown_runs: Any, runs: list[Trajectory], drawn: dict[str, Any]) -> Line2D:
    """One method: a line, several thin ones, or a median with its band."""
    if len(runs) >= BAND and len({len(cost) for cost, _ in shown_runs}) == 1:
        line = plot_over_seeds(axes, shown_runs[0][0], np.array([loss for _, loss in shown_runs]), **drawn)
    else:
        for cost, loss in shown_runs:
            (line,) = axes.plot(cost, loss, **drawn)
            if len(runs) > 1:
                line.set_linewidth(0.5 * line.get_linewidth())
    for (cost, _), run in zip(shown_runs, runs, strict=True):
        if run.status in FAILURES and len(cost):
            mark_divergence(axes, float(cost[-1]), line)
            break
    return line


def _stays(run: Trajectory) -> bool:
    """Whether a run has neither failed nor gone far above its start, from where it would fill the window."""
    return run.status not in FAILURES and run.loss.size > 0 and bool(run.loss[-1] <= max(run.loss[0], 0.0) * 2 + 1e-12)


def _heights(seen: Runs) -> Heights:
    """The plane around the paths that stay, and the minimisers next to their ends."""
    stars, start = minimisers_of(seen.problem), np.asarray(seen.first[0].iterates)[0]
    paths = [run.iterates for run in seen.first if _stays(run) and run.iterates is not None]
    ends = np.array([path[-1] for path in paths] or [start])
    near = [stars[np.linalg.norm(stars - end, axis=1).argmin()] for end in ends] if len(stars) else []
    return heights_of(seen.problem, window_of([*paths, start], near))


def _draw_plane(axes: Axes, seen: Runs, scale: float) -> None:
    """Level lines, the start and the minimisers."""
    stars, start = minimisers_of(seen.problem), np.asarray(seen.first[0].iterates)[0]
    draw_level_lines(axes, _heights(seen))
    axes.plot(*start, marker="o", color="white", markeredgecolor="black", markersize=5 * scale, zorder=3.2)
    for star in stars:
        axes.plot(*star, marker="*", color="white", markeredgecolor="black", markersize=10 * scale, zorder=3.3)
    words = "○ start, ☆ minimum" if len(stars) else "○ start"
    axes.set_title(words, fontsize="small", color="0.3")


def _draw_paths(axes: Axes, seen: Runs, looks: Mapping[str, Look], scale: float) -> None:
    """The first run of each method."""
    for name, run in zip(seen.runs, seen.first, strict=True):
        draw_path(axes, np.asarray(run.iterates), looks[name]._asdict(), scale=scale)
