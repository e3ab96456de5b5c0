"""Figure trust_region.11: trust regions and gradient methods on the digits, by work."""

import json

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from plots.dataset import describe, recorded, variable
from plots.gallery.trust_region_networks import (
    Setting,
    caption,
    compare,
    draw_comparison,
    message,
    multiply_adds,
    seconds,
)

__all__ = ["compute", "draw"]

TITLE = "Trust regions and gradient methods on the digits, by work"
SOURCE = "Figure 11"
CLAIMS = ("trust_region.ellipsoids_digits", "trust_region.against_first_order")
AMPLIFIES_ROUNDING = True
QUICK = {"hidden": 4, "test_fraction": 0.9, "batch_size": 64, "budget": 15}
COUNTED = "All arithmetic counts, of values, gradients and Hessian products"


@recorded
def compute(
    *,
    hidden: int = 8,
    test_fraction: float = 0.5,
    batch_size: int = 256,
    small_batch: int = 32,
    budget: float = 50,
    runs: int = 5,
    measured: bool = False,
    rng: int = 0,
) -> xr.Dataset:
    """Training losses of six tuned methods over work.

    Parameters
    ----------
    hidden : int
        Hidden units of the network.
    test_fraction : float
        Share of the images that is left out, in (0, 1).
    batch_size, small_batch : int
        Images in a batch of the trust regions, and of the gradient methods.
    budget : float
        Work that a run may spend, at least 5, in gradients of the full batch.
    runs : int
        Runs that are shown, at least 5; as many others choose the settings.
    measured : bool
        Whether to time a run of each tuned method as well and draw over seconds, which no second computation gives
        again; without it the abscissa counts the products of numbers that the oracle's kernels form.
    rng : int
        Seed, 0 or more.

    Returns
    -------
    Dataset
        `loss` over (method, run, cost), and what tuning found; `seconds` over (method, cost) where time was measured.

    Raises
    ------
    ImportError
        If scikit-learn is not installed, which the digits come with.
    ValueError
        If a parameter is outside its range.
    """
    setting = Setting(hidden, test_fraction, batch_size, small_batch, budget, runs, rng)
    nets = setting.networks()
    weights = multiply_adds(64, hidden)
    dataset, tunings = compare(nets, weights=weights, budget=budget)
    if measured:
        share = np.linspace(0, 1, dataset.sizes["cost"])
        taken = seconds(nets, tunings, weights, budget)[:, np.newaxis] * share
        dataset["seconds"] = variable(("method", "cost"), taken, "time on one thread", "s")
    return describe(
        dataset,
        "trust_region.11",
        message=message(COUNTED, dataset),
        caption=f"""{caption(tunings, dataset, setting)} Work counts the products of numbers that the
            network’s kernels form for a sample, in units of a gradient’s: a value takes {weights.value:.2f}, a Hessian
            product {weights.hessian_product:.2f}; what the methods do with their vectors is left out.
            {"Seconds are those of one run on one thread." if measured else ""}
            The paper’s small networks have its regions ahead in time, its larger ones behind.""",
        seeds=(rng,),
    )


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw the losses."""
    if "seconds" in dataset:
        by_method = {str(name): dataset["seconds"].sel({"method": name}).values for name in dataset["method"].values}
        return draw_comparison(
            dataset, size=size, x=by_method, label="time in seconds", counted="Measured time counts", prices=None
        )
    prices = multiply_adds(64, json.loads(dataset.attrs["parameters"])["hidden"])
    label = "work in gradients of the full batch"
    return draw_comparison(dataset, size=size, x=dataset["cost"].values, label=label, counted=COUNTED, prices=prices)
