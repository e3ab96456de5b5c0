"""Barzilai–Borwein steps on non-convex functions: the curvature along the last step sets the next one."""

from typing import Literal, NamedTuple

import numpy as np

from dynamics.algorithms.parts.gradient_changes import LastStep
from dynamics.checks import require_positive
from dynamics.kernels.declarations import always
from dynamics.kernels.generic import implements
from dynamics.kernels.policy import kernel
from dynamics.protocol.method import full_batch_only, new_memory, runs_in_lanes, update
from dynamics.protocol.schedules import StepSize, scheduled
from dynamics.vectors.blocks import block_of, block_total, load_block, put_block_of, store_mostly_whole
from dynamics.vectors.choices import where_positive
from dynamics.vectors.lanes import entries_at_once
from dynamics.vectors.vector import REGISTER
from dynamics.words import places

Negative = Literal["large", "absolute"]
Rule = Literal["bb1", "bb2", "abb"]
LARGE, ABSOLUTE = places(Negative)
BB1, BB2, ABB = places(Rule)


class BarzilaiBorwein(NamedTuple):
    r"""Gradient descent whose step is the inverse of the curvature along the last step.

    The first step is plain, :math:`x_1=x_0-\alpha\nabla f(x_0)`; from then on, with :math:`s_k=x_k-x_{k-1}` and
    :math:`y_k=\nabla f(x_k)-\nabla f(x_{k-1})`,

    .. math::
        x_{k+1}=x_k-\alpha\gamma_k\nabla f(x_k),\qquad
        \gamma_k=\frac{\|s_k\|^2}{\langle s_k,y_k\rangle}\ \text{where}\ \langle s_k,y_k\rangle>0.

    Parameters
    ----------
    step_size : float, array_like or Schedule
        α, which scales every step: a positive number, an array or a schedule. With 1 and positive curvature this is the
        classical method.
    nu : float
        ν > 0: γ where the measured curvature is not positive.
    negative : {"large", "absolute"}
        What negative curvature does: `"large"` takes γ = ν; `"absolute"` takes :math:`|γ|`.
    rule : {"bb1", "bb2", "abb"}
        `"bb1"`, the long step above; `"bb2"`, the short one :math:`\langle s,y\rangle/\|y\|^2`; `"abb"`, the two in
        turn, bb1 at odd k and bb2 at even k. (Not the adaptive rule of Zhou, Gao and Dai, which picks by a threshold.)

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range or a word is none of these.

    Notes
    -----
    Where :math:`\langle s,y\rangle` is exactly 0 no curvature was measured, and γ = ν under both treatments. That
    covers 0/0 after a step of length zero, as at a stationary point, where the run then stays. The recorded step size
    is αγ.

    References
    ----------
    Castera, Bolte, Févotte, Pauwels, arXiv:2103.03570, Algorithm 1 and equation (8).
    Barzilai, Borwein: Two-point step size gradient methods, IMA J. Numer. Anal. 8 (1988), equations (5) and (6).
    Dai, Fletcher: Projected Barzilai–Borwein methods, Numer. Math. 100 (2005): the alternating rule.

    Examples
    --------
    In one dimension the step is Newton's, and the second iterate is the minimiser:

    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> run = simulate(BarzilaiBorwein(step_size=1.0), quadratic(eigenvalues=[4.0]), steps=2, x0=[1.0])
    >>> run.step_size[:2], run.x
    (array([1.  , 0.25]), array([0.]))
    """

    step_size: StepSize
    nu: float = 2.0
    negative: Negative = "large"
    rule: Rule = "bb1"

    def check(self) -> None:
        """Refuse a step for negative curvature that is not positive."""
        require_positive("nu", self.nu, "it is the step where the curvature is not positive")


@kernel
def curvature_step(ss, sy, yy, short, absolute, nu):
    """The factor γ from the inner products of the last step s and of the change of the gradient y along it."""
    numerator, denominator = (abs(sy), yy) if short else (ss, abs(sy))
    step = where_positive(denominator, numerator / where_positive(denominator, denominator, 1.0), nu)
    return where_positive(abs(sy) if absolute else sy, step, nu)


@kernel
def add_changes(ss, sy, yy, x, g, memory, j, count):
    """Add what a block of at most `count` entries has to the inner products of s and y, and remember it."""
    here, gradient = load_block(x, j, count, x), load_block(g, j, count, g)
    s = here - load_block(memory.x, j, count, x)
    y = gradient - load_block(memory.gradient, j, count, g)
    store_mostly_whole(memory.x, j, count, here)
    store_mostly_whole(memory.gradient, j, count, gradient)
    return ss + s * s, sy + s * y, yy + y * y


@implements(update, BarzilaiBorwein)
def _(method, oracle, point, memory, k):
    x, g, length = point.x, point.gradient, len(point.x)
    whole = length - length % entries_at_once(x)  # blocks of which no entry is left out need no mask
    ss = sy = yy = 0.0
    for j in range(0, whole, entries_at_once(x)):
        ss, sy, yy = add_changes(ss, sy, yy, x, g, memory, j, REGISTER)
    if whole < length:
        ss, sy, yy = add_changes(ss, sy, yy, x, g, memory, whole, length - whole)
    ss, sy, yy = block_total(ss, x), block_total(sy, x), block_total(yy, x)
    short = method.rule == BB2 or (method.rule == ABB and k % 2 == 0)
    gamma = curvature_step(ss, sy, yy, short, method.negative == ABSOLUTE, method.nu) if k > 0 else 1.0
    step = scheduled(method.step_size, k) * gamma
    point.step_size[0] = step
    for j in range(0, length, entries_at_once(x)):
        put_block_of(x, j, length, block_of(x, j, length) - step * block_of(g, j, length))


@implements(new_memory, BarzilaiBorwein)
def _(method, dimension):
    return LastStep(np.zeros(dimension), np.zeros(dimension))


always(runs_in_lanes, BarzilaiBorwein)
always(full_batch_only, BarzilaiBorwein)
