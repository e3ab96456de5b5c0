"""Lesson 5 by other routes: eigenvalue decompositions, the theory's step in an ellipsoid, and what its text says."""

import numpy as np
import pytest

from optdyn.lessons.trust.lesson import (
    EPSILON,
    accumulated,
    bowl,
    diagonal_move,
    full_move,
    inverse,
    root,
    saddle,
)
from theory.trust_region import ellipsoid_step

RNG = np.random.default_rng(5)


def test_roots_and_inverses() -> None:
    for a, b, c in RNG.normal(size=(50, 3)):
        matrix = np.array([[1 + a * a, b], [b, 1 + b * b + c * c]])
        p, q, r = root(matrix[0, 0], b, matrix[1, 1])
        half = np.array([[p, q], [q, r]])
        np.testing.assert_allclose(half @ half, matrix, atol=1e-12)
        assert (np.linalg.eigvalsh(half) > 0).all()
        u, v, w = inverse(matrix[0, 0], b, matrix[1, 1])
        np.testing.assert_allclose([[u, v], [v, w]], np.linalg.inv(matrix), atol=1e-12)


def test_moves_are_steps_in_ellipsoids() -> None:
    for _ in range(30):
        g, h = RNG.normal(size=(2, 2))
        G = np.outer(g, g) + np.outer(h, h)
        values, vectors = np.linalg.eigh(G + EPSILON * np.eye(2))
        shape = vectors @ np.diag(np.sqrt(values)) @ vectors.T
        shape = 0.5 * (shape + shape.T)
        for A, move in (
            (shape, full_move(G[0, 0], G[0, 1], G[1, 1], *g, 0.7)),
            (np.diag(np.sqrt(np.diag(G) + EPSILON)), diagonal_move(G[0, 0], G[1, 1], *g, 0.7)),
        ):
            radius = 0.7 * np.sqrt(g @ np.linalg.solve(A, g))
            np.testing.assert_allclose(move, ellipsoid_step(A, g, radius), rtol=1e-6, atol=1e-9)


def test_gradients_are_those_of_the_values() -> None:
    x, y = RNG.uniform(-2, 2, (2, 100))
    h = 1e-6
    for f in (lambda x, y: bowl(x, y, 10.0, 0.6), saddle):
        _, gx, gy, *_ = f(x, y)
        np.testing.assert_allclose(gx, (f(x + h, y)[0] - f(x - h, y)[0]) / (2 * h), atol=1e-8)
        np.testing.assert_allclose(gy, (f(x, y + h)[0] - f(x, y - h)[0]) / (2 * h), atol=1e-8)
    np.testing.assert_allclose(saddle(x, y)[4], (saddle(x, y + h)[2] - saddle(x, y - h)[2]) / (2 * h), atol=1e-7)


def steps_to(move, angle: float, limit: int = 400) -> int:
    """Steps to a loss of 1e-3 in the valley of condition number 100."""
    x, total = np.array([2.0, 1.0]), (0.0, 0.0, 0.0)
    for k in range(limit):
        loss, *g = bowl(*x, 100.0, np.deg2rad(angle))
        if loss < 1e-3:
            return k
        total = accumulated(*total, *g)
        x = x + np.array(move(total, g))
    return limit


def test_what_the_text_says() -> None:
    def descent(total, g):
        return -g[0], -g[1]

    def diagonal(total, g):
        return diagonal_move(total[0], total[2], *g, 1.0)

    def full(total, g):
        return full_move(*total, *g, 1.0)

    assert [steps_to(diagonal, angle) for angle in (0, 45)] == [3, 117]
    assert [steps_to(full, angle) for angle in (0, 45)] == [4, 5]
    assert [steps_to(descent, angle) for angle in (0, 45)] == [150, 155]
    y_newton, y_free, y_descent, free_at, descent_at = 1e-3, 1e-3, 1e-3, None, None
    for k in range(1, 40):
        for_newton, for_free = (saddle(0.0, y) for y in (y_newton, y_free))
        y_newton -= for_newton[2] / for_newton[4]
        y_free -= for_free[2] / abs(for_free[4])
        y_descent -= 0.3 * saddle(0.0, y_descent)[2]
        free_at = free_at or (k if abs(y_free) > 0.9 else None)
        descent_at = descent_at or (k if abs(y_descent) > 0.9 else None)
    assert y_newton == pytest.approx(0, abs=1e-12)
    assert (free_at, descent_at) == (10, 28)
