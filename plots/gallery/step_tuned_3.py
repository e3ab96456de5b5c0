"""Figure step_tuned.3: five ways to tune mini-batch steps, by epochs and by all the work that they do."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from dynamics import SGD, Ensemble, StepTunedSGD, StochasticGV, ensemble
from dynamics.algorithms.exact_variation import ExactGV, ExpectedGV
from dynamics.algorithms.parts.gradient_changes import decay
from dynamics.checks import Refusal, require_whole
from dynamics.protocol.schedules import step_tuned_decay
from plots.budget import PASSES, cost
from plots.dataset import describe, recorded, variable
from plots.looks import look
from plots.marks import mark_edge, mark_spread_at_end, name_with_edge, plot_over_seeds
from plots.seeds import ranked
from plots.style import finish, new_figure, style
from plots.tuning import Candidate, Tuned, tune
from synthetic import carmon

__all__ = ["compute", "draw"]

TITLE = "Steps tuned by gradient variation on mini-batches of a non-convex regression"
SOURCE = "Figure 3"
CLAIMS = ("step_tuned.stochastic_gv", "step_tuned.expected_gv", "step_tuned.sgd_in_the_end")
AMPLIFIES_ROUNDING = True
QUICK = {"epochs": 100, "instances": 5, "tuning_instances": 5}

GRID = tuple(10.0 ** np.arange(-1.0, 2.51, 0.25))
DELTA, LEAST, MOST = StepTunedSGD(1.0).delta, StepTunedSGD(1.0).m, StepTunedSGD(1.0).M
METHODS: dict[str, Any] = {
    "SGD": lambda step_size: SGD(step_tuned_decay(step_size, delta=DELTA)),
    "Exact-GV": ExactGV,
    "Stochastic-GV": StochasticGV,
    "Expected-GV": ExpectedGV,
    "Step-Tuned SGD": StepTunedSGD,
}


@recorded
def compute(
    *,
    epochs: int = 250,
    tuned_at: int = 50,
    samples: int = 500,
    dimension: int = 30,
    batch_size: int = 50,
    instances: int = 20,
    tuning_instances: int = 20,
    rng: int = 0,
) -> xr.Dataset:
    """Loss, work and step factor of five tuned mini-batch methods over random instances.

    Parameters
    ----------
    epochs : int
        Length of a run: so many times `samples` mini-batch gradients.
    tuned_at : int
        α is chosen for the lowest loss after this many epochs, at most `epochs`.
    samples, dimension, batch_size : int
        Size of the regression and of its mini-batches; two batches or an even number of them make up the samples.
    instances, tuning_instances : int
        Instances that are shown, and others on which α is chosen, at least 5 of each.
    rng : int
        Seed, 0 or more.

    Returns
    -------
    Dataset
        `loss`, `gradient_norm` and `factor` (γ of the step that leaves the iterate; 1 for SGD) over (method, instance,
        epoch), `work` over (method, epoch), and the arrays of the tuning.

    Raises
    ------
    ValueError
        If a parameter is outside its range.
    """
    require_whole("instances", instances, 5, "a band over fewer says little")
    require_whole("tuning_instances", tuning_instances, 5, "a choice on fewer says little")
    require_whole("rng", rng, 0, "a figure keeps its seed as a whole number")
    if not 1 <= tuned_at <= epochs:
        raise Refusal(f"tuned_at is {tuned_at!r}; it must lie from 1 to epochs = {epochs}.")
    if batch_size < 1 or samples % (2 * batch_size):
        raise Refusal(
            f"batch_size is {batch_size!r} for {samples!r} samples; an even number of batches must make up the "
            f"samples, "
            f"so that an epoch of batches used twice is whole: try {max(1, samples // 10)} for {10 * (samples // 10)}."
        )
    streams = np.random.SeedSequence(rng).spawn(instances + tuning_instances)
    problems = [carmon(samples=samples, dimension=dimension, batch_size=batch_size, rng=stream) for stream in streams]
    tuned = _tuned(problems[instances:], tuned_at, rng)
    runs = {name: [_run(tuned.method(name), problem, epochs) for problem in problems[:instances]] for name in METHODS}
    dataset = _as_dataset(tuned, runs, np.arange(epochs + 1))
    return describe(
        dataset,
        "step_tuned.3",
        message=f"""By epochs the five end at {ranked(dataset["loss"].isel(epoch=-1), over="instance", form=".2f")};
            two of them look at all samples in every step, and cost {_times_as_much(dataset)} times as much.""",
        caption=f"""Non-convex regression with φ(t) = t²/(1+t²), {samples} samples, {dimension} parameters,
            mini-batches of {batch_size}, start at 0. Lines, and bars beside (a): median and central 80 % of
            {instances} random instances and their batches, seed {rng}. All steps fall like (k+1)^-0.501, k
            counting mini-batches; γ is kept in [0.5, 2], ν = 2. An epoch is {samples} mini-batch gradients;
            Step-Tuned SGD takes two on each batch and so sees half as many batches. Exact-GV and Expected-GV look
            at all samples in every step, which (a) and the tuning do not count, as in the paper, and (b) does (a
            Hessian product as two gradients). {tuned.sentence()} The full-batch work of these two comes on top.
            {_bounds(dataset)}""",
        seeds=(rng,),
    )


def _tuned(problems: list[Any], epochs: int, rng: int) -> Tuned:
    """Each method tuned on the same number of mini-batch gradients; full-batch work is granted on top."""
    parts = [
        tune(
            {name: Candidate(make, {"step_size": GRID})},
            problems,
            budget=epochs * _work_of_epoch(make, problems[0]),
            rng=rng,
        )
        for name, make in METHODS.items()
    ]
    joined = {
        field: np.concatenate([getattr(part, field) for part in parts])
        for field in ("scores", "default_scores", "best", "not_worse", "best_at_edge")
    }
    return Tuned(
        candidates={name: candidate for part in parts for name, candidate in part.candidates.items()},
        budget=float(epochs),
        weights=PASSES,
        score_words=parts[0].score_words,
        level=parts[0].level,
        **joined,
    )


def _work_of_epoch(make: Any, problem: Any) -> float:
    return float(cost(_run(make(GRID[0]), problem, 1))[0, 0, -1])


def _run(method: Any, problem: Any, epochs: int) -> Ensemble:
    batches = problem.data.samples // problem.batch_size // (2 if isinstance(method, StepTunedSGD) else 1)
    return ensemble([method], problem, steps=epochs * batches, seeds=[0], noise="common", record_every=batches)


def _factor(run: Ensemble, step_size: float) -> np.ndarray:
    """γ as the step in force without α and the decay; NaN at the last record, which no step leaves."""
    return run.step_size[0, 0] / (step_size * np.array([decay(int(k), 1, DELTA) for k in run.iteration]))


def _as_dataset(tuned: Tuned, runs: dict[str, list[Ensemble]], epoch: np.ndarray) -> xr.Dataset:
    cells = ("method", "instance", "epoch")
    loss = np.array([[run.loss[0, 0] for run in part] for part in runs.values()])
    norm = np.array([[run.gradient_norm[0, 0] for run in part] for part in runs.values()])
    factor = np.array([[_factor(run, tuned.setting(name)["step_size"]) for run in part] for name, part in runs.items()])
    work = np.array([cost(part[0])[0, 0] for part in runs.values()])
    shown = xr.Dataset(
        {
            "loss": variable(cells, loss, "loss"),
            "gradient_norm": variable(cells, norm, "norm of the gradient"),
            "factor": variable(cells, factor, "step factor"),
            "work": variable(("method", "epoch"), work, "gradient evaluations, full-batch work included"),
        },
        coords={
            "instance": variable("instance", np.arange(loss.shape[1], dtype=np.int32), "instance"),
            "epoch": variable("epoch", epoch.astype(np.int32), "epochs of mini-batch gradients"),
        },
    )
    return shown.merge(tuned.dataset())


def _times_as_much(dataset: xr.Dataset) -> str:
    work = dataset["work"].isel(epoch=-1) / dataset["work"].sel({"method": "SGD"}).isel(epoch=-1)
    return " and ".join(f"{float(work.sel({'method': name})):.0f}" for name in ("Exact-GV", "Expected-GV"))


def _bounds(dataset: xr.Dataset) -> str:
    """How often the factor is at its upper bound, with which a method is SGD with a longer step."""
    factor = dataset["factor"].isel(epoch=slice(1, -1))
    shares = (factor > 2 - 1e-9).mean(("instance", "epoch"))
    listed = ", ".join(
        f"{name} {share:.0%}" for name, share in zip(METHODS, shares.values.tolist(), strict=True) if name != "SGD"
    )
    return f"Share of the recorded steps with γ at its upper bound 2, after the first: {listed}."


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw the loss against epochs and against all work, and how often the step factor is at its bounds."""
    with style(size) as sheet:
        narrow = size == "column"
        figure = new_figure(sheet, height={"column": 8.2, "page": 3.4}.get(size))
        panels = figure.subplots(*((3, 1) if narrow else (1, 3)))
        epoch, spreads = dataset["epoch"].values, []
        curves: list[Line2D] = []
        for name in METHODS:
            cut = dataset.sel({"method": name})
            loss, label = cut["loss"].values[:, 1:], name_with_edge(name, bool(cut["at_edge"]))
            curves.append(plot_over_seeds(panels[0], epoch[1:], loss, band=False, label=label, **look(name)))
            spreads.append(loss)
            if cut["at_edge"]:
                mark_edge(panels[0], curves[-1])
            plot_over_seeds(panels[1], cut["work"].values[1:], loss, band=False, **look(name))
        panels[0].set(title="(a) full-batch work for free", xlabel="epochs", xscale="log", ylabel=r"loss $J(\theta)$")
        panels[1].set(title="(b) all work counted", xlabel="gradient evaluations", xscale="log")
        panels[1].set(ylabel=r"loss $J(\theta)$", ylim=panels[0].get_ylim())
        mark_spread_at_end(panels[0], curves, spreads)
        _plot_shares(panels[2], dataset)
        figure.legend(handles=curves, loc="outside upper center", ncols=2 if narrow else 5)
        return finish(figure)


def _plot_shares(axes: Axes, dataset: xr.Dataset) -> None:
    """A bar for each method: the shares of its recorded steps at the lower bound, between, and at the upper bound."""
    names = [name for name in METHODS if name != "SGD"]
    factor = dataset["factor"].sel({"method": names}).isel(epoch=slice(1, -1))
    lower = 100 * (factor < LEAST + 1e-9).mean(("instance", "epoch")).values
    upper = 100 * (factor > MOST - 1e-9).mean(("instance", "epoch")).values
    places = np.arange(len(names))
    axes.barh(places, upper, left=100 - upper, color=[look(name)["color"] for name in names], height=0.6)
    axes.barh(places, lower, color="white", edgecolor="0.2", hatch="////", height=0.6)
    for place, share, name in zip(places, upper, names, strict=True):
        axes.text(0, place - 0.36, f"{name}: {share:.0f} %", va="bottom", fontsize="small")
    axes.set(title="(c) steps at a bound", xlabel=rf"% at $\gamma={MOST:g}$ (hatched: ${LEAST:g}$)")
    axes.set(xlim=(0, 100))
    axes.set(ylabel="method", yticks=[], ylim=(len(names) - 0.5, -0.8))
    axes.grid(False)
