"""The exact worst case of a linear first-order method over a class of functions, as a semidefinite program.

A method whose iterates are fixed combinations of its start and of the gradients met sees of a function only values and
gradients at finitely many points. A smooth (strongly) convex function through such data exists exactly where finitely
many inequalities hold, which are linear in the values and in the Gram matrix of start and gradients: the worst case
over all functions of the class, in all dimensions, is the value of a convex program. The solver works in floating
point, so that a value is no proof; exact multipliers of the inequalities are one, see `multipliers`.

References
----------
Drori and Teboulle, "Performance of first-order methods for smooth convex minimization", Mathematical Programming 145,
2014. Taylor, Hendrickx and Glineur, "Smooth strongly convex interpolation and exact worst-case performance of
first-order methods", Mathematical Programming 161, 2017.
"""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from dynamics.checks import MissingLibrary, Refusal
from theory.claims.evidence import NOT_RUN
from theory.claims.ledger import Evidence, Level, Verdict

Gradient = Callable[[np.ndarray], np.ndarray]
Method = Callable[[np.ndarray, Gradient], np.ndarray]
Measure = Literal["value", "distance", "gradient"]

WIDEST_GAP = 1e-4  # between primal and dual value, relative
MINIMISER = -1  # index of the minimiser among the points
MISSING = (
    "worst cases over function classes are semidefinite programs, for which the solver Clarabel has to be "
    'installed: pip install "optdyn[sdp]".'
)


@dataclass(frozen=True)
class Trace:
    """The points at which a method asks for gradients, as coefficients of its start and of these gradients.

    Parameters
    ----------
    points : ndarray, shape (n + 1, n + 1)
        Row i: the i-th point, relative to the minimiser; the minimiser itself, with zeros, is the last row.
    gradients : ndarray, shape (n + 1, n + 1)
        Row i: the unit vector that stands for the i-th gradient; zeros for the minimiser.
    end : ndarray, shape (n + 1,)
        What the method returned.
    """

    points: np.ndarray
    gradients: np.ndarray
    end: np.ndarray


@dataclass(frozen=True)
class WorstCase:
    """The worst that a method can meet in a class of functions, from starts at distance 1 of the minimiser.

    Parameters
    ----------
    value : float
        Of the measure.
    gap : float
        Dual bound minus value: what the solver's rounding leaves open.
    gram : ndarray, shape (n + 1, n + 1)
        Of the start, relative to the minimiser, and of the gradients in the order in which they were asked for, on a
        function of the class that attains the value.
    values : ndarray, shape (n,)
        Of that function at these points, above its minimum.
    """

    value: float
    gap: float
    gram: np.ndarray
    values: np.ndarray


def available() -> bool:
    """Say whether the extra `sdp` is installed.

    Examples
    --------
    >>> isinstance(available(), bool)
    True
    """
    return importlib.util.find_spec("clarabel") is not None


def needs_solver(check: Callable[..., Evidence]) -> Callable[..., Evidence]:
    """Let a check be undecided, with the reason, where the extra `sdp` is not installed.

    Examples
    --------
    >>> needs_solver(lambda level, rng: Evidence(verdict=Verdict.PROVED, text="solved")) is not None
    True
    """

    @functools.wraps(check)
    def checked(level: Level, rng: np.random.Generator, **given: Any) -> Evidence:
        if not available():
            missing = {NOT_RUN: "the extra optdyn[sdp]"}
            return Evidence(verdict=Verdict.UNDECIDED, data=missing, text=f"Nothing was tried: {MISSING}")
        return check(level, rng, **given)

    return checked


