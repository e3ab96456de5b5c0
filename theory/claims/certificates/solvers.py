"""A second opinion by a kernel of other people's: certificates as problems in SMT-LIB that must have no solution.

An identity has none where both sides differ, with denominators multiplied out; an inequality none where its premises
hold and it does not. Multipliers and positive coefficients are not told: the solver finds its own reasons, or, where it
finds none in time, is asked whether the combination is one.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from theory.claims.certificates.terms import Fraction, Terms, Tree

SECONDS = 30  # for all certificates of a claim
TRIED = 5.0  # for one question that has an easier form


class Problem(Terms):
    """Collects the symbols and the roots of expressions while they are translated."""

    def __init__(self) -> None:
        super().__init__()
        self.facts: list[str] = []

    def number(self, value: int) -> str:
        return f"{value}.0" if value >= 0 else f"(- {-value}.0)"

    def join(self, sign: str, parts: list[str]) -> str:
        return f"({sign} {' '.join(parts)})"

    def root(self, tree: Tree) -> str:
        name = f"sqrt {tree!r}"
        if name not in self.names:
            over, under = self.fraction(tree)
            root = self.symbol(name)
            self.facts.append(f"(and (>= {root} 0.0) (= {self.product([under, root, root])} {over}))")
        return self.names[name]

    def sign(self, fraction: Fraction) -> str:
        """Write a term that has the sign of the fraction wherever the denominator is not 0."""
        return self.product(list(fraction))

    def text(self, *assertions: str) -> str:
        """Write the problem down."""
        declared = "".join(f"(declare-const {name} Real)\n" for name in self.names.values())
        return declared + "".join(f"(assert {fact})\n" for fact in [*self.facts, *assertions])


def _defined(*fractions: Fraction) -> list[str]:
    return [f"(distinct {under} 0.0)" for _, under in fractions if under != "1.0"]


def identity(left: Tree, right: Tree) -> str:
    """Ask for values at which two sides differ."""
    problem = Problem()
    (a, b), (c, d) = problem.fraction(left), problem.fraction(right)
    return problem.text(f"(distinct {problem.product([a, d])} {problem.product([c, b])})")


def positive(expression: Tree, closed: bool) -> str:
    """Ask for positive values, or `closed` non-negative ones, at which an expression is not positive."""
    problem = Problem()
    value = problem.fraction(expression)
    signs = [f"({'>=' if closed else '>'} {name} 0.0)" for name in list(problem.names.values())]
    return problem.text(*signs, *_defined(value), f"(<= {problem.sign(value)} 0.0)")


def implied(target: Tree, terms: Iterable[Mapping[str, Tree]]) -> str:
    """Ask for values at which every premise holds, with positive symbols in multipliers, and the target does not."""
    problem = Problem()
    for term in terms:
        problem.fraction(term["multiplier"])
    signs = [f"(> {name} 0.0)" for name in problem.names.values()]
    premises = [problem.fraction(term["premise"]) for term in terms]
    value = problem.fraction(target)
    held = [f"(>= {problem.sign(premise)} 0.0)" for premise in premises]
    return problem.text(*signs, *_defined(value, *premises), *held, f"(< {problem.sign(value)} 0.0)")


def questions(part: Mapping[str, Any]) -> Iterator[list[str]]:
    """Give the ways to ask about a certificate; each is a list of problems that must all have no solution.

    Examples
    --------
    >>> next(questions({"kind": "identity", "left": "x", "right": "x"}))
    ['(declare-const v0 Real)\\n(assert (distinct v0 v0))\\n']
    """
    match part["kind"]:
        case "identity":
            yield [identity(part["left"], part["right"])]
        case "positive":
            yield [positive(part["expression"], part["closed"])]
            fraction = ["/", part["numerator"], part["denominator"]]
            yield [identity(part["expression"], fraction), positive(fraction, part["closed"])]
        case "multipliers":
            yield [implied(part["target"], part["terms"])]
            summed = ["+", 0, *(["*", term["multiplier"], term["premise"]] for term in part["terms"])]
            signs = [positive(term["multiplier"], False) for term in part["terms"]]
            yield [identity(part["target"], summed), *signs]
        case "enclosure" if not part["box"]:
            problem = Problem()
            value = problem.fraction(["+", part["expression"], ["*", -1, ["/", *part["bound"]]]])
            yield [problem.text(*_defined(value), f"(< {problem.sign(value)} 0.0)")]


def available() -> bool:
    """Say whether the extra `certify` is installed.

    Examples
    --------
    >>> isinstance(available(), bool)
    True
    """
    return importlib.util.find_spec("z3") is not None


def name() -> str:
    """Name the solver and its version."""
    from importlib.metadata import version

    return f"Z3 {version('z3-solver')}"


def has_no_solution(problem: str, seconds: float) -> bool:
    """Ask Z3 whether a problem has no solution; False also where it cannot tell in time."""
    import z3

    solver = z3.Solver()
    solver.set("timeout", max(1, int(1000 * seconds)))
    solver.from_string(problem)
    return bool(solver.check() == z3.unsat)


def confirms(entry: Mapping[str, Any], *, seconds: float = SECONDS) -> bool:
    """Say whether Z3 finds no solution against any certificate of a claim's file, within that many seconds in all.

    False where a certificate is of a kind that is not told, or where there is none.
    """
    end = time.monotonic() + seconds
    parts = [part for step in entry["steps"] for part in step.get("certificate", [])]
    return bool(parts) and all(_confirmed(part, end) for part in parts)


def _confirmed(part: Mapping[str, Any], end: float) -> bool:
    ways = list(questions(part))
    for number, problems in enumerate(ways, 1):
        last = number == len(ways)
        left = end - time.monotonic()
        if left > 0 and all(has_no_solution(problem, left if last else min(left, TRIED)) for problem in problems):
            return True
    return False
