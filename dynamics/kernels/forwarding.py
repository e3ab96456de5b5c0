"""Implementations that only hand on to another generic function: found by running them on stand-ins.

Such a call is taken for the other one, where it stands, and needs no machine code of its own.
"""

import dis
from collections.abc import Callable
from functools import cache, reduce
from types import FunctionType
from typing import Any, NamedTuple

from numba import types

Argument = tuple[int, tuple[str, ...]]  # which of the arguments, and the fields on the way from it
_JUMPS = frozenset(dis.hasjrel) | frozenset(dis.hasjabs)


class Forward(NamedTuple):
    """What an implementation hands on to."""

    name: str  # of the function that it calls
    arguments: tuple[Argument, ...]
    returns: bool  # what that function returns


class _Place:
    """Stands in for an argument, or a field of one."""

    def __init__(self, place: Argument) -> None:
        self.place_ = place

    def __getattr__(self, field: str) -> "_Place":
        if field.startswith("_"):
            raise TypeError(field)
        number, fields = self.place_
        return _Place((number, (*fields, field)))

    def __bool__(self) -> bool:
        raise TypeError("not known")


class _Global:
    """Stands in for what a global name holds, and keeps the calls of it."""

    def __init__(self, name: str, calls: list[Forward]) -> None:
        self.name, self.calls = name, calls

    def __call__(self, *arguments: Any) -> Any:
        self.calls.append(Forward(self.name, tuple(argument.place_ for argument in arguments), False))
        return self.calls

    def __bool__(self) -> bool:
        raise TypeError("not known")


@cache
def forward(body: Callable[..., Any]) -> Forward | None:
    """What an implementation hands on to, with arguments or fields of them alone; None if it does anything else.

    Examples
    --------
    >>> forward(lambda problem, x: other(x, problem.inner.data))
    Forward(name='other', arguments=((1, ()), (0, ('inner', 'data'))), returns=True)
    >>> forward(lambda problem, x: 2.0 * other(problem, x)), forward(lambda problem, x: x)
    (None, None)
    """
    code = getattr(body, "__code__", None)
    if code is None or body.__closure__ or any(step.opcode in _JUMPS for step in dis.get_instructions(code)):
        return None
    calls: list[Forward] = []
    names: dict[str, Any] = {name: _Global(name, calls) for name in code.co_names}
    try:
        result = FunctionType(code, names)(*(_Place((n, ())) for n in range(code.co_argcount)))
    except Exception:  # whatever it does with a stand-in besides
        return None
    if len(calls) != 1 or (result is not None and result is not calls):
        return None
    return calls[0]._replace(returns=result is calls)


def kind_at(kinds: tuple[Any, ...], argument: Argument) -> Any:
    """The numba type of what an argument is handed on as, or None where its fields aren't those of NamedTuples."""
    number, fields = argument
    return reduce(_field, fields, kinds[number])


def value_at(builder: Any, kinds: tuple[Any, ...], values: tuple[Any, ...], argument: Argument) -> Any:
    """LLVM's value of it."""
    number, fields = argument
    kind, value = kinds[number], values[number]
    for field in fields:
        value = builder.extract_value(value, kind.fields.index(field))
        kind = _field(kind, field)
    return value


def _field(kind: Any, field: str) -> Any:
    if not isinstance(kind, types.BaseNamedTuple) or field not in kind.fields:
        return None
    return kind.types[kind.fields.index(field)]
