"""JavaScript from plain arithmetic: the formulas and updates of ``theory`` run once on recording numbers.

The page of a lesson runs what comes out, operation for operation in the order of the Python source, so that both give
the same numbers up to the last bits of the elementary functions.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

__all__ = ["in_javascript"]

_FUNCTIONS = {
    np.sqrt: "Math.sqrt",
    np.absolute: "Math.abs",
    np.sin: "Math.sin",
    np.cos: "Math.cos",
    np.exp: "Math.exp",
    np.log: "Math.log",
    np.maximum: "Math.max",
    np.minimum: "Math.min",
}
_OPERATORS = {
    np.add: "+",
    np.subtract: "-",
    np.multiply: "*",
    np.divide: "/",
    np.less: "<",
    np.less_equal: "<=",
    np.greater: ">",
    np.greater_equal: ">=",
}


class Recorded:
    """A number that is not known yet: what is done with it becomes a line of JavaScript."""

    def __init__(self, text: str, lines: list[str]) -> None:
        self.text = text
        self.lines = lines

    def then(self, expression: str) -> Recorded:
        """Return the value of a further line."""
        name = f"t{len(self.lines)}"
        self.lines.append(f"const {name} = {expression};")
        return Recorded(name, self.lines)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Recorded:
        texts = [_text(value) for value in inputs]
        if method == "__call__" and not options:
            if ufunc in _OPERATORS:
                return self.then(f"{texts[0]} {_OPERATORS[ufunc]} {texts[1]}")
            if ufunc in _FUNCTIONS:
                return self.then(f"{_FUNCTIONS[ufunc]}({', '.join(texts)})")
        raise TypeError(f"numpy.{ufunc.__name__} has no counterpart in JavaScript here.")

    def __array_function__(self, function: Any, types: Any, inputs: tuple[Any, ...], options: Any) -> Recorded:
        if function is np.where and len(inputs) == 3:
            condition, chosen, otherwise = (_text(value) for value in inputs)
            return self.then(f"{condition} ? {chosen} : {otherwise}")
        raise TypeError(f"numpy.{function.__name__} has no counterpart in JavaScript here.")

    def __add__(self, other: Any) -> Any:
        return self if _is(other, 0) else self.then(f"{self.text} + {_text(other)}")

    def __radd__(self, other: Any) -> Any:
        return self if _is(other, 0) else self.then(f"{_text(other)} + {self.text}")

    def __sub__(self, other: Any) -> Any:
        return self if _is(other, 0) else self.then(f"{self.text} - {_text(other)}")

    def __rsub__(self, other: Any) -> Any:
        return -self if _is(other, 0) else self.then(f"{_text(other)} - {self.text}")

    def __mul__(self, other: Any) -> Any:
        if _is(other, 0):
            return 0.0
        return self if _is(other, 1) else self.then(f"{self.text} * {_text(other)}")

    def __rmul__(self, other: Any) -> Any:
        if _is(other, 0):
            return 0.0
        return self if _is(other, 1) else self.then(f"{_text(other)} * {self.text}")

    def __truediv__(self, other: Any) -> Recorded:
        return self.then(f"{self.text} / {_text(other)}")

    def __rtruediv__(self, other: Any) -> Recorded:
        return self.then(f"{_text(other)} / {self.text}")

    def __pow__(self, exponent: Any) -> Recorded:
        if exponent == 2:
            return self.then(f"{self.text} * {self.text}")
        return self.then(f"Math.pow({self.text}, {_text(exponent)})")

    def __neg__(self) -> Recorded:
        return self.then(f"-{self.text}")

    def __abs__(self) -> Recorded:
        return self.then(f"Math.abs({self.text})")

    def __lt__(self, other: Any) -> Recorded:
        return self.then(f"{self.text} < {_text(other)}")

    def __le__(self, other: Any) -> Recorded:
        return self.then(f"{self.text} <= {_text(other)}")

    def __gt__(self, other: Any) -> Recorded:
        return self.then(f"{self.text} > {_text(other)}")

    def __ge__(self, other: Any) -> Recorded:
        return self.then(f"{self.text} >= {_text(other)}")

    def __and__(self, other: Any) -> Recorded:
        return self.then(f"{self.text} && {_text(other)}")

    def __or__(self, other: Any) -> Recorded:
        return self.then(f"{self.text} || {_text(other)}")

    def __bool__(self) -> bool:
        raise TypeError("a formula that is recorded cannot branch on its numbers: choose by numpy.where.")


def in_javascript(name: str, function: Callable[..., Any], arguments: tuple[str, ...]) -> str:
    """Return a JavaScript function that does what a Python function of plain arithmetic does.

    Parameters
    ----------
    name : str
        Of the JavaScript function.
    function : callable
        Takes numbers in the order of `arguments`; returns a number or a tuple of numbers. It may use NumPy's
        elementary functions and ``numpy.where``, and no branches.
    arguments : tuple of str

    Returns
    -------
    str

    Raises
    ------
    TypeError
        If the function does what can't be recorded.

    Examples
    --------
    >>> print(in_javascript("fall", lambda x, a: (x - a * x, np.sqrt(x)), ("x", "a")))
    function fall(x, a) {
      const t0 = a * x;
      const t1 = x - t0;
      const t2 = Math.sqrt(x);
      return [t1, t2];
    }
    """
    lines: list[str] = []
    result = function(*(Recorded(argument, lines) for argument in arguments))
    returned = f"[{', '.join(map(_text, result))}]" if isinstance(result, tuple) else _text(result)
    body = "".join(f"  {line}\n" for line in _needed(lines, returned))
    return f"function {name}({', '.join(arguments)}) {{\n{body}  return {returned};\n}}"


def _needed(lines: list[str], returned: str) -> list[str]:
    """The lines that the result depends on."""
    wanted, kept = set(re.findall(r"\bt\d+\b", returned)), []
    for line in reversed(lines):
        name, _, expression = line.removeprefix("const ").partition(" = ")
        if name in wanted:
            wanted |= set(re.findall(r"\bt\d+\b", expression))
            kept.append(line)
    return kept[::-1]


def _is(value: Any, number: int) -> bool:
    """Whether a factor or summand is a constant that leaves nothing to compute."""
    return isinstance(value, int | float) and value == number


def _text(value: Any) -> str:
    if isinstance(value, Recorded):
        return value.text
    if isinstance(value, Fraction):
        return f"({value.numerator} / {value.denominator})"
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    number = float(value)
    text = "NaN" if np.isnan(number) else repr(number) if np.isfinite(number) else "Infinity" if number > 0 else ""
    return f"({text or '-Infinity'})" if number < 0 or not text else text
