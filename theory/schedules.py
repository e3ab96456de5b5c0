"""Step-size schedules and the rates at which they decay."""

import math
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dynamics.checks import Refusal, real_array, require_memory, require_positive, require_real, require_whole, unknown

__all__ = ["SCHEDULES", "decay_rates", "schedule"]

Array = NDArray[np.float64]


def _constant(progress: Array) -> Array:
    return np.ones_like(progress)


def _cosine(progress: Array) -> Array:
    # cos²(πx/2), written so that the end is exactly 0.
    return np.sin(0.5 * np.pi * (1 - progress)) ** 2


def _cosine_power(progress: Array, *, p: float = 10.0) -> Array:
    _require("p", p, p > 0, "above 0 (1 is the plain cosine)")
    if p == 1:
        return _cosine(progress)
    return np.expm1(_cosine(progress) * math.log(p)) / np.expm1(math.log(p))


def _polynomial(progress: Array, *, p: float = 0.9) -> Array:
    _require("p", p, p > 0, "above 0 (1 is the straight line)")
    return (1 - progress) ** p


def _step(epoch: Array, *, factor: float = 0.5, every: int = 40) -> Array:
    _require("factor", factor, 0 < factor < 1, "between 0 and 1, both excluded")
    _require("every", every, every >= 1 and every == int(every), "a whole number of epochs of at least 1")
    return factor ** np.floor(epoch / every)


def _exponential(epoch: Array, *, rate: float = -math.log(0.9)) -> Array:
    _require("rate", rate, rate > 0, "above 0, per epoch")
    return np.exp(-rate * epoch)


def _require(name: str, value: object, allowed: bool, text: str) -> None:
    if not allowed:
        raise Refusal(f"{name} is {value!r}; it must be {text}.")


_Shape = Callable[..., Array]
_OF_PROGRESS: Mapping[str, _Shape] = {
    "constant": _constant,
    "cosine": _cosine,
    "cosine_power": _cosine_power,
    "polynomial": _polynomial,
}
_OF_EPOCH: Mapping[str, _Shape] = {"step": _step, "exponential": _exponential}
SCHEDULES = ("constant", "cosine", "cosine_power", "step", "exponential", "polynomial")


def schedule(name: str, epochs: int = 200, maximum: float = 0.1, minimum: float = 0.0, **parameters: float) -> Array:
    r"""Step sizes of a decay schedule, one per epoch.

    Parameters
    ----------
    name : str
        One of `SCHEDULES`.
    epochs : int
        Length T in epochs, at least 1.
    maximum, minimum : float
        Step size at the start, and the one that the decay tends to; 0 ≤ minimum ≤ maximum, maximum > 0.
    **parameters : float
        `p` of cosine_power (default 10) and polynomial (default 0.9), `factor` and `every` (epochs) of step
        (defaults 0.5 and 40), `rate` per epoch of exponential (default -log 0.9).

    Returns
    -------
    ndarray of shape (epochs + 1,)
        :math:`\eta_t` for t = 0, …, T. Training uses all but the last.

    Raises
    ------
    ValueError
        If the name or a parameter is unknown, or a value is outside its range.

    Notes
    -----
    :math:`\eta_t=\eta_{min}+(\eta_{max}-\eta_{min})\,h(t)` with :math:`h(0)=1` and

    * cosine, equation (4): :math:`c(t)=\tfrac12(1+\cos(\pi t/T))`;
    * cosine_power: :math:`(p^{c(t)+1}-p)/(p^2-p)`, the cosine as p → 1;
    * step: :math:`f^{\lfloor t/n\rfloor}`; exponential: :math:`e^{-kt}`;
    * polynomial, equation (5): :math:`(1-t/T)^p`.

    Three choices are readings of a text that leaves them open: p = 10 of cosine_power (public code has 2
    or 10), factor 0.5 every 40 epochs of step, and how a `minimum` above 0 enters step and exponential
    (the paper has it 0). p = 0.9 and the factor 0.9 per epoch are the defaults of the authors' code.

    References
    ----------
    Sato and Iiduka, arXiv:2311.08745, equations (4) and (5) and section 3.2.

    Examples
    --------
    >>> schedule("polynomial", epochs=4, p=1)
    array([0.1  , 0.075, 0.05 , 0.025, 0.   ])
    >>> schedule("step", epochs=3, maximum=1.0, every=2)
    array([1. , 1. , 0.5, 0.5])
    """
    shapes = {**_OF_PROGRESS, **_OF_EPOCH}
    if not isinstance(name, str) or name not in shapes:
        raise Refusal(unknown("schedule", name, SCHEDULES))
    shape = shapes[name]
    known = tuple(shape.__kwdefaults__ or ())
    for other in parameters:
        if other not in known:
            raise Refusal(unknown(f"parameter of schedule {name}", other, known))
    epochs = require_whole("epochs", epochs, 1)
    require_memory(f"epochs = {epochs}", 4 * epochs, "try 200")
    maximum, minimum = require_positive("maximum", maximum, "a step size"), require_real("minimum", minimum)
    parameters = {key: require_real(key, value) for key, value in parameters.items()}
    _require("minimum", minimum, 0 <= minimum <= maximum, f"between 0 and the maximum {maximum!r}")
    epoch = np.arange(epochs + 1, dtype=float)
    decay = shape(epoch / epochs if name in _OF_PROGRESS else epoch, **parameters)
    return minimum + (maximum - minimum) * decay


def decay_rates(schedule: ArrayLike) -> Array:
    r"""Ratios of consecutive step sizes, over the epochs that training uses.

    Parameters
    ----------
    schedule : array_like, shape (T + 1,)
        Step sizes :math:`\eta_0,\dots,\eta_T`, none negative, T at least 2. The last one is not used by
        training and does not enter: schedules that end at 0 would close with a rate of 0 that no epoch sees.

    Returns
    -------
    ndarray of shape (T - 1,)
        :math:`\rho_t=\eta_{t+1}/\eta_t` for t = 0, …, T-2. Where the step size is already 0 and stays 0 the
        ratio is NaN; where it leaves 0 it is infinite.

    Raises
    ------
    ValueError
        If the array is not one-dimensional with at least 3 finite entries, or one is negative.

    References
    ----------
    Sato and Iiduka, arXiv:2311.08745, section 3.2 and Figure 5 (which puts a 1 before the first ratio).

    Examples
    --------
    >>> decay_rates([0.4, 0.2, 0.1, 0.0])
    array([0.5, 0.5])
    >>> decay_rates([1.0, 0.0, 0.0, 0.0])
    array([ 0., nan])
    """
    steps = real_array("the schedule", schedule, None)
    if steps.ndim != 1 or steps.size < 3:
        raise Refusal(f"the schedule has shape {steps.shape}; decay rates need one axis of 3 or more.")
    if not np.all(steps >= 0):
        raise Refusal("the schedule holds a negative step size; ratios need 0 or more.")
    with np.errstate(divide="ignore", invalid="ignore"):
        return steps[1:-1] / steps[:-2]
