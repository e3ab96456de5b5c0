"""A probe's kernel called once as plain Python, before the run."""

from typing import Any

import numpy as np

from dynamics.kernels.policy import as_python
from dynamics.protocol.faults import KernelError, at, in_words, place_of
from dynamics.protocol.rehearsal import is_global_draw
from dynamics.protocol.source import reads
from dynamics.protocol.trees import arrays_in, with_arrays


def rehearse_probe(name: str, function: Any, given: dict[str, Any]) -> None:
    """Call a probe's kernel once as plain Python, with copies.

    Raises
    ------
    KernelError
        With what went wrong and the line: a mistake in it, an argument that it changes, a result that is no number, or
        a global generator of random numbers.
    """
    where = at(function.__code__.co_filename, function.__code__.co_firstlineno)
    for spot in reads(function):
        if is_global_draw(spot.value):
            raise KernelError(
                f"the probe {name} calls {spot.name} of a global generator ({spot}): no seed decides its numbers."
            )
    copies = {argument: copied(value) for argument, value in given.items()}
    try:
        with np.errstate(all="ignore"), as_python():
            result = function(**copies)
    except Exception as error:
        what = f"{type(error).__name__}: {in_words(error, given.values())}"
        raise KernelError(
            f"the probe {name} fails at the initial point: {what}{at(*place_of(error)) or where}."
        ) from error
    for argument, value in given.items():
        pairs = zip(arrays_in(_data((value,))), arrays_in(_data((copies[argument],))), strict=True)
        if not all(np.array_equal(ours, theirs, equal_nan=True) for ours, theirs in pairs):
            raise KernelError(f"the probe {name} changes `{argument}`{where}: runs are the same with it and without.")
    if not isinstance(result, float | int | np.floating | np.integer):
        told = " ".join(repr(result).split())[:80]
        raise KernelError(f"the probe {name} returns {told}{where}, and must return a number.")


def copied(value: Any) -> Any:
    """A tree of tuples, or an array, with arrays of its own."""
    return with_arrays(value, iter([array.copy() for array in arrays_in((value,))]))


def _data(tree: Any) -> Any:
    """A tree of tuples without the scratch in it, which any kernel may write to."""
    if not isinstance(tree, tuple):
        return tree
    names = getattr(tree, "_fields", ("",) * len(tree))
    return tuple(_data(value) for name, value in zip(names, tree, strict=True) if name != "work")
