r"""The trust-region subproblem, :math:`\min_s g^\top s+\tfrac12s^\top Bs` subject to :math:`\|s\|_M\le\Delta`.

Solved here by conjugate gradients as Steihaug and Toint do it, with the matrix M of the norm as preconditioner. A
solver is a NamedTuple of scratch with an implementation of `solve`, so that a run compiles only the one it uses.
"""

from typing import Literal, NamedTuple

import numpy as np

from dynamics.algorithms.trust_region.norm import is_round, precondition, scale
from dynamics.kernels.generic import generic, implements
from dynamics.kernels.policy import kernel
from dynamics.protocol.oracle import prepare_products, prepared_product
from dynamics.words import places

SETTLED, BOUNDARY, NEGATIVE_CURVATURE, INNER_STEPS = range(4)  # why the iteration ended
Stopping = Literal["residual", "model"]
RESIDUAL, MODEL = places(Stopping)


@generic()
def solve(solver, method, oracle, x, g, memory):
    """Write the step from x into `memory.trial`; return how much the model falls by it."""


class Steihaug(NamedTuple):
    """Scratch of the conjugate gradients."""

    residual: np.ndarray  # shape (d,)
    preconditioned: np.ndarray  # shape (d,)
    direction: np.ndarray  # shape (d,)
    product: np.ndarray  # shape (d,)


@kernel
def distance_to_boundary(ss, sp, pp, radius):
    """The σ ≥ 0 at which s + σp has the norm Δ, from the inner products of s and p in that norm; s·p ≥ 0."""
    gap = max(radius * radius - ss, 0.0)
    return gap / (sp + np.sqrt(sp * sp + pp * gap))


@kernel
def squared_tolerance(method, gg):
    """The squared length under which the gradient of the model has to fall, from that at s = 0."""
    return gg * min(method.kappa * method.kappa, gg**method.theta)


@kernel
def settled(method, short, gained, decrease):
    """Whether the inner iteration may stop: the model's gradient is short, or its last fall a small share of all."""
    return short if method.stop == RESIDUAL else gained <= method.kappa * decrease


@kernel
def begin(norm, g, step, scratch):
    """Begin at s = 0 along the steepest descent of the norm, -M⁻¹g; the squared lengths of g, Euclidean and dual."""
    gg, weight = 0.0, scale(norm)
    for j in range(len(g)):
        step[j] = 0.0
        scratch.residual[j] = g[j]
        gg += weight * g[j] * g[j]
    rz = gg if is_round(norm) else precondition(norm, scratch.residual, scratch.preconditioned)
    z = scratch.residual if is_round(norm) else scratch.preconditioned
    for j in range(len(g)):
        scratch.direction[j] = -z[j]
    return gg, rz


@kernel
def advance_step(norm, alpha, step, scratch):
    """Go α along the direction; the squared length of the model's gradient there."""
    residual, direction, product = scratch.residual, scratch.direction, scratch.product
    rr, weight = 0.0, scale(norm)
    for j in range(len(step)):
        step[j] += alpha * direction[j]
        residual[j] += alpha * product[j]
        rr += weight * residual[j] * residual[j]
    return rr


@kernel
def steihaug(oracle, x, g, norm, radius, method, step, scratch):
    """Write an approximate solution into `step`; how much the model falls by it, and why the iteration ended.

    B is the Hessian at x. Norms in M follow from the recurrences of the method, without a product with M. `method`
    has `kappa`, `theta`, `stop` and `max_inner`.
    """
    prepare_products(oracle, x)
    gg, rz = begin(norm, g, step, scratch)
    direction, product = scratch.direction, scratch.product
    z = scratch.residual if is_round(norm) else scratch.preconditioned
    tolerance = squared_tolerance(method, gg)
    decrease = ss = sp = 0.0
    pp = rz
    reason = INNER_STEPS if rz > 0.0 else SETTLED
    inner = 0
    while reason == INNER_STEPS and inner < method.max_inner:
        inner += 1
        prepared_product(oracle, x, direction, product)
        curvature = 0.0
        for j in range(len(g)):
            curvature += direction[j] * product[j]
        alpha = rz / curvature if curvature > 0.0 else np.inf
        if not curvature > 0.0:
            reason = NEGATIVE_CURVATURE
        elif ss + alpha * (2.0 * sp + alpha * pp) >= radius * radius:
            reason = BOUNDARY
        if reason != INNER_STEPS:
            alpha = distance_to_boundary(ss, sp, pp, radius)
        gained = alpha * (rz - 0.5 * alpha * curvature)
        decrease += gained
        ss += alpha * (2.0 * sp + alpha * pp)
        rr = advance_step(norm, alpha, step, scratch)
        if reason == INNER_STEPS and settled(method, rr <= tolerance, gained, decrease):
            reason = SETTLED
        if reason != INNER_STEPS:
            break
        next_rz = rr if is_round(norm) else precondition(norm, scratch.residual, scratch.preconditioned)
        beta = next_rz / rz
        sp = beta * (sp + alpha * pp)
        pp = next_rz + beta * beta * pp
        rz = next_rz
        for j in range(len(g)):
            direction[j] = beta * direction[j] - z[j]
    return decrease, reason


@implements(solve, Steihaug)
def _(solver, method, oracle, x, g, memory):
    decrease, _ = steihaug(oracle, x, g, memory.norm, memory.radius[0], method, memory.trial, solver)
    return decrease


def new_steihaug(dimension: int) -> Steihaug:
    """Scratch for vectors of this dimension."""
    return Steihaug(*(np.zeros(dimension) for _ in range(4)))
