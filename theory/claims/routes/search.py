"""Search for counterexamples: differential evolution on the violation, then the simplest exact one.

What the search finds in floating point counts for nothing until the violation, computed again in exact
fractions at a rounded point, is positive.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

_DENOMINATORS = (1, 2, 3, 4, 5, 10, 20, 100, 1000, 10**6, 10**12)


@dataclass(frozen=True)
class Search:
    """The outcome of a search.

    Parameters
    ----------
    point : tuple of Fraction or None
        A point that meets the hypotheses and violates the statement, exactly; None if none was found.
    violation : Fraction or None
        By how much, exactly.
    worst : float
        The largest violation met in floating point; negative or zero where the statement held.
    trials, void_trials : int
        Points that met the hypotheses, and points that did not.
    """

    point: tuple[Fraction, ...] | None
    violation: Fraction | None
    worst: float
    trials: int
    void_trials: int


def find_violation(
    violation: Callable[..., float | Fraction],
    bounds: Sequence[tuple[float, float]],
    *,
    rng: np.random.Generator,
    admissible: Callable[..., bool] = lambda *_: True,
    generations: int = 100,
) -> Search:
    """Look for a point at which a statement fails.

    Parameters
    ----------
    violation : callable
        Takes the coordinates, floats or Fractions alike, and returns a value that is positive exactly
        where the statement fails. With Fractions it must be exact.
    bounds : sequence of (low, high)
        The box that is searched.
    rng : Generator
        Numpy.random.Generator.
    admissible : callable
        The hypotheses, as a predicate of the coordinates. Points that break them are void.
    generations : int
        Of differential evolution.

    Returns
    -------
    Search

    Examples
    --------
    >>> found = find_violation(lambda x: x - x * x, [(-2, 2)], rng=np.random.default_rng(0))
    >>> found.point, found.violation
    ((Fraction(1, 2),), Fraction(1, 4))
    """
    from scipy.optimize import differential_evolution

    counts = {True: 0, False: 0}
    worst = -np.inf

    def objective(point: np.ndarray) -> float:
        nonlocal worst
        coordinates = [float(value) for value in point]
        met = bool(admissible(*coordinates))
        counts[met] += 1
        if not met:
            return np.inf
        value = float(violation(*coordinates))
        worst = max(worst, value)
        return -value

    found = differential_evolution(
        objective,
        bounds,
        rng=rng,
        maxiter=generations,
        polish=False,
        tol=0.0,
        callback=lambda *_, **__: worst > 0,
    )
    point = simplest([float(value) for value in found.x], violation, admissible) if worst > 0 else None
    exact = Fraction(violation(*point)) if point is not None else None
    return Search(point, exact, worst, counts[True], counts[False])


def simplest(
    point: Sequence[float],
    violation: Callable[..., float | Fraction],
    admissible: Callable[..., bool] = lambda *_: True,
) -> tuple[Fraction, ...] | None:
    """Round a violating point to the simplest numbers at which it still violates, exactly.

    First all coordinates to one small denominator, then each of them further, to 0 and 1 where they do.

    Parameters
    ----------
    point : sequence of float
    violation, admissible : callable
        As in `find_violation`; called with Fractions.

    Returns
    -------
    tuple of Fraction or None
        None if the violation does not survive exact arithmetic: it was rounding.

    Examples
    --------
    >>> simplest([0.4871, 3.02], lambda x, y: x * y - 1)
    (Fraction(1, 1), Fraction(3, 1))
    """

    def fails(candidate: tuple[Fraction, ...]) -> bool:
        return bool(admissible(*candidate) and violation(*candidate) > 0)

    for denominator in _DENOMINATORS:
        rounded = tuple(Fraction(value).limit_denominator(denominator) for value in point)
        if fails(rounded):
            return _shrunk(rounded, fails)
    return None


def _shrunk(point: tuple[Fraction, ...], fails: Callable[[tuple[Fraction, ...]], bool]) -> tuple[Fraction, ...]:
    """Replace one coordinate after another by the simplest number at which the statement still fails."""
    while True:
        before = point
        for axis, value in enumerate(point):
            for simple in _simpler(value):
                candidate = (*point[:axis], simple, *point[axis + 1 :])
                if fails(candidate):
                    point = candidate
                    break
        if point == before:
            return point


def _simpler(value: Fraction) -> list[Fraction]:
    """Candidates for a number, simplest first: 0, 1, whole numbers near it, small denominators."""
    sign = -1 if value < 0 else 1
    candidates = [Fraction(0), Fraction(sign)]
    candidates += [Fraction(value).limit_denominator(denominator) for denominator in _DENOMINATORS]
    return [simple for simple in dict.fromkeys(candidates) if _complexity(simple) < _complexity(value)]


def _complexity(value: Fraction) -> tuple[int, int]:
    return value.denominator, abs(value.numerator)
