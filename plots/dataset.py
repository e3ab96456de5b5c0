"""What every figure's dataset carries beside its arrays, so that the file explains itself."""

import functools
import inspect
import json
from collections.abc import Callable
from typing import Any, get_type_hints

import xarray as xr

from dynamics.checks import Refusal, require_whole
from plots.registry import entry, id_of

__all__ = ["describe", "recorded", "variable"]


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
    message: str = "",
    seeds: tuple[int, ...] = (),
) -> xr.Dataset:
    """Add the attributes that every figure has: title, message, caption, paper, figure, seeds.

    The parameters come from `recorded`.

    Parameters
    ----------
    dataset : Dataset
        The arrays, each with long_name and units.
    figure : str
        Id of the figure, or `__name__` in its module; title and paper come from the constants at the module's top.
    caption : str
        Problem, seeds, budget and tuning rule in a few sentences.
    message : str
        What to see, in one sentence, with which the caption begins; numbers in it come from the dataset.
    seeds : tuple of int
        Seeds of the random streams; empty where nothing is random.

    Raises
    ------
    ValueError
        If an array lacks its name in words or its units.

    Examples
    --------
    >>> ratio = xr.Dataset({"r": ("k", [1.0, 0.5], {"long_name": "ratio of two losses", "units": "1"})})
    >>> describe(ratio, "arsg.1", message="The loss halves.", caption="One run.").attrs["caption"]
    'The loss halves. One run.'
    """
    for name, array in dataset.variables.items():
        if not {"long_name", "units"} <= array.attrs.keys():
            raise Refusal(f"variable {name!r} of figure {figure!r} has no long_name or no units.")
    figure = id_of(figure)
    line = entry(figure)
    return dataset.assign_attrs(
        title=line.title,
        message=" ".join(message.split()),
        caption=" ".join(f"{message} {caption}".split()),
        paper=line.paper,
        figure=figure,
        parameters="{}",  # until `recorded` knows them
        seeds=json.dumps(list(seeds)),
    )


def recorded(compute: Callable[..., xr.Dataset]) -> Callable[..., xr.Dataset]:
    """Decorate a figure's `compute`: its dataset keeps all parameters as they were given, defaults included, as JSON.

    What is annotated as `int` must be a whole number, and `compute` gets it as one.

    Examples
    --------
    >>> @recorded
    ... def compute(*, points: int = 3, mu: tuple[float, ...] = (0.1, 0.2)) -> xr.Dataset:
    ...     return xr.Dataset(attrs={"parameters": "{}"})
    >>> compute(points=5.0).attrs["parameters"]
    '{"mu": [0.1, 0.2], "points": 5}'
    """
    signature, notes = inspect.signature(compute), get_type_hints(compute)

    @functools.wraps(compute)
    def with_parameters(**parameters: Any) -> xr.Dataset:
        given = signature.bind(**parameters)
        given.apply_defaults()
        for name, value in given.arguments.items():
            if notes.get(name) is int:
                given.arguments[name] = require_whole(name, value)
        dataset = compute(**given.arguments)
        stated = json.dumps(given.arguments, sort_keys=True, default=lambda array: array.tolist())
        return dataset.assign_attrs(parameters=stated)

    return with_parameters
