"""Newton's method with adaptive cubic regularisation."""

from typing import NamedTuple

import numpy as np

from dynamics.algorithms.parts.damping import check_ratios, new_damped, next_damping
from dynamics.algorithms.parts.eigenvalues import Hessian, Solver, check_spectrum, combine, decompose
from dynamics.algorithms.parts.secular import SECULAR_STEPS, SECULAR_TOLERANCE, entry
from dynamics.algorithms.parts.trial_steps import judge_downhill, keep, stay
from dynamics.checks import require_at_least, require_positive
from dynamics.kernels.declarations import always
from dynamics.kernels.generic import implements
from dynamics.kernels.policy import kernel
from dynamics.protocol.method import full_batch_only, new_memory, requires, update, uses_loss
from dynamics.protocol.oracle import gradient, hessian_product, value


class CubicNewton(NamedTuple):
    r"""Adaptive regularisation with cubics (ARC).

    .. math::
        s_k=\arg\min_sm_k(s),\qquad m_k(s)=f(x_k)+g_k^\top s+\tfrac12s^\top\nabla^2f(x_k)s+\tfrac{\sigma_k}3\|s\|^3,
        \qquad\rho_k=\frac{f(x_k)-f(x_k+s_k)}{m_k(0)-m_k(s_k)}

    The iterate moves by :math:`s_k` where :math:`\rho_k\ge\eta_1` and stays otherwise. The penalty σ falls by the
    factor `decrease`, down to `min_penalty`, where :math:`\rho_k\ge\eta_2`, and grows by the factor `increase` where
    :math:`\rho_k<\eta_1`.

    Parameters
    ----------
    penalty : float
        σ₀ > 0, in the units of the third derivative: with σ at least half the Lipschitz constant of the Hessian every
        step is accepted.
    min_penalty : float
        The least penalty, above 0.
    eta1, eta2 : float
        0 < η₁ ≤ η₂ < 1.
    increase, decrease : float
        Factor and divisor of the penalty, above 1 and at least 1.
    solver : {"dense", "krylov"}
        `"dense"`: the global minimiser of the model, by the eigenvalues of the Hessian, for small dimensions d, from d
        products at each new iterate and :math:`O(d^3)` operations. `"krylov"`: the minimiser on the Krylov space of the
        Hessian and g, from as many products as that has dimensions.
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
    An iteration costs one value, one gradient if its step is accepted, and the products at each new iterate: a rejected
    step costs none. Where the gradient is exactly 0, be it at a saddle, the Krylov space is empty and the method stays;
    the dense solver leaves a saddle. There is no scalar step size: NaN is recorded.

    References
    ----------
    Nesterov, Polyak: Cubic regularization of Newton method and its global performance (2006).
    Cartis, Gould, Toint: Adaptive cubic regularisation methods for unconstrained optimization, Part I (2011), Algorithm
    2.1 and section 6.1 (the subproblem).

    Examples
    --------
    >>> from dynamics import Stop, simulate
    >>> from synthetic import himmelblau
    >>> run = simulate(CubicNewton(), himmelblau(), steps=100, stop=Stop(gradient_norm=1e-10))
    >>> run.status.name, run.x.round(9)
    ('CONVERGED', array([3., 2.]))
    """

    penalty: float = 1.0
    min_penalty: float = 1e-12
    eta1: float = 0.1
    eta2: float = 0.9
    increase: float = 2.0
    decrease: float = 2.0
    solver: Solver = "dense"
    max_inner: int = 50

    def check(self) -> None:
        """Refuse numbers outside their ranges."""
        require_positive("min_penalty", self.min_penalty, "without a penalty the model can be unbounded below")
        require_at_least("penalty", self.penalty, self.min_penalty, "min_penalty is the least")
        check_ratios(self)
        check_spectrum(self)


@kernel
def least_shift(eigenvalues, gamma, size, base, sigma):
    """A lower bound of t = b + σ‖s‖: what it would be if γ had one entry alone."""
    least = 0.0
    for i in range(size):
        # t² + (gap − b)t = gap b + σ|γ|, solved for its larger root without cancellation.
        gap = eigenvalues[i] - base
        half = 0.5 * (gap - base)
        constant = gap * base + sigma * abs(gamma[i])
        root = half + np.sqrt(max(half * half + constant, 0.0))
        least = max(least, constant / root if root > 0.0 else 0.0)
    return least


@kernel
def cubic_step(eigenvalues, gamma, size, sigma, y):
    """Write the global minimiser of γᵀy + Σ λᵢ yᵢ²/2 + σ‖y‖³/3 into y; how much that falls by it. λ ascends.

    With ν = σ‖y‖ it is y = −γ/(λ + ν), and ν ≥ −λ₁. The unknown is t = b + ν with b = min(λ₁, 0), so that no digits
    are lost where ν comes close to −λ₁, or to 0. Newton's method on 1/‖y(t)‖ − σ/(t − b), which rises and is concave:
    from below the root it never passes it.
    """
    base = min(eigenvalues[0], 0.0)
    t = least_shift(eigenvalues, gamma, size, base, sigma)
    squared = 0.0
    for _ in range(SECULAR_STEPS):
        squared = slope = 0.0
        for i in range(size):
            shifted = eigenvalues[i] - base + t
            y[i] = entry(gamma[i], shifted)
            squared += y[i] * y[i]
            slope += y[i] * y[i] / shifted if y[i] != 0.0 else 0.0
        length, nu = np.sqrt(squared), t - base
        if not sigma * length > nu * (1.0 + SECULAR_TOLERANCE):
            break
        t += (sigma / nu - 1.0 / length) / (slope / (squared * length) + sigma / (nu * nu))
    nu = t - base
    if base < 0.0 and t == 0.0:
        # The hard case: no t makes y as long as its penalty says. The lowest eigenvector fills it up.
        filled = max(nu / sigma * (nu / sigma) - squared, 0.0)
        y[0] += np.sqrt(filled)
        squared += filled
    decrease = nu * squared / 6.0
    for i in range(size):
        decrease += 0.5 * (eigenvalues[i] - base + t) * y[i] * y[i]
    return decrease


@implements(update, CubicNewton)
def _(method, oracle, point, memory, k):
    x, spectrum, penalty = point.x, memory.spectrum, memory.damping
    point.step_size[0] = np.nan
    keep(memory.evaluations, point)
    if memory.moved[0] and not decompose(spectrum, oracle, x, point.gradient):
        stay(point, np.nan)
        return
    decrease = cubic_step(spectrum.eigenvalues, spectrum.gamma, spectrum.size[0], penalty[0], spectrum.step)
    if decrease == 0.0:
        memory.moved[0] = 0
        stay(point, 0.0)
        return
    combine(spectrum, 1.0, x, memory.trial)
    rho = judge_downhill(method, oracle, point, memory, decrease)
    penalty[0] = next_damping(method, penalty[0], rho, method.min_penalty)


@implements(new_memory, CubicNewton)
def _(method, dimension):
    return new_damped(method, dimension, method.penalty, Hessian())


always(uses_loss, CubicNewton)
always(requires, CubicNewton, answer=(value, gradient, hessian_product))
always(full_batch_only, CubicNewton)
