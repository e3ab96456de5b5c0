"""Figure step_tuned.4: Step-Tuned SGD against SGD, RMSprop and Adam on the digits."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from dynamics import StepTunedSGD
from plots.dataset import describe, recorded, variable
from plots.gallery.step_tuned_digits import (
    ONCE,
    TUNED,
    Setting,
    by_epoch,
    draw_instances,
    held_out_accuracy,
    run,
    tuned,
)
from plots.looks import look
from plots.marks import label_ends, mark_edge, name_with_edge, plot_over_seeds
from plots.seeds import ranked
from plots.style import finish, new_figure, set_title, style

__all__ = ["compute", "draw"]

TITLE = "Step-Tuned SGD on a network for the digits, against SGD, RMSprop and Adam"
SOURCE = "Figure 4, with the digits in place of CIFAR and MNIST"
AMPLIFIES_ROUNDING = True
QUICK = {"hidden": 8, "epochs": 12, "tuned_at": 3, "instances": 5, "tuning_instances": 5}

DELTA = StepTunedSGD(1.0).delta
METHODS = (*ONCE, TUNED)
WORDS = {"loss": "training loss", "accuracy": "share of held-out images classified right", "factor": "step factor"}


@recorded
def compute(
    *,
    hidden: int = 16,
    batch_size: int = 50,
    regularisation: float = 1e-4,
    test_fraction: float = 0.2,
    epochs: int = 60,
    tuned_at: int = 12,
    instances: int = 10,
    tuning_instances: int = 5,
    rng: int = 0,
) -> xr.Dataset:
    """Training loss and test accuracy of four tuned methods, and the factor by which one of them tunes its steps.

    Parameters
    ----------
    hidden, batch_size, regularisation, test_fraction
        As in `synthetic.digits_mlp`.
    epochs : int
        Length of a run: so many times the mini-batch gradients of a pass over the training images.
    tuned_at : int
        Step sizes are chosen for the lowest training loss after this many epochs; the paper takes a part of the
        run too.
    instances, tuning_instances : int
        Instances (split, start, batches) that are shown, and others for tuning, at least 5 of each.
    rng : int
        Seed, 0 or more.

    Returns
    -------
    Dataset
        `loss` and `accuracy` over (method, instance, epoch), `factor` (γ of Step-Tuned SGD) over (instance, epoch), and
        the arrays of the tuning.

    Raises
    ------
    ImportError
        If scikit-learn is not installed.
    ValueError
        If a parameter is outside its range.
    """
    setting = Setting(
        hidden, batch_size, regularisation, test_fraction, epochs, tuned_at, instances, tuning_instances, rng
    )
    setting.check()
    shown, others = draw_instances(setting)
    found = tuned(METHODS, others, setting)
    curves: dict[str, np.ndarray] = {name: np.empty((len(METHODS), instances, epochs + 1)) for name in WORDS}
    for cell in np.ndindex(len(METHODS), instances):
        name, problem = METHODS[cell[0]], shown[cell[1]]
        trajectory = run(found.method(name), problem, epochs)
        curves["loss"][cell] = by_epoch(trajectory, trajectory.loss, epochs)
        curves["accuracy"][cell] = by_epoch(trajectory, held_out_accuracy(trajectory, problem), epochs)
        decayed = found.setting(name)["step_size"] * np.arange(1.0, epochs + 2) ** -(0.5 + DELTA)
        curves["factor"][cell] = by_epoch(trajectory, trajectory.step_size, epochs) / decayed
    cells = ("method", "instance", "epoch")
    dataset = xr.Dataset(
        {
            "loss": variable(cells, curves["loss"], WORDS["loss"]),
            "accuracy": variable(cells, curves["accuracy"], WORDS["accuracy"]),
            "factor": variable(cells[1:], curves["factor"][METHODS.index(TUNED)], WORDS["factor"]),
        },
        coords={
            "instance": variable("instance", np.arange(instances, dtype=np.int32), "instance"),
            "epoch": variable("epoch", np.arange(epochs + 1, dtype=np.int32), "epochs of mini-batch gradients"),
        },
    ).merge(found.dataset())
    share = float(np.mean(dataset["factor"].values[:, 1:-1] > StepTunedSGD(1.0).M - 1e-9))
    return describe(
        dataset,
        "step_tuned.4",
        message=f"""Step-Tuned SGD is at its upper bound in {share:.0%} of its steps, where it is SGD with twice
            the step; training loss at the end: {ranked(dataset["loss"].isel(epoch=-1), over="instance")}.""",
        caption=f"""A {setting.words()} SGD and Step-Tuned SGD decay their steps once an epoch by (q+1)^-0.501,
        RMSprop and
            Adam do not, as in the paper. Equal epochs are equal numbers of gradients; Step-Tuned SGD takes two on each
            mini-batch. {found.sentence()} The step factor γ of Step-Tuned SGD is at its upper bound 2 in
            {share:.0%} of the
            recorded steps after the first: there it is SGD with twice the step and each batch twice.""",
        seeds=(rng,),
    )


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw training loss and test error over epochs."""
    with style(size) as sheet:
        narrow = size == "column"
        figure = new_figure(sheet, height={"column": 5.6, "page": 3.4}.get(size))
        panels = figure.subplots(*((2, 1) if narrow else (1, 2)))
        epoch = dataset["epoch"].values
        named: list[dict[str, Line2D]] = [{}, {}]
        for name in METHODS:
            cut = dataset.sel({"method": name})
            label = name_with_edge(name, bool(cut["at_edge"]))
            curve = plot_over_seeds(panels[0], epoch, cut["loss"].values, **look(name))
            if cut["at_edge"]:
                mark_edge(panels[0], curve)
            error = plot_over_seeds(panels[1], epoch, 100 * (1 - cut["accuracy"].values), **look(name))
            named[0][label], named[1][name] = curve, error
        panels[0].set(title="(a) training", ylabel="training loss", yscale="log")
        panels[1].set(title="(b) held-out images", ylabel="error, %", yscale="log")
        panels[1].set_yticks([1, 2, 5, 10, 20, 50], labels=["1", "2", "5", "10", "20", "50"])
        panels[1].minorticks_off()
        bound, factor = StepTunedSGD(1.0).M, dataset["factor"].values[:, 1:-1]
        share = f"{np.mean(factor > bound - 1e-9):.0%}"
        set_title(figure, f"{TUNED} is at its bound in {share} of its steps: there it is SGD with twice the step")
        for axes, curves in zip(panels, named, strict=True):
            axes.set(xlabel="epochs of gradients", xlim=(0, epoch[-1]))
            label_ends(axes, curves)
        return finish(figure)
