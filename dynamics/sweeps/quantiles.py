"""Quantiles over seeds, in which a run that failed counts as the worst."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dynamics.checks import KindRefusal, Refusal, is_number, require_real, shown
from dynamics.protocol.status import SOUND, Status

if TYPE_CHECKING:
    import xarray

COSTS = ("values", "gradients", "hessian_products")
RANKED = ("loss", "gradient_norm", *COSTS, "iteration")  # less is better
FAILED_WORDS = "share of the seeds whose runs failed"


def shares_of(given: Any) -> list[float]:
    """The quantiles that are asked for, checked: from 0 to 1, increasing.

    Examples
    --------
    >>> shares_of([0.5, 1.5])
    Traceback (most recent call last):
    dynamics.checks.Refusal: quantiles[1] = 1.5 must lie from 0 to 1; 0.5 is the median.
    """
    if is_number(given) or not len(given):
        raise Refusal(f"quantiles = {shown(given)} must be a list, of one at least, such as [0.1, 0.5, 0.9].")
    shares = [require_real(f"quantiles[{i}]", share) for i, share in enumerate(given)]
    for i, share in enumerate(shares):
        if not 0 <= share <= 1:
            raise Refusal(f"quantiles[{i}] = {share} must lie from 0 to 1; 0.5 is the median.")
    if sorted(set(shares)) != shares:
        raise Refusal(f"quantiles = {shown(shares)} must increase.")
    return shares


def ranked(values: np.ndarray, shares: Sequence[float], axis: int) -> np.ndarray:
    """Quantiles along an axis, which they take the place of; NaN is worse than any number.

    None lies between two runs: it is the worse of the two, so that a median is a failure where half of the runs failed.

    Examples
    --------
    >>> ranked(np.array([4.0, 1.0, np.nan, 2.0]), [0.0, 0.5, 1.0], axis=0)
    array([ 1.,  4., inf])
    """
    order = np.sort(np.where(np.isnan(values), np.inf, values), axis=axis)
    last = values.shape[axis] - 1
    return np.take(order, [math.ceil(round(share * last, 9)) for share in shares], axis=axis)


def held(values: np.ndarray, sound: np.ndarray) -> np.ndarray:
    """Records of shape (..., records), in which a run that ended well before the last one keeps what it had.

    Examples
    --------
    >>> held(np.array([[3.0, 1.0, np.nan], [3.0, 1.0, np.nan]]), np.array([True, False]))
    array([[ 3.,  1.,  1.],
           [ 3.,  1., nan]])
    """
    there = ~np.isnan(values)
    last = np.maximum.accumulate(np.where(there, np.arange(values.shape[-1]), 0), axis=-1)
    return np.where(there | ~sound[..., np.newaxis], values, np.take_along_axis(values, last, axis=-1))


def over_seeds(columns: Mapping[str, np.ndarray], seeds: int, shares: Sequence[float]) -> dict[str, np.ndarray]:
    """Of columns of shape (settings * seeds, ...) the quantiles, shape (settings, quantiles, ...), and who failed."""
    groups = {name: column.reshape(-1, seeds, *column.shape[1:]) for name, column in columns.items()}
    made = {name: ranked(groups[name], shares, axis=1) for name in RANKED if name in groups}
    return made | {"failed": 1.0 - np.isin(groups["status"], SOUND).mean(axis=1)}


def sweep_quantiles(dataset: "xarray.Dataset", quantiles: Sequence[float] = (0.1, 0.5, 0.9)) -> "xarray.Dataset":
    """Quantiles over the seeds of a sweep, in which runs that failed count as the worst, and the share that failed.

    Parameters
    ----------
    dataset
        What `sweep` or `open_sweep` returned, or a part of it, with all seeds that are to count.
    quantiles
        From 0 to 1, increasing.

    Returns
    -------
    xarray.Dataset
        `loss`, `gradient_norm` and the costs with the dimension `quantile` in place of `seed`, and `failed`, the share
        of the seeds whose runs failed. A quantile that falls on a run that had failed is infinite, and none lies
        between two runs: it is the worse of them. A run that converged keeps what it had. The same as
        `sweep(…, reduce={"quantiles": …})` gives.

    Raises
    ------
    ValueError
        For other quantiles, a Dataset without seeds, or one in which runs are missing.

    Examples
    --------
    >>> from dynamics import SGD, sweep, sweep_quantiles
    >>> from synthetic import quadratic
    >>> bowl = quadratic(eigenvalues=[1.0, 0.1], noise=0.1)
    >>> made = sweep(SGD, bowl, over={"step_size": [0.1, 30.0]}, seeds=9, steps=200, x0=[1.0, 1.0])
    >>> found = sweep_quantiles(made, [0.5]).isel(record=-1)
    >>> found.loss.values.round(4).tolist(), found.failed.values.tolist()
    ([[0.0019], [inf]], [0.0, 1.0])
    """
    import xarray

    if not isinstance(dataset, xarray.Dataset) or "seed" not in dataset.dims:
        raise KindRefusal("quantiles over seeds need the Dataset of a sweep, with its dimension seed.")
    shares = shares_of(quantiles)
    status = dataset["status" if "status" in dataset.data_vars else "recorded_status"]
    missing = int((status == Status.RUNNING).sum())
    if missing:
        raise Refusal(f"{missing} runs of the sweep are not done, and a quantile needs them all: let it finish first.")
    sound = np.isin(status.values, SOUND)
    variables: dict[str, Any] = {"failed": (~status.isin(SOUND)).mean("seed").assign_attrs(long_name=FAILED_WORDS)}
    for word in RANKED:
        name = f"recorded_{word}" if f"recorded_{word}" in dataset.data_vars else word
        if name not in dataset.data_vars:
            continue
        column = dataset[name].transpose(*status.dims, ...)
        values = column.values
        if "record" in column.dims and "iteration" in dataset.coords:
            values = held(values, sound)
        at = status.dims.index("seed")
        dimensions = tuple("quantile" if dimension == "seed" else dimension for dimension in column.dims)
        found = xarray.DataArray(ranked(values, shares, at), dims=dimensions, attrs=column.attrs)
        others = [dimension for dimension in status.dims if dimension != "seed"]
        variables[name] = found.transpose(*others, "quantile", ...)
    kept = {name: column for name, column in dataset.coords.items() if "seed" not in column.dims}
    return xarray.Dataset(variables, kept | {"quantile": shares}, dataset.attrs)
