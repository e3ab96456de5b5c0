"""Figure sigma_nice.10: four ways to run SGD down one ladder of noise levels, on handwritten digits."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from numpy.typing import NDArray

from dynamics import ensemble
from dynamics.algorithms.graduated_sgd import ImplicitGraduatedSGD, four_types
from dynamics.checks import Refusal, require_whole
from plots.budget import Weights
from plots.choice import at_edge, best_setting, not_worse
from plots.dataset import describe, recorded, variable
from plots.gallery.digits_training import accuracies, network, ranking, simulate_all, starts
from plots.looks import look
from plots.marks import mark_spread_at_end, plot_over_seeds
from plots.seeds import median_over
from plots.style import finish, new_figure, style
from plots.tuned import Candidate, Tuned
from synthetic import TanhNet
from theory.sigma_nice import noise_level

__all__ = ["GRID", "compute", "draw", "updates"]

TITLE = "Four ways to run SGD down one ladder of noise levels, on handwritten digits"
SOURCE = "Figure 10"
CLAIMS = ("sigma_nice.same_ladder", "sigma_nice.batch_growth")
QUICK = {"hidden": 4, "epochs": 10, "records": 20}

GRID = tuple(float(step) for step in 0.0625 * 2.0 ** np.arange(6))
TYPES = ("constant", "falling step", "growing batch", "both")
TUNINGS = ("one step size", "own step size")
STAGES, BATCH_SIZE = 5, 8
LEVEL = 0.95
WIDTHS = {"constant": 1.0, "falling step": 1.0, "growing batch": 3.4, "both": 2.0}  # three ladders are the same
LOOKS: dict[str, dict[str, Any]] = {
    "constant": look("constant"),
    "falling step": {"color": "#D55E00", "linestyle": (0, (6, 1.5))},
    "growing batch": {"color": "#0072B2", "linestyle": "-"},
    "both": {"color": "#009E73", "linestyle": (0, (6, 1.5, 1.2, 1.5))},
}


@recorded
def compute(
    *,
    epochs: int = 100,
    hidden: int = 10,
    regularisation: float = 1e-3,
    tuning_seeds: int = 5,
    seeds: int = 5,
    records: int = 100,
    rng: int = 0,
) -> xr.Dataset:
    """Loss and accuracy of the four types, with one step size for all and with each type's own.

    Parameters
    ----------
    epochs : int
        Length of each run, a multiple of 5: there are five stages.
    hidden : int
        Hidden units of the network, at least 1.
    regularisation : float
        λ of the penalty λ|w|²/2, at least 0.
    tuning_seeds : int
        Initial weights, each with its own mini-batches, on which step sizes are chosen, at least 5.
    seeds : int
        Others, which are shown, at least 5.
    records : int
        Records of a run, about; at least 10.
    rng : int
        Seed, 0 or more.

    Returns
    -------
    Dataset
        `loss` and `accuracy` over (tuning, method, seed, record); `epochs`, gradients of the whole data, and `updates`
        over (method, record), NaN after the last; `level`, δ over that of the first stage, over (method, stage);
        `step_size` over (tuning, method); and the outcome of the tuning.

    Raises
    ------
    ValueError
        If a parameter is outside its range.
    ImportError
        If scikit-learn is not installed.
    """
    require_whole("epochs", epochs, STAGES, "each of the five stages takes one at least")
    if epochs % STAGES:
        raise Refusal(f"epochs is {epochs}; it must be a multiple of {STAGES}: try {epochs - epochs % STAGES}.")
    for name, number in (("tuning_seeds", tuning_seeds), ("seeds", seeds)):
        require_whole(name, number, 5, "a median over fewer says little")
    require_whole("records", records, 10, "a curve needs points")
    require_whole("rng", rng, 0, "a figure keeps its seed as a whole number")
    problem = network(hidden, regularisation, rng)
    all_starts = starts(problem, range(tuning_seeds + seeds), rng)
    tuned = _tune(problem, epochs, all_starts[:tuning_seeds])
    common = _common(tuned.scores)
    chosen = {
        "one step size": dict.fromkeys(TYPES, GRID[common]),
        "own step size": {name: tuned.setting(name)["step_size"] for name in TYPES},
    }
    shown = all_starts[tuning_seeds:]
    runs = [
        _runs(problem, _types(chosen[tuning][name], epochs)[name], epochs, shown, records, tuning_seeds)
        for tuning in TUNINGS
        for name in TYPES
    ]
    made = simulate_all([run for group in runs for run in group])
    rows = max(len(run.iteration) for run in made)
    shape = (len(TUNINGS), len(TYPES), seeds, rows)
    columns = {
        "loss": [run.loss for run in made],
        "accuracy": [accuracies(problem, np.asarray(run.iterates)) for run in made],
        "epochs": [run.gradients for run in made],
        "updates": [run.iteration for run in made],
    }
    arrays = {name: _padded(values, rows).reshape(shape) for name, values in columns.items()}
    cells = ("tuning", "method", "seed", "record")
    methods = _types(1.0, epochs)
    dataset = xr.Dataset(
        {
            "loss": variable(cells, arrays["loss"], "training loss"),
            "accuracy": variable(cells, arrays["accuracy"], "accuracy on held-out images"),
            "epochs": variable(cells[1::2], arrays["epochs"][0, :, 0], "gradients of the whole data", "epoch"),
            "updates": variable(cells[1::2], arrays["updates"][0, :, 0], "updates"),
            "level": variable(
                ("method", "stage"), np.array([_levels(method) for method in methods.values()]), "noise level"
            ),
            "step_size": variable(
                cells[:2], np.array([list(steps.values()) for steps in chosen.values()]), "first step size"
            ),
        },
        coords={
            "tuning": variable("tuning", np.array(TUNINGS, dtype=str), "how the first step size is chosen"),
            "seed": variable("seed", np.arange(seeds, dtype=np.int32), "seed"),
            "stage": variable("stage", np.arange(STAGES, dtype=np.int32), "stage"),
        },
    ).merge(tuned.dataset())
    return describe(
        dataset,
        "sigma_nice.10",
        message=f"""Whether the step falls, the batch grows or both hardly matters to where training ends: lowest
            median loss with {_lowest(dataset)}; bars show the spread.""",
        caption=f"""Tanh network with {hidden} hidden units on {len(problem.data.labels)} handwritten digits, penalty
            {regularisation:g}|w|²/2, {epochs} epochs, the same gradient budget for each type. Lines: medians of
            {seeds} initial weights with their mini-batches, seed {rng}; bars beside the axes and the bands of (f):
            the central 80 % of them. First batch {BATCH_SIZE}; every {epochs // STAGES} epochs the noise level ηC/√b
            falls by 1/√2: by the step (1/√2, 1), the batch (1, 2) or both (√3/2, 3/2). (a, d) One first step size for
            all types, so that they share one ladder (c): {GRID[common]:g}, which has the lowest product of the types'
            losses in tuning. (b, e) Each type's own. (f) The runs of (a) by updates, of which growing batches take
            fewer. {_ranking(dataset)} The order can change with the penalty, a parameter of the figure.
            {tuned.sentence()}""",
        seeds=(rng,),
    )


def _types(step_size: float, epochs: int) -> Mapping[str, ImplicitGraduatedSGD]:
    return four_types(step_size, batch_size=BATCH_SIZE, stages=STAGES, period=epochs // STAGES)


def updates(method: ImplicitGraduatedSGD, samples: int) -> int:
    """The updates of all stages; an epoch has ⌊N/b⌋ of them, with b rounded to the nearest whole number."""
    batches = [min(samples, int(method.batch_size * method.batch_factor**m + 0.5)) for m in range(method.stages)]
    return sum(method.period * max(1, samples // size) for size in batches)


def _levels(method: ImplicitGraduatedSGD) -> NDArray:
    stage = np.arange(method.stages)
    return noise_level(method.step_factor**stage, 1.0, method.batch_factor**stage)


def _tune(problem: TanhNet, epochs: int, begin: NDArray) -> Tuned:
    """The tuning engine's rule, with runs that take the updates of their stages and no more."""
    candidates = {
        name: Candidate(lambda step_size, name=name: _types(step_size, epochs)[name], {"step_size": GRID})
        for name in TYPES
    }
    tables = []
    for candidate in candidates.values():
        methods = [candidate.make(**setting) for setting in candidate.settings]
        steps = updates(methods[0], len(problem.data.labels))
        sweep = ensemble(methods, problem, steps=steps, seeds=len(begin), noise="common", x0=begin, record_every=steps)
        tables.append(np.where(np.isfinite(sweep.loss[:, np.newaxis, :, -1]), sweep.loss[:, np.newaxis, :, -1], np.inf))
    best = [best_setting(table[:, 0]) for table in tables]
    return Tuned(
        candidates=candidates,
        budget=float(epochs),
        weights=Weights(),
        score_words="training loss at the end",
        level=LEVEL,
        scores=np.stack(tables),
        default_scores=np.full((len(TYPES), 1, len(begin)), np.nan),
        best=np.array(best),
        not_worse=np.stack([not_worse(table, index, level=LEVEL) for table, index in zip(tables, best, strict=True)]),
        best_at_edge=np.array([at_edge(index, [len(GRID)]) for index in best]),
    )


def _common(scores: NDArray) -> int:
    """The step size with the lowest product of median losses over the types."""
    return int(np.argmin(np.log(np.median(scores[:, :, 0], axis=-1)).sum(axis=0)))


def _runs(
    problem: TanhNet, method: ImplicitGraduatedSGD, epochs: int, begin: NDArray, records: int, first_seed: int
) -> list[dict[str, Any]]:
    steps = updates(method, len(problem.data.labels))
    return [
        {
            "method": method,
            "problem": problem,
            "steps": steps,
            "x0": x0,
            "rng": np.random.SeedSequence(first_seed + j),
            "record_every": max(1, steps // records),
        }
        for j, x0 in enumerate(begin)
    ]


def _padded(values: list[NDArray], rows: int) -> NDArray:
    out = np.full((len(values), rows), np.nan)
    for row, column in zip(out, values, strict=True):
        row[: len(column)] = column
    return out


def _lowest(dataset: xr.Dataset) -> str:
    last = dataset["epochs"].notnull().sum("record") - 1
    losses = median_over(dataset["loss"].isel(record=last), "seed")
    return ", ".join(f"{tuning}: {TYPES[int(np.argmin(losses.sel(tuning=tuning).values))]}" for tuning in TUNINGS)


def _ranking(dataset: xr.Dataset) -> str:
    last = dataset["epochs"].notnull().sum("record") - 1
    losses = median_over(dataset["loss"].isel(record=last), "seed")
    accuracy = median_over(dataset["accuracy"].isel(record=last), "seed", worst=-np.inf)
    parts = []
    for tuning in TUNINGS:
        parts.append(
            f"{tuning}: {ranking(TYPES, losses.sel(tuning=tuning).values, accuracy.sel(tuning=tuning).values)}"
        )
    return "Median training loss at the end (accuracy): " + "; ".join(parts) + "."


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw loss and accuracy for both choices of the step size, the ladder, and the loss over updates."""
    with style(size) as sheet:
        narrow = size == "column"
        figure = new_figure(sheet, height={"column": 7.2, "page": 5.0}.get(size))
        grid = figure.subplots(*((3, 2) if narrow else (2, 3)))
        (a, b, c), (d, e, f) = grid.T if narrow else grid
        samples = []
        for name in dataset["method"].values:
            part, drawn = dataset.sel({"method": name}), LOOKS[str(name)]
            spent = part["epochs"].values
            kept = np.isfinite(spent)
            tuned = [part.sel(tuning=tuning) for tuning in TUNINGS]
            losses = [run["loss"].values[:, kept] for run in tuned]
            samples.append([*losses, *(100 * run["accuracy"].values[:, kept] for run in tuned), losses[0]])
            for axes, shown in zip((a, b, d, e, f), samples[-1], strict=True):
                x = part["updates"].values[kept] if axes is f else spent[kept]
                worst = -np.inf if axes in (d, e) else np.inf
                plot_over_seeds(axes, x, shown, worst=worst, band=axes is f, label=str(name), **drawn)
            ends = np.linspace(0, float(np.nanmax(spent)), dataset.sizes["stage"] + 1)
            rungs = c.stairs(
                part["level"].values, ends, baseline=None, color=drawn["color"], linestyle=drawn["linestyle"]
            )
            rungs.set_linewidth(WIDTHS[str(name)] * rungs.get_linewidth())
            rungs.set_zorder(2 - 0.1 * WIDTHS[str(name)])
        titles = (*TUNINGS, "noise levels", *TUNINGS, "by updates")
        for axes, letter, words in zip((a, b, c, d, e, f), "abcdef", titles, strict=True):
            axes.set_title(f"({letter}) {words}")
            axes.set_xlabel("updates" if axes is f else "epochs")
        low = float(np.nanmin(dataset["loss"].values))
        for axes in (a, b, f):
            axes.set(ylim=(0.95 * low, 1.7 * low), ylabel="training loss")
        high = 100 * float(np.nanmax(dataset["accuracy"].values))
        for axes in (d, e):
            axes.set(ylim=(high - 6, high + 0.5), ylabel="accuracy, %")
        c.set(ylim=(0, 1.08), ylabel=r"$\delta_m/\delta_1$")
        for panel, axes in enumerate((a, b, d, e)):
            values = [of_method[panel] for of_method in samples]
            medians = [line for line in axes.lines if line.get_label() in LOOKS]
            mark_spread_at_end(axes, medians, values, worst=-np.inf if axes in (d, e) else np.inf)
        figure.legend(*a.get_legend_handles_labels(), loc="outside upper center", ncols=2 if narrow else 4)
        return finish(figure)
