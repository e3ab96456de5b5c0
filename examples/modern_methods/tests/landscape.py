"""A smooth function of a matrix and a vector, turned, stretched and made louder as tests need it."""

from typing import NamedTuple

import numpy as np

from dynamics import implements, value_and_gradient
from dynamics.protocol import blocks

SHAPES = ((2, 3), (2,))
DIMENSION = 8
START = np.array([1.1, -0.7, 0.4, 0.9, -1.3, 0.2, 0.8, -0.5])
CENTRE = np.array([0.3, -0.2, 0.5, 0.1, 0.4, -0.6, 0.2, -0.1])
_root = np.cos(np.arange(1.0, 65.0) ** 2).reshape(8, 8)
CURVATURE = _root.T @ _root / 8 + np.diag(np.arange(1.0, 9.0)) / 4


class Landscape(NamedTuple):
    """The function loud · φ(turn · x / length), where φ(u) = (u - c)ᵀA(u - c)/2 + Σ log cosh u."""

    curvature: np.ndarray = CURVATURE
    centre: np.ndarray = CENTRE
    turn: np.ndarray = np.eye(DIMENSION)
    loud: float = 1.0
    length: float = 1.0
    rows: int = 0  # of x as one matrix, where it is not a matrix and a vector


@implements(value_and_gradient, Landscape)
def _(problem, x, out):
    total, d = 0.0, len(x)
    u, pull = np.zeros(d), np.zeros(d)
    for i in range(d):
        for j in range(d):
            u[i] += problem.turn[i, j] * x[j] / problem.length
    for i in range(d):
        for j in range(d):
            pull[i] += problem.curvature[i, j] * (u[j] - problem.centre[j])
        total += 0.5 * pull[i] * (u[i] - problem.centre[i]) + np.log(np.cosh(u[i]))
        pull[i] += np.tanh(u[i])
    for j in range(d):
        out[j] = 0.0
        for i in range(d):
            out[j] += problem.loud * problem.turn[i, j] * pull[i] / problem.length
    return problem.loud * total


@implements(blocks, Landscape)
def _(problem):
    return ((problem.rows, DIMENSION // problem.rows),) if problem.rows else SHAPES


def loss_at(x):
    """The function itself, once more, in whole arrays."""
    return 0.5 * (x - CENTRE) @ CURVATURE @ (x - CENTRE) + np.log(np.cosh(x)).sum()


def gradient_at(x):
    """Its gradient."""
    return CURVATURE @ (x - CENTRE) + np.tanh(x)
