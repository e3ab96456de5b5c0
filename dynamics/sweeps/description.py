"""What makes a sweep, as JSON: it names the sweep, tells it from others, and makes it again in another process."""

import hashlib
import importlib
import json
import math
import sys
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

import numpy as np

from dynamics.checks import KindRefusal, Refusal, shown
from dynamics.protocol.kept import all_finite
from dynamics.protocol.trees import is_named
from dynamics.runs.archive import DamagedError
from dynamics.runs.public_names import PACKAGES, class_named, public_name
from dynamics.sweeps.axes import OWNERS, READY, Absent, Axis, dimension_of, label, listed
from dynamics.sweeps.plan import Plan

READABLE = 100  # places of an axis whose floats are written as numbers
LARGEST = 10_000  # numbers of an array that is written down; of a larger one the hash
ALONG_AXIS = "along its axis"  # of ready methods or problems


def described(plan: Plan) -> dict[str, Any]:
    """All that a sweep's runs have in common, as JSON.

    Raises
    ------
    TypeError
        For something that cannot be written down, such as a generator.
    """
    seeds = {"seeds": counted(plan.seeds)} if plan.quantiles else {}  # else they may become more
    return seeds | {
        **{owner: _maker(owner, plan.made_by[owner]) for owner in OWNERS},
        "fixed": {owner: {k: packed(k, v) for k, v in plan.fixed[owner].items()} for owner in OWNERS},
        "steps": plan.steps,
        "noise": plan.noise,
        "x0": packed("x0", plan.x0),
        "record_every": plan.record_every,
        "stop": packed("stop", plan.stop),
        "reduce": plan.reduce,
    }


def axis_described(axis: Axis) -> dict[str, Any]:
    """An axis as JSON."""
    prefixes, numbers = [f"over[{name!r}]" for name in axis.names], axis.numbers()
    if numbers is not None:
        values = numbers.tolist()
    else:
        values = [
            [_labelled(f"{prefix}[{i}]", value) for prefix, value in zip(prefixes, row, strict=True)]
            for i, row in enumerate(axis.values)
        ]
    return _told(axis, values)


def axis_in_brief(axis: Axis) -> dict[str, Any]:
    """The same, but many floats as the text of their bytes, which takes a tenth of the time that numbers take."""
    numbers = axis.numbers() if len(axis.values) > READABLE else None
    if numbers is None:
        return axis_described(axis)
    return _told(axis, {"floats": b64encode(numbers.astype("<f8").tobytes()).decode()})


def _told(axis: Axis, values: Any) -> dict[str, Any]:
    return {"names": list(axis.names), "targets": [list(target) for target in axis.targets], "values": values}


def _labelled(name: str, value: Any) -> Any:
    """A value as JSON, with the words by which runs are selected where it is no number or word itself."""
    if value is Absent:
        return {"absent": True}
    told = {"maker": name_of(value)} if callable(value) else packed(name, value)
    return {"is": told, "shown": label(value)} if isinstance(told, dict | list) or told is None else told


def axis_from(told: Mapping[str, Any]) -> Axis:
    """The axis that was described, at length or in brief."""
    names, values = tuple(told["names"]), told["values"]
    targets = tuple((owner, parameter) for owner, parameter in told["targets"])
    if isinstance(values, dict):
        values = np.frombuffer(b64decode(values["floats"]), "<f8").reshape(-1, len(names)).tolist()
    values = [tuple(unpacked(value) for value in row) for row in values]
    return Axis(dimension_of(names, targets), names, targets, values)


def plan_from(told: Mapping[str, Any], axes: list[Axis], seeds: tuple[int, ...]) -> Plan:
    """The plan that was described.

    Raises
    ------
    ValueError
        If the method or the problem is not known here, or something was too large to be written down.
    """
    try:
        return Plan(
            {owner: _made_by(owner, told[owner], axes) for owner in OWNERS},
            axes,
            {owner: {name: unpacked(value) for name, value in told["fixed"][owner].items()} for owner in OWNERS},
            seeds=seeds,
            noise=told["noise"],
            x0=unpacked(told["x0"]),
            record_every=told["record_every"],
            stop=unpacked(told["stop"]),
            steps=told["steps"],
            reduce=told["reduce"],
        )
    except (LookupError, TypeError, AttributeError) as error:
        raise Refusal(f"the sweep's description is damaged ({error}): call sweep again.") from error


def plan_as_told(plan: Plan) -> dict[str, Any]:
    """A whole plan as JSON."""
    axes = [axis_in_brief(axis) for axis in plan.axes]
    return {"sweep": described(plan), "axes": axes, "seeds": counted(plan.seeds)}


def plan_told(told: Mapping[str, Any]) -> Plan:
    """The plan that `plan_as_told` made JSON of."""
    return plan_from(told["sweep"], [axis_from(axis) for axis in told["axes"]], listed_from(told["seeds"]))


