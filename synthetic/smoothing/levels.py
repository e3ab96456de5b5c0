r"""A problem smoothed to several degrees, :math:`\hat f_{\delta_1},\dots,\hat f_{\delta_M},f`, as kernels read it.

Level i, counted from 0, is the problem smoothed to the degree number i; level M is the problem itself.
"""

from typing import Any, NamedTuple

import numpy as np

from dynamics import implements, kernel, summands, value_and_gradient
from dynamics.checks import Refusal
from dynamics.kernels.generic import generic
from dynamics.protocol.oracle import initial_point
from synthetic.landscapes.cosines import QuadraticCosine
from synthetic.parts.requirements import require_scratch
from synthetic.quadratics.least_squares import LeastSquares
from synthetic.quadratics.quadratic_forms import DiagonalQuadratic, Quadratic
from synthetic.smoothing.smoothing import in_closed_form
from synthetic.wrappers.averaged import AveragedWork


class CosineLevels(NamedTuple):
    """A bowl with ripples, whose ripples smoothing shrinks."""

    problem: QuadraticCosine
    amplitudes: np.ndarray  # shape (M + 1,)
    offsets: np.ndarray  # shape (M + 1,)


class RaisedLevels(NamedTuple):
    """A quadratic, which smoothing raises."""

    problem: Any
    heights: np.ndarray  # shape (M + 1,)


class MeanLevels(NamedTuple):
    """A mean over fixed shifts, the same ones at each degree but for their length."""

    problem: Any
    directions: np.ndarray  # u, a row each, shape (m, d)
    degrees: np.ndarray  # shape (M + 1,), the last 0
    work: AveragedWork


# The fields that hold a number for each level.
_EACH = ("amplitudes", "offsets", "heights", "degrees")


def require_levels(levels: Any, count: int) -> None:
    """Refuse levels that are not so many, each of the problem's dimension."""
    shapes = [part.shape for name, part in zip(levels._fields, levels, strict=True) if name in _EACH]
    if not count or any(shape != (count,) for shape in shapes):
        raise Refusal(f"levels has numbers of shapes {shapes}, and one is needed for each of {count} degrees.")
    if isinstance(levels, MeanLevels):
        start, shape = initial_point(levels.problem), levels.directions.shape
        if len(shape) != 2 or not shape[0] or (start is not None and shape[1:] != start.shape):
            raise Refusal(f"directions has shape {shape}: a row each, of the problem's dimension, is needed.")
        require_scratch(levels.work, *2 * (shape[1:],))


@generic()
def level_value_and_gradient(levels, i, x, out):
    """Write the gradient of level i at `x` into `out` and return its value."""


@generic()
def level_terms(levels, i):
    """Return how many terms an evaluation of level i takes."""


@implements(level_value_and_gradient, CosineLevels)
def _(levels, i, x, out):
    f = levels.problem
    level = QuadraticCosine(f.curvature, levels.amplitudes[i], f.frequency, levels.offsets[i], f.start)
    return value_and_gradient(level, x, out)


@implements(level_value_and_gradient, RaisedLevels)
def _(levels, i, x, out):
    return value_and_gradient(levels.problem, x, out) + levels.heights[i]


@implements(level_value_and_gradient, MeanLevels)
def _(levels, i, x, out):
    degree = levels.degrees[i]
    if degree == 0.0:
        return value_and_gradient(levels.problem, x, out)
    directions, point, term = levels.directions, levels.work.point, levels.work.term
    out[:] = 0.0
    total = 0.0
    for n in range(len(directions)):
        for j in range(len(x)):
            point[j] = x[j] - degree * directions[n, j]
        total += value_and_gradient(levels.problem, point, term)
        _add(term, out)
    for j in range(len(x)):
        out[j] /= len(directions)
    return total / len(directions)


@kernel
def _add(term, out):
    """Add a vector to another."""
    for j in range(len(out)):
        out[j] += term[j]


def _one_evaluation(levels, i):
    return summands(levels.problem)


implements(level_terms, CosineLevels)(_one_evaluation)
implements(level_terms, RaisedLevels)(_one_evaluation)


@implements(level_terms, MeanLevels)
def _(levels, i):
    return summands(levels.problem) * (1 if levels.degrees[i] == 0.0 else len(levels.directions))


@generic(default=None)
def levels_in_closed_form(problem, degrees, noise):
    """Return the levels for falling degrees, shape (M + 1,), the last 0, or None where no closed form is known."""


@implements(levels_in_closed_form, QuadraticCosine)
def _(problem, degrees, noise):
    smooth = [in_closed_form(problem, float(delta), noise) for delta in degrees]
    return CosineLevels(problem, np.array([f.amplitude for f in smooth]), np.array([f.offset for f in smooth]))


def _raised_levels(problem, degrees, noise):
    return RaisedLevels(problem, np.array([in_closed_form(problem, float(delta), noise).height for delta in degrees]))


for _kind in (DiagonalQuadratic, Quadratic, LeastSquares):
    implements(levels_in_closed_form, _kind)(_raised_levels)
