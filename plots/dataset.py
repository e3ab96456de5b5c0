"""What every figure's dataset carries beside its arrays, so that the file explains itself."""

import json
from collections.abc import Mapping
from typing import Any

import xarray as xr

from dynamics.checks import Refusal
from plots.registry import entry

__all__ = ["describe", "variable"]


def variable(dimensions: str | tuple[str, ...], values: Any, long_name: str, units: str = "1") -> xr.Variable:
    """An array with its dimensions, its name in words and its units ("1" for a pure number).

    Examples
    --------
    >>> variable("epoch", [0.5], "decay rate").attrs
    {'long_name': 'decay rate', 'units': '1'}
    """
    return xr.Variable(dimensions, values, {"long_name": long_name, "units": units})


def describe(
    dataset: xr.Dataset,
    figure: str,
    *,
    caption: str,
    parameters: Mapping[str, Any],
    seeds: tuple[int, ...] = (),
) -> xr.Dataset:
    """Add the attributes that every figure has: title, caption, paper, figure, parameters, seeds.

    Parameters
    ----------
    dataset : Dataset
        The arrays, each with long_name and units.
    figure : str
        Id of the figure; title and paper come from the table of figures.
    caption : str
        Problem, seeds, budget and tuning rule in a few sentences.
    parameters : mapping
        All parameters of `compute`, defaults included; kept as JSON.
    seeds : tuple of int
        Seeds of the random streams; empty where nothing is random.

    Raises
    ------
    ValueError
        If an array lacks its name in words or its units.
    """
    for name, array in dataset.variables.items():
        if not {"long_name", "units"} <= array.attrs.keys():
            raise Refusal(f"variable {name!r} of figure {figure!r} has no long_name or no units.")
    line = entry(figure)
    return dataset.assign_attrs(
        title=line.title,
        caption=" ".join(caption.split()),
        paper=line.paper,
        figure=figure,
        parameters=json.dumps(dict(parameters), sort_keys=True),
        seeds=json.dumps(list(seeds)),
    )
