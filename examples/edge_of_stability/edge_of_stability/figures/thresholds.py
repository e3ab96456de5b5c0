"""Figure edge_of_stability.thresholds: where methods leave a minimum, derived and measured."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from dynamics.checks import Refusal, require_whole
from edge_of_stability.measured import stays
from edge_of_stability.thresholds import METHODS, threshold
from plots.dataset import describe, recorded, variable
from plots.style import finish, new_figure, style

__all__ = ["compute", "draw"]

TITLE = "Where methods leave a minimum"
SOURCE = "section 2"
QUICK = {"betas": [0.3, 0.9], "bisections": 5}

WIDE = 0.1  # the bisection begins with thresholds off by so much
LOOKS = {
    "gradient descent": ("black", "s"),
    "heavy ball, moving average": ("#D55E00", "o"),
    "heavy ball, classical": ("#E69F00", "^"),
    "Nesterov, moving average": ("#0072B2", "D"),
    "Nesterov, classical": ("#56B4E9", "v"),
}


@recorded
def compute(*, betas: Sequence[float] = (0.1, 0.3, 0.5, 0.7, 0.9, 0.95), bisections: int = 7) -> xr.Dataset:
    """Thresholds derived from the methods' matrices, and measured at a minimum of the product model.

    Parameters
    ----------
    betas : sequence of float
        β of the measurements, in (0, 1).
    bisections : int
        Halvings of the interval of ±10 % about the derived threshold, 1 to 12.

    Returns
    -------
    Dataset
        `derived` over (method, curve_beta), `measured` over (method, beta): step size times sharpness.

    Raises
    ------
    ValueError
        If a parameter is outside its range.
    """
    if not betas or not all(0 < beta < 1 for beta in betas):
        raise Refusal(f"betas is {betas!r}: give numbers in (0, 1).")
    require_whole("bisections", bisections, 1, "an interval has to be halved", 12)
    fine = np.linspace(0, 0.97, 98)
    derived = [[threshold(name, 1.0, float(beta)) for beta in fine] for name in LOOKS]
    measured = [[_measured(name, float(beta), bisections) for beta in betas] for name in LOOKS]
    dataset = xr.Dataset(
        {
            "derived": variable(("method", "curve_beta"), np.array(derived), "threshold of step size times sharpness"),
            "measured": variable(("method", "beta"), np.array(measured), "threshold that is measured"),
        },
        coords={
            "method": variable("method", list(LOOKS), "method"),
            "curve_beta": variable("curve_beta", fine, "momentum"),
            "beta": variable("beta", np.array(betas, dtype=float), "momentum"),
        },
    )
    worst = float(abs(dataset["measured"] / [[threshold(n, 1.0, float(b)) for b in betas] for n in LOOKS] - 1).max())
    return describe(
        dataset,
        "edge_of_stability.thresholds",
        message="A minimum that is sharper than its method's threshold repels.",
        caption=f"""Lines: the product of step size and
            sharpness at which an eigenvalue of one step's matrix is -1. Marks: measured by {bisections} bisections at
            the minimum (2, 1/2) of f = (xy - 1)²/2, from 1e-8 beside it; they depart by {100 * worst:.2g} % at most.
            Exact gradients, so no seeds; nothing is tuned.""",
    )


def _measured(name: str, beta: float, bisections: int) -> float:
    low, high = 1 - WIDE, 1 + WIDE
    if not stays("product", name, beta, low) or stays("product", name, beta, high):
        return np.nan
    for _ in range(bisections):
        middle = (low + high) / 2
        low, high = (middle, high) if stays("product", name, beta, middle) else (low, middle)
    return (low + high) / 2 * threshold(name, 1.0, beta)


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw the derived thresholds as lines and the measured ones as marks."""
    assert set(LOOKS) == set(METHODS)
    with style(size) as sheet:
        figure = new_figure(sheet, height={"column": 3.2, "page": 3.8}.get(size))
        figure.set_layout_engine("constrained")
        axes = figure.subplots()
        for name, (color, marker) in LOOKS.items():
            part = dataset.sel({"method": name})
            axes.plot(part["curve_beta"], part["derived"], color=color, linestyle="-")
            axes.plot(part["beta"], part["measured"], color=color, marker=marker, linestyle="none")
            end = float(part["derived"][-1])
            axes.annotate(
                name, (0.97, end), xytext=(0.6, 0.0), textcoords="offset fontsize", color=color, va="center",
                fontsize="small", annotation_clip=False,
            )  # fmt: skip
        axes.set(yscale="log", xlabel=r"momentum $\beta$", ylabel=r"step size times sharpness, $\eta\lambda$")
        axes.set_xlim(0, 0.97)
        return finish(figure)
