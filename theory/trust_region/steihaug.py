"""Steihaug and Toint's conjugate gradients with a full matrix of the norm, as a reference that keeps its iterates."""

import math
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from dynamics.checks import Refusal, require_real, require_whole
from theory.trust_region.checks import FloatArray, one_model, require_positive, within_floats

ROUNDING = 1e-13
Reason = Literal["residual", "boundary", "negative curvature", "inner steps"]


class SteihaugRun(NamedTuple):
    """The iterates of conjugate gradients, from 0 to the step returned, and why they ended.

    Examples
    --------
    >>> SteihaugRun._fields
    ('iterates', 'reason')
    """

    iterates: FloatArray  # shape (inner steps + 1, d)
    reason: Reason

    @property
    def step(self) -> FloatArray:
        """The last iterate, shape (d,)."""
        return self.iterates[-1]


@within_floats()
def steihaug(
    A: ArrayLike,
    g: ArrayLike,
    B: ArrayLike,
    radius: float,
    *,
    kappa: float = 0.1,
    theta: float = 0.5,
    max_inner: int | None = None,
) -> SteihaugRun:
    """Solve the subproblem roughly by conjugate gradients preconditioned with the matrix of the norm.

    Parameters
    ----------
    A : array_like
        Positive definite matrix of the norm and preconditioner, shape (d, d).
    g : array_like
        Slope of the model, shape (d,).
    B : array_like
        Quadratic part of the model, symmetric, shape (d, d).
    radius : float
        Above 0, in the norm of A. kappa, theta The iteration stops once the residual is at most
        :math:`\\|g\\|\\min(\\kappa,\\|g\\|^\\theta)`; with `kappa=0` it goes on to the minimiser or the boundary.
    kappa, theta : float
    max_inner : int, optional
        Most steps; 2d unless given, since rounding can delay the end that d steps reach in exact arithmetic.

    Returns
    -------
    SteihaugRun

    Raises
    ------
    ValueError
        If the subproblem is none, or a number is outside its range.

    References
    ----------
    Kohler et al., arXiv:1905.09201, equation (52); Conn, Gould, Toint, Trust-region methods, Algorithm 7.5.1.

    Examples
    --------
    >>> run = steihaug([[1.0]], [2.0], [[4.0]], 9.0)
    >>> run.step, run.reason
    (array([-0.5]), 'residual')
    """
    metric, slope, form = one_model(A, g, B)
    dimension, radius = len(slope), require_real("radius", radius)
    require_positive(radius=radius)
    most = 2 * dimension if max_inner is None else require_whole("max_inner", max_inner, 0)
    kappa, theta = require_real("kappa", kappa), require_real("theta", theta)
    if not (0 <= kappa < 1 and theta >= 0):
        raise Refusal(f"kappa = {kappa} lies in [0, 1) and theta = {theta} is at least 0; try 0.1 and 0.5")
    start = float(np.linalg.norm(slope))
    if start == 0:
        return SteihaugRun(np.zeros((1, dimension)), "residual")
    tolerance = start * min(kappa, start**theta)
    step, residual = np.zeros(dimension), slope
    scaled = np.linalg.solve(metric, residual)
    direction, product = -scaled, float(residual @ scaled)
    iterates = [step]
    for _ in range(most):
        curvature = float(direction @ form @ direction)
        length = product / curvature if curvature > 0 else math.inf
        ahead = step + length * direction if curvature > 0 else step
        if curvature <= 0 or ahead @ metric @ ahead >= radius**2:
            iterates.append(step + _to_boundary(metric, step, direction, radius) * direction)
            return SteihaugRun(np.array(iterates), "boundary" if curvature > 0 else "negative curvature")
        step = ahead
        iterates.append(step)
        image = form @ step
        residual = slope + image
        # The residual is a difference of two vectors as long as g: below that share of it stands rounding.
        if float(np.linalg.norm(residual)) <= max(tolerance, ROUNDING * (start + float(np.linalg.norm(image)))):
            return SteihaugRun(np.array(iterates), "residual")
        scaled = np.linalg.solve(metric, residual)
        product, old = float(residual @ scaled), product
        direction = -scaled + product / old * direction
    return SteihaugRun(np.array(iterates), "inner steps")


def _to_boundary(metric: np.ndarray, step: np.ndarray, direction: np.ndarray, radius: float) -> float:
    """Return the length sigma >= 0 at which step + sigma * direction lies on the boundary."""
    square, mixed = float(direction @ metric @ direction), float(step @ metric @ direction)
    gap = max(radius**2 - float(step @ metric @ step), 0.0)
    return gap / (mixed + math.sqrt(mixed**2 + square * gap))