def worst_case(
    method: Method, *, smoothness: float = 1.0, strong_convexity: float = 0.0, measure: Measure = "value"
) -> WorstCase:
    r"""Compute the worst case of a method over the L-smooth, μ-strongly convex functions of any dimension.

    Parameters
    ----------
    method : callable
        `method(start, gradient)` returns the last iterate: a combination of the start and of what `gradient(x)` gave,
        with coefficients that do not depend on these.
    smoothness, strong_convexity : float
        L > 0, and μ with 0 <= μ < L.
    measure : {"value", "distance", "gradient"}
        f(x) - f*, |x - x*|^2 or |grad f(x)|^2 at the last iterate.

    Returns
    -------
    WorstCase

    Raises
    ------
    ValueError
        If the constants make no class, there is no such measure, or the method is not linear.
    ImportError
        If Clarabel is not installed; the sentence names the extra.
    ArithmeticError
        If the solver fails, or leaves too wide a gap.

    Notes
    -----
    .. math::
        f_i\ge f_j+\langle g_j,x_i-x_j\rangle+\frac1{2(1-\mu/L)}\Big(\tfrac1L|g_i-g_j|^2+\mu|x_i-x_j|^2
        -\tfrac{2\mu}L\langle g_i-g_j,x_i-x_j\rangle\Big)

    for all pairs of points, the minimiser among them.

    References
    ----------
    Taylor, Hendrickx and Glineur (2017), Theorem 4 and section 3.

    Examples
    --------
    One step of gradient descent, whose worst case is 1/(4 + 2):

    >>> found = worst_case(lambda x, gradient: x - gradient(x)) if available() else None
    >>> found is None or abs(found.value - 1 / 6) < 1e-6
    True
    """
    if not 0 <= strong_convexity < smoothness < np.inf:
        raise Refusal(
            f"strong_convexity={strong_convexity}, smoothness={smoothness}: a class of functions needs 0 <= mu < L "
            "(for mu = L it holds one parabola); try mu = 0"
        )
    if measure not in get_args(Measure):
        raise Refusal(f"measure={measure!r} is none of {', '.join(get_args(Measure))}; 'value' is f(x) - f*")
    _check_linear(method)
    if not available():
        raise MissingLibrary(MISSING)
    return _solve(trace(method, with_end=measure != "distance"), smoothness, strong_convexity, measure)


def trace(method: Method, *, with_end: bool = True) -> Trace:
    """Run a method on coefficients: the start is the first unit vector, and each gradient one of the others.

    Parameters
    ----------
    method : callable
    with_end : bool
        Whether the gradient at the last iterate is asked for as well.

    Examples
    --------
    >>> trace(lambda x, gradient: x - gradient(x) / 4).points
    array([[ 1.  ,  0.  ,  0.  ],
           [ 1.  , -0.25,  0.  ],
           [ 0.  ,  0.  ,  0.  ]])
    """
    counted: list[None] = []
    method(np.zeros(1), lambda x: counted.append(None) or np.zeros(1))  # type: ignore[func-returns-value]
    basis = np.eye(1 + len(counted) + with_end)
    points: list[np.ndarray] = []

    def gradient(x: np.ndarray) -> np.ndarray:
        points.append(np.array(x))
        return basis[len(points)]

    end = method(basis[0], gradient)
    if with_end:
        gradient(end)
    origin = np.zeros((1, len(basis)))
    return Trace(np.vstack([*points, origin]), np.vstack([basis[1:], origin]), end)


def interpolation(traced: Trace, i: int, j: int, *, smoothness: float, strong_convexity: float) -> np.ndarray:
    """Return the matrix Q of the inequality f_i - f_j >= <Q, Gram matrix> between the i-th and j-th point.

    Examples
    --------
    >>> traced = trace(lambda x, gradient: x, with_end=True)
    >>> interpolation(traced, MINIMISER, 0, smoothness=1.0, strong_convexity=0.0)
    array([[ 0. , -0.5],
           [-0.5,  0.5]])
    """
    moved, turned = traced.points[i] - traced.points[j], traced.gradients[i] - traced.gradients[j]
    ratio = strong_convexity / smoothness
    quadratic = (
        _product(turned, turned) / smoothness
        + strong_convexity * _product(moved, moved)
        - 2 * ratio * _product(turned, moved)
    )
    return _product(traced.gradients[j], moved) + quadratic / (2 * (1 - ratio))


