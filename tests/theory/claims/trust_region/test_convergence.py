"""Lemmas 5 to 9 and Theorem 1: derivatives by differences, false constants, radii too large."""

import numpy as np
import pytest

from theory.claims import Verdict
from theory.claims.routes import symbolic
from theory.claims.trust_region import complexity, model_decrease, success
from theory.claims.trust_region.problems import cosine_sum, perturbed, random_metric
from theory.trust_region import complexity_bound


def test_derivatives_of_the_losses_by_differences():
    rng = np.random.default_rng(0)
    loss, x, h = cosine_sum(3, 5, rng), rng.normal(size=3), 1e-6
    for j, unit in enumerate(np.eye(3)):
        slope = (loss.value(x + h * unit) - loss.value(x - h * unit)) / (2 * h)
        assert loss.gradient(x)[j] == pytest.approx(slope, abs=1e-8)
        column = (loss.gradient(x + h * unit) - loss.gradient(x - h * unit)) / (2 * h)
        np.testing.assert_allclose(loss.hessian(x)[:, j], column, atol=1e-7)


def test_bounds_of_the_losses_hold():
    rng = np.random.default_rng(1)
    loss = cosine_sum(3, 5, rng)
    for _ in range(100):
        x, y = rng.normal(size=(2, 3))
        change = np.linalg.norm(loss.hessian(x) - loss.hessian(y), 2)
        assert change <= loss.hessian_lipschitz * np.linalg.norm(x - y)
        assert np.linalg.norm(loss.hessian(x), 2) <= loss.hessian_bound
        assert np.linalg.norm(loss.gradient(x)) <= loss.gradient_bound
        assert loss.value(x) >= loss.lower_bound


def test_norms_and_errors_are_as_large_as_they_say():
    rng = np.random.default_rng(2)
    spectrum = np.linalg.eigvalsh(random_metric(4, rng, zeta=7.0))
    assert spectrum[0] >= 1 / 7
    assert spectrum[-1] <= 7
    loss, x = cosine_sum(2, 3, rng), np.zeros(2)
    slope, form = perturbed(loss, x, 0.1, 0.2, rng)
    assert np.linalg.norm(slope - loss.gradient(x)) <= 0.1
    assert np.linalg.norm(form - loss.hessian(x), 2) <= 0.2 + 1e-12


def test_twice_the_bounds_are_refuted():
    import sympy as sp

    cases = model_decrease.cauchy_cases()
    square, length = sp.symbols("G t", positive=True)
    doubled = cases["boundary, curved downwards"] - length * square / 2
    assert symbolic.inequality({"doubled": doubled - length * square}, text="twice").verdict is not Verdict.PROVED
    share, lam, norm = sp.symbols("nu lam U", positive=True)
    twice = model_decrease.eigenpoint_case() - share * lam * norm * length**2 / 2
    assert symbolic.inequality({"doubled": twice}, text="twice").verdict is Verdict.REFUTED


def test_error_of_the_model_is_seen_where_a_constant_is_too_small(monkeypatch):
    smaller = lambda g, H, lipschitz, length, *_: (g * length + H * length**2 / 2 + lipschitz * length**3 / 6) / 4  # noqa: E731
    monkeypatch.setattr(model_decrease, "model_error_bound", smaller)
    evidence = model_decrease.model_error.check("quick", np.random.default_rng(0))
    assert evidence.verdict is Verdict.REFUTED
    assert {"lipschitz", "length", "gradient_error", "hessian_error"} <= set(evidence.counterexample)


def test_the_stalled_ellipsoid_by_hand():
    zeta, delta_g, radius = 100.0, 0.2, 1e-4
    rho, case = success.stalled_ellipsoid(zeta, delta_g, radius)
    inverse = 1 / np.diag(case["A"])
    dual = np.sqrt(inverse @ case["g"] ** 2)
    length = np.linalg.norm(radius * inverse * case["g"] / dual)
    assert rho == pytest.approx(1 - delta_g * length / (radius * dual))
    assert np.linalg.norm(case["c"] - case["g"]) == pytest.approx(delta_g)
    assert rho < 0 < success.stalled_ellipsoid(1.0, delta_g, radius)[0]  # on a sphere it succeeds


def test_the_wrong_sign_by_hand():
    # L(r) - L(0) = 0.1 r - 0.2 r^2 / 2 at r = 0.01: the loss rises by 0.00099 where the model falls by 0.00001.
    assert success.wrong_sign(0.1, 0.2, 0.01) == pytest.approx(-99.0)
    assert success.wrong_sign(0.0, 0.2, 0.01) == pytest.approx(1.0)


@pytest.mark.parametrize("trials", [success.successful_trials, success.curved_trials])
def test_steps_in_a_region_far_too_large_fail(trials):
    assert trials(60, np.random.default_rng(0))[2] > 0
    assert trials(200, np.random.default_rng(0), factor=300.0)[2] < 0


def test_a_bound_a_million_times_lower_is_refuted(monkeypatch):
    def lowered(**constants):
        bound = complexity_bound(**constants)
        return bound._replace(iterations=bound.iterations / 1e7)

    monkeypatch.setattr("theory.trust_region.complexity_bound", lowered)
    evidence = complexity.complexity.check("quick", np.random.default_rng(0))
    assert evidence.verdict is Verdict.REFUTED
    assert evidence.counterexample["iterations"] > evidence.counterexample["bound"]
