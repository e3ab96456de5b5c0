"""Figure arsg.2a: logistic regression on the digits with the paper's optimisers, each with a tuned step size."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, NullLocator

from dynamics import ARSG, RSG, Adam, AMSGrad, HeavyBall, NAdam
from dynamics.algorithms.obsb import ARSGB, OBSB
from dynamics.algorithms.ranger import Ranger
from dynamics.checks import Refusal, require_whole
from plots.budget import Weights, run_within, value_at
from plots.dataset import describe, recorded, variable
from plots.looks import look
from plots.marks import mark_edge, name_with_edge, plot_over_seeds
from plots.seeds import ranked, seed_band
from plots.style import finish, new_figure, style
from plots.tuning import Candidate, Tuned, tune
from synthetic import digits_logistic, gradient, info, value

__all__ = ["compute", "draw", "least_loss"]

TITLE = "Logistic regression on the digits with RSG, ARSG and their rivals"
SOURCE = "Figure 2(a), with the digits in place of MNIST"
CLAIMS = ("arsg.digits_adam", "arsg.digits_sgd")
QUICK = {"methods": ["HB", "ARSG"], "epochs": 10, "settings": 5, "seeds": 5}

CENTRES = {"HB": 1.0, "RSG": 3.0, "ADAM": 0.01, "NADAM": 0.01, "AMSGRAD": 0.01, "RANGER": 0.01, "ARSG": 0.03}
CENTRES["ARSGB"] = 1.0
MAKERS: dict[str, Any] = {
    "HB": lambda step_size: HeavyBall(step_size, beta=0.9),
    "ADAM": Adam,
    "NADAM": NAdam,
    "AMSGRAD": AMSGrad,
    "RANGER": Ranger,
    "RSG": RSG,
    "ARSG": ARSG,
    "ARSGB": ARSGB,
}
WINDOW = 2  # epochs over which ARSGB compares mean losses
# A sample's loss comes with its gradient, so that the losses that ARSGB watches cost nothing.
WEIGHTS = Weights(value=0.0)


@recorded
def compute(
    *,
    methods: Sequence[str] = tuple(MAKERS),
    epochs: int = 40,
    batch_size: int = 10,
    settings: int = 7,
    seeds: int = 8,
    tuning_seeds: int = 5,
    rng: int = 0,
) -> xr.Dataset:
    """Excess loss of tuned mini-batch methods over epochs, and how it depends on the step size.

    Parameters
    ----------
    methods : sequence of str
        Among HB, ADAM, NADAM, AMSGRAD, RANGER, RSG, ARSG and ARSGB; at least two.
    epochs : int
        Budget of a run in passes over the data, at least 2.
    batch_size : int
        Images in a mini-batch, at least 1. With 10 an epoch has 144 updates, so that β = 0.999 averages over seven
        epochs; MNIST has forty times as many images.
    settings : int
        Step sizes tried for each method, two a decade around the method's usual one; odd, at least 3.
    seeds : int
        Runs that are shown, at least 5.
    tuning_seeds : int
        Other runs, on which the step size is chosen, at least 5.
    rng : int
        Seed, 0 or more, of the split of the images and of the mini-batches.

    Returns
    -------
    Dataset
        `excess_loss` over (method, seed, epoch), NaN from a divergence on; the tuning's scores and choices, with
        `step_size` over (method, tuning_setting); the least loss as `minimum`.

    Raises
    ------
    ValueError
        If a parameter is outside its range.
    """
    names = _check(methods, epochs, batch_size, settings, seeds, tuning_seeds, rng)
    problem = digits_logistic(batch_size=batch_size, rng=rng)
    steps = 10.0 ** (0.5 * (np.arange(settings) - settings // 2))
    policy = OBSB(window=WINDOW * -(-info(problem).samples // batch_size))
    makers = MAKERS | {"ARSGB": lambda step_size: ARSGB(step_size, policy=policy)}
    candidates = {name: Candidate(makers[name], {"step_size": list(CENTRES[name] * steps)}) for name in names}
    shown, others = np.split(np.random.SeedSequence(rng).generate_state(seeds + tuning_seeds), [seeds])
    tuned = tune(
        candidates, [problem], budget=epochs, seeds=others.tolist(), weights=WEIGHTS, rng=rng, records=2 * epochs
    )
    epoch, minimum = np.arange(epochs + 1), least_loss(problem)
    losses = []
    for name in names:
        sweep = run_within(
            [tuned.method(name)], problem, budget=epochs, seeds=shown.tolist(), weights=WEIGHTS, records=5 * epochs
        )
        losses.append(value_at(sweep, sweep.loss, epoch, weights=WEIGHTS)[0])
    dataset = tuned.dataset()
    grids = np.array([[setting["step_size"] for setting in candidate.settings] for candidate in candidates.values()])
    dataset["step_size"] = variable(("method", "tuning_setting"), grids, "step size")
    dataset["excess_loss"] = variable(("method", "seed", "epoch"), np.array(losses) - minimum, "loss minus least loss")
    dataset["minimum"] = variable((), minimum, "least loss")
    dataset = dataset.assign_coords(
        seed=variable("seed", np.arange(seeds, dtype=np.int32), "run"),
        epoch=variable("epoch", epoch.astype(np.int32), "epoch", "epoch"),
    )
    return describe(
        dataset,
        "arsg.2a",
        message=f"""With tuned steps, loss above the minimum after {epochs} epochs:
            {ranked(dataset["excess_loss"].isel(epoch=-1), over="seed")}.""",
        caption=_caption(problem, tuned, batch_size, seeds, rng),
        seeds=(rng,),
    )


def _check(
    methods: Sequence[str], epochs: int, batch_size: int, settings: int, seeds: int, tuning_seeds: int, rng: int
) -> list[str]:
    names = list(methods)
    if len(names) < 2 or len(set(names)) < len(names) or not set(names) <= set(MAKERS):
        raise Refusal(f"methods is {methods!r}; give two or more different ones of " + ", ".join(MAKERS) + ".")
    require_whole("epochs", epochs, 2, "a curve needs points")
    require_whole("batch_size", batch_size, 1, "a gradient needs an image")
    require_whole("settings", settings, 3, "fewer cannot tell a best one from an edge")
    require_whole("seeds", seeds, 5, "a band over fewer says little")
    require_whole("tuning_seeds", tuning_seeds, 5, "a median and its bootstrap take as many")
    require_whole("rng", rng, 0, "a figure keeps its seed as a whole number")
    if settings % 2 == 0:
        raise Refusal(f"settings is {settings}; an odd number has the usual step size in the middle.")
    return names


def least_loss(problem: Any) -> float:
    """The minimum of a strongly convex loss, by a quasi-Newton method."""
    from scipy.optimize import minimize

    found = minimize(
        lambda x: value(problem, x),
        problem.start,
        jac=lambda x: gradient(problem, x),
        method="L-BFGS-B",
        options={"maxiter": 3000, "maxfun": 6000, "ftol": 0.0, "gtol": 1e-7},
    )
    # f(x) - f* is at most |gradient|² over twice the strong convexity.
    error = float(np.sum(found.jac**2)) / (2 * info(problem).strong_convexity)
    if not error < 1e-8:
        raise RuntimeError(f"the least loss is known to {error:.1e} only, which the picture would show.")
    return float(found.fun)


def _caption(problem: Any, tuned: Tuned, batch_size: int, seeds: int, rng: int) -> str:
    return f"""Multinomial logistic regression on {info(problem).samples} of the 1,797 handwritten digits of 8×8
        pixels, in place of the paper's MNIST; penalty 10⁻³, {batch_size} images in a mini-batch, start at 0.
        (a) Full-batch loss minus its minimum; lines and bands: median and central 80 % of {seeds} runs, seed
        {rng}. (b) The same at the end of the tuning runs, whose seeds are others; large open marks: chosen;
        †: at the edge of its grid. {tuned.sentence()} Everything but the step size is at its default (HB: β =
        0.9); the paper searched more hyper-parameters of the rivals. ARSGB looks for a flat loss every
        {WINDOW} epochs."""


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw the excess loss over the epochs, and at the end over the step sizes tried."""
    with style(size) as sheet:
        narrow = size == "column"
        figure = new_figure(sheet, height={"column": 5.6, "page": 3.6}.get(size))
        curves, steps = figure.subplots(*((2, 1) if narrow else (1, 2)))
        for name in map(str, dataset["method"].values):
            part, drawn = dataset.sel({"method": name}), look(name, marker=True)
            marker = drawn.pop("marker")
            at_edge = bool(part["at_edge"])
            curve = plot_over_seeds(
                curves, part["epoch"].values, part["excess_loss"].values, label=name_with_edge(name, at_edge),
                marker=marker, markevery=(0.1, 0.2), **drawn,
            )  # fmt: skip
            if at_edge:
                mark_edge(curves, curve)
            _plot_tuning(steps, part, float(dataset["minimum"]), marker, drawn)
        curves.set(title="(a)", xlabel="epoch", yscale="log", ylabel="loss minus least loss $f-f^*$")
        curves.set_xlim(left=0)
        curves.xaxis.set_major_locator(MaxNLocator(integer=True))
        steps.set(title="(b)", xlabel=r"step size $\alpha$", xscale="log", yscale="log")
        steps.set_ylabel("the same at the end" if narrow else "loss minus least loss at the end")
        steps.set_ylim(top=10)
        steps.xaxis.set_major_locator(LogLocator(numticks=7))
        steps.xaxis.set_minor_locator(NullLocator())
        for axes in (curves, steps):
            axes.yaxis.set_minor_formatter(NullFormatter())
        figure.legend(loc="outside upper center", ncols=3 if narrow else 4, handlelength=2.4)
        return finish(figure)


def _plot_tuning(axes: Axes, part: xr.Dataset, minimum: float, marker: str, drawn: dict[str, Any]) -> None:
    scores = part["tuning_score"].values.reshape(part.sizes["tuning_setting"], -1).T - minimum
    low, median, high = seed_band(np.where(np.isfinite(scores), scores, np.nan))
    step, chosen = part["step_size"].values, int(part["tuned_setting"])
    axes.plot(step, median, marker=marker, **drawn)
    axes.fill_between(step, low, high, color=drawn["color"], alpha=0.2, linewidth=0)
    axes.plot(
        step[chosen], median[chosen], marker="o", color=drawn["color"], fillstyle="none", zorder=6,
        markersize=2.2 * axes.get_lines()[-1].get_markersize(), linestyle="none",
    )  # fmt: skip
