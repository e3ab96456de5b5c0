"""Saddle-free Newton: the Hessian with its negative eigenvalues turned positive."""

from typing import NamedTuple

import numpy as np

from dynamics.algorithms.parts.eigenvalues import (
    Hessian,
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
from dynamics.protocol.oracle import hessian_product
from dynamics.protocol.schedules import StepSize, scheduled


class SaddleFreeNewton(NamedTuple):
    r"""Saddle-free Newton method: a Newton step that runs downhill along negative curvature too.

    .. math:: x_{k+1}=x_k-\alpha\,(|H_k|+\nu I)^{-1}g_k

    where :math:`|H|` has the eigenvectors of the Hessian and the absolute values of its eigenvalues. Newton's own step
    goes uphill there, towards the saddle.

    Parameters
    ----------
    step_size : float, array_like or Schedule
        α: a positive number, an array or a schedule.
    damping : float
        ν ≥ 0. It bounds the step where curvature is small; with 0, directions without curvature are left alone.
    solver : {"dense", "krylov"}
        `"dense"`: by eigenvalues of the Hessian, for small dimensions d, from d products an iteration and
        :math:`O(d^3)` operations. `"krylov"`: by those of what the Hessian is on the Krylov space of it and g, from as
        many products as that has dimensions; the step lies in that space.
    max_inner : int
        Dimension of the Krylov space, at most. No part of the dense solver.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range or a word is none of these.
    MissingImplementation
        When a run starts, if the problem has no `hessian_product`.

    Notes
    -----
    No step is refused, so the loss can rise, where curvature changes fast or is nearly 0. An iteration costs one
    gradient and the products. Where the Hessian is not finite the run ends with NOT_FINITE, and with LINE_SEARCH_FAILED
    where, undamped, it has no curvature along the gradient.

    References
    ----------
    Dauphin et al.: Identifying and attacking the saddle point problem in high-dimensional non-convex optimization,
    arXiv:1406.2572, section 5 and Algorithm 1 (without the line search over damping).
    Adolphs, Kohler, Lucchi, arXiv:1905.09201, appendix G.

    Examples
    --------
    On the saddle x² − y² Newton's step leads to the saddle point; this one doubles the distance in y:

    >>> from dynamics import simulate
    >>> from synthetic import saddle
    >>> simulate(SaddleFreeNewton(), saddle(), steps=1, x0=[1.0, 0.5]).x
    array([0., 1.])
    """

    step_size: StepSize = 1.0
    damping: float = 0.0
    solver: Solver = "dense"
    max_inner: int = 50

    def check(self) -> None:
        """Refuse numbers outside their ranges."""
        require_at_least("damping", self.damping, 0, "it is added to a matrix without negative eigenvalues")
        check_spectrum(self)


@implements(update, SaddleFreeNewton)
def _(method, oracle, point, memory, k):
    spectrum = memory.spectrum
    step = scheduled(method.step_size, k)
    point.step_size[0] = step
    if not decompose(spectrum, oracle, point.x, point.gradient):
        stay(point, np.nan)
        return
    for i in range(spectrum.size[0]):
        spectrum.eigenvalues[i] = abs(spectrum.eigenvalues[i])
    step_by_eigenvalues(method, point, memory, step)


@implements(new_memory, SaddleFreeNewton)
def _(method, dimension):
    return NewtonMemory(np.zeros(dimension), new_spectrum(method, dimension, Hessian()))


always(requires, SaddleFreeNewton, answer=(hessian_product,))
always(full_batch_only, SaddleFreeNewton)
