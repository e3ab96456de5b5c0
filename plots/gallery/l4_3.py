"""Figure l4.3: what L4 makes of its step from one mini-batch to the next, on the digits and on the linear net."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from dynamics import Adam, HeavyBall, L4Adam, L4Mom, sweep
from dynamics.checks import Refusal, require_whole
from plots.budget import Weights
from plots.dataset import describe, recorded, variable
from plots.looks import look
from plots.marks import mark_edge, name_with_edge, plot_over_seeds
from plots.seeds import ranked
from plots.style import finish, new_figure, style
from plots.tuning import Candidate, Tuned, tune
from synthetic import digits_mlp, linear_net

__all__ = ["compute", "draw"]

TITLE = "Training loss and effective learning rate of L4 on the digits and on the linear net"
SOURCE = "Figure 3, with the digits in place of MNIST"
AMPLIFIES_ROUNDING = True
QUICK = {
    "hidden": 8,
    "batch_size": 16,
    "test_fraction": 0.8,
    "epochs": 10,
    "tuned_at": 4,
    "instances": 5,
    "net_iterations": 4000,
}

STEPS = tuple(10.0 ** np.arange(-3.0, 1.01, 0.5))
FRACTIONS = tuple(np.arange(1, 10) * 0.05)  # the paper finds 0.10 to 0.30 useful
TUNED: dict[str, Candidate] = {
    "mSGD*": Candidate(lambda step_size: HeavyBall(step_size, beta=0.9), {"step_size": STEPS}),
    "Adam*": Candidate(lambda step_size: Adam(step_size, eps=1e-4), {"step_size": STEPS}),
    "L4Mom*": Candidate(lambda alpha: L4Mom(alpha=alpha), {"alpha": FRACTIONS}, default=L4Mom()),
    "L4Adam*": Candidate(lambda alpha: L4Adam(alpha=alpha), {"alpha": FRACTIONS}, default=L4Adam()),
}
DEFAULTS = {"L4Mom": L4Mom(), "L4Adam": L4Adam()}
BASES = {"L4Mom": "mSGD*", "L4Adam": "Adam*"}  # what each variant turns the steps of
RECORDS = 2  # an epoch
DEFAULT: dict[str, Any] = {"color": "black", "linestyle": (0, (3, 1.2)), "linewidth": 1.0}


@recorded
def compute(
    *,
    hidden: int = 16,
    batch_size: int = 64,
    test_fraction: float = 0.2,
    epochs: int = 60,
    tuned_at: int = 20,
    instances: int = 10,
    net_iterations: int = 10_000,
    rng: int = 0,
) -> xr.Dataset:
    """Training loss and effective learning rate of six settings on the digits, and of L4 on the linear net.

    Parameters
    ----------
    hidden, batch_size, test_fraction
        As in `synthetic.digits_mlp`.
    epochs : int
        Length of a run on the digits.
    tuned_at : int
        Starred settings have the lowest training loss after this many epochs, on 5 other instances.
    instances : int
        Instances that are shown, of the digits (split, start, batches) and of the linear net, at least 5.
    net_iterations : int
        Length of a run on the linear net, at least 100.
    rng : int
        Seed, 0 or more.

    Returns
    -------
    Dataset
        `loss` and `rate` over (setting, instance, epoch), `net_rate` over (default, instance, iteration), and
        the arrays
        of the tuning over method.

    Raises
    ------
    ImportError
        If scikit-learn is not installed.
    ValueError
        If a parameter is outside its range.
    """
    require_whole("epochs", epochs, 2, "a curve needs two points")
    require_whole("instances", instances, 5, "a band over fewer says little")
    require_whole("net_iterations", net_iterations, 100, "the curve has a hundred points")
    require_whole("rng", rng, 0, "a figure keeps its seed as a whole number")
    if not 1 <= tuned_at <= epochs:
        raise Refusal(f"tuned_at is {tuned_at!r}; it must lie from 1 to epochs = {epochs}.")
    on_digits, on_nets = np.random.SeedSequence(rng).spawn(2)
    problems = [
        digits_mlp(
            hidden,
            regularisation=0.0,
            test_fraction=test_fraction,
            batch_size=batch_size,
            sampling="epoch",
            rng=stream,
        )
        for stream in on_digits.spawn(instances + 5)
    ]
    found = _tuned(problems[instances:], tuned_at, rng)
    methods = {name: found.method(name) for name in TUNED} | DEFAULTS
    runs = xr.concat([_runs(list(methods.values()), problem, epochs) for problem in problems[:instances]], "instance")
    data, *streams = on_nets.spawn(instances + 1)
    nets = [linear_net(maker="svd", condition_number=1e10, data_rng=data, rng=stream) for stream in streams]
    every = net_iterations // 100
    net_runs = sweep(list(DEFAULTS.values()), nets, over={}, steps=net_iterations, record_every=every).isel(seed=0)
    dataset = _as_dataset(list(methods), runs, net_runs).merge(found.dataset())
    return describe(
        dataset,
        "l4.3",
        message=f"""L4's learning rate goes its own way from step to step instead of falling; training loss on the
            digits at the end: {ranked(dataset["loss"].isel(epoch=-1), over="instance", form=".2g")}.""",
        caption=f"""Left and middle: a tanh network with {hidden} hidden units on {1 - test_fraction:.0%} of the 8×8
            digits, cross-entropy without penalty, mini-batches of {batch_size}, a permutation an epoch; right: the
            two-layer linear net of figure 2 with condition number 1e10, exact gradients. Lines and bands: median and
            central 80 % of {instances} instances (digits: split, start and batches; net: matrix and start), seed {rng}.
            The effective learning rate is η at the recorded step, two an epoch, and the step size for mSGD (β = 0.9)
            and Adam (ϵ = 0.0001). Black and dashed: α = 0.15, the default; with a star: tuned; grey: what L4 turns
            the steps of. The axes follow the medians; a band may leave them. {found.sentence()}""",
        seeds=(rng,),
    )


def _batches(problem: Any) -> int:
    """Mini-batches in an epoch, rounded down to a multiple of the records in it."""
    return len(problem.data.labels) // problem.batch_size // RECORDS * RECORDS


def _tuned(problems: list[Any], epochs: int, rng: int) -> Tuned:
    return tune(
        TUNED,
        problems,
        budget=epochs * _batches(problems[0]) * problems[0].batch_size / len(problems[0].data.labels),
        weights=Weights(value=0.0),  # the loss on a mini-batch falls off on the way to its gradient
        rng=rng,
        records=epochs,
    )


def _runs(methods: list[Any], problem: Any, epochs: int) -> xr.Dataset:
    batches = _batches(problem)
    made = sweep(methods, problem, over={}, steps=epochs * batches, record_every=batches // RECORDS)
    return made[["loss", "step_size"]].isel(seed=0)


def _as_dataset(names: list[str], runs: xr.Dataset, net_runs: xr.Dataset) -> xr.Dataset:
    epoch = np.arange(runs.sizes["record"]) / RECORDS
    cells, net_cells = ("setting", "instance", "epoch"), ("default", "instance", "iteration")
    loss, rate = (runs[name].transpose("method", "instance", "record").values for name in ("loss", "step_size"))
    net_rate = net_runs["step_size"].values[..., :-1]
    iteration = net_runs["iteration"].values[:-1]
    return xr.Dataset(
        {
            "loss": variable(cells, loss, "training loss"),
            "rate": variable(cells, rate, "effective learning rate"),
            "net_rate": variable(net_cells, net_rate, "effective learning rate on the linear net"),
        },
        coords={
            "setting": variable("setting", np.array(names, dtype=str), "method and setting"),
            "default": variable("default", np.array(list(DEFAULTS), dtype=str), "method in its default setting"),
            "instance": variable("instance", np.arange(loss.shape[1], dtype=np.int32), "instance"),
            "epoch": variable("epoch", epoch, "epochs"),
            "iteration": variable("iteration", iteration.astype(np.int32), "iteration on the linear net"),
        },
    )


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw loss and rate on the digits and rate on the linear net, each for either variant of L4 beside its base."""
    with style(size) as sheet:
        narrow = size == "column"
        figure = new_figure(sheet, height={"column": 8.2, "page": 5.0}.get(size))
        grid = figure.subplots(*((3, 2) if narrow else (2, 3)), squeeze=False)
        columns = grid if narrow else grid.T  # one a quantity, of two panels each
        for place, (name, base) in enumerate(BASES.items()):
            loss, rate, net = (column[place] for column in columns)
            for setting in (base, name, f"{name}*"):
                _plot_setting(loss, rate, dataset, setting)
            rates = dataset["net_rate"].sel({"default": name}).values
            plot_over_seeds(net, dataset["iteration"].values / 1000, rates, **_drawn(name))
            for axes, words in zip((loss, rate, net), ("digits", "digits", "linear net"), strict=True):
                axes.set(yscale="log", title=f"{name}, {words}", xlabel="epoch")
            net.set_xlabel("thousand iterations")
        for column, words in zip(columns, ("training loss", *["learning rate"] * 2), strict=True):
            medians = [np.asarray(line.get_ydata(), dtype=float) for axes in column for line in axes.get_lines()]
            limits = np.array([[part[np.isfinite(part)].min(), part[np.isfinite(part)].max()] for part in medians])
            for axes in column:  # a run that goes astray must not squeeze the others
                axes.set(ylim=(limits[:, 0].min() / 3, 3 * limits[:, 1].max()), ylabel=words)
        at_edge = any(_is_at_edge(dataset, base) for base in BASES.values())
        handles = [
            Line2D([], [], **_drawn("mSGD*"), label=name_with_edge(" and ".join(BASES.values()), at_edge)),
            *(
                Line2D([], [], **_drawn(name), label=name_with_edge(name, _is_at_edge(dataset, name)))
                for name in ("L4Mom*", "L4Adam*")
            ),
            Line2D([], [], **DEFAULT, label="L4 by default"),
        ]
        figure.legend(handles=handles, loc="outside upper center", ncols=2 if narrow else 4)
        return finish(figure)


def _drawn(setting: str) -> dict[str, Any]:
    """The method that L4 turns in grey, L4 tuned strong and in colour, L4 by default thin and black."""
    if setting in BASES.values():
        return {"color": "0.6", "linestyle": "-", "linewidth": 0.8}
    return {"color": look(setting)["color"], "linestyle": "-"} if setting.endswith("*") else DEFAULT


def _is_at_edge(dataset: xr.Dataset, setting: str) -> bool:
    return setting in TUNED and bool(dataset["at_edge"].sel({"method": setting}))


def _plot_setting(loss: Axes, rate: Axes, dataset: xr.Dataset, setting: str) -> None:
    part, epoch = dataset.sel({"setting": setting}), dataset["epoch"].values
    is_tuned = setting.endswith("*")
    curve = plot_over_seeds(loss, epoch, part["loss"].values, band=is_tuned, **_drawn(setting))
    if _is_at_edge(dataset, setting):
        mark_edge(loss, curve)
    plot_over_seeds(rate, epoch[:-1], part["rate"].values[:, :-1], band=is_tuned, **_drawn(setting))
