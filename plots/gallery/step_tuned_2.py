"""Figure step_tuned.2: full-batch steps from curvature on a non-convex regression, under two rules of tuning."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from dynamics import Armijo, BarzilaiBorwein, Ensemble, GradientDescent
from dynamics.checks import require_whole
from plots.budget import Weights, cost, final, run_within, value_at
from plots.dataset import describe, recorded, variable
from plots.looks import look
from plots.marks import label_ends, name_with_edge
from plots.seeds import ranked, seed_band, smoothed_in_log
from plots.style import finish, new_figure, style
from plots.tuning import FINAL_LOSS, Candidate, Score, tune
from synthetic import carmon

__all__ = ["compute", "draw"]

TITLE = "Steps from curvature on a non-convex regression, full batch"
SOURCE = "Figure 2"
CLAIMS = ("step_tuned.much_faster", "step_tuned.range_of_steps", "step_tuned.barzilai_borwein")
AMPLIFIES_ROUNDING = True
QUICK = {"budget": 150, "instances": 5, "tuning_instances": 5}

GRID = tuple(10.0 ** np.arange(-1.0, 3.01, 0.25))
METHODS: dict[str, Any] = {
    "Algorithm 1": lambda step_size: BarzilaiBorwein(step_size, nu=2.0, negative="large"),
    "|BB|": lambda step_size: BarzilaiBorwein(step_size, nu=2.0, negative="absolute"),
    "Armijo": Armijo,
    "gradient descent": GradientDescent,
}
SHARE = 0.1
SMOOTHED = 15  # evaluations over which a run is averaged in the logarithm


def time_to_share(sweep: Ensemble, budget: float, weights: Weights) -> NDArray:
    """What a run spends until its gradient norm is a tenth of the first one, no loss above the first.

    One that never gets there counts as the budget times the factor by which it misses in the end, and one that
    ends above
    its first loss has failed.
    """
    spent, share = cost(sweep, weights), sweep.gradient_norm / sweep.gradient_norm[..., :1]
    with np.errstate(invalid="ignore"):
        reached = (share <= SHARE) & (sweep.loss <= sweep.loss[..., :1]) & (spent <= budget)
    first = np.take_along_axis(spent, reached.argmax(axis=-1)[..., np.newaxis], axis=-1)[..., 0]
    missed = np.where(
        final(sweep, sweep.loss, budget, weights=weights) <= sweep.loss[..., 0],
        budget * np.maximum(1.0, final(sweep, share, budget, weights=weights) / SHARE),
        np.inf,
    )
    return np.where(reached.any(axis=-1), first, missed)


RULES = {
    "gradient norm": Score("number of evaluations until the gradient norm is a tenth of the first one", time_to_share),
    "loss": FINAL_LOSS,
}


@recorded
def compute(
    *,
    budget: int = 400,
    samples: int = 500,
    dimension: int = 30,
    instances: int = 20,
    tuning_instances: int = 20,
    rng: int = 0,
) -> xr.Dataset:
    """Loss and gradient norm of four full-batch methods, tuned by the paper's rule and by the loss.

    Parameters
    ----------
    budget : int
        Function values and gradients that a run may take, at least 20.
    samples, dimension : int
        Size of the regression.
    instances, tuning_instances : int
        Instances that are shown, and others on which a step size for all is chosen, at least 5 of each.
    rng : int
        Seed, 0 or more.

    Returns
    -------
    Dataset
        `loss` and `gradient_norm` over (rule, method, instance, evaluations), and the arrays of the tuning.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Notes
    -----
    The paper tunes for the soonest gradient norm below 0.1. On these instances the norm is below 0.1 at the
    start, so that
    every step size would do; the rule here asks for a tenth of the norm at the start. It also asks for no loss
    above the
    first one: far from the data φ is flat, and a step long enough lands where the gradient vanishes and the loss is 1.
    """
    require_whole("budget", budget, 20, "a shorter run shows nothing")
    require_whole("instances", instances, 5, "a band over fewer says little")
    require_whole("tuning_instances", tuning_instances, 5, "a choice on fewer says little")
    require_whole("rng", rng, 0, "a figure keeps its seed as a whole number")
    streams = np.random.SeedSequence(rng).spawn(instances + tuning_instances)
    problems = [carmon(samples=samples, dimension=dimension, batch_size=samples, rng=stream) for stream in streams]
    candidates = {name: Candidate(make, {"step_size": GRID}) for name, make in METHODS.items()}
    weights, evaluations = Weights(value=1.0), np.arange(budget + 1)
    parts, sentences = [], []
    for rule, score in RULES.items():
        found = tune(candidates, problems[instances:], budget=budget, score=score, weights=weights, rng=rng)
        sweeps: list[list[Ensemble]] = []
        for name in METHODS:
            options: dict[str, Any] = {"budget": budget, "seeds": 1, "weights": weights, "records": budget}
            runs = [run_within([found.method(name)], problems[0], **options)]
            runs += [
                run_within([found.method(name)], other, like=runs[0], **options) for other in problems[1:instances]
            ]
            sweeps.append(runs)
        parts.append(_as_dataset(sweeps, evaluations, weights).merge(found.dataset()))
        sentences.append(f"By {rule}: {found.sentence()}")
    dataset = xr.concat(parts, variable("rule", np.array(list(RULES), dtype=str), "rule of tuning"))
    start = dataset["gradient_norm"].values[0, 0, :, 0]
    return describe(
        dataset,
        "step_tuned.2",
        message=f"{_ends(dataset)}.",
        caption=f"""Non-convex regression with φ(t) = t²/(1+t²), {samples} samples, {dimension} parameters, start at 0,
            full-batch gradients; ν = 2. Lines: median of {instances} random instances, seed {rng}, each
            smoothed over {SMOOTHED} evaluations in the logarithm; beside them: median and central 80 % at the end.
            Function values and gradients count together, of which Armijo's search takes several a step. The paper
            tunes for the soonest gradient norm below 0.1, which on these instances holds for
            {np.mean(start < 0.1):.0%} of
            them at the start (norms {start.min():.3f} to {start.max():.3f}); in (b) runs are tuned
            for a tenth of the first norm, the line, and no loss above the first one, in (a) for the lowest loss;
            †: at the edge of its grid. {_stranded(dataset)}
            {" ".join(sentences)}""",
        seeds=(rng,),
    )


def _as_dataset(sweeps: list[list[Ensemble]], evaluations: NDArray, weights: Weights) -> xr.Dataset:
    cells = ("method", "instance", "evaluations")
    loss, norm = (
        np.array(
            [[value_at(run, getattr(run, name), evaluations, weights=weights)[0, 0] for run in part] for part in sweeps]
        )
        for name in ("loss", "gradient_norm")
    )
    return xr.Dataset(
        {
            "loss": variable(cells, loss, "loss"),
            "gradient_norm": variable(cells, norm, "norm of the gradient"),
        },
        coords={
            "instance": variable("instance", np.arange(loss.shape[1], dtype=np.int32), "instance"),
            "evaluations": variable("evaluations", evaluations.astype(np.int32), "function values and gradients"),
        },
    )


def _stranded(dataset: xr.Dataset) -> str:
    """How many instances a method leaves with more than they had at the start: beyond the data, where φ is flat."""
    loss = dataset["loss"].values
    shares = np.mean(~(loss[..., -1] <= loss[..., 0]), axis=-1)
    listed = "; ".join(
        f"by {rule} " + ", ".join(f"{name} {share:.0%}" for name, share in zip(METHODS, row, strict=True))
        for rule, row in zip(RULES, shares, strict=True)
    )
    return f"Share of the instances that end above their first loss, out where φ is flat: {listed}."


def _shown(dataset: xr.Dataset) -> dict[str, xr.DataArray]:
    """What each rule tunes for over (method, instance, evaluations), each run smoothed, the norm by its first."""
    norm = dataset["gradient_norm"].sel({"rule": "gradient norm"})
    shown = {"loss": dataset["loss"].sel({"rule": "loss"}), "gradient norm": norm / norm.isel(evaluations=0)}
    return {rule: values.copy(data=smoothed_in_log(values.values, SMOOTHED)) for rule, values in shown.items()}


def _ends(dataset: xr.Dataset) -> str:
    """The quantity that each rule tunes for, when the budget is spent."""
    loss, norm = (
        ranked(values.isel(evaluations=-1), over="instance", form=".2f") for values in _shown(dataset).values()
    )
    return (
        f"Tuned for the loss, median losses at the end are {loss}; tuned for the gradient norm, median shares of the "
        f"first norm are {norm}"
    )


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw what each rule tunes for, the loss and the gradient norm: medians, and beside their ends how runs spread."""
    with style(size) as sheet:
        narrow = size == "column"
        figure = new_figure(sheet, height={"column": 5.6, "page": 3.5}.get(size))
        panels = figure.subplots(*((2, 1) if narrow else (1, 2)))
        words = (r"loss $J(\theta)$", r"$\|\nabla J(\theta)\|$, start $=1$")
        curves = []
        for axes, letter, (rule, values), ylabel in zip(panels, "ab", _shown(dataset).items(), words, strict=True):
            curves.append(_plot_methods(axes, values, dataset["at_edge"].sel({"rule": rule})))
            axes.set(title=f"({letter}) tuned for the {rule}", xlabel="evaluations", ylabel=ylabel)
        panels[1].axhline(SHARE, color="0.2", linestyle="-", linewidth=0.7, zorder=0)
        panels[1].set(yscale="log")
        for axes, named in zip(panels, curves, strict=True):
            label_ends(axes, named)
        return finish(figure)


def _plot_methods(axes: Axes, values: xr.DataArray, at_edge: xr.DataArray) -> dict[str, Line2D]:
    """Medians of all methods by their names; beyond the budget, median and central 80 % at the end."""
    x, named = values["evaluations"].values, {}
    axes.axvspan(x[-1], 1.2 * x[-1], color="0.95", linewidth=0, zorder=0)
    for place, name in enumerate(METHODS):
        low, median, high = seed_band(values.sel({"method": name}).values)
        drawn, at = look(name), (1.04 + 0.04 * place) * x[-1]
        (curve,) = axes.plot(x, median, **drawn)
        solid = {"color": drawn["color"], "linestyle": "-"}
        axes.plot([at, at], [low[-1], high[-1]], **solid)
        axes.plot([at], [median[-1]], marker="o", **solid)
        named[name_with_edge(name, bool(at_edge.sel({"method": name})))] = curve
    axes.set_xlim(0, 1.2 * x[-1])
    return named
