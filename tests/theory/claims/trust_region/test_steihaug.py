"""Conjugate gradients: the exact example again in floating point, and broken variants."""

import numpy as np
import pytest

from theory.claims import Verdict
from theory.claims.trust_region import steihaug as declared
from theory.trust_region import SteihaugRun, cauchy_decrease, model_decrease, steihaug


def test_the_early_stop_in_floating_point():
    residual, gained = declared.early_stop()
    run = steihaug(*declared.EARLY_STOP)
    problem = declared.EARLY_STOP
    assert float(gained) == pytest.approx(float(model_decrease(problem.g, problem.B, run.step)), rel=1e-12)
    left = np.linalg.norm(problem.g + problem.B @ run.step) / np.linalg.norm(problem.g)
    assert float(residual) == pytest.approx(left**2, rel=1e-10)
    assert gained < cauchy_decrease(*problem)


def test_scaled_cauchy_is_the_euclidean_bound_on_a_sphere():
    problem = declared.Subproblem(np.eye(2), np.array([3.0, 4.0]), np.diag([2.0, -1.0]), 0.5)
    assert declared.scaled_cauchy(problem) == pytest.approx(0.5 * 5 * min(5 / 2, 0.5))


def shortened(*arguments, **options):
    """Go only a third of the way."""
    run = steihaug(*arguments, **options)
    return SteihaugRun(run.iterates / 3, run.reason)


def reversed_order(*arguments, **options):
    run = steihaug(*arguments, **options)
    return SteihaugRun(run.iterates[::-1], run.reason)


@pytest.mark.parametrize(
    ("check", "variant"),
    [
        (declared.steihaug_cauchy.check, shortened),
        (declared.steihaug_half.check, shortened),
        (declared.steihaug_monotone.check, reversed_order),
    ],
)
def test_broken_solvers_are_refuted(monkeypatch, check, variant):
    monkeypatch.setattr("theory.trust_region.steihaug", variant)
    evidence = check("quick", np.random.default_rng(0))
    assert evidence.verdict is Verdict.REFUTED
    assert {"A", "g", "B", "radius"} <= set(evidence.counterexample)


def test_a_step_outside_the_region_is_refuted(monkeypatch):
    outside = lambda *args, **options: SteihaugRun(steihaug(*args, **options).iterates * 1e4, "boundary")  # noqa: E731
    monkeypatch.setattr("theory.trust_region.steihaug", outside)
    assert declared.steihaug_monotone.check("quick", np.random.default_rng(0)).verdict is Verdict.REFUTED


def test_draws_are_subproblems():
    for problem in declared.subproblems(20, np.random.default_rng(0), convex=True):
        assert np.linalg.eigvalsh(problem.B)[0] > 0
        assert np.linalg.eigvalsh(problem.A)[0] > 0