def counted(numbers: tuple[int, ...]) -> Any:
    """Whole numbers as JSON: how many, where they are counted from 0."""
    return len(numbers) if numbers == tuple(range(len(numbers))) else list(numbers)


def listed_from(told: Any) -> tuple[int, ...]:
    """The numbers that `counted` wrote."""
    return tuple(range(told)) if isinstance(told, int) else tuple(told)


def packed(name: str, value: Any) -> Any:
    """`value` as JSON, from which `unpacked` makes it again."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return {"number": repr(value)}
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if is_named(value):
        kind: Any = type(value)
        parts = zip(kind._fields, value, strict=True)
        return {
            "class": public_name(kind),
            "fields": {key: packed(f"{name}.{key}", part) for key, part in parts if key != "work"},
        }
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiub":
        form = {"dtype": value.dtype.str, "shape": list(value.shape)}
        if value.size > LARGEST:
            return form | {"hash": hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()}
        numbers = value.ravel().tolist()
        return form | {"array": numbers if all_finite(value) else [packed(name, number) for number in numbers]}
    if isinstance(value, list | tuple):
        listed_parts = [packed(f"{name}[{i}]", part) for i, part in enumerate(value)]
        return {"tuple": listed_parts} if isinstance(value, tuple) else listed_parts
    raise KindRefusal(
        f"{name} = {shown(value)} is a {type(value).__name__}, which a store can't write down: give numbers, words, "
        f"arrays or NamedTuples of these; for a generator, its seed."
    )


def unpacked(told: Any) -> Any:
    """What `packed` made JSON of. Nothing is imported for it but optdyn's own packages."""
    if isinstance(told, list):
        return [unpacked(part) for part in told]
    if not isinstance(told, dict):
        return told
    if "absent" in told:
        return Absent
    if "is" in told:
        return unpacked(told["is"])
    if "maker" in told:
        return named("method or problem", told["maker"])
    if "number" in told:
        return float(told["number"])
    if "tuple" in told:
        return tuple(unpacked(part) for part in told["tuple"])
    if "array" in told:
        numbers = [unpacked(number) for number in told["array"]]
        return np.array(numbers, dtype=told["dtype"]).reshape(told["shape"])
    if "hash" in told:
        raise Refusal(
            f"an array of shape {tuple(told['shape'])} was too large to be written down with the sweep: call sweep "
            f"again, with the same arguments, and replay what it returns."
        )
    kind = class_named(told["class"])
    if "work" in kind._fields:
        raise Refusal(f"a ready {kind.__name__} has working arrays, which are not written down: call sweep again.")
    if tuple(told["fields"]) != kind._fields:
        raise DamagedError(f"the fields of {told['class']} are ({', '.join(kind._fields)}), and it has others")
    return tuple.__new__(kind, (unpacked(part) for part in told["fields"].values()))


def digest(told: Any) -> bytes:
    """A hash of JSON, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).digest()


def name_of(made_by: Any) -> str:
    """The name under which `named` finds a class or a factory.

    Examples
    --------
    >>> from synthetic import quadratic
    >>> name_of(quadratic)
    'synthetic.quadratic'
    """
    word = getattr(made_by, "__name__", "")
    for package in PACKAGES:
        if getattr(importlib.import_module(package), word, None) is made_by:
            return f"{package}.{word}"
    return f"{made_by.__module__}:{made_by.__qualname__}"


def named(owner: str, name: str) -> Any:
    """The class or factory of this name; a user's module must have been imported before."""
    module, colon, qualified = name.partition(":")
    if not colon:
        module, _, qualified = name.rpartition(".")
        if module in PACKAGES:
            found = getattr(importlib.import_module(module), qualified, None)
            if found is not None:
                return found
    found = sys.modules.get(module)
    for part in qualified.split("."):
        found = getattr(found, part, None)
    if not callable(found):
        raise Refusal(
            f"the sweep's {owner} is {name}, which is not known in this process: import {module} first; nothing is "
            f"imported for a store."
        )
    return found


def _maker(owner: str, made_by: Any) -> Any:
    if listed(made_by):
        return {"each": ALONG_AXIS}
    if is_named(made_by):
        return {"ready": packed(owner, made_by)}
    if not hasattr(made_by, "__qualname__"):
        raise KindRefusal(f"{owner} = {shown(made_by)} has no name, which a store needs: give a class or a function.")
    return {"name": name_of(made_by)}


def maker_words(told: Mapping[str, Any]) -> str:
    """The name of a method's class or a problem's factory, as it was described."""
    if "each" in told:
        return str(told["each"])
    name = told["ready"]["class"] if "ready" in told else told["name"]
    return str(name).replace(":", ".").rpartition(".")[2]


def _made_by(owner: str, told: Mapping[str, Any], axes: list[Axis]) -> Any:
    if "each" in told:
        return [row[0] for axis in axes if axis.targets == ((owner, READY),) for row in axis.values]
    return unpacked(told["ready"]) if "ready" in told else named(owner, told["name"])
