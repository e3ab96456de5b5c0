"""The rates of gradient descent and of the heavy ball, with the best parameters for each condition number."""

import numpy as np
import xarray as xr

from dynamics.checks import require_whole
from plots.dataset import describe, recorded, variable
from plots.style import finish, new_figure, style

TITLE = "What momentum is worth"
QUICK = {"points": 20}


@recorded
def compute(*, points: int = 200, largest: float = 1e4) -> xr.Dataset:
    """Steps to a tenth of the error, by the closed forms.

    Parameters
    ----------
    points : int
        Condition numbers, at least 2.
    largest : float
        The largest of them; the least is 2.
    """
    require_whole("points", points, 2, "a curve has two ends")
    kappa = np.geomspace(2.0, largest, points)
    rates = {"descent": (kappa - 1) / (kappa + 1), "heavy_ball": (np.sqrt(kappa) - 1) / (np.sqrt(kappa) + 1)}
    at = "condition_number"
    dataset = xr.Dataset(
        {name: variable(at, np.log(0.1) / np.log(rate), f"steps to a tenth, {name}") for name, rate in rates.items()},
        coords={at: variable(at, kappa, "condition number")},
    )
    return describe(
        dataset,
        __name__,
        caption=f"""Steps after which the error on a quadratic is a tenth of what it was, for {points} condition
            numbers, each method with its best parameters. Nothing is random, no tuning.""",
    )


def draw(dataset: xr.Dataset, *, size: str = "page"):
    """Draw the steps against the condition number."""
    with style(size) as sheet:
        figure = new_figure(sheet)
        axes = figure.subplots()
        kappa = dataset["condition_number"].values
        axes.loglog(kappa, dataset["descent"].values, label="gradient descent")
        axes.loglog(kappa, dataset["heavy_ball"].values, label="heavy ball")
        axes.set_xlabel(r"condition number $\kappa$")
        axes.set_ylabel("steps to a tenth of the error")
        axes.legend()
        return finish(figure)
