"""Methods and problems in the one form that kernels see: each further layout or number type would compile again."""

import hashlib
import typing
from functools import cache
from typing import Any

import numpy as np

from dynamics.checks import (
    WHOLE,
    KindRefusal,
    Refusal,
    is_number,
    real_or_nan,
    require_finite,
    require_real,
    require_truth,
    require_whole,
    shown,
    unknown,
)
from dynamics.kernels.origins import OURS
from dynamics.kernels.reloading import current
from dynamics.protocol.faults import UNMEANT, retold
from dynamics.protocol.kept import form_of, keep
from dynamics.protocol.schedules import Schedule, StepSize, as_schedule
from dynamics.protocol.trees import is_named
from dynamics.vectors.alignment import aligned

FLOAT = np.dtype(np.float64)


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
    KernelError
        Where the check of a user's class fails by a mistake in it.
    """
    made = form_of(thing)
    if made is not None:
        return made
    if not hasattr(type(thing), "_fields"):
        what = f"{len(thing)} things in a {type(thing).__name__}" if isinstance(thing, tuple | list) else shown(thing)
        also = f"; make one, {thing.__name__}(...)" if isinstance(thing, type) else ""
        raise KindRefusal(
            f"{what} must be an instance of a typing.NamedTuple class, such as GradientDescent(0.1){also}."
        )
    made = _canonical(thing, False)
    keep(thing, made)
    return made


def _canonical(thing: Any, scratch: bool) -> Any:
    kind: Any = current(type(thing))
    fields = _fields(kind, scratch)
    made = kind._make(map(_canonical_field, fields, thing))
    for field, value in zip(fields, made, strict=True):
        if field.needs is not None and not isinstance(value, field.needs):
            name = field.needs.__name__
            wanted, fix = f"of the class {name}", f"make one, {name}(...)"
            if field.needs is np.ndarray:
                nearest = f"try [{value}], or " if is_number(value) else ""
                wanted, fix = "an array", f"{nearest}let the factory make it"
            raise KindRefusal(f"{field.label} = {shown(value)} must be {wanted}: {fix}.")
    if hasattr(made, "check"):
        try:
            made.check()
        except UNMEANT as error:
            told = retold(f"the check of {kind.__name__} fails", error, (made,))
            if told is None:
                raise
            raise told from error
    for field, number in zip(fields, made, strict=True):
        if type(number) is float and number != number and not field.scratch:
            require_real(field.label, number)  # NaN, of which the class's own check says nothing
    return made


def identity(thing: Any) -> str:
    """A hash of a problem's or method's class and numbers, scratch not counted.

    Examples
    --------
    >>> from dynamics import GradientDescent
    >>> identity(canonical(GradientDescent(0.1))) == identity(canonical(GradientDescent(0.2)))
    False
    """
    return hash_of(canonical(thing))


def hash_of(tree: Any) -> str:
    """A hash of a tree of tuples, with the arrays in it; scratch not counted."""
    digest = hashlib.sha256()
    _feed(digest, tree)
    return digest.hexdigest()


class _Field(typing.NamedTuple):
    """What a class's annotation says of a field."""

    label: str
    schedule: bool = False
    choices: tuple[str, ...] = ()
    kind: type | None = None  # float, int or bool
    scratch: bool = False
    needs: type | None = None  # an array or a NamedTuple, which checks of optdyn's own classes take for granted


@cache
def _fields(kind: Any, scratch: bool) -> tuple[_Field, ...]:
    """The fields of a class; reading its annotations takes longer than a short run."""
    try:
        annotations = typing.get_type_hints(kind)
    except NameError:  # a class made inside a function may name types that are out of reach
        annotations = {}
    ours = kind.__module__.partition(".")[0] in OURS
    return tuple(
        _field(f"{kind.__name__}.{name}", annotations.get(name), scratch or name == "work", ours)
        for name in kind._fields
    )


def _field(label: str, annotation: Any, scratch: bool, ours: bool) -> _Field:
    choices = typing.get_args(annotation) if typing.get_origin(annotation) is typing.Literal else ()
    schedule = annotation is Schedule or annotation == StepSize
    kind = annotation if annotation in (float, int, bool) else None
    named = isinstance(annotation, type) and hasattr(annotation, "_fields") and not schedule
    needs = annotation if ours and (annotation is np.ndarray or named) else None
    return _Field(label, schedule, choices, kind, scratch, needs)


def _canonical_field(field: _Field, value: Any) -> Any:
    if type(value) is float and field.kind is float:
        return value
    if field.schedule:
        schedule = as_schedule(value)
        schedule.check()
        return schedule
    if field.choices:
        return _canonical_choice(field.label, value, field.choices)
    if field.kind is not None and not field.scratch:
        return _canonical_number(field, value)
    if isinstance(value, (np.ndarray, list)):
        return _canonical_array(field.label, value, field.scratch)
    if isinstance(value, tuple):
        if is_named(value):
            return _canonical(value, field.scratch)
        parts = (_Field(f"{field.label}[{i}]", scratch=field.scratch) for i in range(len(value)))
        return tuple(map(_canonical_field, parts, value))
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return require_whole(field.label, value)
    if isinstance(value, (float, np.floating)):
        return float(value)
    raise KindRefusal(
        f"{field.label} = {shown(value)} is a {type(value).__name__}: kernels read numbers, arrays, schedules and "
        f"NamedTuples of these."
    )


def _canonical_number(field: _Field, value: Any) -> bool | int | float:
    """The number that a class's annotation asks for."""
    if field.kind is float:
        return real_or_nan(field.label, value)
    return require_truth(field.label, value) if field.kind is bool else require_whole(field.label, value)


def _canonical_choice(label: str, value: Any, choices: tuple[str, ...]) -> int:
    """A choice of words as its index: kernels compare integers."""
    if isinstance(value, str) and value in choices:
        return choices.index(value)
    if isinstance(value, int | np.integer) and not isinstance(value, bool) and 0 <= value < len(choices):
        return int(value)
    raise Refusal(unknown(label, shown(value) if not isinstance(value, str) else value, choices))


def _canonical_array(label: str, given: np.ndarray | list[Any], scratch: bool) -> np.ndarray:
    if type(given) is np.ndarray and given.dtype is FLOAT:
        return given if scratch else _finite(label, given)
    if np.ma.isMaskedArray(given):
        raise KindRefusal(f"{label} is a masked array, and kernels see no masks: fill the gaps, or leave them out.")
    try:
        array = np.asarray(given)
    except ValueError:
        raise KindRefusal(f"{label} = {shown(given)} has rows of different lengths, so it is no array.") from None
    if array.dtype.kind in "iu":
        if array.dtype.kind == "u" and array.size and array.max() > WHOLE:
            raise Refusal(f"{label} holds {array.max()}, and kernels count up to {WHOLE}: convert it to float64.")
        return aligned(array.astype(np.int64, copy=False))
    if array.dtype.kind == "b":
        return np.array(array, order="C")
    if array.dtype.kind != "f":
        raise KindRefusal(f"{label} has dtype {array.dtype}: kernels read real numbers; convert it to float64.")
    real = array.astype(np.float64, copy=False)
    if scratch:
        return real  # of which each run gets aligned ones of its own, as above
    return _finite(label, real)


def _finite(label: str, real: np.ndarray) -> np.ndarray:
    require_finite(label, real)
    return aligned(real)


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
