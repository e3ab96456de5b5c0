"""`--set key=value`: values read by annotation, keys looked up among a function's or a class's parameters."""

import ast
import inspect
import json
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

from dynamics.checks import unknown
from optdyn.refusals import BadInput

__all__ = ["Parameter", "assign", "owner_of", "parameters_of", "read", "split", "vector_from"]

A_LIST = "a list such as [1, 0.1]"
CALLED_HERE = dict.fromkeys(("lr", "learning_rate", "learningrate", "stepsize", "alpha", "eta"), "step_size") | {
    "momentum": "beta", "betas": "beta1", "batchsize": "batch_size", "batch": "batch_size", "kappa": "condition_number",
    "dim": "dimension", "d": "dimension", "epsilon": "eps",
}  # fmt: skip
"""What other libraries and papers call parameters, by our names."""


class Parameter(typing.NamedTuple):
    """A parameter that can be set: its annotation, and its default (`inspect.Parameter.empty` for none)."""

    annotation: Any
    default: Any

    @property
    def required(self) -> bool:
        """Whether there is no default."""
        return self.default is inspect.Parameter.empty


def parameters_of(maker: Callable[..., Any]) -> dict[str, Parameter]:
    """The named parameters of a function, or the fields of a NamedTuple class.

    Examples
    --------
    >>> from dynamics import HeavyBall
    >>> parameters_of(HeavyBall)["beta"]
    Parameter(annotation=<class 'float'>, default=0.9)
    """
    try:
        hints = typing.get_type_hints(getattr(maker, "func", maker))
    except NameError:  # a name that only type checkers import
        hints = {}
    named = {inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY}
    return {
        name: Parameter(hints.get(name, Any), parameter.default)
        for name, parameter in inspect.signature(maker).parameters.items()
        if parameter.kind in named
    }


def split(settings: Iterable[str]) -> dict[str, str]:
    """The keys and values of `key=value` words.

    Examples
    --------
    >>> split(["beta=0.9", "method.mu = 0.1"])
    {'beta': '0.9', 'method.mu': '0.1'}
    """
    pairs: dict[str, str] = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals or not key.strip() or not value.strip():
            raise BadInput(f"--set {setting} is no setting: write key=value, such as --set beta=0.9.")
        if key.strip() in pairs:
            raise BadInput(f"--set gives {key.strip()} twice: keep one of the two.")
        pairs[key.strip()] = value.strip()
    return pairs


def assign(settings: Iterable[str], owners: Mapping[str, Mapping[str, Parameter]]) -> dict[str, dict[str, Any]]:
    """Give each setting to the owner that has its key.

    Parameters
    ----------
    settings : iterable of str
        `key=value`, or `owner.key=value` where two owners have the key.
    owners : mapping of str to mapping of str to Parameter
        Who has which parameters, such as {"method": …, "problem": …}.

    Returns
    -------
    dict
        For each owner the values by name.

    Raises
    ------
    ValueError
        For a key that nobody has or that two have, and for a value of another kind than the parameter's.

    Examples
    --------
    >>> from dynamics import HeavyBall, RSG
    >>> owners = {"method": parameters_of(RSG), "problem": {"samples": Parameter(int, 500)}}
    >>> assign(["beta=0.9", "problem.samples=60"], owners)
    {'method': {'beta': 0.9}, 'problem': {'samples': 60}}
    """
    values: dict[str, dict[str, Any]] = {owner: {} for owner in owners}
    for key, text in split(settings).items():
        owner, name = owner_of(key, owners)
        if name in values[owner]:
            raise BadInput(f"--set gives {owner}.{name} twice: keep one of the two.")
        values[owner][name] = read(key, text, owners[owner][name].annotation)
    return values


