"""A chain of masses and springs between two walls, pulled by forces."""

from typing import NamedTuple

import numpy as np

from dynamics import implements, initial_point, value_and_gradient
from dynamics.checks import require_whole
from synthetic import Information, info


class Chain(NamedTuple):
    r"""The energy of a chain whose masses are at x, with :math:`x_0=x_{d+1}=0` at the walls; `chain` makes it.

    .. math:: f(x)=\tfrac12\sum_{j=0}^d(x_{j+1}-x_j)^2-\sum_{j=1}^dp_jx_j
    """

    pull: np.ndarray  # p, shape (d,)


@implements(value_and_gradient, Chain)
def _(problem, x, out):
    last = len(x) - 1
    total = 0.0
    for j in range(len(x)):
        left = x[j - 1] if j > 0 else 0.0
        right = x[j + 1] if j < last else 0.0
        force = 2.0 * x[j] - left - right
        total += x[j] * (0.5 * force - problem.pull[j])
        out[j] = force - problem.pull[j]
    return total


@implements(initial_point, Chain)
def _(problem):
    return np.zeros(len(problem.pull))


@implements(info, Chain)
def _(problem):
    dimension = len(problem.pull)
    spectrum = 2.0 - 2.0 * np.cos(np.pi * np.arange(1, dimension + 1) / (dimension + 1))
    hessian = 2.0 * np.eye(dimension) - np.eye(dimension, k=1) - np.eye(dimension, k=-1)
    minimiser = np.linalg.solve(hessian, problem.pull)
    return Information(
        dimension=dimension,
        minimiser=minimiser,
        minimum=float(-0.5 * problem.pull @ minimiser),
        lipschitz_constant=float(spectrum[-1]),
        lipschitz_is_exact=True,
        strong_convexity=float(spectrum[0]),
        condition_number=float(spectrum[-1] / spectrum[0]),
        spectrum=spectrum,
    )


def chain(*, dimension: int = 20, rng: int = 0) -> Chain:
    """A chain of so many masses, each pulled by a normal force.

    Parameters
    ----------
    dimension : int
        Masses, at least 1.
    rng : int
        Seed of the forces.
    """
    require_whole("dimension", dimension, 1, "a chain has a mass")
    return Chain(np.random.default_rng(rng).normal(size=int(dimension)))
