"""Step sizes from how the gradient varies between iterates: safeguards, and the gradient seen on mini-batches."""

from typing import NamedTuple

import numpy as np

from dynamics.algorithms.parts.gradient_changes import LastStep, require_safeguards, tuned_step
from dynamics.kernels.generic import implements
from dynamics.protocol.method import new_memory, update
from dynamics.protocol.schedules import StepSize


class StochasticGV(NamedTuple):
    r"""SGD with the Barzilai–Borwein step of two successive stochastic gradients, each on its own mini-batch.

    With :math:`\Delta\theta_k=\theta_k-\theta_{k-1}` and
    :math:`\Delta g_k=\nabla J_{B_k}(\theta_k)-\nabla J_{B_{k-1}}(\theta_{k-1})`,

    .. math::
        \theta_{k+1}=\theta_k-\frac{\alpha}{(q+1)^{1/2+\delta}}\,\gamma_k\nabla J_{B_k}(\theta_k),\qquad
        \gamma_k=\frac{\|\Delta\theta_k\|^2}{\langle\Delta\theta_k,\Delta g_k\rangle}
        \text{ if that is positive, else }\nu,

    clipped to [m, M]; :math:`\gamma_0=1`, and q is ⌊k / period⌋.

    Parameters
    ----------
    step_size : float, array_like or Schedule
        α: a positive number; an array or a schedule multiplies the decay.
    nu : float
        ν > 0: γ where the two gradients show no positive curvature.
    m, M : float
        Bounds of γ, 0 < m ≤ M.
    delta : float
        δ ≥ -1/2 of the decay; -1/2 is none.
    period : int
        Updates between changes of the decay: 1, or the updates of an epoch.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range.

    Notes
    -----
    The difference of gradients mixes curvature with the difference between mini-batches, and γ depends on the
    mini-batch whose gradient it multiplies: the step is biased, which `ExactGV`, `ExpectedGV` and `StepTunedSGD` avoid.
    On a problem with exact gradients this is `BarzilaiBorwein` with clipped γ and a falling step.

    References
    ----------
    Castera, Bolte, Févotte, Pauwels, arXiv:2103.03570, section 3.3.

    Examples
    --------
    On a quadratic of curvature 1 the measured γ is 1; with α = 1/2 and no decay each update halves x:

    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> method = StochasticGV(step_size=0.5, delta=-0.5)
    >>> simulate(method, quadratic(eigenvalues=[1.0]), steps=3, x0=[64.0]).x
    array([8.])
    """

    step_size: StepSize
    nu: float = 2.0
    m: float = 0.5
    M: float = 2.0
    delta: float = 0.001
    period: int = 1

    def check(self) -> None:
        """Refuse numbers with which a step could vanish, turn round or grow."""
        require_safeguards(self)


@implements(update, StochasticGV)
def _(method, oracle, point, memory, k):
    x, g = point.x, point.gradient
    squared_length = curvature = 0.0
    for j in range(len(x)):
        s = x[j] - memory.x[j]
        squared_length += s * s
        curvature += s * (g[j] - memory.gradient[j])
        memory.x[j] = x[j]
        memory.gradient[j] = g[j]
    step = tuned_step(method, squared_length, curvature, k)
    point.step_size[0] = step
    for j in range(len(x)):
        x[j] -= step * g[j]


@implements(new_memory, StochasticGV)
def _(method, dimension):
    return LastStep(np.zeros(dimension), np.zeros(dimension))
