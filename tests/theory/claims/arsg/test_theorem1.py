"""Theorem 1's claims: orders that can be told apart, the counterexample computed again, and false variants."""

import numpy as np
import pytest

from theory.arsg import convergence_rate, critical_points, gain_factor, optimal_parameters, theorem1_rate
from theory.claims import claim, unmet
from theory.claims.arsg import optimum, theorem1


def test_a_wrong_constant_changes_the_fitted_order(monkeypatch):
    exact = theorem1.gaps

    def doubled(c_alpha, c_beta, c_mu, kappa):
        shifted = theorem1_rate(c_alpha=c_alpha, c_beta=c_beta, c_mu=c_mu, condition_number=kappa) - 1
        return exact(c_alpha, c_beta, c_mu, kappa) - shifted

    monkeypatch.setattr(theorem1, "gaps", doubled)
    assert claim("arsg.theorem1_order").check().verdict == "undecided"


def test_grid_keeps_its_distance_from_the_kink_and_meets_the_hypotheses():
    for c_alpha, c_beta, c_mu in theorem1.grid(4):
        assert unmet((theorem1.CONSTANTS,), c_alpha=c_alpha * (1 - 1e-12), c_beta=c_beta, c_mu=c_mu, kappa=1e6) == []
        assert abs(4 * c_alpha - c_beta) > 0.19 * c_beta


def test_the_kink_costs_a_quarter_of_the_order():
    """The gap at 4 c_alpha = c_beta, derived by hand, begins with sqrt((c_beta + c_mu)/2) c_beta/2 kappa^(-3/4)."""
    c_beta, c_mu, kappa = 1.0, 2.0, np.array([1e10])
    gap = theorem1.gaps(c_beta / 4, c_beta, c_mu, kappa)[0]
    assert gap * kappa[0] ** 0.75 == pytest.approx(c_beta / 2 * np.sqrt((c_beta + c_mu) / 2), rel=1e-2)


def test_worst_case_at_lambda_max_is_computed_again(quick):
    assert quick("arsg.theorem1_worst_curvature").verdict == "supported"
    case = {"c_alpha": 0.2, "c_beta": 0.01, "c_mu": 9.9, "kappa": 900.0}  # of the claim's text
    assert unmet((theorem1.LARGE_CONDITION_NUMBER,), **case)
    c_alpha, c_beta, c_mu, kappa = (case[name] for name in ("c_alpha", "c_beta", "c_mu", "kappa"))
    assert unmet((theorem1.CONSTANTS,), c_alpha=c_alpha, c_beta=c_beta, c_mu=c_mu, kappa=kappa) == []
    beta, mu, scale = 1 - c_beta / kappa**0.5, c_mu / kappa**0.5, c_alpha * kappa**0.5
    curvatures = np.geomspace(1 / kappa, 1, 4001)
    assert gain_factor(scale * curvatures, beta=beta, mu=mu).argmax() == 4000
    late = np.sqrt(100 * kappa)  # the same constants at a hundred times the condition number
    ends = gain_factor([c_alpha / late, c_alpha * late], beta=1 - c_beta / late, mu=c_mu / late)
    assert ends[0] > ends[1]


def test_the_allowed_step_is_inside_and_twice_of_it_is_not(quick):
    assert quick("arsg.theorem1_stable").verdict == "proved"
    kappa, c_beta, c_mu = 100.0, 1.0, 0.5
    points = critical_points(beta=1 - c_beta / 10, mu=c_mu / 10)
    largest = 2 / (c_beta + c_mu) * np.sqrt(kappa)
    assert largest < points.tau_rb < 2 * largest


def test_small_steps_lose_what_the_claim_says(quick):
    assert quick("arsg.theorem1_small_step").verdict == "proved"
    for share in (1e-6, 0.1, 0.2499):
        loss = 1 - theorem1_rate(c_alpha=share, c_beta=1.0, c_mu=0.5, condition_number=1.0 + 1e-9)
        assert share <= loss * (1 + 1e-9) <= 2 * share * (1 + 1e-8)


@pytest.mark.parametrize(("c_alpha", "rises"), [(0.1, True), (0.5, False)])
def test_the_observation_factor_in_the_rate(quick, c_alpha, rises):
    assert quick("arsg.theorem1_observation").verdict == "proved"
    root = 1e4
    rates = [gain_factor(c_alpha / root, beta=1 - 1 / root, mu=c_mu / root) for c_mu in (0.2, 1.0)]
    assert (rates[1] > rates[0]) == rises
    assert abs(rates[1] - rates[0]) < 10 / root**2


def test_random_parameters_stay_above_the_optimum_and_come_near(quick):
    evidence = quick("arsg.optimum")
    assert 0 < evidence.margin < 0.01
    best = optimal_parameters(100.0)
    beaten = convergence_rate(
        step_size=best.step_size, beta=best.beta, mu=0.0, lambda_min=1 / 64, lambda_max=1.0
    )  # a narrower spectrum is no counterexample to kappa = 100
    assert beaten <= best.rate + 1e-7
    found, trials = optimum._searched(2000, np.random.default_rng(1))
    assert found > 0
    assert trials == 2000
