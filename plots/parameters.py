"""What may be asked of a figure: finite numbers of the right kind, and no more work than a machine gets done."""

import inspect
import math
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from dynamics.checks import (
    KindRefusal,
    Refusal,
    is_number,
    require_real,
    require_truth,
    require_whole,
    shown,
    unknown,
)

__all__ = ["check_parameters"]

MOST_WORK = 1000.0  # times that of the figure as it is by default
SQUARED = ("points", "resolution")  # of maps, which have them along both axes


def check_parameters(figure: str, compute: Callable[..., Any], parameters: Mapping[str, Any]) -> None:
    """Refuse parameters that a figure does not have, of another kind than its defaults, not finite, or far too many.

    Sizes multiply: what is asked for is held against the default of each parameter that counts something.

    Examples
    --------
    >>> def compute(*, points: int = 100, mu: Sequence[float] = (0.0, 0.1)): ...
    >>> check_parameters("arsg.1", compute, {"points": 10**9})  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    dynamics.checks.Refusal: points = 1000000000 of figure arsg.1 is 1e+14 times its usual work, and ...
    >>> check_parameters("arsg.1", compute, {"mu": [0.1, math.inf]})
    Traceback (most recent call last):
    dynamics.checks.Refusal: mu = inf must be finite.
    """
    known = inspect.signature(compute).parameters
    hints = typing.get_type_hints(compute)
    work: dict[str, float] = {}
    for name, value in parameters.items():
        if name not in known:
            raise Refusal(unknown(f"parameter of figure {figure}", name, known))
        default = known[name].default
        _check_kind(name, value, hints.get(name, Any), default)
        if name != "rng":
            work[name] = max(1.0, _size(value) / max(_size(default), 1.0)) ** (2 if name in SQUARED else 1)
    if math.prod(work.values()) > MOST_WORK:
        largest = max(work, key=lambda name: work[name])
        raise Refusal(
            f"{largest} = {shown(parameters[largest])} of figure {figure} is {math.prod(work.values()):.3g} times its "
            f"usual work, and {MOST_WORK:g} times is the most; try {largest} = {shown(known[largest].default)}."
        )


def _check_kind(name: str, value: Any, kind: Any, default: Any) -> None:
    """Refuse a value that is none of an annotation's kind: a number, a word, a truth value, or a list of these."""
    if value is None and default is None:
        return
    entry = _entry(kind)
    if entry is not None:
        if is_number(value) or isinstance(value, Mapping):
            raise KindRefusal(f"{name} = {shown(value)} must be a list such as {shown(default)}.")
        for part in value:
            _check_kind(name, part, entry, default)
    elif kind is bool:
        require_truth(name, value)
    elif kind is int:
        require_whole(name, value, 0 if name == "rng" else -(2**62))
    elif kind is float:
        if math.isinf(require_real(name, value)):
            raise Refusal(f"{name} = {shown(value)} must be finite.")
    elif kind is str and not isinstance(value, str):
        raise KindRefusal(f"{name} = {shown(value)} must be a word such as {default!r}.")


def _entry(kind: Any) -> Any:
    """What a list of this annotation holds; None where it is no list."""
    for part in (kind, *typing.get_args(kind)):
        origin = typing.get_origin(part)
        if isinstance(origin, type) and issubclass(origin, Iterable):
            return typing.get_args(part)[0]
    return None


def _size(value: Any) -> float:
    """How much a whole number or a list counts, next to nothing for all else."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return sum(max(_size(part), 1.0) for part in value)
    return float(value) if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0.0
