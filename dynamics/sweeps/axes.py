"""The named axes of a sweep: which parameters of the method and of the problem vary, and over what."""

import inspect
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from dynamics.checks import KindRefusal, Refusal, is_number, shown, unknown
from dynamics.protocol.trees import is_named

OWNERS = ("method", "problem")
READY = ""  # stands for the parameter where the whole method or problem is what varies
TAKEN = ("seed", "record", "iteration")  # dimensions and coordinates that every sweep has


class Axis(NamedTuple):
    """One dimension of a sweep."""

    dimension: str
    names: tuple[str, ...]  # as they are given, one a parameter that changes along the axis
    targets: tuple[tuple[str, str], ...]  # of each name whose parameter it is, and which
    values: list[tuple[Any, ...]]  # of each place along the axis a value for each name

    def at(self, place: int) -> str:
        """A place along the axis in words."""
        return ", ".join(
            f"{name}[{place}] = {shown(value)}" for name, value in zip(self.names, self.values[place], strict=True)
        )

    def coordinate(self, position: int) -> np.ndarray:
        """The values of one of the names: numbers and words as they are, other things by what they print."""
        column = [values[position] for values in self.values]
        if all(isinstance(value, str) for value in column) or all(is_number(value) for value in column):
            return np.array(column)
        return np.array([shown(value) for value in column])


def parameters(owner: str, made_by: Any) -> frozenset[str] | None:
    """The parameters of a class or factory, none of a ready method or problem; None where it takes any name."""
    if is_named(made_by) or listed(made_by):
        return frozenset()
    if not callable(made_by):
        raise KindRefusal(f"{owner} = {shown(made_by)} must be a class, a factory, a ready {owner} or a list of these.")
    try:
        given = inspect.signature(made_by).parameters.values()
    except ValueError:
        raise KindRefusal(
            f"{owner} = {shown(made_by)} does not say what parameters it has; wrap it in a function."
        ) from None
    if any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in given):
        return None
    return frozenset(parameter.name for parameter in given if parameter.kind is not inspect.Parameter.VAR_POSITIONAL)


def listed(made_by: Any) -> bool:
    """Whether ready methods or problems are given, several of them."""
    return isinstance(made_by, list | tuple) and not is_named(made_by)


def axes_of(over: Mapping[Any, Any], made_by: Mapping[str, Any]) -> list[Axis]:
    """The axes that `over` names, checked."""
    if not isinstance(over, Mapping):
        raise KindRefusal(f"over = {shown(over)} must map names of parameters to values, as in {{'step_size': [0.1]}}.")
    known = {owner: parameters(owner, made_by[owner]) for owner in OWNERS}
    axes = [_ready(owner, made_by[owner]) for owner in OWNERS if listed(made_by[owner])]
    axes += [_axis(key, values, known) for key, values in over.items()]
    return axes


def fixed_of(fixed: Mapping[str, Any] | None, axes: list[Axis], made_by: Mapping[str, Any]) -> dict[str, dict]:
    """The fixed parameters of the method and of the problem."""
    known = {owner: parameters(owner, made_by[owner]) for owner in OWNERS}
    if fixed is not None and not isinstance(fixed, Mapping):
        raise KindRefusal(f"fixed = {shown(fixed)} must map names of parameters to values, as in {{'beta': 0.9}}.")
    swept = [target for axis in axes for target in axis.targets]
    twice = next((target for target in swept if swept.count(target) > 1), None)
    if twice:
        raise Refusal(f"over names the {twice[0]}'s {twice[1]} twice: give it one axis.")
    kept: dict[str, dict] = {owner: {} for owner in OWNERS}
    for name, value in (fixed or {}).items():
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


def _axis(key: Any, given: Any, known: Mapping[str, frozenset[str] | None]) -> Axis:
    names = key if isinstance(key, tuple) else (key,)
    if not names:
        raise Refusal("over has an empty tuple for a key: zip two names or more.")
    targets = tuple(target_of("over", name, known) for name in names)
    label = repr(key)
    if is_number(given) or isinstance(given, str | bytes | Mapping) or is_named(given) or not np.iterable(given):
        raise KindRefusal(f"over[{label}] = {shown(given)} must be a list of values; put a single one into fixed.")
    values = list(given)
    if not values:
        raise Refusal(f"over[{label}] is empty: an axis has one value at least.")
    if isinstance(key, tuple):
        for i, together in enumerate(values):
            if not isinstance(together, tuple | list | np.ndarray) or len(together) != len(names):
                raise Refusal(f"over[{label}][{i}] = {shown(together)}: give {len(names)} values, one a name.")
        rows = [tuple(together) for together in values]
    else:
        rows = [(value,) for value in values]
    axis = Axis("_".join(names), names, targets, rows)
    if axis.dimension in TAKEN:
        raise Refusal(f"{axis.dimension!r} is a coordinate of every sweep: say '{targets[0][0]}.{axis.dimension}'.")
    _refuse_twins(axis)
    return axis


def _ready(owner: str, things: Any) -> Axis:
    """The axis of a list of ready methods or problems."""
    if not things:
        raise Refusal(f"{owner} is an empty list: give one at least.")
    for i, thing in enumerate(things):
        if not is_named(thing):
            raise KindRefusal(f"{owner}[{i}] = {shown(thing)} must be a ready {owner}, as in a list of ready ones.")
    axis = Axis(owner, (owner,), ((owner, READY),), [(thing,) for thing in things])
    _refuse_twins(axis)
    return axis


def _refuse_twins(axis: Axis) -> None:
    """Runs are found by their coordinates."""
    seen: dict[Any, int] = {}
    columns = (axis.coordinate(position).tolist() for position in range(len(axis.names)))
    for i, words in enumerate(zip(*columns, strict=True)):
        if words in seen:
            raise Refusal(f"over: {axis.at(i)} repeats place {seen[words]}: give each value once.")
        seen[words] = i
