r"""The central flow of gradient descent: a smooth path about which the iterates oscillate at the edge of stability.

While the sharpness S is below 2/η it is gradient flow. At 2/η the iterates oscillate along the top eigenvector u with
some variance σ², which lowers the sharpness at the pace at which the flow would raise it:

.. math:: \dot w=-\eta\big(\nabla f(w)+\tfrac12\sigma^2\nabla S(w)\big),\qquad
          \sigma^2=\max\Big(0,\,\frac{2\kappa(S-2/\eta)/\eta-2\langle\nabla S,\nabla f\rangle}{\|\nabla S\|^2}\Big),

time counted in steps. The first summand, which vanishes at the edge, brings a flow back that a finite step has carried
beyond it, or that starts there; κ = 1/2. The loss that is seen on average is :math:`f+\frac12S\sigma^2`.

Reference: Cohen, Damian, Talwalkar, Kolter and Lee, Understanding optimization in deep learning with central flows,
arXiv:2410.24206.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synthetic import gradient, hessian_product, value

__all__ = ["Flow", "central_flow", "top_eigenpair"]

Array = NDArray[np.float64]
RETURN = 0.5  # share of what exceeds the edge that is taken back in a step


class Flow(NamedTuple):
    """A flow at whole numbers of steps.

    Attributes
    ----------
    w : ndarray
        Shape (steps + 1, d).
    loss, sharpness, variance : ndarray
        f, S and σ² there, shape (steps + 1,).
    """

    w: Array
    loss: Array
    sharpness: Array
    variance: Array

    @property
    def expected_loss(self) -> Array:
        """The loss averaged over the oscillation, f + Sσ²/2: what a run on both sides of the flow has on average."""
        return self.loss + self.sharpness * self.variance / 2


def top_eigenpair(problem: NamedTuple, w: Array, guess: Array, *, tolerance: float = 1e-8) -> tuple[float, Array]:
    """The largest eigenvalue of the Hessian and its vector, by Lanczos' method from a guess.

    Examples
    --------
    >>> from edge_of_stability.product import Product
    >>> round(top_eigenpair(Product(), np.array([2.0, 0.5]), np.ones(2))[0], 9)
    4.25
    """
    basis, images = [guess / np.linalg.norm(guess)], []
    for _ in range(len(w)):
        images.append(hessian_product(problem, w, basis[-1]))
        projected = np.array(basis) @ np.array(images).T
        values, vectors = np.linalg.eigh((projected + projected.T) / 2)
        top, image = vectors[:, -1] @ np.array(basis), vectors[:, -1] @ np.array(images)
        rest = image - values[-1] * top
        if np.linalg.norm(rest) <= tolerance * abs(values[-1]):
            break
        for _ in range(2):
            rest = rest - (np.array(basis) @ rest) @ np.array(basis)
        basis.append(rest / np.linalg.norm(rest))
    return float(values[-1]), top / np.linalg.norm(top)


def central_flow(
    problem: NamedTuple,
    step_size: float,
    w: Array,
    steps: int,
    *,
    oscillates: bool = True,
    substeps: int = 8,
    tolerance: float = 1e-8,
) -> Flow:
    """Follow the central flow, or gradient flow where nothing `oscillates`.

    Parameters
    ----------
    problem : NamedTuple
        With Hessian products.
    step_size : float
        η of the gradient descent whose flow it is.
    w : ndarray
        Where it starts, shape (d,).
    steps : int
        Its length, in steps of gradient descent.
    oscillates : bool
        False for gradient flow, which ignores the edge.
    substeps : int
        Of the Heun scheme, in a step.
    tolerance : float
        Of the top eigenpair's residual, by the eigenvalue.

    Returns
    -------
    Flow

    Notes
    -----
    ∇S is the derivative of u'H(w)u at fixed u, a difference of Hessian products at w ± hu: it takes 2 products.

    Examples
    --------
    >>> from edge_of_stability.product import Product
    >>> flow = central_flow(Product(), 0.3, np.array([2.4, 0.1]), 60)
    >>> bool(flow.sharpness.max() < 2 / 0.3 + 1e-3), bool(flow.loss[-1] < 1e-6)
    (True, True)
    """
    points, losses, sharpnesses, variances = [w], [float(value(problem, w))], [], []
    vector = np.random.default_rng(0).standard_normal(len(w))
    for step in range(steps + 1):
        sharp, vector = top_eigenpair(problem, w, vector, tolerance=tolerance)
        sharpnesses.append(sharp)
        variances.append(_velocity(problem, step_size, w, sharp, vector)[1] if oscillates else 0.0)
        if step == steps:
            break
        for _ in range(substeps):
            first, vector = _slope(problem, step_size, w, vector, oscillates, tolerance)
            ahead, _ = _slope(problem, step_size, w + first / substeps, vector, oscillates, tolerance)
            w = w + (first + ahead) / (2 * substeps)
        points.append(w)
        losses.append(float(value(problem, w)))
    return Flow(np.array(points), np.array(losses), np.array(sharpnesses), np.array(variances))


def _slope(
    problem: NamedTuple, step_size: float, w: Array, guess: Array, oscillates: bool, tolerance: float
) -> tuple[Array, Array]:
    """The velocity, and the eigenvector that it needs: gradient flow needs none."""
    if not oscillates:
        return -step_size * gradient(problem, w), guess
    sharp, vector = top_eigenpair(problem, w, guess, tolerance=tolerance)
    return _velocity(problem, step_size, w, sharp, vector)[0], vector


def _velocity(problem: NamedTuple, step_size: float, w: Array, sharp: float, vector: Array) -> tuple[Array, float]:
    """The central flow's velocity, and the variance of the oscillation that it averages."""
    downhill = -gradient(problem, w)
    if sharp < 2 / step_size:
        return step_size * downhill, 0.0
    uphill = _sharpness_gradient(problem, w, vector)
    excess = RETURN * (sharp - 2 / step_size) / step_size
    variance = max(0.0, 2 * (excess + float(uphill @ downhill)) / float(uphill @ uphill))
    return step_size * (downhill - 0.5 * variance * uphill), variance


def _sharpness_gradient(problem: NamedTuple, w: Array, vector: Array, h: float = 1e-4) -> Array:
    def along(t: float) -> Array:
        return hessian_product(problem, w + t * vector, vector)

    return (along(h) - along(-h)) / (2 * h)
