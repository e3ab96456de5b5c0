"""Figure step_tuned.table2: what an epoch costs, relative to SGD: counted, and on request measured."""

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from dynamics import SGD, Adam, RMSprop, StepTunedSGD, StochasticGV, new_memory, simulate
from dynamics.algorithms.exact_variation import ExactGV, ExpectedGV
from dynamics.checks import Refusal, require_whole
from plots.dataset import describe, recorded, variable
from plots.style import finish, new_figure, style
from synthetic import carmon

__all__ = ["compute", "draw"]

TITLE = "Cost of an epoch relative to SGD"
SOURCE = "Table 2"

METHODS: dict[str, Any] = {
    "SGD": SGD(0.1),
    "RMSprop": RMSprop(0.01),
    "Adam": Adam(0.01),
    "Step-Tuned SGD": StepTunedSGD(0.1),
    "Stochastic-GV": StochasticGV(0.1),
    "Exact-GV": ExactGV(0.1),
    "Expected-GV": ExpectedGV(0.1),
}
WORK = {
    "gradients": ("gradients of samples", "#0072B2", "o"),
    "hessian_products": ("Hessian products of samples", "#D55E00", "s"),
    "samples_drawn": ("samples drawn", "#009E73", "D"),
}

EPOCHS_TIMED = 50
MARKERS = ("o", "s", "D")


@recorded
def compute(
    *,
    samples: Sequence[int] = (500, 2000, 8000),
    dimension: int = 30,
    batch_size: int = 50,
    measure: bool = False,
    repeats: int = 5,
) -> xr.Dataset:
    """Oracle work and memory of an epoch for seven methods, counted exactly, and on request the time that it takes.

    Parameters
    ----------
    samples : sequence of int
        Sizes of the regression, increasing, each an even number of batches.
    dimension, batch_size : int
        Parameters of the regression, and samples in a mini-batch.
    measure : bool
        Whether to measure times too. They differ from machine to machine and from run to run, so that a file with them
        cannot be verified by computing it again.
    repeats : int
        Epochs timed, at least 5; the median counts.

    Returns
    -------
    Dataset
        `gradients`, `hessian_products`, `samples_drawn` over (method, samples): work of an epoch, which is `samples`
        mini-batch gradients, in units of SGD's; `vectors` over method: numbers kept between steps by the dimension;
        `seconds` over (method, samples), NaN unless measured.

    Raises
    ------
    ValueError
        If a parameter is outside its range.
    """
    require_whole("repeats", repeats, 5, "a median of fewer says little")
    require_whole("dimension", dimension, 2, "a vector is told from a number by its length")
    require_whole("batch_size", batch_size, 1, "a batch needs a sample")
    sizes = np.asarray(samples)
    whole = sizes.ndim == 1 and sizes.size >= 1 and sizes.dtype.kind == "i"
    if not whole or np.any(np.diff(sizes) < 1) or np.any(sizes % (2 * batch_size)) or sizes[0] < 2 * batch_size:
        raise Refusal(
            f"samples is {samples!r} for batches of {batch_size}; give increasing multiples of {2 * batch_size}, "
            f"so that "
            f"an epoch of batches used twice is whole."
        )
    problems = [carmon(samples=int(n), dimension=dimension, batch_size=batch_size, rng=0) for n in sizes]
    work = np.array([[_work(method, problem) for problem in problems] for method in METHODS.values()])
    seconds = np.full(work.shape[:2], np.nan)
    if measure:
        seconds = np.array([[_seconds(m, problem, repeats) for problem in problems] for m in METHODS.values()])
    vectors = np.array([_vectors(method, dimension) for method in METHODS.values()], dtype=np.int32)
    cells = ("method", "samples")
    dataset = xr.Dataset(
        {
            **{
                name: variable(cells, work[..., i], f"{words} in an epoch, relative to gradients of SGD")
                for i, (name, (words, _, _)) in enumerate(WORK.items())
            },
            "vectors": variable("method", vectors, "vectors kept beside iterate and gradient"),
            "seconds": variable(cells, seconds, "time of an epoch", "s"),
        },
        coords={
            "method": variable("method", np.array(list(METHODS), dtype=str), "method"),
            "samples": variable("samples", sizes.astype(np.int32), "number of samples"),
        },
    )
    times = (
        f"Time: median of {repeats} epochs on this machine, one thread; not reproducible."
        if measure
        else "Times are measured on request only, since no two runs give the same."
    )
    return describe(
        dataset,
        "step_tuned.table2",
        message="""Tuning steps on the mini-batches costs as many gradients as SGD; tuning them on all samples
            costs the more the more samples there are.""",
        caption=f"""Work of an epoch of N mini-batch gradients, in units of SGD's, on the non-convex regression with
            N = {", ".join(str(n) for n in sizes)} samples, {dimension} parameters and mini-batches of
            {batch_size}. Counted by
            the oracle, exactly; it depends on N/b alone and on no seed. Step-Tuned SGD takes both its gradients on one
            mini-batch: as many gradients as SGD and half as many samples drawn. Exact-GV adds N/b full-batch gradients,
            Expected-GV 2N/b gradients and 2N/b Hessian products. No tuning. {times}""",
    )


