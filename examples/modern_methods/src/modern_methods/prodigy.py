"""Prodigy: Adam with an estimate of the distance to the solution that grows faster than D-Adaptation's."""

from typing import NamedTuple

import numpy as np

from dynamics.algorithms.parts import moments
from dynamics.checks import require_at_least, require_fraction, require_positive
from dynamics.protocol import (
    StepSize,
    always,
    implements,
    kernel,
    new_memory,
    runs_in_lanes,
    scheduled,
    update,
    where_positive,
)

__all__ = ["Prodigy"]


class Distances(NamedTuple):
    """What Prodigy remembers."""

    start: np.ndarray  # x_0, shape (d,)
    mean: np.ndarray  # of d·g, shape (d,)
    mean_square: np.ndarray  # of (d·g)², shape (d,)
    total: np.ndarray  # s, the average of γd²g, shape (d,)
    estimate: np.ndarray  # d, shape (1,)
    products: np.ndarray  # r, the average of γd²⟨g, x_0 - x⟩, shape (1,)


class Prodigy(NamedTuple):
    r"""Adam whose step size is an estimate d of the distance to the solution in the largest coordinate.

    With :math:`\rho=\sqrt{\beta_2}` and :math:`\lambda_t=\gamma_td_t`,

    .. math::
        r_{t+1}&=\rho r_t+d_t\lambda_t\langle g_t,x_0-x_t\rangle,\quad s_{t+1}=\rho s_t+d_t\lambda_tg_t,\quad
        d_{t+1}=\max\Big(d_t,\frac{c\,r_{t+1}}{\|s_{t+1}\|_1}\Big),\\
        m_{t+1}&=\beta_1m_t+(1-\beta_1)d_tg_t,\quad v_{t+1}=\beta_2v_t+(1-\beta_2)d_t^2g_t^2,\quad
        x_{t+1}=x_t-\lambda_t\Big(\frac{m_{t+1}}{\sqrt{v_{t+1}}+d_{t+1}\epsilon}+\omega x_t\Big)

    Parameters
    ----------
    step_size : float, array_like or Schedule
        γ, a factor: 1, or a schedule.
    beta1, beta2 : float
        Adam's weights, in [0, 1).
    eps : float
        ε ≥ 0.
    decay : float
        ω ≥ 0, decoupled.
    d0 : float
        The first estimate, which should lie below the distance.
    coefficient : float
        c, a factor of the estimate.
    bias_correction : bool
        Whether Adam's averages are corrected for their start at 0, by a factor √(1 - β₂ᵗ)/(1 - β₁ᵗ) of λ.
    safeguard : bool
        Whether s averages d²g without γ, so that small steps of a warm-up do not let the estimate grow too far.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range.

    Notes
    -----
    The last factor 1 - ρ of both averages is left out, since only their quotient counts. A first step of 0 leaves the
    estimate alone. The recorded step size is λ.

    References
    ----------
    Mishchenko, Defazio: Prodigy, an expeditiously adaptive parameter-free learner, arXiv:2306.06101, Algorithm 4.

    Examples
    --------
    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> run = simulate(Prodigy(), quadratic(eigenvalues=[1.0, 0.5]), steps=100, x0=[3.0, -4.0])
    >>> bool(0.1 < run.state.memory.estimate[0] < 4.0)
    True
    """

    step_size: StepSize = 1.0
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    decay: float = 0.0
    d0: float = 1e-6
    coefficient: float = 1.0
    bias_correction: bool = False
    safeguard: bool = False

    def check(self) -> None:
        """Refuse numbers outside their ranges."""
        why = "it weighs the old average, and with 1 no gradient would ever enter"
        require_fraction("beta1", self.beta1, why)
        require_fraction("beta2", self.beta2, why)
        require_at_least("eps", self.eps, 0, "a negative one could turn the step uphill")
        require_at_least("decay", self.decay, 0, "a negative one would let the iterate grow")
        require_positive("d0", self.d0, "from 0 the estimate would never grow")
        require_positive("coefficient", self.coefficient, "it multiplies the estimate")


@kernel
def correction(method, k):
    """What bias correction makes of the step."""
    if not method.bias_correction:
        return 1.0
    return np.sqrt(moments.bias_correction(method.beta2, k)) / moments.bias_correction(method.beta1, k)


@implements(update, Prodigy)
def _(method, oracle, point, memory, k):
    x, g, start, m, v, s = point.x, point.gradient, memory.start, memory.mean, memory.mean_square, memory.total
    if k == 0:
        memory.estimate[0] = memory.estimate[0] + method.d0
        for j in range(len(x)):
            start[j] = x[j]
    d, rho = memory.estimate[0], np.sqrt(method.beta2)
    step = scheduled(method.step_size, k) * d * correction(method, k)
    entering = d if method.safeguard else step
    point.step_size[0] = step
    product, length = 0.0 * g[0], 0.0 * g[0]
    for j in range(len(x)):
        product += g[j] * (start[j] - x[j])
        m[j] = method.beta1 * m[j] + (1.0 - method.beta1) * d * g[j]
        v[j] = method.beta2 * v[j] + (1.0 - method.beta2) * (d * g[j]) * (d * g[j])
        s[j] = rho * s[j] + d * entering * g[j]
        length += abs(s[j])
    memory.products[0] = rho * memory.products[0] + d * step * product
    found = method.coefficient * memory.products[0] / where_positive(length, length, 1.0)
    memory.estimate[0] = where_positive(found - d, found, d)
    eps = memory.estimate[0] * method.eps
    for j in range(len(x)):
        x[j] -= step * (moments.normalized(m[j], v[j], eps) + method.decay * x[j])


@implements(new_memory, Prodigy)
def _(method, dimension):
    return Distances(*(np.zeros(dimension) for _ in range(4)), np.zeros(1), np.zeros(1))


always(runs_in_lanes, Prodigy)