def _solve(traced: Trace, smoothness: float, strong_convexity: float, measure: Measure) -> WorstCase:
    """Solve the program in the values and the upper triangle of the Gram matrix, row by row."""
    import clarabel
    from scipy.sparse import csc_matrix

    size = len(traced.points)
    upper = np.triu_indices(size)
    last = traced.gradients[size - 2]
    objective = {
        "value": np.concatenate([np.eye(size)[max(size - 2, 0)], np.zeros(len(upper[0]))]),
        "distance": _in_program(_product(traced.end, traced.end)),
        "gradient": _in_program(_product(last, last)),
    }[measure]
    rows = _constraints(traced, smoothness, strong_convexity)
    ahead = 0 if measure == "value" else size  # what is maximised comes first: the end of a solver's digits hangs on it
    limits = np.zeros(len(rows))
    limits[1] = 1.0  # the start's distance
    cones = [clarabel.ZeroConeT(1), clarabel.NonnegativeConeT(size * (size - 1) + 1), clarabel.PSDTriangleConeT(size)]
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.tol_gap_abs, settings.tol_gap_rel, settings.tol_feas = 1e-12, 1e-9, 1e-9
    nothing = csc_matrix((len(objective), len(objective)))
    matrix = csc_matrix(np.roll(rows, -ahead, axis=1))
    solution = clarabel.DefaultSolver(nothing, np.roll(-objective, -ahead), matrix, limits, cones, settings).solve()
    if str(solution.status) not in ("Solved", "AlmostSolved"):  # the gap says how inaccurate
        raise ArithmeticError(f"the solver ended with '{solution.status}': no worst case can be quoted")
    found, gram = np.roll(solution.x, ahead), np.zeros((size, size))
    gram[upper] = gram.T[upper] = found[size:]
    maximised = {"distance": _product(traced.end, traced.end), "gradient": _product(last, last)}.get(measure)
    value = float(found[max(size - 2, 0)] if maximised is None else maximised.ravel() @ gram.ravel())
    gap = float(solution.z[1]) - value  # the start's bound alone has a constant: its multiplier is the dual value
    if not abs(gap) <= WIDEST_GAP * max(value, WIDEST_GAP):
        raise ArithmeticError(
            f"primal value {value:.6g} and dual value {value + gap:.6g} do not meet: take fewer steps"
        )
    return WorstCase(value, gap, gram, found[: size - 1])


def _constraints(traced: Trace, smoothness: float, strong_convexity: float) -> np.ndarray:
    """Return the rows of the program: what is zero, what is at most 1 or 0, and a matrix without negative eigenvalues.

    The last is the upper triangle of the Gram matrix, column by column, entries off the diagonal times the root of 2,
    with the other sign.
    """
    size = len(traced.points)
    values = np.eye(size)
    entries = [(row, column) for column in range(size) for row in range(column + 1)]
    by_rows = sorted(entries)
    place = {entry: size + index for index, entry in enumerate(by_rows)}
    unknowns = size + len(entries)
    minimum, start, definite = np.zeros((1, unknowns)), np.zeros((1, unknowns)), np.zeros((len(entries), unknowns))
    minimum[0, size - 1] = start[0, size] = 1
    inequalities = [
        _in_program(
            interpolation(traced, i, j, smoothness=smoothness, strong_convexity=strong_convexity),
            values[j] - values[i],
        )
        for i in range(size)
        for j in range(size)
        if i != j
    ]
    for index, (row, column) in enumerate(entries):
        definite[index, place[row, column]] = -1 if row == column else -np.sqrt(2)
    return np.vstack([minimum, start, *inequalities, definite])


def _in_program(matrix: np.ndarray, values: np.ndarray | None = None) -> np.ndarray:
    """Return coefficients of the values (none are 0), and those of a symmetric matrix of the Gram matrix."""
    size = len(matrix)
    doubled = matrix + matrix.T - np.diag(np.diag(matrix))
    return np.concatenate([np.zeros(size) if values is None else values, doubled[np.triu_indices(size)]])


def _product(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the symmetric matrix whose product with the Gram matrix is <first, second>."""
    return (np.outer(first, second) + np.outer(second, first)) / 2


def _check_linear(method: Method) -> None:
    """Refuse a method whose last iterate is not additive in its start and gradients."""
    draws = np.random.default_rng(0).normal(size=(3, 1000))
    draws[2] = draws[0] + draws[1]
    ends = []
    for row in draws:
        answers = iter(row[1:, None])
        ends.append(np.asarray(method(row[:1], lambda x, answers=answers: next(answers))))  # type: ignore[misc]
    if not np.allclose(ends[0] + ends[1], ends[2], rtol=1e-9, atol=1e-9):
        raise Refusal(
            "the method is not linear: its coefficients depend on the gradients that it met, as those of adaptive "
            "methods do; worst cases are computed for fixed step sizes and momentum"
        )
