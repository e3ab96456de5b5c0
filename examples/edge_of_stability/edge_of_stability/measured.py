"""Whether a method stays at a minimum, by running it from next to it."""

from functools import cache
from typing import Any, NamedTuple

import numpy as np

from dynamics import RSG, GradientDescent, HeavyBall, simulate
from edge_of_stability.product import Product
from edge_of_stability.thresholds import threshold
from synthetic import hessian, linear_net

__all__ = ["MINIMA", "stays"]

STEPS, OFF = 600, 1e-8


class Minimum(NamedTuple):
    """A minimum in closed form, with its largest eigenvalue and that one's vector."""

    problem: Any
    x: np.ndarray
    sharpness: float
    vector: np.ndarray


@cache
def _minimum(where: str) -> Minimum:
    if where == "product":
        problem, x = Product(), np.array([2.0, 0.5])
        curvature = np.array([[0.25, 1.0], [1.0, 4.0]])
    else:
        matrix = np.array([[1.0, 0.2, -0.3], [0.1, 0.5, 0.4]])
        problem = linear_net(maker="given", matrix=matrix, samples=9, reduction="mean", rng=1)
        x = np.concatenate([matrix.ravel(), np.eye(3).ravel()])
        curvature = hessian(problem, x)
    values, vectors = np.linalg.eigh(curvature)
    return Minimum(problem, x, float(values[-1]), vectors[:, -1])


MINIMA = ("product", "linear net")


def stays(where: str, name: str, beta: float, factor: float) -> bool:
    """Whether a run from beside a minimum comes nearer, at `factor` times the step size of the threshold.

    Examples
    --------
    >>> stays("product", "gradient descent", 0.0, 0.98), stays("product", "gradient descent", 0.0, 1.02)
    (True, False)
    """
    minimum = _minimum(where)
    step = factor * threshold(name, minimum.sharpness, beta)
    run = simulate(
        _method(name, step, beta), minimum.problem, steps=STEPS, x0=minimum.x + OFF * minimum.vector, record_every=STEPS
    )
    return bool(abs((run.x - minimum.x) @ minimum.vector) < OFF)


def _method(name: str, step: float, beta: float) -> Any:
    """The method of `dynamics`, which has moving averages: a classical step is 1/(1 - beta) times as long for them."""
    if name == "gradient descent":
        return GradientDescent(step)
    if name.startswith("heavy ball"):
        return HeavyBall(step if "average" in name else step / (1 - beta), beta=beta)
    return RSG(step if "average" in name else step / (1 - beta), beta=beta, mu=1 - beta)
