"""Figure trust_region.10: trust regions and gradient methods on the digits, by epochs."""

import xarray as xr
from matplotlib.figure import Figure

from plots.dataset import describe, recorded
from plots.gallery.trust_region_networks import EPOCHS, Setting, caption, compare, draw_comparison, message

__all__ = ["compute", "draw"]

TITLE = "Trust regions and gradient methods on the digits, by epochs"
SOURCE = "Figure 10"
CLAIMS = ("trust_region.ellipsoids_digits",)
AMPLIFIES_ROUNDING = True
QUICK = {"hidden": 4, "test_fraction": 0.9, "batch_size": 64, "budget": 8}
COUNTED = "Only samples count, and Hessian products on them are free"


@recorded
def compute(
    *,
    hidden: int = 8,
    test_fraction: float = 0.5,
    batch_size: int = 256,
    small_batch: int = 32,
    budget: float = 25,
    runs: int = 5,
    rng: int = 0,
) -> xr.Dataset:
    """Training losses of six tuned methods over epochs.

    Parameters
    ----------
    hidden : int
        Hidden units of the network.
    test_fraction : float
        Share of the images that is left out, in (0, 1).
    batch_size, small_batch : int
        Images in a batch of the trust regions, and of the gradient methods.
    budget : float
        Epochs that a run may see, at least 5; what is computed on a batch does not count.
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
    dataset, tunings = compare(setting.networks(), weights=EPOCHS, budget=budget)
    return describe(
        dataset,
        "trust_region.10",
        message=message(COUNTED, dataset),
        caption=f"""{caption(tunings, dataset, setting)} An epoch is as many samples as the data
            have, drawn in batches; a trust region computes many Hessian products on each batch.
            The paper’s small networks have its regions ahead by this measure, its larger ones at best level.""",
        seeds=(rng,),
    )


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw the losses."""
    return draw_comparison(dataset, size=size, x=dataset["cost"].values, label="epochs", counted=COUNTED, prices=EPOCHS)
