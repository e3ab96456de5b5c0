"""Methods and problems in the one form that kernels see: each further layout or number type would compile again."""

import hashlib
import typing
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

from dynamics.checks import require_finite, unknown
from dynamics.protocol.schedules import Schedule, StepSize, as_schedule
from dynamics.protocol.trees import arrays_in, is_named, with_arrays
from dynamics.vectors.alignment import aligned, aligned_like


def canonical(thing: Any) -> Any:
    """`thing`, a NamedTuple, with aligned float64 arrays by rows, plain numbers and schedules; checked.

    Numbers become what the class's annotations say. NaN and infinity in arrays are refused (a field `work` is
    scratch and exempt), and `thing.check()` is called where the class has it.

    Raises
    ------
    ValueError
        If an array holds NaN or infinity, or a field does not pass the class's own check.
    TypeError
        If a field is nothing that a kernel can read.
    """
    if not hasattr(type(thing), "_fields"):
        raise TypeError(f"{thing!r} must be an instance of a typing.NamedTuple class, such as GradientDescent(0.1).")
    return _canonical(thing, False)


def _canonical(thing: Any, scratch: bool) -> Any:
    kind: Any = type(thing)
    made = kind(*map(_canonical_field, _fields(kind, scratch), thing))
    if hasattr(made, "check"):
        made.check()
    return made


def own_work(thing: Any) -> Any:
    """A copy of `thing` with scratch arrays (fields named `work`, at any depth) of its own."""
    scratch = tuple(_scratch(thing))
    if not scratch:
        return thing
    # Not empty: what fills up registers could be slow denormals.
    own = aligned_like(arrays_in(scratch), np.zeros)
    return _with_scratch(thing, iter(with_arrays(scratch, iter(own))))


def identity(thing: Any) -> str:
    """A hash of a problem's or method's class and numbers, scratch not counted.

    Examples
    --------
    >>> from dynamics import GradientDescent
    >>> identity(canonical(GradientDescent(0.1))) == identity(canonical(GradientDescent(0.2)))
    False
    """
    digest = hashlib.sha256()
    _feed(digest, canonical(thing))
    return digest.hexdigest()


class _Field(typing.NamedTuple):
    """What a class's annotation says of a field."""

    label: str
    schedule: bool = False
    choices: tuple[str, ...] = ()
    real: bool = False
    scratch: bool = False


@cache
def _fields(kind: Any, scratch: bool) -> tuple[_Field, ...]:
    """The fields of a class; reading its annotations takes longer than a short run."""
    try:
        annotations = typing.get_type_hints(kind)
    except NameError:  # a class made inside a function may name types that are out of reach
        annotations = {}
    return tuple(
        _field(f"{kind.__name__}.{name}", annotations.get(name), scratch or name == "work") for name in kind._fields
    )


def _field(label: str, annotation: Any, scratch: bool) -> _Field:
    choices = typing.get_args(annotation) if typing.get_origin(annotation) is typing.Literal else ()
    schedule = annotation is Schedule or annotation == StepSize
    return _Field(label, schedule, choices, annotation is float, scratch)


def _canonical_field(field: _Field, value: Any) -> Any:
    if field.schedule:
        schedule = as_schedule(value)
        schedule.check()
        return schedule
    if field.choices:
        return _canonical_choice(field.label, value, field.choices)
    if isinstance(value, (np.ndarray, list)):
        return _canonical_array(field.label, np.asarray(value), field.scratch)
    if isinstance(value, tuple):
        if is_named(value):
            return _canonical(value, field.scratch)
        parts = (_Field(f"{field.label}[{i}]", scratch=field.scratch) for i in range(len(value)))
        return tuple(map(_canonical_field, parts, value))
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return float(value) if field.real else int(value)
    if isinstance(value, (float, np.floating)):
        return float(value)
    raise TypeError(
        f"{field.label} = {value!r} is a {type(value).__name__}: kernels read numbers, arrays, schedules and "
        f"NamedTuples of these."
    )


def _canonical_choice(label: str, value: Any, choices: tuple[str, ...]) -> int:
    """A choice of words as its index: kernels compare integers."""
    if value in choices:
        return choices.index(value)
    if isinstance(value, int | np.integer) and 0 <= value < len(choices):
        return int(value)
    raise ValueError(unknown(label, str(value), choices))


def _canonical_array(label: str, array: np.ndarray, scratch: bool) -> np.ndarray:
    if array.dtype.kind in "iu":
        return aligned(array.astype(np.int64, copy=False))
    if array.dtype.kind == "b":
        return np.array(array, order="C")
    if array.dtype.kind != "f":
        raise TypeError(f"{label} has dtype {array.dtype}: kernels read real numbers; convert it to float64.")
    real = array.astype(np.float64, copy=False)
    if scratch:
        return real  # of which each run gets aligned ones of its own
    require_finite(label, real)
    return aligned(real)


def _scratch(thing: Any) -> Iterator[Any]:
    """The fields named `work`, at any depth."""
    for name, value in zip(thing._fields, thing, strict=True):
        if name == "work":
            yield value
        elif is_named(value):
            yield from _scratch(value)


def _with_scratch(thing: Any, scratch: Iterator[Any]) -> Any:
    """`thing` with other fields named `work`, in the order of `_scratch`."""
    parts = []
    for name, value in zip(thing._fields, thing, strict=True):
        if name == "work":
            parts.append(next(scratch))
        else:
            parts.append(_with_scratch(value, scratch) if is_named(value) else value)
    return type(thing)(*parts)


def _feed(digest: Any, value: Any) -> None:
    kind = type(value)
    if hasattr(kind, "_fields"):
        digest.update(f"({kind.__module__}.{kind.__qualname__}".encode())
        for name, part in zip(kind._fields, value, strict=True):
            if name != "work":
                digest.update(f"{name}=".encode())
                _feed(digest, part)
        digest.update(b")")
    elif isinstance(value, np.ndarray):
        digest.update(f"{value.dtype}{value.shape}".encode())
        digest.update(value.tobytes())
    elif isinstance(value, tuple):
        for part in value:
            _feed(digest, part)
    else:
        digest.update(f"{value!r};".encode())
