r"""Rosenbrock's curved valley in any dimension, :math:`f(x)=\sum_j 100(x_{j+1}-x_j^2)^2+(1-x_j)^2`."""

from typing import NamedTuple

import numpy as np

from dynamics import hessian, hessian_product, implements, initial_point, value, value_and_gradient
from dynamics.checks import Refusal, of_shapes, require_memory, require_whole
from dynamics.protocol.canonical import canonical
from dynamics.protocol.oracle import gauss_newton_product
from dynamics.vectors.registers import load, store
from dynamics.vectors.vector import REGISTER
from synthetic.parts.information import Information, info


class Rosenbrock(NamedTuple):
    """Rosenbrock's function; `rosenbrock` makes it.

    Examples
    --------
    >>> from synthetic import rosenbrock, value
    >>> value(rosenbrock(3), [1.0, 1.0, 1.0])
    0.0
    """

    start: np.ndarray  # shape (d,)

    @of_shapes
    def check(self) -> None:
        """Refuse a start that isn't a vector of at least two entries."""
        if self.start.ndim != 1 or self.start.size < 2:
            raise Refusal(f"start has shape {self.start.shape}: (d,) with d at least 2 is needed, to couple x₁, x₂.")


@implements(value_and_gradient, Rosenbrock)
def _(problem, x, out):
    # Each entry is written once, so that the loop can go several entries at a time.
    last = len(x) - 1
    height, distance = x[1] - x[0] * x[0], 1.0 - x[0]
    total = 100.0 * height * height + distance * distance
    out[0] = -(400.0 * x[0] * height + 2.0 * distance)
    for j in range(1, last):
        height, distance = x[j + 1] - x[j] * x[j], 1.0 - x[j]
        total += 100.0 * height * height + distance * distance
        out[j] = 200.0 * (x[j] - x[j - 1] * x[j - 1]) - (400.0 * x[j] * height + 2.0 * distance)
    out[last] = 200.0 * (x[last] - x[last - 1] * x[last - 1])
    return total


@implements(value, Rosenbrock)
def _(problem, x):
    total = 0.0
    for j in range(len(x) - 1):
        height = x[j + 1] - x[j] * x[j]
        distance = 1.0 - x[j]
        total += 100.0 * height * height + distance * distance
    return total


@implements(hessian_product, Rosenbrock)
def _(problem, x, v, out):
    # Each entry is written once, so that the loop can go several entries at a time.
    last = len(x) - 1
    out[0] = (1200.0 * x[0] * x[0] - 400.0 * x[1] + 2.0) * v[0] - 400.0 * x[0] * v[1]
    if last > REGISTER:
        for start in range(1, last, REGISTER):
            j = min(start, last - REGISTER)  # the last entries with some before them, which get the same numbers again
            here, above = load(x, j, REGISTER), load(x, j + 1, REGISTER)
            along = 1200.0 * here * here - 400.0 * above + 202.0
            across = load(x, j - 1, REGISTER) * load(v, j - 1, REGISTER) + here * load(v, j + 1, REGISTER)
            store(out, j, along * load(v, j, REGISTER) - 400.0 * across)
    else:
        j = 1
        while j < last:
            along = 1200.0 * x[j] * x[j] - 400.0 * x[j + 1] + 202.0
            out[j] = along * v[j] - 400.0 * (x[j - 1] * v[j - 1] + x[j] * v[j + 1])
            j += 1
    out[last] = 200.0 * v[last] - 400.0 * x[last - 1] * v[last - 1]


@implements(gauss_newton_product, Rosenbrock)
def _(problem, x, v, out):
    # The residuals are 10(x[j + 1] − x[j]²) and 1 − x[j].
    out[0] = 0.0
    for j in range(len(x) - 1):
        change = 10.0 * (v[j + 1] - 2.0 * x[j] * v[j])
        out[j] += 2.0 * (v[j] - 20.0 * x[j] * change)
        out[j + 1] = 20.0 * change


@implements(hessian, Rosenbrock)
def _(problem, x, out):
    out[:, :] = 0.0
    for j in range(len(x) - 1):
        coupling = -400.0 * x[j]
        out[j, j] += 1200.0 * x[j] * x[j] - 400.0 * x[j + 1] + 2.0
        out[j, j + 1] = coupling
        out[j + 1, j] = coupling
        out[j + 1, j + 1] = 200.0


@implements(initial_point, Rosenbrock)
def _(problem):
    return problem.start


@implements(info, Rosenbrock)
def _(problem):
    dimension = problem.start.size
    second = ("a second, local minimum lies near (-1, 1, ..., 1)",) if dimension >= 4 else ()
    return Information(
        dimension=dimension,
        minimiser=np.ones(dimension),
        minimum=0.0,
        notes=("nonconvex: a curved valley; the gradient is not Lipschitz on all of space", *second),
    )


def rosenbrock(dimension: int = 2) -> Rosenbrock:
    r"""Rosenbrock's function, a curved valley whose floor falls slowly towards (1, ..., 1).

    .. math:: f(x)=\sum_{j=1}^{d-1}100\,(x_{j+1}-x_j^2)^2+(1-x_j)^2

    Runs start at (-1.2, 1, -1.2, 1, ...). From d = 4 on there is a second, local minimum near (-1, 1, ..., 1).

    Parameters
    ----------
    dimension : int
        d, at least 2.

    Raises
    ------
    ValueError
        If `dimension` is not a whole number of at least 2.

    References
    ----------
    Rosenbrock, "An automatic method for finding the greatest or least value of a function" (1960), for d = 2.
    Shang and Qiu, "A note on the extended Rosenbrock function" (2006), for the number of minima.

    Examples
    --------
    >>> from synthetic import hessian, value
    >>> value(rosenbrock(), [-1.2, 1.0]).__round__(12), value(rosenbrock(5), [1.0] * 5)
    (24.2, 0.0)
    >>> hessian(rosenbrock(), [1.0, 1.0])
    array([[ 802., -400.],
           [-400.,  200.]])
    """
    dimension = require_whole("dimension", dimension, 2, "each term couples two neighbouring coordinates")
    require_memory(f"dimension = {dimension}", 8.0 * dimension, "try a smaller one")
    start = np.ones(dimension)
    start[::2] = -1.2
    return canonical(Rosenbrock(start))
