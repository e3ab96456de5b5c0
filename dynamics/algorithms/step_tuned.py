"""Step-Tuned SGD: each mini-batch is used twice, and the change of its gradient tunes the next step."""

from typing import NamedTuple

import numpy as np

from dynamics.algorithms.parts.gradient_changes import decay
from dynamics.algorithms.parts.moments import bias_correction
from dynamics.checks import require_at_least, require_fraction, require_positive
from dynamics.kernels.declarations import always
from dynamics.kernels.generic import implements
from dynamics.protocol.method import new_memory, requires, update
from dynamics.protocol.oracle import gradient, value_and_gradient
from dynamics.protocol.schedules import StepSize, scheduled


class StepTunedSGD(NamedTuple):
    r"""Step-Tuned SGD: two steps on each mini-batch, their length tuned by curvature averaged over past mini-batches.

    With :math:`\alpha_k=\alpha(k+1)^{-(1/2+\delta)}`, :math:`G_{-1}=0` and :math:`\gamma_0=1`, on the mini-batch
    :math:`B_k`:

    .. math::
        \theta_{k+1/2}&=\theta_k-\alpha_k\gamma_k\nabla J_{B_k}(\theta_k),\quad
        \theta_{k+1}=\theta_{k+1/2}-\alpha_k\gamma_k\nabla J_{B_k}(\theta_{k+1/2}),\\
        s&=\theta_{k+1/2}-\theta_k,\quad
        G_k=\beta G_{k-1}+(1-\beta)(\nabla J_{B_k}(\theta_{k+1/2})-\nabla J_{B_k}(\theta_k)),\\
        \gamma_{k+1}&=\|s\|^2/\langle G_k/(1-\beta^{k+1}),s\rangle\ \text{where that is positive, else}\ \nu,
        \ \text{clipped to}\ [m,M].

    Parameters
    ----------
    step_size : float, array_like or Schedule
        α: a positive number; an array or a schedule multiplies the decay.
    nu : float
        ν > 0: γ where the averaged curvature is not positive.
    beta : float
        Weight β of the old average of gradient changes, in [0, 1).
    m, M : float
        Bounds of γ, 0 < m ≤ M.
    delta : float
        δ ≥ −1/2 of the decay; −1/2 is none.
    period : int
        Updates between falls of :math:`\alpha_k`: with 1 it falls at each update, with the number of mini-batches in an
        epoch once an epoch.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range.

    Notes
    -----
    One update is one mini-batch, two gradients and one k. The recorded step size is :math:`\alpha_k\gamma_k`, which
    depends on earlier mini-batches only. Convergence (Theorem 1 of the paper) is shown for δ in (0, 1/2) and, because
    γ₀ = 1 is not clipped, for m ≤ 1 ≤ M; the algorithm itself needs neither.

    References
    ----------
    Castera, Bolte, Févotte, Pauwels, arXiv:2103.03570, Algorithm 2.

    Examples
    --------
    On a quadratic of curvature 1 the first measured γ is 1; with α = 1/2 and no decay an update then divides x by four:

    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> run = simulate(StepTunedSGD(step_size=0.5, delta=-0.5), quadratic(eigenvalues=[1.0]), steps=2, x0=[64.0])
    >>> run.x, run.gradients[-1]
    (array([4.]), np.float64(4.0))
    """

    step_size: StepSize
    nu: float = 2.0
    beta: float = 0.9
    m: float = 0.5
    M: float = 2.0
    delta: float = 0.001
    period: int = 1

    def check(self) -> None:
        """Refuse numbers with which a step could vanish, turn round or grow."""
        require_positive("nu", self.nu, "it is the step where the curvature is not positive")
        require_fraction("beta", self.beta, "it weighs the old average, and with 1 nothing new would enter")
        require_positive("m", self.m, "it bounds γ from below, and a step must go downhill")
        require_positive("M", self.M, "it bounds γ from above")
        require_at_least("M", self.M, self.m, "γ is clipped to [m, M]")
        require_at_least("delta", self.delta, -0.5, "the step falls like (k+1)^-(1/2+δ) and must not grow")
        require_at_least("period", self.period, 1, "it counts updates")


class Curvature(NamedTuple):
    """What past mini-batches have said of the curvature."""

    gamma: np.ndarray  # γ of the next update, shape (1,)
    average: np.ndarray  # moving average of gradient changes, begun at zero, shape (d,)
    gradient: np.ndarray  # the second gradient on a mini-batch, shape (d,)


@implements(update, StepTunedSGD)
def _(method, oracle, point, memory, k):
    x, first, second, average = point.x, point.gradient, memory.gradient, memory.average
    step = scheduled(method.step_size, k) * decay(k, method.period, method.delta) * memory.gamma[0]
    point.step_size[0] = step
    for j in range(len(x)):
        x[j] -= step * first[j]
    gradient(oracle, x, second)
    correction = bias_correction(method.beta, k)
    squared_length = curvature = 0.0
    for j in range(len(x)):
        s = -step * first[j]
        average[j] = method.beta * average[j] + (1.0 - method.beta) * (second[j] - first[j])
        squared_length += s * s
        curvature += s * average[j] / correction
        x[j] -= step * second[j]
    gamma = squared_length / curvature if curvature > 0.0 else method.nu
    memory.gamma[0] = min(max(gamma, method.m), method.M)


@implements(new_memory, StepTunedSGD)
def _(method, dimension):
    return Curvature(np.ones(1), np.zeros(dimension), np.zeros(dimension))


always(requires, StepTunedSGD, answer=(value_and_gradient, gradient))
