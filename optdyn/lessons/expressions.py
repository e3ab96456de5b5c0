"""What students type: numbers such as .5, 1/2 or 5e-1 and formulas, read without evaluating any code.

`page-shell/answers.js` reads the same language; the tests hold the two side by side.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

__all__ = ["Unreadable", "evaluate"]

_TOKEN = re.compile(r"\s*(?:((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|([A-Za-zα-ωΑ-Ω]+)|(\*\*|[-+*/^()]))")
_FUNCTIONS: Mapping[str, Callable[[float], float]] = {
    "sqrt": math.sqrt,
    "exp": math.exp,
    "log": math.log,
    "ln": math.log,
    "sin": math.sin,
    "cos": math.cos,
    "abs": abs,
}
_LETTERS = (
    "α alpha,β beta,γ gamma,δ delta,ε epsilon,η eta,θ theta,κ kappa,λ lambda,μ mu,ν nu,ρ rho,σ sigma,τ tau,ω omega"
)
_GREEK = dict(pair.split() for pair in _LETTERS.split(","))


class Unreadable(ValueError):
    """What was typed is no number and no formula in the variables at hand."""


def evaluate(text: str, variables: Mapping[str, float] | None = None) -> float:
    """The value of what a student typed.

    Parameters
    ----------
    text : str
        Numbers with a point (or, alone, a comma), ``+ - * / ^ **``, brackets, sqrt, exp, log, sin, cos, abs, pi, and
        variables; a product may leave its sign out, as in ``2(1+beta)``.
    variables : mapping of str to float

    Returns
    -------
    float
        NaN or infinity where the formula has no value.

    Raises
    ------
    Unreadable
        With a sentence for the student.

    Examples
    --------
    >>> [evaluate(text) for text in (".5", "0,5", "1/2", "5e-1", "sqrt(1/4)")]
    [0.5, 0.5, 0.5, 0.5, 0.5]
    >>> evaluate("2(1+β)/(1-β)", {"beta": 0.5})
    6.0
    """
    tidy = text.strip().replace("−", "-").replace("·", "*").replace("×", "*").replace("π", " pi ")
    if re.fullmatch(r"[+-]?\d*,\d+", tidy):
        tidy = tidy.replace(",", ".")
    reader = _Reader(_tokens(tidy), dict(variables or {}))
    value = reader.sum()
    if reader.place < len(reader.tokens):
        raise Unreadable(f"I can read this only up to “{reader.tokens[reader.place]}”.")
    return value


def _tokens(text: str) -> list[str]:
    tokens, place = [], 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if not found or found.end() == place:
            raise Unreadable(f"“{text[place:].strip()[:1]}” is nothing that I can read here.")
        tokens.append(found.group().strip())
        place = found.end()
    if not tokens:
        raise Unreadable("nothing is written here.")
    if len(tokens) > 200:
        raise Unreadable("this is longer than any answer asked for.")
    return tokens


class _Reader:
    def __init__(self, tokens: list[str], variables: dict[str, float]) -> None:
        self.tokens, self.variables, self.place = tokens, variables, 0

    @property
    def next(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def take(self) -> str:
        token = self.next
        self.place += 1
        return token

    def sum(self) -> float:
        value = self.product()
        while self.next and self.next in "+-":
            value = value + self.product() if self.take() == "+" else value - self.product()
        return value

    def product(self) -> float:
        value = self.signed()
        while self.next and (self.next in ("*", "/") or self.next == "(" or self.next[0].isalpha()):
            if self.next == "/":
                self.take()
                value = _divided(value, self.signed())
            else:
                if self.next == "*":
                    self.take()
                value *= self.signed()
        return value

    def signed(self) -> float:
        if self.next in ("-", "+"):
            return -self.signed() if self.take() == "-" else self.signed()
        return self.power()

    def power(self) -> float:
        base = self.atom()
        if self.next in ("^", "**"):
            self.take()
            return _power(base, self.signed())
        return base

    def atom(self) -> float:
        token = self.take()
        if token == "(":
            value = self.sum()
            if self.take() != ")":
                raise Unreadable("a bracket is not closed.")
            return value
        if token[:1].isdigit() or token[:1] == ".":
            return float(token)
        if not token or not token[0].isalpha():
            raise Unreadable(f"a number is missing before “{token}”." if token else "a number is missing at the end.")
        name = _GREEK.get(token, token)
        if name in _FUNCTIONS:
            if self.next != "(":
                raise Unreadable(f"{name} needs brackets: {name}(…).")
            argument = self.atom()
            try:
                return _FUNCTIONS[name](argument)
            except (ValueError, OverflowError):
                return math.nan
        if name in self.variables:
            return self.variables[name]
        if name == "pi":
            return math.pi
        allowed = f"the variables are {', '.join(self.variables)}" if self.variables else "give a number"
        raise Unreadable(f"“{token}” is not known here; {allowed}.")


def _divided(above: float, below: float) -> float:
    if below == 0:
        return math.nan if above == 0 or math.isnan(above) else math.copysign(math.inf, above)
    return above / below


def _power(base: float, exponent: float) -> float:
    try:
        value = base**exponent
    except (ZeroDivisionError, OverflowError):
        return math.inf
    return value if isinstance(value, float) else math.nan
