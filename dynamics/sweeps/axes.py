"""The named axes of a sweep: which parameters of the method and of the problem vary, and over what."""

import inspect
import operator
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from dynamics.checks import KindRefusal, Refusal, is_number, shown, unknown
from dynamics.protocol.canonical import hash_of
from dynamics.protocol.kept import all_finite
from dynamics.protocol.trees import arrays_in, is_named

OWNERS = ("method", "problem")
READY = ""  # stands for the parameter where the whole method or problem is what varies
SETTINGS = {"method": "setting", "problem": "instance"}  # dimensions along which they have axes of their own
MARKED = 4  # numbers of an array that words leave out
TAKEN = ("seed", "record", "iteration", "quantile")  # dimensions and coordinates that every sweep has


class Absent:
    """Stands for the value of a parameter that a method or a problem does not take, or not as an axis of its own."""


@dataclass(frozen=True)
class Axis:
    """One dimension of a sweep."""

    dimension: str
    names: tuple[str, ...]  # as they are given, one a parameter that changes along the axis
    targets: tuple[tuple[str, str], ...]  # of each name whose parameter it is, and which
    values: list[tuple[Any, ...]]  # of each place along the axis a value for each name

    @property
    def of_several(self) -> bool:
        """Whether methods or problems stand along it, each with axes of its own."""
        return self.targets[0][1] == READY

    def at(self, place: int) -> str:
        """A place along the axis in words."""
        row = self.values[place]
        if not self.of_several:
            return ", ".join(f"{name}[{place}] = {label(value)}" for name, value in zip(self.names, row, strict=True))
        before = self.values[: place + 1]
        first = len({id(other[0]) for other in before}) - 1
        own = [other for other in before if other[0] is row[0]]
        words = [f"{self.names[0]}[{first}] = {label(row[0])}"]
        for position, name in enumerate(self.names[1:], 1):
            if row[position] is not Absent:
                different = list(dict.fromkeys(shown(other[position]) for other in own))
                words.append(f"{name}[{different.index(shown(row[position]))}] = {shown(row[position])}")
        return ", ".join(words)

    def column(self, position: int) -> list[Any]:
        """The values of one of the names."""
        return [values[position] for values in self.values]

    @cached_property
    def floats(self) -> list[np.ndarray | None]:
        """Of each name the values as an array that nobody writes to, where all of them are floats."""
        return [floats_of(self.column(position)) for position in range(len(self.names))]

    def coordinate(self, position: int) -> np.ndarray:
        """The values of one of the names, as `column_of` gives them."""
        floats = self.floats[position]
        return column_of(self.column(position)) if floats is None else floats.copy()

    def numbers(self) -> np.ndarray | None:
        """The values as an array, shape (places, names), where all of them are floats, and finite."""
        columns = [column for column in self.floats if column is not None and all_finite(column)]
        return np.column_stack(columns) if len(columns) == len(self.names) else None


def floats_of(values: list[Any]) -> np.ndarray | None:
    """Values as an array, where all of them are floats."""
    return np.array(values, dtype=np.float64) if set(map(type, values)) <= {float, np.float64} else None


def column_of(values: list[Any]) -> np.ndarray:
    """Values as a coordinate: numbers and words as they are, other things by what they print; NaN or "" if absent.

    Examples
    --------
    >>> column_of([0.1, Absent]), column_of([column_of, "word"])
    (array([0.1, nan]), array(['column_of', 'word'], dtype='<U9'))
    """
    floats = floats_of(values)
    if floats is not None:
        return floats
    there = [value for value in values if value is not Absent]
    if all(isinstance(value, str) for value in there):
        return np.array(["" if value is Absent else value for value in values])
    if all(is_number(value) and not callable(value) for value in there):
        return np.array([np.nan if value is Absent else value for value in values])
    return np.array(["" if value is Absent else value if isinstance(value, str) else label(value) for value in values])


def dimension_of(names: tuple[str, ...], targets: tuple[tuple[str, str], ...]) -> str:
    """The name of an axis' dimension.

    Selecting by a coordinate with repeated values would be wrong where it is the dimension's own.
    """
    (owner, parameter), *more = targets
    if parameter != READY:
        return "_".join(names)
    return SETTINGS[owner] if more else owner


def label(value: Any) -> str:
    """A value in a few words: a class or a factory by its name, and a mark behind words that leave something out.

    Examples
    --------
    >>> label(column_of), label([1, 2]), label(np.arange(4.0))
    ('column_of', '[1, 2]', 'an array of shape (4,) #4fbdef')
    """
    if callable(value) and hasattr(value, "__name__"):
        return str(value.__name__)
    if isinstance(value, np.ndarray) and value.size < MARKED:
        value = value.tolist()
    words, tree = shown(value), _as_tuples(value)
    return f"{words} #{hash_of(tree)[:6]}" if words.endswith("...") or arrays_in(tree) else words


def _as_tuples(value: Any) -> Any:
    return tuple(map(_as_tuples, value)) if type(value) in (list, tuple) else value


def parameters(owner: str, made_by: Any) -> frozenset[str] | None:
    """The parameters of a class or factory, none of a ready method or problem; None where it takes any name.

    Of several those that all of them have.
    """
    if listed(made_by):
        known = [each for thing in made_by if (each := parameters(owner, thing)) is not None]
        return frozenset.intersection(*known) if known else None if made_by else frozenset()
    if is_named(made_by):
        return frozenset()
    if not callable(made_by):
        raise KindRefusal(f"{owner} = {shown(made_by)} must be a class, a factory, a ready {owner} or a list of these.")
    try:
        given = signature_of(made_by).values()
    except ValueError:
        raise KindRefusal(
            f"{owner} = {shown(made_by)} does not say what parameters it has; wrap it in a function."
        ) from None
    if any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in given):
        return None
    return frozenset(parameter.name for parameter in given if parameter.kind is not inspect.Parameter.VAR_POSITIONAL)


