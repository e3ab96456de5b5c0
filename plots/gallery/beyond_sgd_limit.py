"""Figure beyond.sgd_limit: single runs of SGD approach one curve as the dimension grows."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from dynamics import SGD, ensemble
from dynamics.checks import Refusal, require_at_least, require_positive, require_whole
from plots.dataset import describe, recorded, variable
from plots.marks import LEAST_SEEDS
from plots.seeds import seed_band
from plots.style import finish, new_figure, style
from synthetic import spectrum, streamed_squares
from theory.streamed_sgd import expected_risk, largest_step, risk_flow

__all__ = ["compute", "draw"]

TITLE = "SGD on least squares in high dimension: every run is the same run"
CLAIMS = ("high_dimension.single_runs", "high_dimension.moments", "high_dimension.largest_step")
QUICK = {"dimensions": [30, 100, 300]}

CONDITION_NUMBER = 20.0
RECORDS = 25
PASSES = 5  # steps, in units of the dimension


@recorded
def compute(
    *,
    dimensions: Sequence[int] = (100, 1000, 10_000),
    step_size: float = 0.8,
    residual: float = 0.2,
    seeds: int = 10,
    rng: int = 0,
) -> xr.Dataset:
    """Risk of single runs beside its expectation and its limit in high dimension.

    Parameters
    ----------
    dimensions : sequence of int
        d of each panel, one to three of them, at least 10 each.
    step_size : float
        In units of 1/tr(H); in high dimension SGD is stable below 2.
    residual : float
        Standard deviation of the targets about the best prediction.
    seeds : int
        Runs in each dimension, at least 5.
    rng : int
        First seed, 0 or more.

    Returns
    -------
    Dataset
        `risk` of the runs over (dimension, seed, record), `expected` and `limit` over (dimension, record).

    Raises
    ------
    ValueError
        If a parameter is outside its range.
    """
    sizes = [require_whole(f"dimensions[{i}]", d, 10, "a limit needs room") for i, d in enumerate(dimensions)]
    if not 1 <= len(sizes) <= 3:
        raise Refusal(f"dimensions holds {len(sizes)} numbers: one to three panels fit beside each other.")
    step_size = require_positive("step_size", step_size)
    require_at_least("residual", residual, 0, "it is a standard deviation")
    require_whole("seeds", seeds, LEAST_SEEDS, "a band over fewer says little")
    require_whole("rng", rng, 0, "a figure keeps its seed as a whole number")
    runs, expected, limit = [], [], []
    for d in sizes:
        eigenvalues = spectrum("linear", dimension=d, condition_number=CONDITION_NUMBER)
        eigenvalues /= eigenvalues.sum()
        every = _every(d)
        problem = streamed_squares(eigenvalues=eigenvalues, residual=residual)
        swept = ensemble(
            [SGD(step_size)], problem, steps=RECORDS * every, seeds=range(rng, rng + seeds), record_every=every
        )
        runs.append(swept.loss[0])
        at = every * np.arange(RECORDS + 1)
        expected.append(expected_risk(eigenvalues, step_size, at[-1], residual=residual)[at])
        limit.append(risk_flow(eigenvalues, step_size, at, residual=residual))
    curves = ("dimension", "record")
    dataset = xr.Dataset(
        {
            "risk": variable(("dimension", "seed", "record"), np.array(runs), "risk of a run"),
            "expected": variable(curves, np.array(expected), "expected risk"),
            "limit": variable(curves, np.array(limit), "limit of the risk in high dimension"),
            "passes": variable(
                curves,
                np.array([_every(d) * np.arange(RECORDS + 1) / d for d in sizes]),
                "steps by dimension",
            ),
            "stable": variable(
                "dimension",
                np.array([_largest(d) for d in sizes]),
                "largest stable step size times the trace of the Hessian",
            ),
        },
        coords={
            "dimension": variable("dimension", sizes, "dimension"),
            "seed": variable("seed", np.arange(rng, rng + seeds), "seed"),
        },
    )
    return describe(
        dataset,
        "beyond.sgd_limit",
        message="""The wider the model, the closer every single run of SGD keeps to one curve, which the spectrum
            alone determines.""",
        caption=f"""Least squares on a stream of Gaussian rows, one row a step; the covariance has
            trace 1 and eigenvalues in equal differences with condition number {CONDITION_NUMBER:g};
            step size {step_size:g}, residuals of standard deviation {residual:g}. Grey: {seeds} runs
            (seeds {rng} to {rng + seeds - 1}) and the central 80 % of them. Solid: the Volterra
            equation of the limit. Dashed: the expectation in this dimension, exact. {_words(dataset)}
            Nothing is tuned.""",
        seeds=(rng,),
    )


def _every(dimension: int) -> int:
    """Steps between two records."""
    return -(-PASSES * dimension // RECORDS)


def _largest(dimension: int) -> float:
    eigenvalues = spectrum("linear", dimension=dimension, condition_number=CONDITION_NUMBER)
    return largest_step(eigenvalues) * eigenvalues.sum()


def _words(dataset: xr.Dataset) -> str:
    steps = zip(dataset["dimension"].values, dataset["stable"].values, strict=True)
    ends = ", ".join(f"{value:.4g} at d = {d}" for d, value in steps)
    return f"The largest stable step is {ends}, and 2 in the limit."


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw a panel for each dimension, on the same axes."""
    with style(size) as sheet:
        stacked, count = size == "column", dataset.sizes["dimension"]
        figure = new_figure(sheet, height={"column": 0.7 + 1.75 * count, "page": 3.1}.get(size))
        figure.set_layout_engine("constrained")
        shape = (count, 1) if stacked else (1, count)
        panels = figure.subplots(*shape, sharex=True, sharey=True, squeeze=False).flat
        for axes, letter, d in zip(panels, "abc", dataset["dimension"].values, strict=True):
            part = dataset.sel(dimension=d)
            x, scale = part["passes"].values, float(part["limit"][0])
            low, _, high = seed_band(part["risk"].values / scale)
            axes.fill_between(x, low, high, color="0.88", linewidth=0, zorder=1)
            axes.plot(x, part["risk"].values.T / scale, color="0.6", linestyle="-", linewidth=0.6, zorder=1)
            (limit,) = axes.plot(x, part["limit"] / scale, color="#0072B2", linestyle="-")
            (expected,) = axes.plot(x, part["expected"] / scale, color="black", linestyle=(0, (4, 2)))
            axes.set_title(f"({letter}) $d$ = {int(d)}")
            axes.set(yscale="log", xlim=(0, PASSES))
            if axes.get_subplotspec().is_last_row():
                axes.set_xlabel("steps by dimension, $t/d$")
            if axes.get_subplotspec().is_first_col():
                axes.set_ylabel("risk by its start, $R(t)/R(0)$")
        runs = panels[0].lines[0]
        names = [f"{dataset.sizes['seed']} runs", "limit of high dimension", "expectation, exact"]
        figure.legend([runs, limit, expected], names, loc="outside upper center", ncols=1 if stacked else 3)
        return finish(figure)