def _updates(method: Any, problem: Any) -> int:
    """Updates that take an epoch's mini-batch gradients; Step-Tuned SGD takes two in each."""
    return problem.data.samples // problem.batch_size // (2 if isinstance(method, StepTunedSGD) else 1)


def _work(method: Any, problem: Any) -> list[float]:
    """Gradients, Hessian products and samples drawn in an epoch, in units of the number of samples."""
    updates = _updates(method, problem)
    run = simulate(method, problem, steps=updates, rng=0, record_every=updates)
    drawn = updates * problem.batch_size / problem.data.samples
    return [float(run.gradients[-1]), float(run.hessian_products[-1]), drawn]


def _vectors(method: Any, dimension: int) -> int:
    """Arrays of the dimension's length that a method keeps beside the iterate and its gradient."""
    return sum(array.shape == (dimension,) for array in new_memory(method, dimension))


def _seconds(method: Any, problem: Any, repeats: int) -> float:
    """Median time of an epoch, taken over fifty at once, after a run that compiles."""
    steps = EPOCHS_TIMED * _updates(method, problem)
    times = []
    for _ in range(repeats + 1):
        begin = time.perf_counter()
        simulate(method, problem, steps=steps, rng=0, record_every=steps)
        times.append((time.perf_counter() - begin) / EPOCHS_TIMED)
    return float(np.median(times[1:]))


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw work and memory of each method, and the time where it was measured."""
    measured = bool(np.isfinite(dataset["seconds"].values).all())
    with style(size) as sheet:
        narrow = size == "column"
        columns = 3 if measured else 2
        figure = new_figure(sheet, height={"column": 2.6 * columns + 0.8, "page": 3.3}.get(size))
        ratios = [2.2, 1.0, 1.2][:columns]
        panels = (
            figure.subplots(columns, 1, height_ratios=[1.3, 1.0, 1.0][:columns])
            if narrow
            else figure.subplots(1, columns, width_ratios=ratios, sharey=True)
        )
        _plot_work(panels[0], dataset, wide=not narrow)
        rows = np.arange(dataset.sizes["method"])
        panels[1].barh(rows, dataset["vectors"].values, height=0.5, color="0.55")
        panels[1].set(title="(b) memory", xlabel="vectors kept", xlim=(0, 3.5))
        if measured:
            relative = dataset["seconds"].values / dataset["seconds"].values[0]
            for j, n in enumerate(dataset["samples"].values):
                panels[2].plot(relative[:, j], rows, marker=MARKERS[j % 3], linestyle="none", label=f"$N={n}$")
            panels[2].set(title="(c) time, measured", xscale="log", xlabel="time of an epoch, SGD = 1")
            panels[2].legend(loc="lower right")
        for axes in panels:
            axes.set_yticks(rows, labels=dataset["method"].values.tolist())
            axes.set_ylim(rows[-1] + 0.6, -0.6)
            axes.grid(visible=False, axis="y")
        if not narrow:
            for axes in panels[1:]:
                axes.tick_params(labelleft=False)
        panels[0].set_ylabel("method")
        figure.legend(handles=_key(), loc="outside upper center", ncols=1 if narrow else 3)
        return finish(figure)


def _plot_work(axes: Axes, dataset: xr.Dataset, *, wide: bool) -> None:
    for place, (name, (_, color, marker)) in enumerate(WORK.items()):
        for row, values in enumerate(dataset[name].values):
            if values.max() > 0:
                level = row + 0.22 * (place - 1)
                axes.plot(values, np.full(values.size, level), color=color, linestyle="-", linewidth=0.8)
                axes.plot(values, np.full(values.size, level), color=color, marker=marker, linestyle="none")
    axes.axvline(1.0, color="0.6", linestyle=(0, (4, 2)), zorder=0)
    sizes = ", ".join(str(n) for n in dataset["samples"].values)
    axes.set_title(f"(a) oracle work, $N=$ {sizes} from left to right" if wide else f"(a) work, $N=$ {sizes}")
    axes.set(xscale="log", xlabel=r"work of an epoch, SGD's gradients $=1$")


def _key() -> list[Line2D]:
    return [
        Line2D([], [], color=color, marker=marker, linewidth=0.8, linestyle="-", label=words)
        for words, color, marker in WORK.values()
    ]
