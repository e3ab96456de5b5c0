"""Gradient descent whose steps are long and short in turn."""

from typing import NamedTuple

from dynamics import implements, update
from dynamics.checks import require_positive


class Alternating(NamedTuple):
    r"""Gradient descent with two step sizes: the long one first, then the short one, and so on.

    .. math:: x_{k+1}=x_k-a_k\nabla f(x_k),\qquad a_k=\text{long for even }k,\ \text{short for odd }k

    Parameters
    ----------
    long, short : float
        The step sizes, positive; `mypaper.rate.steps` gives the best two.
    """

    long: float
    short: float

    def check(self) -> None:
        """Refuse steps that do not go downhill."""
        require_positive("long", self.long)
        require_positive("short", self.short)


@implements(update, Alternating)
def _(method, oracle, point, memory, k):
    step = method.long if k % 2 == 0 else method.short
    point.step_size[0] = step
    for j in range(len(point.x)):
        point.x[j] -= step * point.gradient[j]
