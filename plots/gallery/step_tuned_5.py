"""Figure step_tuned.5: SGD, RMSprop and Adam with each mini-batch used once and twice."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from dynamics.checks import Refusal
from plots.dataset import describe, recorded, variable
from plots.gallery.step_tuned_digits import ONCE, TUNED, TWICE, Setting, by_epoch, draw_instances, run, tuned
from plots.looks import look
from plots.marks import mark_edge, name_with_edge, plot_over_seeds
from plots.seeds import seed_band, value_words
from plots.style import finish, new_figure, style

__all__ = ["compute", "draw"]

TITLE = "Mini-batches used once and twice on a network for the digits"
SOURCE = "Figure 5, with the digits in place of CIFAR and MNIST"
CLAIMS = ("step_tuned.unit_bounds", "step_tuned.unbiased")
AMPLIFIES_ROUNDING = True
QUICK = {
    "methods": ["SGD", "Adam"],
    "hidden": 8,
    "batch_size": 25,
    "test_fraction": 0.8,
    "epochs": 12,
    "tuned_at": 3,
    "instances": 5,
    "tuning_instances": 5,
}

LOOKS: dict[str, dict[str, Any]] = {
    "once": {"color": "black", "linestyle": (0, (1, 1.2))},
    "twice": {"color": "#D55E00", "linestyle": (0, (4, 2))},
    TUNED: look(TUNED),
}


@recorded
def compute(
    *,
    methods: Sequence[str] = ONCE,
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
    """Training loss of tuned methods that draw a mini-batch for each step, or for every second one.

    Parameters
    ----------
    methods : sequence of str
        Which of SGD, RMSprop and Adam stand beside Step-Tuned SGD, in this order.
    hidden, batch_size, regularisation, test_fraction
        As in `synthetic.digits_mlp`.
    epochs : int
        Length of a run: so many times the mini-batch gradients of a pass over the training images.
    tuned_at : int
        Step sizes are chosen for the lowest training loss after this many epochs, for once and twice by themselves.
    instances, tuning_instances : int
        Instances (split, start, batches) that are shown, and others for tuning, at least 5 of each.
    rng : int
        Seed, 0 or more.

    Returns
    -------
    Dataset
        `loss` over (method, instance, epoch), and the arrays of the tuning.

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
    if not methods or list(methods) != [name for name in ONCE if name in methods]:
        raise Refusal(f"methods is {methods!r}; give some of {', '.join(ONCE)}, in this order.")
    names = (TUNED, *(name for pair in zip(ONCE, TWICE, strict=True) for name in pair if pair[0] in methods))
    shown, others = draw_instances(setting)
    found = tuned(names, others, setting)
    loss = np.empty((len(names), instances, epochs + 1))
    for i, j in np.ndindex(loss.shape[:2]):
        trajectory = run(found.method(names[i]), shown[j], epochs)
        loss[i, j] = by_epoch(trajectory, trajectory.loss, epochs)
    dataset = xr.Dataset(
        {"loss": variable(("method", "instance", "epoch"), loss, "training loss")},
        coords={
            "instance": variable("instance", np.arange(instances, dtype=np.int32), "instance"),
            "epoch": variable("epoch", np.arange(epochs + 1, dtype=np.int32), "epochs of mini-batch gradients"),
        },
    ).merge(found.dataset())
    return describe(
        dataset,
        "step_tuned.5",
        message=_ratios(dataset, tuple(methods)),
        caption=f"""A {setting.words()} Each method draws a mini-batch for every step, or takes two steps on each
            (batch echoing), as Step-Tuned SGD does. Equal epochs are equal numbers of gradients, so that twice
            means half as
            many passes over the images. SGD and Step-Tuned SGD decay their steps once an epoch by (q+1)^-0.501.
            {found.sentence()}""",
        seeds=(rng,),
    )


def _ratios(dataset: xr.Dataset, methods: tuple[str, ...]) -> str:
    """Final loss with batches used twice by that with batches used once, instance by instance."""
    last = dataset["loss"].isel(epoch=-1)
    parts = []
    for name in methods:
        twice = last.sel({"method": TWICE[ONCE.index(name)]}).values
        low, median, high = (
            value_words(float(end), ".2f") for end in seed_band(twice / last.sel({"method": name}).values)
        )
        parts.append(f"{name} {median} ({low} to {high})")
    return (
        "Final loss with each mini-batch used twice, over that with each used once, median and central 80 %: "
        f"{', '.join(parts)}."
    )


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw one panel a method: batches once, batches twice, and Step-Tuned SGD."""
    methods = [name for name in ONCE if name in dataset["method"].values]
    with style(size) as sheet:
        narrow = size == "column"
        height = {"column": 1.4 + 2.2 * len(methods), "page": 3.4}.get(size)
        figure = new_figure(sheet, height=height)
        shape = (len(methods), 1) if narrow else (1, len(methods))
        panels = figure.subplots(*shape, sharex=True, sharey=True, squeeze=False).ravel()
        for axes, name, letter in zip(panels, methods, "abc", strict=False):
            daggers = ""
            for key, method in (("once", name), ("twice", TWICE[ONCE.index(name)]), (TUNED, TUNED)):
                cut = dataset.sel({"method": method})
                curve = plot_over_seeds(axes, cut["epoch"].values, cut["loss"].values, **LOOKS[key])
                if cut["at_edge"]:
                    mark_edge(axes, curve)
                    daggers = name_with_edge(daggers, at_edge=True)
            axes.set(title=f"({letter}) {name}{daggers}", yscale="log")
            axes.set(xlabel="epochs of gradients", ylabel="training loss")
            axes.label_outer()
        words = {"once": "each batch once", "twice": "each batch twice", TUNED: TUNED}
        figure.legend(
            handles=[Line2D([], [], label=words[key], **drawn) for key, drawn in LOOKS.items()],
            loc="outside upper center",
            ncols=1 if narrow else 3,
        )
        return finish(figure)
