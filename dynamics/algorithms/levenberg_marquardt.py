"""Levenberg and Marquardt's method: Newton steps, damped as far as the loss falls short of its model."""

from typing import Literal, NamedTuple

import numpy as np

from dynamics.algorithms.parts.damping import check_ratios, new_damped, next_damping
from dynamics.algorithms.parts.eigenvalues import (
    GaussNewtonMatrix,
    Hessian,
    Solver,
    check_spectrum,
    combine,
    decompose,
)
from dynamics.algorithms.parts.trial_steps import judge_downhill, keep, stay
from dynamics.checks import require_at_least, require_positive
from dynamics.kernels.declarations import always
from dynamics.kernels.generic import implements
from dynamics.kernels.policy import kernel
from dynamics.protocol.method import full_batch_only, new_memory, requires, update, uses_loss
from dynamics.protocol.oracle import gauss_newton_product, gradient, hessian_product, value
from dynamics.words import places

Curvature = Literal["gauss-newton", "hessian"]
GAUSS_NEWTON, HESSIAN = places(Curvature)


class LevenbergMarquardt(NamedTuple):
    r"""Damped Newton method with the damping of Levenberg and Marquardt.

    .. math::
        s_k=-(B_k+\nu_kI)^{-1}g_k,\qquad\rho_k=\frac{f(x_k)-f(x_k+s_k)}{m_k(0)-m_k(s_k)},\qquad
        m_k(s)=f(x_k)+g_k^\top s+\tfrac12s^\top B_ks

    The iterate moves by :math:`s_k` where :math:`\rho_k\ge\eta_1` and stays otherwise. The damping falls by the factor
    `decrease`, down to `min_damping`, where :math:`\rho_k\ge\eta_2`, and grows by the factor `increase` where
    :math:`\rho_k<\eta_1`.

    Parameters
    ----------
    curvature : {"gauss-newton", "hessian"}
        B: the `"gauss-newton"` matrix, or the `"hessian"`. Where a Hessian with damping is not positive definite, ν
        grows by the factor `increase` until it is.
    damping : float
        ν₀ > 0, in the units of B. For a sum of squares, B is twice JᵀJ: in methods that minimise half of it, or add
        their damping to JᵀJ, the same step has half the damping.
    min_damping : float
        The least damping, above 0.
    eta1, eta2 : float
        0 < η₁ ≤ η₂ < 1.
    increase, decrease : float
        Factor and divisor of the damping, above 1 and at least 1. Marquardt takes 10 for both.
    solver, max_inner
        As for `SaddleFreeNewton`.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range or a word is none of these.
    MissingImplementation
        When a run starts, if the problem has no `gauss_newton_product` (or `hessian_product`).

    Notes
    -----
    An iteration costs one value, one gradient if its step is accepted, and the products at each new iterate: a rejected
    step costs none, since the eigenvalues serve every damping. The damping is never switched off, so that convergence
    to a minimiser with residuals 0 is superlinear only as ν vanishes. The step size recorded is NaN.

    Where the falls of loss and model are within :math:`2.2\cdot10^{-15}|f|`, where rounding hides them, ρ takes for
    that of the loss :math:`-\tfrac12s_k^\top(g_k+g_{k+1})`, for one gradient more if the step is refused. No step is
    taken to a loss that is higher, even by rounding. The run ends with LINE_SEARCH_FAILED where steps that were
    refused have become so short that they no longer move the iterate: it is then as near to a minimiser as values can
    tell, and a tolerance on the gradient, if there is one, was too small for them.

    References
    ----------
    Levenberg: A method for the solution of certain non-linear problems in least squares (1944).
    Marquardt: An algorithm for least-squares estimation of nonlinear parameters (1963).
    Adolphs, Kohler, Lucchi, arXiv:1905.09201, appendix G, equation (53).

    Examples
    --------
    >>> from dynamics import Stop, simulate
    >>> from synthetic import beale
    >>> run = simulate(LevenbergMarquardt(), beale(), steps=100, stop=Stop(gradient_norm=1e-10))
    >>> run.status.name, run.x.round(9)
    ('CONVERGED', array([3. , 0.5]))
    """

    curvature: Curvature = "gauss-newton"
    damping: float = 1.0
    min_damping: float = 1e-12
    eta1: float = 0.01
    eta2: float = 0.75
    increase: float = 10.0
    decrease: float = 10.0
    solver: Solver = "dense"
    max_inner: int = 50

    def check(self) -> None:
        """Refuse numbers outside their ranges."""
        require_positive("min_damping", self.min_damping, "without damping a flat direction has no step")
        require_at_least("damping", self.damping, self.min_damping, "min_damping is the least")
        check_ratios(self)
        check_spectrum(self)


@kernel
def damped_step(spectrum, damping):
    """Write the step into the coordinates of the eigenvectors; how much the model falls by it."""
    decrease = 0.0
    for i in range(spectrum.size[0]):
        y = -spectrum.gamma[i] / (spectrum.eigenvalues[i] + damping)
        spectrum.step[i] = y
        decrease += 0.5 * (spectrum.eigenvalues[i] + 2.0 * damping) * y * y
    return decrease


@implements(update, LevenbergMarquardt)
def _(method, oracle, point, memory, k):
    x, spectrum, damping = point.x, memory.spectrum, memory.damping
    point.step_size[0] = np.nan
    keep(memory.evaluations, point)
    if memory.moved[0] and not decompose(spectrum, oracle, x, point.gradient):
        stay(point, np.nan)
        return
    while spectrum.eigenvalues[0] + damping[0] <= 0.0:
        damping[0] *= method.increase
    decrease = damped_step(spectrum, damping[0])
    if decrease == 0.0:
        memory.moved[0] = 0
        stay(point, 0.0)
        return
    combine(spectrum, 1.0, x, memory.trial)
    rho = judge_downhill(method, oracle, point, memory, decrease)
    damping[0] = next_damping(method, damping[0], rho, method.min_damping)


@implements(new_memory, LevenbergMarquardt)
def _(method, dimension):
    matrix = GaussNewtonMatrix() if method.curvature == GAUSS_NEWTON else Hessian()
    return new_damped(method, dimension, method.damping, matrix)


always(uses_loss, LevenbergMarquardt)


@implements(requires, LevenbergMarquardt)
def _(method):
    return (value, gradient, gauss_newton_product if method.curvature == GAUSS_NEWTON else hessian_product)


always(full_batch_only, LevenbergMarquardt)
