"""Polyak's step size: the way to the minimum as a linear loss would have it."""

import math
from typing import NamedTuple

from dynamics.checks import Refusal, require_positive
from dynamics.kernels.declarations import always
from dynamics.kernels.generic import implements
from dynamics.protocol.method import update, uses_loss


class Polyak(NamedTuple):
    r"""Gradient descent, exact or stochastic, with Polyak's step size.

    .. math:: x_{k+1}=x_k-\eta_k g_k,\qquad \eta_k=\min\Big(\frac{f(x_k)-f^*}{\|g_k\|^2},\ \eta_{\max}\Big)

    On a convex function with the minimum :math:`f^*` no step takes the iterate further from any minimiser.

    Parameters
    ----------
    minimum : float
        :math:`f^*`, the least value of the loss; on mini-batches, of the loss of every sample.
    max_step : float
        :math:`\eta_{\max}>0`; infinite for Polyak's rule itself. A bound is needed where the gradient vanishes above
        the minimum, as on plateaus and on mini-batches without a common minimiser.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range.

    Notes
    -----
    On mini-batches f is the loss on the sample. Where the loss is at the minimum or below, or the gradient is 0, the
    step is 0.

    References
    ----------
    Polyak: Minimization of unsmooth functionals, USSR Comput. Math. Math. Phys. 9 (1969).
    Loizou et al.: Stochastic Polyak step-size for SGD, AISTATS 2021: the bounded rule with c = 1.

    Examples
    --------
    On a quadratic of one curvature λ the step is 1/(2λ), and the error halves:

    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> run = simulate(Polyak(minimum=0.0), quadratic(eigenvalues=[4.0, 4.0]), steps=2, x0=[16.0, 4.0])
    >>> run.x, run.step_size[0]
    (array([4., 1.]), np.float64(0.125))
    """

    minimum: float = 0.0
    max_step: float = math.inf

    def check(self) -> None:
        """Refuse a minimum that is no number, and a largest step that is not positive."""
        if not math.isfinite(self.minimum):
            raise Refusal(f"minimum = {self.minimum} must be finite (the step aims at it); try 0.0.")
        if self.max_step != math.inf:
            require_positive("max_step", self.max_step, "a step of another sign would go uphill")


@implements(update, Polyak)
def _(method, oracle, point, memory, k):
    x, g = point.x, point.gradient
    gap = point.loss[0] - method.minimum
    square = 0.0
    for j in range(len(x)):
        square += g[j] * g[j]
    step = min(gap / square, method.max_step) if gap > 0.0 and square > 0.0 else 0.0
    point.step_size[0] = step
    for j in range(len(x)):
        x[j] -= step * g[j]


always(uses_loss, Polyak)
