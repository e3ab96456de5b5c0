"""Steps of a proof with the certificates that `check.py` decides again; what they say is decided by the routes."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from dynamics.checks import Refusal
from theory.claims.certificates import check
from theory.claims.certificates.trees import pair, tree
from theory.claims.evidence import Step

if TYPE_CHECKING:
    from sympy import Expr

Entry = dict[str, Any]
_RECORD: ContextVar[list[Callable[[], Step]] | None] = ContextVar("record", default=None)


def zero(text: str, *differences: Expr | tuple[Expr, Expr]) -> Step:
    """Return the step "these differences are identically zero"; a pair stands for left and right side.

    Examples
    --------
    >>> import sympy as sp
    >>> x = sp.Symbol("x")
    >>> zero("a square", (x * (x + 1), x**2 + x)).certificate()
    [{'kind': 'identity', 'left': ['*', 'x', ['+', 1, 'x']], 'right': ['+', 'x', ['^', 'x', 2]]}]
    """

    def certificate() -> list[Entry]:
        sides = [entry if isinstance(entry, tuple) else (entry, 0) for entry in differences]
        trees = [(tree(left), tree(right)) for left, right in sides]
        # SymPy collects terms at once: what it has made the same already leaves nothing to decide.
        return [{"kind": "identity", "left": left, "right": right} for left, right in trees if left != right]

    return Step("machine", text, certificate)


def positive(text: str, *expressions: Expr, closed: bool = False) -> Step:
    """Return the step "these expressions are positive where their symbols are", by coefficients of one sign.

    Examples
    --------
    >>> import sympy as sp
    >>> x = sp.Symbol("x")
    >>> positive("a fraction", 1 + 1 / x).certificate()[0]["numerator"]
    ['+', 1, 'x']
    """
    return Step("machine", text, lambda: [_positive(expression, closed) for expression in expressions])


def _positive(expression: Expr, closed: bool) -> Entry:
    import sympy as sp

    numerator, denominator = sp.fraction(sp.cancel(sp.together(sp.sympify(expression))))
    terms = [sp.Add.make_args(sp.expand(part)) for part in (numerator, denominator)]
    scale = sp.ilcm(1, *(term.as_coeff_Mul()[0].q for part in terms for term in part))
    scale = -scale if terms[1][0].could_extract_minus_sign() else scale
    parts = {
        name: tree(sp.Add(*(scale * term for term in part)))
        for name, part in zip(("numerator", "denominator"), terms, strict=True)
    }
    return {"kind": "positive", "expression": tree(expression), **parts, "closed": closed}


def combination(text: str, target: Expr, terms: Iterable[tuple[Expr, Expr]]) -> Step:
    """Return the step "the target is a sum of positive multiplier times premise"."""
    return combinations(text, (target, terms))


def combinations(text: str, *pairs: tuple[Expr, Iterable[tuple[Expr, Expr]]]) -> Step:
    """Return the step "each target is a sum of positive multiplier times premise".

    Examples
    --------
    >>> import sympy as sp
    >>> a, b, c = sp.symbols("a b c")
    >>> step = combination("a chain", c - a, [(sp.Integer(1), b - a), (sp.Integer(1), c - b)])
    >>> step.certificate()[0]["terms"][0]
    {'multiplier': 1, 'premise': ['+', ['*', -1, 'a'], 'b']}
    """
    import sympy as sp

    kept = [(target, list(terms)) for target, terms in pairs]

    def certificate() -> list[Entry]:
        return [
            {
                "kind": "multipliers",
                "target": tree(target),
                "terms": [{"multiplier": tree(sp.cancel(m)), "premise": tree(premise)} for m, premise in terms],
            }
            for target, terms in kept
        ]

    return Step("machine", text, certificate)


def worst_case(
    text: str, cases: Iterable[tuple[Sequence[Fraction], Mapping[tuple[int, int], Fraction], Fraction]]
) -> Step:
    """Return the step "gradient descent with these steps ends within the bound", by multipliers, case by case."""
    kept = list(cases)

    def certificate() -> list[Entry]:
        return [
            {
                "kind": "worst_case",
                "steps": [pair(step) for step in steps],
                "weights": [[i % (len(steps) + 2), j % (len(steps) + 2), pair(w)] for (i, j), w in weights.items()],
                "bound": pair(bound),
            }
            for steps, weights, bound in kept
        ]

    return Step("machine", text, certificate)


def enclosures(
    text: str,
    *cases: tuple[Any, Mapping[str, tuple[Fraction, Fraction]], Fraction | int],
    where: Iterable[tuple[str, Any]] = (),
) -> Step:
    """Return the step "each expression is at least its bound on its box", by halving boxes until ranges show it.

    `where` names parts that the expressions, and later parts, use.

    Examples
    --------
    >>> step = enclosures("a parabola", (["+", 1, ["*", "x", ["+", "x", -1]]], {"x": (Fraction(0), Fraction(1))}, 0))
    >>> step.certificate()[0]["split"]
    ['x', None, None]
    """

    named = [[name, tree(part)] for name, part in where]

    def entry(expression: Any, box: Mapping[str, tuple[Fraction, Fraction]], bound: Fraction | int) -> Entry:
        written = tree(expression)

        def lowest(part: dict[str, Any]) -> float:
            try:
                return check.lower_end(written, named, part) / check.SCALE
            except check.Refused:
                return -math.inf

        return {
            "kind": "enclosure",
            "expression": written,
            "where": named,
            "box": {name: [pair(low), pair(high)] for name, (low, high) in box.items()},
            "bound": pair(bound),
            "split": _split(lowest, {n: (Fraction(low), Fraction(high)) for n, (low, high) in box.items()}, bound),
        }

    return Step("machine", text, lambda: [entry(*case) for case in cases])


def _split(lowest: Callable[[dict[str, Any]], float], box: dict[str, Any], bound: Any, depth: int = 40) -> Any:
    """Halve the box along the side whose weaker half has the highest bound, until every part is decided."""
    if lowest(box) > bound:
        return None
    if not box or not depth:
        raise Refusal(f"nothing shows that the expression stays above {bound}: no certificate")
    parts = {name: [box | {name: half} for half in _halves(*box[name])] for name in box}
    axis = max(parts, key=lambda name: min(lowest(part) for part in parts[name]))
    return [axis, *(_split(lowest, part, bound, depth - 1) for part in parts[axis])]


def _halves(low: Fraction, high: Fraction) -> tuple[tuple[Fraction, Fraction], tuple[Fraction, Fraction]]:
    return (low, (low + high) / 2), ((low + high) / 2, high)


def recorded(text: str, check: Callable[..., bool], *arguments: Any) -> Step:
    """Return the step that a check decides, with a certificate for each identity or inequality that it rests on.

    Raises
    ------
    ValueError
        If the check fails.

    Examples
    --------
    >>> import sympy as sp
    >>> from theory.claims.routes import symbolic
    >>> x = sp.Symbol("x")
    >>> step = recorded("a square", lambda: symbolic.vanishes(x * (x + 1) - x - x**2))
    >>> [part["kind"] for part in step.certificate()]
    ['identity']
    """
    kept: list[Callable[[], Step]] = []
    token = _RECORD.set(kept)
    try:
        met = check(*arguments)
    finally:
        _RECORD.reset(token)
    if not met:
        raise Refusal(f"'{text}' is not decided: a step needs a check that succeeds")
    return Step("machine", text, lambda: [entry for make in kept for entry in (make().certificate or list)()])


def note(make: Callable[[], Step]) -> None:
    """Keep what a route has just decided for the step that is being recorded, if there is one."""
    kept = _RECORD.get()
    if kept is not None:
        kept.append(make)


@contextlib.contextmanager
def unrecorded() -> Iterator[None]:
    """Record nothing of the parts of a decision that is recorded as a whole."""
    token = _RECORD.set(None)
    try:
        yield
    finally:
        _RECORD.reset(token)
