"""`--over key=VALUES`: lists, `geom:LOW:HIGH:N`, `lin:LOW:HIGH:N`; nothing in it that a shell takes for its own."""

import inspect
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from optdyn.refusals import BadInput
from optdyn.settings import Parameter, owner_of, read

__all__ = ["axes", "values_of"]

SPACED: dict[str, Any] = {"geom": np.geomspace, "lin": np.linspace}
MOST = 1_000_000  # values of an axis


def axes(given: Iterable[str], owners: Mapping[str, Mapping[str, Parameter]]) -> dict[Any, list[Any]]:
    """The axes of a sweep, by the names of their parameters, in order.

    Parameters
    ----------
    given : iterable of str
        `key=VALUES`, or `one+other=a:b,c:d` for parameters that change together.
    owners : mapping of str to mapping of str to Parameter
        The parameters of the method and of the problem.

    Raises
    ------
    ValueError
        For a key that nobody has or that is named twice, for values of another kind than the parameter's, for none.

    Examples
    --------
    >>> from dynamics import RSG
    >>> from optdyn.settings import parameters_of
    >>> owners = {"method": parameters_of(RSG), "problem": {"samples": Parameter(int, 500)}}
    >>> axes(["step_size=geom:0.01:1:3", "beta+mu=0.9:0.1,0.5:0.2", "samples=10,1e2"], owners)
    {'step_size': [0.01, 0.1, 1.0], ('beta', 'mu'): [(0.9, 0.1), (0.5, 0.2)], 'samples': [10, 100]}
    """
    made: dict[Any, list[Any]] = {}
    seen: set[str] = set()
    for word in given:
        key, equals, text = (part.strip() for part in word.partition("="))
        if not equals or not key:
            raise BadInput(f"--over {word} is no axis: write key=VALUES, such as --over step_size=geom:1e-3:1:40.")
        named = [_named(one, owners) for one in key.split("+")]
        for name, _ in named:
            if name in seen:
                raise BadInput(f"--over gives {name} twice: keep one of the two.")
            seen.add(name)
        if len(named) == 1:
            made[named[0][0]] = values_of(*named[0], text)
        else:
            made[tuple(name for name, _ in named)] = _together(word, named, text)
    return made


def values_of(key: str, annotation: Any, text: str) -> list[Any]:
    """The values that a text names.

    Examples
    --------
    >>> values_of("dimension", int, "lin:10:30:3"), values_of("sampling", str, "subset,epoch")
    ([10, 20, 30], ['subset', 'epoch'])
    >>> values_of("step_size", float, "geom:0:1:3")
    Traceback (most recent call last):
    optdyn.refusals.BadInput: --over step_size=geom:0:1:3: ratios need ends of one sign that are not 0; try lin:0:1:3.
    """
    kind, colon, rest = text.partition(":")
    if kind in SPACED and colon:
        return _spaced(key, annotation, kind, rest)
    if spaced := re.fullmatch(r"(?:[a-z]+:)?([^:,\[]+:[^:,]+:\d+)", text):
        ends = spaced.group(1)
        raise BadInput(f"--over {key}={text}: say how the values are spaced, as in lin:{ends} or geom:{ends}.")
    if text.startswith("["):
        try:
            parts = [json.dumps(part) for part in json.loads(text)]
        except (ValueError, TypeError):
            raise BadInput(f"--over {key}={text}: this is no list of values that JSON can read.") from None
    else:
        parts = [part.strip() for part in text.split(",")] if text else []
    if not parts or "" in parts:
        what = "a value is missing" if parts else "an axis has one value at least"
        raise BadInput(f"--over {key}={text}: {what}; write them as in {key}=0.1,0.2.")
    return [read(f"{key}[{i}]" if len(parts) > 1 else key, part, annotation) for i, part in enumerate(parts)]


def _named(key: str, owners: Mapping[str, Mapping[str, Parameter]]) -> tuple[str, Any]:
    """The name by which a sweep knows a parameter, and its annotation."""
    owner, name = owner_of(key, owners, "--over")
    shared = sum(name in parameters for parameters in owners.values()) > 1
    annotation = owners[owner][name].annotation
    return f"{owner}.{name}" if shared else name, Any if annotation is inspect.Parameter.empty else annotation


def _together(word: str, named: list[tuple[str, Any]], text: str) -> list[Any]:
    rows = []
    for i, row in enumerate(text.split(",")):
        parts = row.split(":")
        if len(parts) != len(named):
            raise BadInput(f"--over {word}: place {i} has {len(parts)} values for {len(named)} names; write a:b,c:d.")
        rows.append(
            tuple(read(f"{name}[{i}]", part.strip(), kind) for (name, kind), part in zip(named, parts, strict=True))
        )
    return rows


def _spaced(key: str, annotation: Any, kind: str, rest: str) -> list[Any]:
    given = f"--over {key}={kind}:{rest}"
    try:
        low, high, count = (float(part) for part in rest.split(":"))
    except ValueError:
        raise BadInput(f"{given}: write {kind}:LOW:HIGH:N, such as {kind}:1e-3:1:40.") from None
    if not count.is_integer() or not 1 <= count <= MOST or not np.isfinite([low, high]).all():
        raise BadInput(f"{given}: N must be a whole number from 1 to {MOST}, LOW and HIGH finite.")
    if kind == "geom" and low * high <= 0:
        raise BadInput(f"{given}: ratios need ends of one sign that are not 0; try lin:{rest}.")
    if low == high and count > 1:
        raise BadInput(f"{given}: both ends are {low:g}, which is one value and not {count:g}.")
    values = SPACED[kind](low, high, int(count)).tolist()
    if annotation is int:
        whole = [round(value) for value in values]
        if len(set(whole)) < len(whole):
            raise BadInput(f"{given}: {key} takes whole numbers, and rounded these are not all different; try fewer.")
        return whole
    return [read(key, repr(value), annotation) for value in values]
