"""Newton's method in a trust region: a sphere, or an ellipsoid that follows the gradients."""

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
    redrawn,
    stay,
)
from dynamics.algorithms.trust_region.exact import new_exact
from dynamics.algorithms.trust_region.full_norm import new_norm
from dynamics.algorithms.trust_region.gltr import new_lanczos
from dynamics.algorithms.trust_region.norm import Accumulate, EpsMode, Norm, check_norm, update_norm
from dynamics.algorithms.trust_region.radius import check_radius, next_radius
from dynamics.algorithms.trust_region.subproblem import Stopping, new_steihaug, solve
from dynamics.checks import Refusal, require_at_least
from dynamics.kernels.generic import implements
from dynamics.protocol.method import full_batch_only, new_memory, requires, update, uses_loss
from dynamics.words import places

Solver = Literal["steihaug", "gltr", "exact"]
STEIHAUG, GLTR, DENSE = places(Solver)


class TrustRegion(NamedTuple):
    r"""Second-order trust region with a spherical or an ellipsoidal norm.

    Each iteration minimises the quadratic model of the loss in a ball of radius Δ, roughly, and compares what the loss
    does with what the model foretold:

    .. math::
        s_k\approx\arg\min_{\|s\|_{M_k}\le\Delta_k}g_k^\top s+\tfrac12s^\top\nabla^2f(x_k)s,\qquad
        \rho_k=\frac{f(x_k)-f(x_k+s_k)}{m_k(0)-m_k(s_k)}

    The iterate moves by :math:`s_k` where :math:`\rho_k\ge\eta_1` and stays otherwise. The radius grows by the factor
    `increase`, up to `max_radius`, where :math:`\rho_k\ge\eta_2`; it shrinks by the factor `decrease` where
    :math:`\rho_k<\eta_1`.

    Parameters
    ----------
    norm : {"sphere", "adagrad", "rmsprop"}
        `"sphere"`: M is the identity. `"adagrad"` and `"rmsprop"`: M is the root of the sum, or of the moving average
        :math:`(1-\beta)\sum_i\beta^{k-i}g_ig_i^\top`, of outer products of the gradients up to and with the current
        one, plus ε.
    solver : {"steihaug", "gltr", "exact"}
        `"steihaug"`: conjugate gradients with M as preconditioner, up to the boundary or a direction of curvature that
        is not positive. `"gltr"`: the same inside the ball; on the boundary, the minimiser of the model in the ball on
        Krylov spaces that go on growing. `"exact"`: the global minimiser of the model, by the eigenvalues of the
        Hessian, for small dimensions d: it takes :math:`O(d^3)` operations.
    radius : float
        Δ₀, at most `max_radius`. The authors' code takes 0.05, and 1e-4 for RMSprop.
    max_radius : float
        The largest radius.
    eta1, eta2 : float
        0 < η₁ ≤ η₂ < 1.
    increase : float
        Factor of the radius after a very successful step, at least 1.
    decrease : float
        Divisor of the radius after a rejected step, above 1. The authors' code takes 1.5, and 1.75 for RMSprop.
    kappa, theta : float
        The inner iteration stops where :math:`\|r\|\le\|g\|\min(\kappa,\|g\|^\theta)`, r the gradient of the model (and
        of the ball's multiplier, on the boundary); κ in (0, 1), θ ≥ 0. With θ > 0 the method converges superlinearly.
        No part of the exact solver.
    max_inner : int
        Hessian products of an iteration, at most. No part of the exact solver.
    beta : float
        β of RMSprop, in [0, 1).
    eps : float
        ε > 0.
    eps_mode : {"every_step", "initial"}
        `"every_step"`: ε is added to the sums anew at each step. `"initial"`: it is added once, to the first sums, and
        fades with RMSprop's averages, as in the authors' code.
    accumulate : {"every", "successful"}
        Whether `"every"` iteration takes its gradient into the sums (so that one is taken again after a rejected step,
        as in the authors' code), or only one that comes after a `"successful"` step.
    matrix : {"diagonal", "full"}
        Of the ellipsoids: `"diagonal"`, of the sums' diagonal alone; or `"full"`, for small dimensions d: each gradient
        that is taken in costs :math:`O(d^3)` operations for eigenvalues. A sphere has none.
    stop : {"residual", "model"}
        When the inner iteration stops: by the `"residual"`, as above; or, as in the authors' runs, by the `"model"`:
        where its last step brought at most κ times the fall of the model so far.
    derivatives : {"full", "sampled"}
        `"full"`: of the full batch. `"sampled"`: gradient and Hessian of the mini-batch of the iteration.
    values : {"full", "sampled"}
        What the fall of the loss is taken from where derivatives are sampled: `"full"` values, or values `"sampled"` on
        the same mini-batch.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range or a word is none of these.
    MissingImplementation
        When a run starts, if the problem has no `hessian_product` (`sampled_hessian_product` where it is sampled).

    Notes
    -----
    An iteration costs one value, one gradient if its step is accepted, and Hessian products: as many as inner steps,
    or, with the exact solver, d at each new iterate. Nothing is evaluated twice. With sampled derivatives it costs one
    gradient and one value (two where values are sampled), and products at every iteration. A trial whose value is NaN
    is rejected. Both differences in ρ are raised by :math:`2.2\cdot10^{-15}|f|`, so that rounding rejects no step
    when the run has nearly converged. Where the gradient is exactly 0 the inner iterations stay, be it at a saddle;
    the exact solver leaves a saddle. Of the full batch, the run ends with LINE_SEARCH_FAILED where refused steps no
    longer move the iterate, and with NOT_FINITE where the model is not finite. There is no scalar step size: NaN is
    recorded.

    References
    ----------
    Adolphs, Kohler, Lucchi: Ellipsoidal trust region methods and the marginal value of Hessian information for neural
    network training, arXiv:1905.09201, Algorithm 1 and equation (52).
    Conn, Gould, Toint: Trust-region methods (2000), Algorithm 7.5.1 (Steihaug and Toint's conjugate gradients, with the
    recurrences of the norms) and section 17.4.2 (rounding in ρ).
    Gould, Lucidi, Roma, Toint: Solving the trust-region subproblem using the Lanczos method, SIAM J. Optim. 9 (1999)
    (`"gltr"`).
    Moré, Sorensen: Computing a trust region step, SIAM J. Sci. Stat. Comput. 4 (1983) (the exact solver).

    Examples
    --------
    On a convex quadratic inside the ball the step is Newton's:

    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> run = simulate(TrustRegion(radius=5.0, kappa=1e-9), quadratic(eigenvalues=[4.0, 1.0]), steps=1, x0=[1.0, 1.0])
    >>> run.x.round(12) + 0.0, run.hessian_products.tolist()
    (array([0., 0.]), [0.0, 2.0])
    """

    norm: Norm = "sphere"
    solver: Solver = "steihaug"
    radius: float = 0.05
    max_radius: float = 10.0
    eta1: float = 0.01
    eta2: float = 0.95
    increase: float = 1.1
    decrease: float = 1.5
    kappa: float = 0.1
    theta: float = 0.5
    max_inner: int = 50
    beta: float = 0.8
    eps: float = 1e-10
    eps_mode: EpsMode = "every_step"
    accumulate: Accumulate = "every"
    matrix: Matrix = "diagonal"
    stop: Stopping = "residual"
    derivatives: Batch = "full"
    values: Batch = "full"

    def check(self) -> None:
        """Refuse numbers outside their ranges."""
        check_norm(self)
        check_radius(self)
        check_evaluations(self)
        if not 0 < self.kappa < 1:
            raise Refusal(f"kappa = {self.kappa} must lie in (0, 1) (with 1 no conjugate-gradient step); try 0.1.")
        require_at_least("theta", self.theta, 0, "a smaller gradient must not loosen the tolerance")
        require_at_least("max_inner", self.max_inner, 1, "one step makes the Cauchy point, which convergence rests on")