def owner_of(key: str, owners: Mapping[str, Mapping[str, Parameter]], option: str = "--set") -> tuple[str, str]:
    """Who has a parameter, and its name there; `owner.key` says it."""
    prefix, dot, rest = key.partition(".")
    if dot and prefix in owners:
        candidates, name = {prefix: owners[prefix]}, rest.replace("-", "_")
    else:
        candidates, name = dict(owners), key.replace("-", "_")
    having = [owner for owner, parameters in candidates.items() if name in parameters]
    if not having:
        known = {parameter for parameters in candidates.values() for parameter in parameters}
        if not known:
            has = "has" if len(candidates) == 1 else "have"
            raise BadInput(f"{option} {key}: {' and '.join(candidates)} {has} no parameters; leave it out.")
        ours = CALLED_HERE.get(name.lower())
        if ours in known:
            raise BadInput(f"unknown parameter '{name}': it is called {ours} here.")
        raise BadInput(unknown("parameter", name, known))
    if len(having) > 1:
        ways = " or ".join(f"{owner}.{name}=…" for owner in having)
        raise BadInput(f"{option} {key} is ambiguous, {' and '.join(having)} both have it: write {ways}.")
    return having[0], name


def read(key: str, text: str, annotation: Any) -> Any:
    """The value that a text means for a parameter with this annotation.

    Examples
    --------
    >>> read("samples", "1e3", int), read("mu", "[0, 0.1]", list), read("sampling", "subset", str)
    (1000, [0, 0.1], 'subset')
    >>> read("samples", "many", int)
    Traceback (most recent call last):
    optdyn.refusals.BadInput: samples = 'many' is not a whole number, which samples takes.
    """
    if annotation is str:
        return _unquoted(text)
    value = _literal(text)
    if annotation is Any or annotation is inspect.Parameter.empty:
        return value
    for kind in _alternatives(annotation):
        if kind is int and isinstance(value, float) and value.is_integer():
            return int(value)
        if _fits(value, kind):
            return value
    if str in _alternatives(annotation) and isinstance(value, str):
        return value
    raise BadInput(f"{key} = {text!r} is not {_in_words(annotation)}, which {key} takes.")


def _literal(text: str) -> Any:
    for parse in (json.loads, ast.literal_eval):
        try:
            return parse(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
    return text


def _unquoted(text: str) -> str:
    value = _literal(text)
    return value if isinstance(value, str) else text


def _alternatives(annotation: Any) -> tuple[Any, ...]:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return tuple(kind for part in typing.get_args(annotation) for kind in _alternatives(part))
    return (annotation,)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _fits(value: Any, kind: Any) -> bool:
    if kind is Any:
        return True
    if kind is None or kind is type(None):
        return value is None
    if kind is bool:
        return isinstance(value, bool)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if kind is float:
        return _is_number(value)
    if kind is str:
        return isinstance(value, str)
    if typing.get_origin(kind) is Literal:
        return value in typing.get_args(kind)
    return _is_number(value) if _is_schedule(kind) and not isinstance(value, list) else _is_table(value)


def _is_schedule(kind: Any) -> bool:
    return getattr(kind, "__name__", "") == "Schedule"


def _is_table(value: Any) -> bool:
    """Whether a value is a list of numbers or words, of any depth."""
    return isinstance(value, list | tuple) and all(
        _is_number(part) or isinstance(part, str) or _is_table(part) for part in value
    )


def _in_words(annotation: Any) -> str:
    words = {int: "a whole number", float: "a number", bool: "true or false", str: "a word", type(None): "null"}
    found = []
    for kind in _alternatives(annotation):
        if typing.get_origin(kind) is Literal:
            found.append("one of " + ", ".join(map(str, typing.get_args(kind))))
        else:
            found += ["a number", A_LIST] if _is_schedule(kind) else [words.get(kind, A_LIST)]
    return " or ".join(dict.fromkeys(found))


def vector_from(text: str) -> list[float]:
    """What `--x0` says.

    Raises
    ------
    ValueError
        If it is not made of numbers with commas between them.

    Examples
    --------
    >>> vector_from("1,2"), vector_from("[0.5, -1e-3]")
    ([1.0, 2.0], [0.5, -0.001])
    """
    try:
        return [float(part) for part in text.strip("[] ").split(",")]
    except ValueError:
        raise BadInput(f"--x0 {text} is no vector: write numbers with commas, such as --x0 1,2.") from None
