"""Figure mypaper.rates: steps to a tenth of the error, against the condition number."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from dynamics import simulate
from dynamics.checks import require_whole
from mypaper.method import Alternating
from mypaper.rate import rate, steps
from plots.dataset import describe, recorded, variable
from plots.style import finish, new_figure, style
from synthetic import quadratic

TITLE = "Two alternating steps against one"
SOURCE = "Figure 1"
QUICK = {"points": 5}


@recorded
def compute(*, points: int = 25, largest: float = 1000.0) -> xr.Dataset:
    """Steps that shrink the error on a quadratic to a tenth, by the closed form and in runs.

    Parameters
    ----------
    points : int
        Condition numbers, at least 2.
    largest : float
        The largest of them; the least is 2.
    """
    require_whole("points", points, 2, "a curve has two ends")
    condition_numbers = np.geomspace(2.0, largest, points)
    measured = np.empty(points)
    for i, condition_number in enumerate(condition_numbers):
        problem = quadratic(eigenvalues=[1.0 / condition_number, 1.0])
        run = simulate(Alternating(*steps(condition_number)), problem, steps=2, x0=[1.0, 1.0])
        measured[i] = np.abs(run.x).max()
    one = (condition_numbers - 1) / (condition_numbers + 1)
    at = "condition_number"
    dataset = xr.Dataset(
        {
            "alternating": variable(at, to_a_tenth(rate(condition_numbers), 2), "steps to a tenth, alternating"),
            "gradient_descent": variable(at, to_a_tenth(one, 1), "steps to a tenth, gradient descent"),
            "measured": variable(at, to_a_tenth(measured, 2), "steps to a tenth, in a run of two alternating steps"),
        },
        coords={at: variable(at, condition_numbers, "condition number")},
    )
    return describe(
        dataset,
        __name__,
        message="""Two steps that alternate get there sooner than the best single one, where the condition number is
            large in about half of the steps.""",
        caption=f"""Steps after which the error on a quadratic is a tenth of what it was, for {points} condition
            numbers: by the closed forms of gradient descent with its best step and of the best two alternating steps,
            and from runs of two steps. Nothing is random, no tuning.""",
    )


def to_a_tenth(factor: np.ndarray, steps: int) -> np.ndarray:
    """The steps that shrink the error to a tenth, where so many steps shrink it by a factor."""
    return steps * np.log(0.1) / np.log(factor)


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw the steps against the condition number."""
    with style(size) as sheet:
        figure = new_figure(sheet)
        axes = figure.subplots()
        kappa = dataset["condition_number"].values
        axes.plot(kappa, dataset["gradient_descent"].values, label="gradient descent, best step")
        (curve,) = axes.plot(kappa, dataset["alternating"].values, label="two alternating steps")
        axes.plot(kappa, dataset["measured"].values, "o", color=curve.get_color(), label="two alternating steps, runs")
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlabel(r"condition number $\kappa$")
        axes.set_ylabel("steps to a tenth of the error")
        axes.legend()
        return finish(figure)
