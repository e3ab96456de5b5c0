"""Functions whose `np.empty` gives arrays full of a number of our choice: what reads them before it writes is found."""

from types import FunctionType
from typing import Any

import numpy as np

from dynamics.kernels.origins import is_users
from dynamics.protocol.source import plain


class _Numpy:
    """NumPy, except for arrays that are made without being filled."""

    def __init__(self, fill: float) -> None:
        self.fill = fill

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    def empty(self, *arguments: Any, **named: Any) -> np.ndarray:
        """An array that holds anything."""
        return self._filled(np.empty(*arguments, **named))

    def empty_like(self, *arguments: Any, **named: Any) -> np.ndarray:
        """An array like another one, that holds anything."""
        return self._filled(np.empty_like(*arguments, **named))

    def _filled(self, array: np.ndarray) -> np.ndarray:
        array[...] = array.dtype.type(self.fill)
        return array


def poisoned(function: Any, fill: float) -> Any:
    """A twin of a user's function, and of the helpers that it calls, in which `np.empty` is full of `fill`."""
    return _twin(plain(function), _Numpy(fill), {})


def _twin(function: FunctionType, numpy: _Numpy, made: dict[Any, Any]) -> Any:
    if function in made:
        return made[function]
    space: dict[str, Any] = {}
    twin = FunctionType(function.__code__, space, function.__name__, function.__defaults__, function.__closure__)
    made[function] = twin
    space.update(function.__globals__)
    for name in function.__code__.co_names:
        value = space.get(name)
        if value is np:
            space[name] = numpy
        elif value is np.empty:
            space[name] = numpy.empty
        elif value is np.empty_like:
            space[name] = numpy.empty_like
        elif isinstance(plain(value), FunctionType) and is_users(plain(value).__module__):
            space[name] = _twin(plain(value), numpy, made)
    return twin