def signature_of(made_by: Any) -> Mapping[str, inspect.Parameter]:
    """The parameters of a class or a factory."""
    return _signature(made_by) if isinstance(made_by, Hashable) else inspect.signature(made_by).parameters


@lru_cache(maxsize=64)  # to read them takes longer than the call
def _signature(made_by: Any) -> Mapping[str, inspect.Parameter]:
    return inspect.signature(made_by).parameters


def listed(made_by: Any) -> bool:
    """Whether several methods or problems are given."""
    return isinstance(made_by, list | tuple) and not is_named(made_by)


def axes_of(over: Mapping[Any, Any], made_by: Mapping[str, Any]) -> list[Axis]:
    """The axes that `over` names by parameters, checked."""
    known = {owner: parameters(owner, made_by[owner]) for owner in OWNERS}
    return [axis_named("over", key, values, known) for key, values in over.items()]


def fixed_of(fixed: Mapping[str, Any], axes: list[Axis], made_by: Mapping[str, Any]) -> dict[str, dict]:
    """The fixed parameters of the method and of the problem."""
    known = {owner: parameters(owner, made_by[owner]) for owner in OWNERS}
    names = [name for axis in axes for name in {*axis.names, axis.dimension}]
    alike = next((name for name in names if names.count(name) > 1), None)
    swept = [target for axis in axes for target in axis.targets]
    twice = next((target for target in swept if swept.count(target) > 1), None)
    if twice:
        raise Refusal(f"over names the {twice[0]}'s {twice[1]} twice: give it one axis.")
    if alike:
        raise Refusal(f"over has two axes called {alike!r}: say 'method.{alike}' or 'problem.{alike}' for one of them.")
    kept: dict[str, dict] = {owner: {} for owner in OWNERS}
    for name, value in fixed.items():
        owner, parameter = target_of("fixed", name, known)
        if (owner, parameter) in swept:
            raise Refusal(f"{name} is both in over and in fixed: leave it out of one of them.")
        kept[owner][parameter] = value
    return kept


def target_of(where: str, name: Any, known: Mapping[str, frozenset[str] | None]) -> tuple[str, str]:
    """Whose parameter a name means, and which; `method.x` and `problem.x` say it."""
    if not isinstance(name, str):
        raise KindRefusal(f"{where} has the key {shown(name)}: keys are names of parameters.")
    prefix, dot, rest = name.partition(".")
    if dot and prefix in OWNERS:
        allowed = known[prefix]
        if allowed is None or rest in allowed:
            return prefix, rest
        raise Refusal(unknown(f"{where}: parameter of the {prefix}", rest, sorted(allowed)))
    owners = [owner for owner in OWNERS if name in (known[owner] or ())]
    owners = owners or [owner for owner in OWNERS if known[owner] is None]
    if len(owners) > 1:
        raise Refusal(f"{where}: method and problem both take {name!r}: say 'method.{name}' or 'problem.{name}'.")
    if not owners:
        names = sorted(set().union(*(known[owner] or () for owner in OWNERS)))
        if not names:
            raise Refusal(f"{where} names {name!r}, and a ready method and problem have no parameters left to set.")
        raise Refusal(unknown(f"{where}: parameter", name, names))
    return owners[0], name


def axis_named(where: str, key: Any, given: Any, known: Mapping[str, frozenset[str] | None]) -> Axis:
    """The axis of a parameter, or of several that change together."""
    names = key if isinstance(key, tuple) else (key,)
    if not names:
        raise Refusal(f"{where} has an empty tuple for a key: zip two names or more.")
    targets = tuple(target_of(where, name, known) for name in names)
    at = f"{where}[{key!r}]"
    if is_number(given) or isinstance(given, str | bytes | Mapping) or is_named(given) or not np.iterable(given):
        raise KindRefusal(f"{at} = {shown(given)} must be a list of values; put a single one into fixed.")
    values = list(given)
    if not values:
        raise Refusal(f"{at} is empty: an axis has one value at least.")
    if isinstance(key, tuple):
        for i, together in enumerate(values):
            if not isinstance(together, tuple | list | np.ndarray) or len(together) != len(names):
                raise Refusal(f"{at}[{i}] = {shown(together)}: give {len(names)} values, one a name.")
        rows = [tuple(together) for together in values]
    else:
        rows = [(value,) for value in values]
    axis = Axis(dimension_of(names, targets), names, targets, rows)
    if axis.dimension in TAKEN:
        raise Refusal(f"{axis.dimension!r} is a coordinate of every sweep: say '{targets[0][0]}.{axis.dimension}'.")
    refuse_twins(axis)
    return axis


def refuse_twins(axis: Axis) -> None:
    """Runs are found by their coordinates."""
    seen: dict[Any, int] = {}
    columns = [axis.coordinate(position).tolist() for position in range(len(axis.names))]
    different = set(columns[0] if len(columns) == 1 else zip(*columns, strict=True))
    if len(different) == len(axis.values) and all(all(map(operator.eq, column, column)) for column in columns):
        return  # without NaN, that is
    for i, row in enumerate(zip(*columns, strict=True)):
        words = tuple("" if value != value else value for value in row)
        if words in seen:
            raise Refusal(f"over: {axis.at(i)} repeats place {seen[words]}: give each value once.")
        seen[words] = i
