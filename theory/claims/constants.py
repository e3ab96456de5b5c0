"""The numbers of a statement, as values that its formula, its sentence and its check share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from string import Template
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from theory.claims.ledger import Hypothesis

__all__ = ["Constant", "decimal", "exponent", "factor", "filled_in", "needless", "number", "turned"]

Role = Literal["number", "decimal", "factor", "exponent"]


@dataclass(frozen=True)
class Constant:
    """A number of a statement, and what it does there.

    Parameters
    ----------
    value : Fraction
    role : {"number", "decimal", "factor", "exponent"}
        A factor of 1 goes unwritten, and a decimal is written as one. Exponents are turned by adding, the others by
        multiplying.
    """

    value: Fraction
    role: Role

    def text(self, *, latex: bool = False) -> str:
        """Write the number as a formula or a sentence has it.

        Examples
        --------
        >>> exponent(Fraction(-3, 2)).text(latex=True), exponent(Fraction(-3, 2)).text(), factor(1).text()
        ('-\\\\tfrac{3}{2}', '-3/2', '')
        """
        if self.role == "decimal":
            return f"{float(self.value):.12g}"
        sign = "-" if self.value < 0 else ""
        size = abs(self.value)
        if self.role == "factor" and size == 1:
            return sign
        if latex and size.denominator > 1:
            return rf"{sign}\tfrac{{{size.numerator}}}{{{size.denominator}}}"
        return f"{sign}{size}"


def number(value: Fraction | int | str) -> Constant:
    """A number that is always written.

    Examples
    --------
    >>> number("1/4").value
    Fraction(1, 4)
    """
    return Constant(Fraction(value), "number")


def decimal(value: Fraction | int | str) -> Constant:
    """A number that a paper prints as a decimal.

    Examples
    --------
    >>> decimal("0.49").text(), decimal("0.49").value
    ('0.49', Fraction(49, 100))
    """
    return Constant(Fraction(value), "decimal")


def factor(value: Fraction | int | str) -> Constant:
    """A factor of a term; 1 goes unwritten, and 0 drops the term.

    Examples
    --------
    >>> factor(-1).text()
    '-'
    """
    return Constant(Fraction(value), "factor")


def exponent(value: Fraction | int | str) -> Constant:
    """An exponent.

    Examples
    --------
    >>> exponent("1/2").text()
    '1/2'
    """
    return Constant(Fraction(value), "exponent")


def filled_in(template: str, constants: Mapping[str, Constant], *, latex: bool = False) -> str:
    r"""Write the constants into a sentence or formula, where `$name` stands for them.

    Examples
    --------
    >>> filled_in(r"a\le$c b", {"c": number("1/2")}, latex=True)
    'a\\le\\tfrac{1}{2} b'
    """
    if not constants:
        return template
    return Template(template).substitute({name: each.text(latex=latex) for name, each in constants.items()})


def needless(*hypotheses: Hypothesis, why: str) -> dict[str, str]:
    """Name the variants without one of these hypotheses, which are true as well, as `also_true` of a claim takes them.

    Examples
    --------
    >>> from theory.claims.ledger import Hypothesis
    >>> needless(Hypothesis("x > 0", lambda *, x: x > 0), why="an identity")
    {'without x > 0': 'an identity'}
    """
    return {f"without {each.name}": why for each in hypotheses}


def turned(name: str, constant: Constant) -> dict[str, Constant]:
    """Return a constant's variants by their names: twice, half, the other sign and none, or one half more and less.

    Examples
    --------
    >>> [(name, str(each.value)) for name, each in turned("C", factor(3)).items()]
    [('C * 2', '6'), ('C / 2', '3/2'), ('-C', '-3'), ('C = 0', '0')]
    >>> [(name, str(each.value)) for name, each in turned("p", exponent(1)).items()]
    [('p + 1/2', '3/2'), ('p - 1/2', '1/2')]
    """
    value, half = constant.value, Fraction(1, 2)
    if constant.role == "exponent":
        found = {f"{name} + 1/2": value + half, f"{name} - 1/2": value - half}
    else:
        found = {f"{name} * 2": 2 * value, f"{name} / 2": value / 2, f"-{name}": -value, f"{name} = 0": Fraction(0)}
    return {each: replace(constant, value=turn) for each, turn in found.items() if turn != value}
