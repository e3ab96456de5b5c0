"""Steepest descent in a trust region: normalised gradient steps, in the norm of a sphere or of an ellipsoid."""

from typing import Any, Literal, NamedTuple

import numpy as np

from dynamics.algorithms.parts.full_matrix import Matrix
from dynamics.algorithms.parts.trial_steps import (
    EXACT,
    SAMPLED,
    Batch,
    check_evaluations,
    evaluated,
    judge,
    keep,
    new_evaluations,
)
from dynamics.algorithms.trust_region.full_norm import new_norm
from dynamics.algorithms.trust_region.norm import Accumulate, EpsMode, Norm, check_norm, precondition, update_norm
from dynamics.algorithms.trust_region.radius import check_radius, next_radius
from dynamics.kernels.generic import implements
from dynamics.protocol.method import full_batch_only, new_memory, requires, update, uses_loss
from dynamics.words import places

Acceptance = Literal["ratio", "every"]
RATIO, EVERY_STEP = places(Acceptance)


class FirstOrderTrustRegion(NamedTuple):
    r"""First-order trust region: the linear model of the loss, minimised in a ball of radius Δ.

    .. math::
        s_k=\arg\min_{\|s\|_{M_k}\le\Delta_k}g_k^\top s=-\Delta_k\frac{M_k^{-1}g_k}{\|g_k\|_{M_k^{-1}}}

    On a sphere this is a normalised gradient step; in the ellipsoids the direction is that of Adagrad or RMSprop, with
    ε under the root.

    Parameters
    ----------
    norm : {"sphere", "adagrad", "rmsprop"}
        `"sphere"`, `"adagrad"` or `"rmsprop"`, as for `TrustRegion`.
    radius : float
        Δ₀, at most `max_radius`.
    acceptance : {"ratio", "every"}
        `"ratio"`: steps are accepted, and the radius is set, by the fall of the loss over that of the model, as by
        `TrustRegion`. `"every"`: each step is taken, and the radius stays.
    max_radius, eta1, eta2, increase, decrease : float
        As for `TrustRegion`; without effect where every step is taken.
    beta, eps, eps_mode, accumulate, matrix, derivatives, values
        As for `TrustRegion`.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range or a word is none of these.

    Notes
    -----
    The recorded step size is the factor of the preconditioned gradient :math:`M^{-1}g`, which is
    :math:`\Delta/\|g\|_{M^{-1}}`, and 0 where the run stays: after a rejected step, or where the gradient is exactly 0.
    With `acceptance="ratio"` an iteration costs one value, and one gradient if its step is accepted; with `"every"`,
    one gradient. With sampled derivatives it costs a gradient each, and values as `TrustRegion` does.

    References
    ----------
    Adolphs, Kohler, Lucchi: Ellipsoidal trust region methods and the marginal value of Hessian information for neural
    network training, arXiv:1905.09201, Lemma 1 and Algorithm 1 with B = 0.

    Examples
    --------
    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> method = FirstOrderTrustRegion(radius=0.5, acceptance="every")
    >>> simulate(method, quadratic(eigenvalues=[3.0, 2.0]), steps=1, x0=[1.0, 2.0]).x
    array([0.7, 1.6])
    """

    norm: Norm = "sphere"
    radius: float = 0.05
    acceptance: Acceptance = "ratio"
    max_radius: float = 10.0
    eta1: float = 0.01
    eta2: float = 0.95
    increase: float = 1.1
    decrease: float = 1.5
    beta: float = 0.8
    eps: float = 1e-10
    eps_mode: EpsMode = "every_step"
    accumulate: Accumulate = "every"
    matrix: Matrix = "diagonal"
    derivatives: Batch = "full"
    values: Batch = "full"

    def check(self) -> None:
        """Refuse numbers outside their ranges."""
        check_norm(self)
        check_radius(self)
        check_evaluations(self)


class FirstOrderMemory(NamedTuple):
    """The radius, the norm, and where the step would lead."""

    radius: np.ndarray  # shape (1,)
    moved: np.ndarray  # 1 where the last step was accepted, shape (1,)
    trial: np.ndarray  # shape (d,)
    norm: Any  # Sphere, DiagonalNorm or FullNorm
    evaluations: Any  # WholeBatch, OnSample or SampledDerivatives


@implements(update, FirstOrderTrustRegion)
def _(method, oracle, point, memory, k):
    x, trial = point.x, memory.trial
    update_norm(memory.norm, method, point.gradient, memory.moved[0])
    squared_length = precondition(memory.norm, point.gradient, trial)
    length = np.sqrt(squared_length)
    step = memory.radius[0] / length if length > 0.0 else 0.0
    for j in range(len(x)):
        trial[j] = x[j] - step * trial[j]
    if method.acceptance == EVERY_STEP:
        for j in range(len(x)):
            x[j] = trial[j]
    else:
        keep(memory.evaluations, point)
        if step > 0.0:
            rho = judge(memory.evaluations, method, oracle, point, memory, step * squared_length)
            memory.radius[0] = next_radius(method, memory.radius[0], rho)
            step *= memory.moved[0]
    point.step_size[0] = step


@implements(new_memory, FirstOrderTrustRegion)
def _(method, dimension):
    return FirstOrderMemory(
        np.array([method.radius]),
        np.ones(1, dtype=np.int64),
        np.zeros(dimension),
        new_norm(method, dimension),
        new_evaluations(method),
    )


@implements(uses_loss, FirstOrderTrustRegion)
def _(method):
    return method.acceptance == RATIO and (method.derivatives == EXACT or method.values == SAMPLED)


@implements(requires, FirstOrderTrustRegion)
def _(method):
    return evaluated(method, False) if method.acceptance == RATIO else ()


@implements(full_batch_only, FirstOrderTrustRegion)
def _(method):
    return method.derivatives == EXACT