class TrustRegionMemory(NamedTuple):
    """The radius, the norm, and scratch."""

    radius: np.ndarray  # shape (1,)
    moved: np.ndarray  # 1 where the last step was accepted, shape (1,)
    trial: np.ndarray  # the step, then the point it leads to, shape (d,)
    norm: Any  # Sphere, DiagonalNorm or FullNorm
    solver: Any  # Steihaug, Lanczos or Exact
    evaluations: Any  # WholeBatch, OnSample or SampledDerivatives


@implements(update, TrustRegion)
def _(method, oracle, point, memory, k):
    x, trial = point.x, memory.trial
    point.step_size[0] = np.nan
    keep(memory.evaluations, point)
    update_norm(memory.norm, method, point.gradient, memory.moved[0])
    decrease = solve(memory.solver, method, oracle, x, point.gradient, memory)
    lasting = not redrawn(memory.evaluations)  # what is computed here again is the same
    if decrease == 0.0 or (lasting and not decrease > 0.0):
        memory.moved[0] = 0
        if lasting:
            stay(point, decrease)
        return
    for j in range(len(x)):
        trial[j] += x[j]
    rho = judge(memory.evaluations, method, oracle, point, memory, decrease)
    memory.radius[0] = next_radius(method, memory.radius[0], rho)


def _new_solver(method, dimension):
    if method.solver == DENSE:
        return new_exact(dimension)
    return new_lanczos(dimension, method.max_inner) if method.solver == GLTR else new_steihaug(dimension)


@implements(new_memory, TrustRegion)
def _(method, dimension):
    return TrustRegionMemory(
        np.array([method.radius]),
        np.ones(1, dtype=np.int64),
        np.zeros(dimension),
        new_norm(method, dimension),
        _new_solver(method, dimension),
        new_evaluations(method),
    )


@implements(uses_loss, TrustRegion)
def _(method):
    return method.derivatives == EXACT or method.values == SAMPLED


@implements(requires, TrustRegion)
def _(method):
    return evaluated(method, True)


@implements(full_batch_only, TrustRegion)
def _(method):
    return method.derivatives == EXACT
