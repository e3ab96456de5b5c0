"""Polyak's special case and its rate by other routes, and false variants."""

import numpy as np
import sympy as sp

from theory.claims.l4 import polyak
from theory.claims.routes import symbolic


def test_polyak_decrease_on_random_convex_quadratics():
    rng = np.random.default_rng(1)
    for alpha in (0.15, 1.0, 1.9):
        eigenvalues, x = rng.uniform(0.1, 50, size=6), rng.normal(size=6)
        gradient, gap = eigenvalues * x, 0.5 * eigenvalues @ x**2
        after = x - alpha * gap / (gradient @ gradient) * gradient
        guaranteed = alpha * (2 - alpha) * gap**2 / (gradient @ gradient)
        assert x @ x - after @ after >= guaranteed > 0


def test_polyak_with_twice_the_decrease_is_not_certified():
    alpha, gap, square, inner, distance = sp.symbols("alpha gap G p D")
    step = alpha * gap / square
    moved = distance - 2 * step * inner + step**2 * square
    twice = distance - 2 * alpha * (2 - alpha) * gap**2 / square - moved
    assert not symbolic.certifies(twice, [(2 * step, inner - gap)])


def test_another_target_is_not_polyaks_rule(monkeypatch):
    import dynamics
    from synthetic import quadratic

    start = np.array([1.0, -0.5])
    problem = quadratic(eigenvalues=[1.0, 3.0])
    assert polyak.step_gap(problem, start, steps=3) < 1e-14
    true_rule = dynamics.Polyak
    monkeypatch.setattr(dynamics, "Polyak", lambda minimum: true_rule(minimum=0.1))
    assert polyak.step_gap(problem, start, steps=3) > 1e-3
