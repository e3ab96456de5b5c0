"""Figure edge_of_stability.flows: gradient descent beside its central flow and gradient flow."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from dynamics.checks import require_whole
from edge_of_stability.explained import EVERY, STEP, explained
from plots.dataset import describe, recorded, variable
from plots.style import finish, new_figure, style

__all__ = ["compute", "draw"]

TITLE = "Which flow gradient descent follows"
SOURCE = "arXiv:2410.24206"
AMPLIFIES_ROUNDING = True
QUICK = {"seeds": 3, "steps": 120}

LOOKS = {
    "gradient descent": ("black", "-", 1.0),
    "central flow": ("#D55E00", (0, (6, 1.5)), 1.6),
    "gradient flow": ("#0072B2", (0, (1.2, 1.2)), 1.6),
}


@recorded
def compute(*, seeds: int = 5, steps: int = 160, rng: int = 0) -> xr.Dataset:
    """Loss and sharpness of runs on the digits and of their flows.

    Parameters
    ----------
    seeds : int
        Starts, at least 3.
    steps : int
        Length of the runs, at least 30; the central flow is reached after about 100.
    rng : int
        First seed, 0 or more.

    Returns
    -------
    Dataset
        `loss` over (path, seed, step), `ratio` over the same, the sharpness by 2/η; `share` over (flow, part, seed).

    Raises
    ------
    ImportError
        If scikit-learn is not installed.
    ValueError
        If a parameter is outside its range.
    """
    require_whole("seeds", seeds, 3, "an error bar needs several")
    require_whole("steps", steps, 30, "the edge is reached after about 15")
    require_whole("rng", rng, 0, "a figure keeps its seed as a whole number")
    runs = [explained(rng + seed, steps) for seed in range(seeds)]
    loss = np.array([[run.loss, run.central, run.flow] for run in runs]).transpose(1, 0, 2)
    ratio = np.full_like(loss, np.nan)
    for j, run in enumerate(runs):
        ratio[0, j, ::EVERY] = run.sharpness[: len(ratio[0, j, ::EVERY])]
        ratio[1:, j] = run.edges
    share = np.array([run.shares() for run in runs]).transpose(1, 2, 0)
    dataset = xr.Dataset(
        {
            "loss": variable(("path", "seed", "step"), loss, "training loss"),
            "ratio": variable(("path", "seed", "step"), ratio, "sharpness by 2/η"),
            "share": variable(("flow", "part", "seed"), share, "share of the loss that is explained"),
        },
        coords={
            "path": variable("path", list(LOOKS), "path"),
            "flow": variable("flow", list(LOOKS)[1:], "flow"),
            "part": variable("part", ["before", "after"], "before or after the onset"),
            "seed": variable("seed", np.arange(rng, rng + seeds), "seed"),
            "step": variable("step", np.arange(steps + 1), "step"),
        },
    )
    mean, error = share.mean(axis=-1), share.std(axis=-1, ddof=1) / np.sqrt(seeds)
    return describe(
        dataset,
        "edge_of_stability.flows",
        message=_message(dataset),
        caption=f"""Tanh network on the digits from a start 0.3 times the usual, full batch, step size {
            STEP:g}, untuned,
            so that the edge is reached; seeds {rng} to {rng + seeds - 1}, a line each. Share of the loss that is
            explained, with its standard error over seeds: before the edge {mean[0, 0]:.3f} ± {error[0, 0]:.3f}; after
            it {mean[0, 1]:.3f} ± {error[0, 1]:.3f} by the central flow with its oscillation and {mean[1, 1]:.3f} ± {
            error[1, 1]:.3f} by gradient flow. Heun's method, two steps a step.""",
        seeds=(rng,),
    )


def _message(dataset: xr.Dataset) -> str:
    """What became of the sharpness: how high it rose, and where it is in the last quarter."""
    descent, _, free = dataset["ratio"].median("seed")
    last = slice(3 * dataset.sizes["step"] // 4, None)
    late, beyond = float(descent[last].mean()), float(free[last].mean())
    begins = f"At the edge gradient descent goes on with gradient flow at first, to {float(descent.max()):.2f} times it"
    if abs(late - 1) < abs(late - beyond):
        return f"{begins}; then it falls to the central flow, which stays there ({late:.2f} in the last quarter)."
    return f"{begins}, and is not yet back at it, where the central flow is, after {dataset.sizes['step'] - 1} steps."


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw the losses, and the sharpness by its threshold."""
    with style(size) as sheet:
        figure = new_figure(sheet, height={"column": 5.4, "page": 3.2}.get(size))
        figure.set_layout_engine("constrained")
        panels = figure.subplots(*((2, 1) if size == "column" else (1, 2)))
        steps = dataset["step"].values
        for axes, name, label, title in zip(
            panels, ("loss", "ratio"), ("training loss", "sharpness by $2/\\eta$"), ("(a) loss", "(b) sharpness"),
            strict=True,
        ):  # fmt: skip
            for path, (color, dash, width) in LOOKS.items():
                for j, values in enumerate(dataset[name].sel({"path": path}).values):
                    seen = np.isfinite(values)
                    axes.plot(
                        steps[seen], values[seen], color=color, linestyle=dash, linewidth=width * 0.7,
                        label=path if j == 0 else None,
                    )  # fmt: skip
            axes.set(xlim=(0, steps[-1]), xlabel="step $t$", ylabel=label, title=title)
        panels[0].set_yscale("log")
        panels[1].axhline(1.0, color="0.5", linestyle="-", linewidth=0.8)
        panels[0].legend(loc="upper right")
        return finish(figure)
