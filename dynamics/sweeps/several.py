"""The axis of several methods or problems: ready ones, and classes or factories, each with axes of its own."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from dynamics.checks import KindRefusal, Refusal, shown
from dynamics.protocol.trees import is_named
from dynamics.sweeps.axes import (
    OWNERS,
    READY,
    Absent,
    Axis,
    axis_named,
    dimension_of,
    label,
    listed,
    parameters,
    refuse_twins,
)

Own = Mapping[Any, Mapping[Any, Any]]


def apart(where: str, given: Mapping[Any, Any], made_by: Mapping[str, Any]) -> tuple[dict[Any, Any], Own]:
    """What holds for all methods and problems, and what for one of those that are listed, which is its key."""
    for_all = {key: value for key, value in given.items() if not callable(key)}
    own = {key: value for key, value in given.items() if callable(key)}
    things = [thing for owner in OWNERS if listed(made_by[owner]) for thing in made_by[owner]]
    for key, value in own.items():
        if not any(key is thing for thing in things):
            fix = "list several methods, as in [SGD, Adam]" if not things else f"add it to {_names(things)}"
            raise Refusal(f"{where} has the key {label(key)}, which is not among several methods or problems: {fix}.")
        if not isinstance(value, Mapping):
            raise KindRefusal(f"{where}[{label(key)}] = {shown(value)} must map names of its parameters to values.")
    for key in for_all:
        for name in key if isinstance(key, tuple) else (key,):
            _require_shared(where, name, made_by)
    return for_all, own


def axis_of_several(owner: str, things: Sequence[Any], over: Own, fixed: Own) -> Axis:
    """One dimension for all of them and their own axes: a place for each thing in each of its own settings.

    A parameter that changes along one thing's axes is `Absent` at the places of the others.
    """
    if not things:
        raise Refusal(f"{owner} is an empty list: give one at least.")
    blocks = []
    for i, thing in enumerate(things):
        if not is_named(thing) and not callable(thing):
            raise KindRefusal(
                f"{owner}[{i}] = {shown(thing)} must be a class, a factory or a ready {owner}, as all in such a list."
            )
        blocks.append((thing, _own_axes(owner, thing, over, fixed) if callable(thing) else []))
    targets = dict.fromkeys(
        (name, target)
        for _, axes in blocks
        for axis in axes
        for name, target in zip(axis.names, axis.targets, strict=True)
    )
    rows = []
    for thing, axes in blocks:
        for places in itertools.product(*(axis.values for axis in axes)):
            pairs = zip(axes, places, strict=True)
            given = {target: value for axis, row in pairs for target, value in zip(axis.targets, row, strict=True)}
            rows.append((thing, *(given.get(target, Absent) for _, target in targets)))
    names = (owner, *(name for name, _ in targets))
    whose = ((owner, READY), *(target for _, target in targets))
    made = Axis(dimension_of(names, whose), names, whose, rows)
    refuse_twins(made)
    return made


def _own_axes(owner: str, thing: Any, over: Own, fixed: Own) -> list[Axis]:
    known = {other: parameters(owner, thing) if other == owner else frozenset[str]() for other in OWNERS}
    axes = [axis_named(f"over[{label(thing)}]", key, values, known) for key, values in over.get(thing, {}).items()]
    axes += [axis_named(f"fixed[{label(thing)}]", key, [value], known) for key, value in fixed.get(thing, {}).items()]
    targets = [target for axis in axes for target in axis.targets]
    twice = next((target for target in targets if targets.count(target) > 1), None)
    if twice:
        raise Refusal(f"{twice[1]} of {label(thing)} is given twice, in over or in fixed: leave one of them out.")
    return axes


def _require_shared(where: str, name: Any, made_by: Mapping[str, Any]) -> None:
    """Refuse the name of a parameter that some of several things have and others lack."""
    if not isinstance(name, str):
        return
    prefix, dot, rest = name.partition(".")
    whose, parameter = ([prefix], rest) if dot and prefix in OWNERS else (list(OWNERS), name)
    known = {owner: parameters(owner, made_by[owner]) for owner in whose}
    if any(allowed is None or parameter in allowed for allowed in known.values()):
        return
    for owner in whose:
        things = made_by[owner] if listed(made_by[owner]) else []
        having = [thing for thing in things if parameter in (parameters(owner, thing) or ())]
        lacking = [thing for thing in things if not any(thing is other for other in having)]
        if having:
            raise Refusal(
                f"{where} names {name!r}, which {label(lacking[0])} lacks: give it to {label(having[0])} alone, as in "
                f"{where}={{{label(having[0])}: {{{parameter!r}: …}}}}."
            )


def _names(things: Sequence[Any]) -> str:
    return f"[{', '.join(label(thing) for thing in things)}]"
