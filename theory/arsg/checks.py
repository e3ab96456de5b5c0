"""What the closed forms demand of their arguments, refused in one sentence before any work starts."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dynamics.checks import Refusal, real_numbers, require_broadcast

FloatArray = NDArray[np.float64]
P = ParamSpec("P")
R = TypeVar("R")


def broadcasting(function: Callable[P, R]) -> Callable[P, R]:
    """Refuse arguments of a closed form whose shapes can't stand side by side; words are left alone."""

    signature = inspect.signature(function)

    @wraps(function)
    def checked(*arguments: P.args, **named: P.kwargs) -> R:
        given = signature.bind(*arguments, **named).arguments
        numbers = {name: real_numbers(name, value) for name, value in given.items() if name != "method"}
        require_broadcast(**numbers)
        return function(*arguments, **named)

    return checked


def refuse(name: str, value: FloatArray, allowed: NDArray[np.bool_], sentence: str) -> None:
    """Raise ValueError quoting the first entry of ``value`` that is not ``allowed``."""
    if not np.all(allowed):
        value, allowed = np.broadcast_arrays(value, allowed)
        raise Refusal(f"{name} = {value[~allowed].flat[0]:.16g} {sentence}")


def momentum_parameters(beta: ArrayLike, mu: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return β and μ as float64 arrays, both inside [0, 1) as RSG demands below its equation (3)."""
    beta, mu = real_numbers("beta", beta), real_numbers("mu", mu)
    refuse(
        "beta",
        beta,
        (beta >= 0) & (beta < 1),
        "lies outside [0, 1): at 1 the momentum never forgets, and RSG's equation (3) asks for less; "
        "the paper's value is 0.999",
    )
    refuse(
        "mu",
        mu,
        (mu >= 0) & (mu < 1),
        "lies outside [0, 1), the range of the observation factor in RSG's equation (3); "
        "the paper's value is 0.1, and SGD without momentum is beta = 0",
    )
    require_broadcast(beta=beta, mu=mu)
    return beta, mu


def positive(name: str, value: ArrayLike) -> FloatArray:
    """Return ``value`` as a float64 array of finite positive numbers."""
    array = real_numbers(name, value)
    refuse(name, array, (array > 0) & np.isfinite(array), "is not a finite positive number")
    return array
