"""Figure trust_region.9: trust regions and gradient methods on the digits, by back-propagations."""

import xarray as xr
from matplotlib.figure import Figure

from plots.dataset import describe, recorded
from plots.gallery.trust_region_networks import BACKPROPAGATIONS, Setting, caption, compare, draw_comparison, message

__all__ = ["compute", "draw"]

TITLE = "Trust regions and gradient methods on the digits, by back-propagations"
SOURCE = "Figure 9"
CLAIMS = ("trust_region.ellipsoids_digits", "trust_region.against_first_order")
AMPLIFIES_ROUNDING = True
QUICK = {"hidden": 4, "test_fraction": 0.9, "batch_size": 64, "budget": 15}
COUNTED = "Each Hessian product counts as a back-propagation"


@recorded
def compute(
    *,
    hidden: int = 8,
    test_fraction: float = 0.5,
    batch_size: int = 256,
    small_batch: int = 32,
    budget: float = 50,
    runs: int = 5,
    rng: int = 0,
) -> xr.Dataset:
    """Training losses of six tuned methods over back-propagations.

    Parameters
    ----------
    hidden : int
        Hidden units of the network.
    test_fraction : float
        Share of the images that is left out, in (0, 1).
    batch_size, small_batch : int
        Images in a batch of the trust regions, and of the gradient methods.
    budget : float
        Back-propagations of the full batch that a run may spend, at least 5; a gradient is one, a Hessian product one.
    runs : int
        Runs that are shown, at least 5; as many others choose the settings.
    rng : int
        Seed, 0 or more.

    Returns
    -------
    Dataset
        `loss` over (method, run, cost), and what tuning found.

    Raises
    ------
    ImportError
        If scikit-learn is not installed, which the digits come with.
    ValueError
        If a parameter is outside its range.
    """
    setting = Setting(hidden, test_fraction, batch_size, small_batch, budget, runs, rng)
    dataset, tunings = compare(setting.networks(), weights=BACKPROPAGATIONS, budget=budget)
    return describe(
        dataset,
        "trust_region.9",
        message=message(COUNTED, dataset),
        caption=f"""{caption(tunings, dataset, setting)} A back-propagation is a gradient of the full batch, or of
            its parts one by one; a Hessian product counts one more, as in the paper, and values nothing.
            The paper, on larger
            networks, has the ellipsoidal regions slightly ahead of gradient methods by this measure.""",
        seeds=(rng,),
    )


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw the losses."""
    return draw_comparison(
        dataset,
        size=size,
        x=dataset["cost"].values,
        label="back-propagations of the full batch",
        counted=COUNTED,
        prices=BACKPROPAGATIONS,
    )
