"""Lemmas 5 to 9 and Theorem 1: derivatives by differences, false constants, radii too large."""

import math

import numpy as np
import pytest

from theory.claims import Verdict
from theory.claims.routes import symbolic
from theory.claims.trust_region import complexity, full_steps, model_decrease, slide, success
from theory.claims.trust_region.problems import cosine_sum, perturbed, random_metric
from theory.trust_region import complexity_bound, model_minimiser


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


@pytest.mark.parametrize(("share", "verdict"), [(1 / 8, Verdict.SUPPORTED), (1 / 10, Verdict.REFUTED)])
def test_the_bound_bites_within_a_factor_of_ten(monkeypatch, share, verdict):
    def lowered(**constants):
        bound = complexity_bound(**constants)
        return bound._replace(iterations=bound.iterations * share)

    monkeypatch.setattr("theory.trust_region.complexity_bound", lowered)
    evidence = complexity.complexity.check("quick", np.random.default_rng(0))
    assert evidence.verdict is verdict
    if verdict is Verdict.REFUTED:
        assert evidence.counterexample["iterations/bound"] > 1
        assert evidence.counterexample["periods"] == complexity.PERIODS


def test_the_slide_has_the_derivatives_and_constants_that_it_says():
    loss = slide.Slide(0.1, 2.0, 3)
    points = np.linspace(-0.3, 3.4, 371) * loss.period
    value, slope, curvature = np.array([loss.derivatives(x) for x in points]).T
    step = 1e-6
    beside = [np.array([loss.derivatives(x + sign * step) for x in points]).T for sign in (1, -1)]
    np.testing.assert_allclose((beside[0][0] - beside[1][0]) / (2 * step), slope, atol=1e-9)
    np.testing.assert_allclose((beside[0][1] - beside[1][1]) / (2 * step), curvature, atol=1e-6)
    assert np.abs(np.diff(curvature)).max() <= 2.0 * np.diff(points).max() * (1 + 1e-9)
    assert np.abs(curvature).max() <= loss.curvature_bound * (1 + 1e-9)
    iterates = [loss.derivatives(loss.start + k * loss.period) for k in range(3)]
    assert [entry[2] for entry in iterates] == pytest.approx([-0.1] * 3)
    assert all(-1e-9 < entry[1] < 0 for entry in iterates)
    # rho by hand: the loss falls by drift times period where the model promises epsilon_H period^2/2.
    rho = (iterates[0][0] - iterates[1][0]) / (0.1 * loss.period**2 / 2)
    assert rho == pytest.approx((slide.STRETCH - 1 / slide.STRETCH) / 4, rel=1e-6)
    assert 0.1 < rho < 0.101
    # Bounded below: the straight line at the end rises.
    assert value[0] - value.min() >= 0
    assert loss.derivatives(3 * loss.period + 1)[1] > 0
    assert loss.gap == pytest.approx(loss.derivatives(loss.start)[0] - value.min(), abs=1e-6)


def test_on_the_slide_each_step_is_one_period():
    loss = slide.Slide(0.01, 1.0, 30)
    rules = {"eta1": 0.1, "eta2": 0.95, "increase": 1.1, "decrease": 1.5}
    assert slide.run(loss, gradient_accuracy=1.0, limit=29, **rules) == (None, loss.period)
    # On the straight line the radius shrinks once, and the next step ends in the last minimum.
    taken, least = slide.run(loss, gradient_accuracy=1.0, limit=100, **rules)
    assert taken == 31
    assert least == pytest.approx(loss.period / 1.5)


@pytest.mark.parametrize(("reach", "succeeds"), [(1.0, True), (1.01, False)])
def test_lemma_9_is_sharp_on_a_cubic(reach, succeeds):
    # B = -1, L_H = 1, no error of the Hessian: 1 - rho = radius/3, so that the radius of eta_1 = 0.1 is 2.7.
    assert (success.cubic_against(0.0, 1.0, (0.0, 0.0, 1.0), 2.7 * reach) >= 0.1 - 1e-12) is succeeds


def test_a_descent_is_algorithm_1_with_exact_steps():
    rng = np.random.default_rng(4)
    loss = full_steps.Bowl(3 * rng.normal(size=(4, 2)), 2 * rng.normal(size=2), 0.1)
    metric, x, radius, rhos = random_metric(2, rng, zeta=10.0), np.array([4.0, -3.0]), 0.01, []
    found = full_steps.descend(loss, x, metric, math.inf)  # of which all steps are short enough
    first = np.linalg.norm(loss.gradient(x))
    while np.linalg.norm(loss.gradient(x)) > 1e-12 * first:
        step = model_minimiser(metric, loss.gradient(x), loss.hessian(x), radius)
        promised = -(loss.gradient(x) @ step + step @ loss.hessian(x) @ step / 2)
        rho = 1.0
        if promised > 1e-8 * loss.value(x):
            rho = (loss.value(x) - loss.value(x + step)) / promised
            rhos.append(rho)
        x = x + step if rho >= 0.01 else x
        radius *= 1.1 if rho >= 0.95 else 1.0 if rho >= 0.01 else 1 / 1.5
    assert found.ends
    assert found.short == len(rhos) > 20
    assert min(rhos) < 0.95
    assert found.least_rho == pytest.approx(min(rhos), rel=1e-9)
