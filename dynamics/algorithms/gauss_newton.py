"""The generalised Gauss-Newton method: Newton's, with the part of the Hessian that is never negative."""

from typing import NamedTuple

import numpy as np

from dynamics.algorithms.parts.eigenvalues import (
    GaussNewtonMatrix,
    NewtonMemory,
    Solver,
    check_spectrum,
    decompose,
    new_spectrum,
    step_by_eigenvalues,
)
from dynamics.algorithms.parts.trial_steps import stay
from dynamics.checks import require_at_least
from dynamics.kernels.declarations import always
from dynamics.kernels.generic import implements
from dynamics.protocol.method import full_batch_only, new_memory, requires, update
from dynamics.protocol.oracle import gauss_newton_product
from dynamics.protocol.schedules import StepSize, scheduled


class GaussNewton(NamedTuple):
    r"""Generalised Gauss-Newton method, damped or not.

    .. math:: x_{k+1}=x_k-\alpha\,(G_k+\nu I)^{+}g_k,\qquad G=J^\top\,\nabla^2\ell\,J

    where the loss is a sum of convex outer functions ℓ of what a model with the Jacobian J puts out; for a sum of
    squares :math:`\sum r^2` that is :math:`G=2J_r^\top J_r`.

    Parameters
    ----------
    step_size : float, array_like or Schedule
        α: a positive number, an array or a schedule. With 1 the model of the outer functions is minimised.
    damping : float
        ν ≥ 0. With 0 the step is the shortest of all that minimise the model, which leaves directions alone in which G
        has no curvature.
    solver : {"dense", "krylov"}
        `"dense"`: by eigenvalues of G, for small dimensions d, from d products an iteration and :math:`O(d^3)`
        operations. `"krylov"`: on the Krylov space of G and g, from as many products as it has dimensions.
    max_inner : int
        Dimension of the Krylov space, at most. No part of the dense solver.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range or a word is none of these.
    MissingImplementation
        When a run starts, if the problem has no `gauss_newton_product`.

    Notes
    -----
    No step is refused, so the loss can rise: `LevenbergMarquardt` has a safeguard. An iteration costs one gradient and
    the products. On the Krylov space of k dimensions the undamped step is that of k conjugate-gradient
    steps. Where G is not finite the run ends with NOT_FINITE, and with LINE_SEARCH_FAILED where, undamped, it has no
    curvature along the gradient.

    References
    ----------
    Schraudolph: Fast curvature matrix-vector products for second-order gradient descent, Neural Computation 14 (2002).
    Adolphs, Kohler, Lucchi, arXiv:1905.09201, appendix G, equation (54).

    Examples
    --------
    Rosenbrock's function is a sum of two squares. One step makes that of 1 − x₁ zero, which is linear, and one more
    the other:

    >>> from dynamics import simulate
    >>> from synthetic import rosenbrock
    >>> run = simulate(GaussNewton(), rosenbrock(), steps=2, x0=[-1.2, 1.0], record_iterates=True)
    >>> run.iterates.round(6)
    array([[-1.2 ,  1.  ],
           [ 1.  , -3.84],
           [ 1.  ,  1.  ]])
    """

    step_size: StepSize = 1.0
    damping: float = 0.0
    solver: Solver = "dense"
    max_inner: int = 50

    def check(self) -> None:
        """Refuse numbers outside their ranges."""
        require_at_least("damping", self.damping, 0, "it is added to a matrix without negative eigenvalues")
        check_spectrum(self)


@implements(update, GaussNewton)
def _(method, oracle, point, memory, k):
    spectrum = memory.spectrum
    step = scheduled(method.step_size, k)
    point.step_size[0] = step
    if not decompose(spectrum, oracle, point.x, point.gradient):
        stay(point, np.nan)
        return
    for i in range(spectrum.size[0]):
        spectrum.eigenvalues[i] = max(spectrum.eigenvalues[i], 0.0)
    step_by_eigenvalues(method, point, memory, step)


@implements(new_memory, GaussNewton)
def _(method, dimension):
    return NewtonMemory(np.zeros(dimension), new_spectrum(method, dimension, GaussNewtonMatrix()))


always(requires, GaussNewton, answer=(gauss_newton_product,))
always(full_batch_only, GaussNewton)
