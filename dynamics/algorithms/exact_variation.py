"""Mini-batch steps tuned by the whole gradient: its change between iterates, or the change expected of a mini-batch."""

from typing import NamedTuple

import numpy as np

from dynamics.algorithms.parts.gradient_changes import require_safeguards, tuned_step
from dynamics.kernels.declarations import always
from dynamics.kernels.generic import generic, implements
from dynamics.protocol.full_and_sampled import Full, Sampled, whole
from dynamics.protocol.method import new_memory, requires, update
from dynamics.protocol.oracle import (
    gradient,
    hessian_product,
    mean_curved_gradient,
    prepare_products,
    prepared_product,
    value_and_gradient,
)
from dynamics.protocol.sampling_variance import sampling_variance
from dynamics.protocol.schedules import StepSize


class ExactGV(NamedTuple):
    r"""SGD with the Barzilai–Borwein step of the full-batch gradient.

    With :math:`\Delta\theta_k=\theta_k-\theta_{k-1}` and
    :math:`\Delta g_k=\nabla J(\theta_k)-\nabla J(\theta_{k-1})`,

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
    A step takes a full-batch gradient, which is counted, besides that of its mini-batch. The paper has it as a
    yardstick: γ depends on earlier mini-batches only, and sees nothing but curvature. On a problem with exact gradients
    a step takes one gradient, and the method is `StochasticGV`.

    References
    ----------
    Castera, Bolte, Févotte, Pauwels, arXiv:2103.03570, section 3.3.

    Examples
    --------
    >>> from dynamics import simulate
    >>> from synthetic import carmon
    >>> run = simulate(ExactGV(0.5), carmon(samples=100, batch_size=10, rng=0), steps=30, rng=1)
    >>> run.gradients.tolist()
    [0.0, 11.0, 22.0, 33.0]
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


class ExpectedGV(NamedTuple):
    r"""SGD with the Barzilai–Borwein step of the change that is expected of a mini-batch's gradient along its own step.

    With :math:`\Delta\theta_k=\theta_k-\theta_{k-1}=-s_{k-1}\nabla J_{B_{k-1}}(\theta_{k-1})`, where s is the step in
    force,

    .. math::
        \theta_{k+1}&=\theta_k-\frac{\alpha}{(q+1)^{1/2+\delta}}\,\gamma_k\nabla J_{B_k}(\theta_k),\qquad
        \gamma_k=\frac{\|\Delta\theta_k\|^2}{\langle\Delta\theta_k,\Delta g_k\rangle}
        \text{ if that is positive, else }\nu,\\
        \Delta g_k&=-s_{k-1}\,\mathbb E_B[\nabla^2J_B\nabla J_B](\theta_{k-1}),\\
        \mathbb E_B[\nabla^2J_B\nabla J_B]&=v\,\frac1N\sum_n\nabla^2J_n\nabla J_n+(1-v)\,\nabla^2J\,\nabla J,
        \qquad v=\frac{N-b}{b(N-1)},

    clipped to [m, M]; :math:`\gamma_0=1`, and q is ⌊k / period⌋. The closed form of the expectation is that for b out
    of N samples without replacement; with replacement v = 1/b. Under additive gradient noise v = 0.

    Parameters
    ----------
    step_size : float, array_like or Schedule
        α: a positive number; an array or a schedule multiplies the decay.
    nu : float
        ν > 0: γ where the expected change shows no positive curvature.
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
    MissingImplementation
        If the problem has no Hessian product, or no `mean_curved_gradient`.

    Notes
    -----
    Besides the gradient of its mini-batch a step takes two full-batch gradients and two full-batch Hessian products,
    which are counted: one of each for either mean of the closed form. Where v = 0 it takes one of each, and on a
    problem with exact gradients only the product. Like `ExactGV` this is a yardstick; γ depends on earlier mini-batches
    only.

    References
    ----------
    Castera, Bolte, Févotte, Pauwels, arXiv:2103.03570, section 3.3, equations (14) and (15).

    Examples
    --------
    >>> from dynamics import simulate
    >>> from synthetic import carmon
    >>> run = simulate(ExpectedGV(0.5), carmon(samples=100, batch_size=10, rng=0), steps=30, rng=1)
    >>> run.gradients.tolist(), run.hessian_products.tolist()
    ([0.0, 21.0, 42.0, 63.0], [0.0, 20.0, 40.0, 60.0])
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


class WholeStep(NamedTuple):
    """The iterate before, and what the whole sum says of the gradient there."""

    x: np.ndarray  # shape (d,)
    gradient: np.ndarray  # full batch, at x for ExactGV and scratch for ExpectedGV, shape (d,)
    change: np.ndarray  # of the gradient since then: expected for ExpectedGV, scratch for ExactGV, shape (d,)


@generic()
def whole_gradient(oracle, point, out):
    """Write the full-batch gradient at `point.x` into `out`."""


@implements(whole_gradient, Full)
def _(oracle, point, out):
    for j in range(len(out)):
        out[j] = point.gradient[j]


@implements(whole_gradient, Sampled)
def _(oracle, point, out):
    gradient(whole(oracle), point.x, out)


@implements(update, ExactGV)
def _(method, oracle, point, memory, k):
    x, g, seen = point.x, point.gradient, memory.change
    whole_gradient(oracle, point, seen)
    squared_length = curvature = 0.0
    for j in range(len(x)):
        s = x[j] - memory.x[j]
        squared_length += s * s
        curvature += s * (seen[j] - memory.gradient[j])
        memory.x[j] = x[j]
        memory.gradient[j] = seen[j]
    step = tuned_step(method, squared_length, curvature, k)
    point.step_size[0] = step
    for j in range(len(x)):
        x[j] -= step * g[j]


@generic()
def expected_curved_gradient(oracle, point, spare, out):
    """Write the mean of the Hessian times the gradient at `point.x`, both of one sample, into `out`."""


@implements(expected_curved_gradient, Full)
def _(oracle, point, spare, out):
    hessian_product(oracle, point.x, point.gradient, out)


@implements(expected_curved_gradient, Sampled)
def _(oracle, point, spare, out):
    exact = whole(oracle)
    prepare_products(exact, point.x)  # what the three means share
    gradient(exact, point.x, spare)
    prepared_product(exact, point.x, spare, out)
    variance = sampling_variance(oracle.problem, oracle.sample)
    if variance > 0.0:
        mean_curved_gradient(exact, point.x, spare)
        for j in range(len(out)):
            out[j] += variance * (spare[j] - out[j])


@implements(update, ExpectedGV)
def _(method, oracle, point, memory, k):
    x, g, change = point.x, point.gradient, memory.change
    squared_length = curvature = 0.0
    for j in range(len(x)):
        s = x[j] - memory.x[j]
        squared_length += s * s
        curvature += s * change[j]
    step = tuned_step(method, squared_length, curvature, k)
    point.step_size[0] = step
    expected_curved_gradient(oracle, point, memory.gradient, change)
    for j in range(len(x)):
        memory.x[j] = x[j]
        change[j] *= -step
        x[j] -= step * g[j]


def _last_step(method, dimension):
    return WholeStep(np.zeros(dimension), np.zeros(dimension), np.zeros(dimension))


implements(new_memory, ExactGV)(_last_step)
implements(new_memory, ExpectedGV)(_last_step)


always(requires, ExactGV, answer=(value_and_gradient, gradient))
always(requires, ExpectedGV, answer=(value_and_gradient, gradient, hessian_product, mean_curved_gradient))
