"""The observation boost: against a twin that sees all losses at once, and where no boost is due."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from dynamics import ARSG, simulate
from dynamics.algorithms.obsb import ARSGB, OBSB, boost
from dynamics.algorithms.parts.projection import Ball
from tests.dynamics.algorithms.adaptive_twins import average, peak, squares
from tests.dynamics.algorithms.comparison import assert_same_run, formulas_of, run_of
from tests.dynamics.algorithms.regression import carmon_like, quadratic
from theory.arsg import boost_factor, gain_factor

STEPS = 120
X0 = np.zeros(6)


def obsb(formulas, x0, steps, *, beta1, beta2, mu, eps, window, tolerance, max_mu):
    """ARSG whose boosts are found anew at each step from all losses so far; also the number of them."""
    xs, seen, losses, taken, boosts = [x0], [], [], [], []
    for k, step in enumerate(steps):
        losses.append(formulas.loss(k, xs[k]))
        means = np.mean(np.reshape(losses[: len(losses) // window * window], (-1, window)), axis=1)
        boosts, doubled = [], mu
        for w in range(1, len(means)):
            rested = not boosts or w - boosts[-1] >= 2
            if rested and means[w - 1] - means[w] <= tolerance * abs(means[w - 1]) and 2 * doubled <= max_mu:
                boosts.append(w)
                doubled *= 2
        factor = np.prod([boost_factor(beta=beta1, mu=mu * 2.0**i) for i in range(len(boosts))])
        taken.append(step * factor)
        seen.append(formulas.gradient(k, xs[k]))
        weights = np.sqrt(np.maximum(eps, peak(squares(seen), beta2)))
        xs.append(xs[k] - taken[-1] * ((1 - doubled) * average(seen, beta1) + doubled * seen[-1]) / weights)
    return (np.array(xs), np.array(taken)), len(boosts)


@pytest.mark.parametrize("batch", [0, 5])
@pytest.mark.parametrize(
    ("numbers", "policy", "boosts"),
    [
        ({"beta1": 0.9, "beta2": 0.99, "mu": 0.05, "eps": 1e-8}, {"window": 8, "tolerance": 0.05, "max_mu": 0.4}, 3),
        ({"beta1": 0.99, "beta2": 0.9, "mu": 0.1, "eps": 1e-3}, {"window": 5, "tolerance": 0.05, "max_mu": 0.2}, 1),
        ({"beta1": 0.5, "beta2": 0.9, "mu": 0.03, "eps": 0.1}, {"window": 1, "tolerance": 0.3, "max_mu": 0.9}, 4),
    ],
)
def test_twin(batch, numbers, policy, boosts):
    problem, falling = carmon_like(batch=batch), 0.1 * 0.99 ** np.arange(STEPS)
    twin, boosted = obsb(formulas_of(problem, STEPS), X0, falling, **numbers, **policy)
    assert boosted == boosts
    assert_same_run(run_of(ARSGB(falling, **numbers, policy=OBSB(**policy)), problem, STEPS), twin)


@pytest.mark.parametrize("mu", [0.01, 0.05, 0.1, 0.2, 0.4])
@pytest.mark.parametrize("beta", [0.5, 0.9, 0.999])
def test_the_boost_keeps_the_best_curvature(beta, mu):
    """The τ of the least gain factor, found by search, divided by α, is the same before and after."""

    def best(observed):
        top = 2 * (1 + beta) / (1 - beta + 2 * beta * observed)
        grid = np.linspace(0, top, 2001)[1:-1]
        middle = grid[gain_factor(grid, beta=beta, mu=observed).argmin()]
        bounds = (max(middle - top / 1000, 1e-12), min(middle + top / 1000, top))
        found = minimize_scalar(
            lambda tau: float(gain_factor(tau, beta=beta, mu=observed)), bounds=bounds, options={"xatol": 1e-12}
        )
        return found.x

    assert boost(beta, mu) == pytest.approx(best(2 * mu) / best(mu), rel=1e-4)
    assert boost(beta, mu) == pytest.approx(float(boost_factor(beta=beta, mu=mu)), rel=1e-12)


def test_without_a_flat_window_it_is_arsg():
    problem, constraint = carmon_like(batch=5), Ball(1.5)
    ours = run_of(ARSGB(0.05, mu=0.1, constraint=constraint, policy=OBSB(window=STEPS)), problem, STEPS)
    theirs = run_of(ARSG(0.05, mu=0.1, constraint=constraint), problem, STEPS)
    np.testing.assert_allclose(ours.iterates, theirs.iterates, rtol=0, atol=1e-13)
    assert np.array_equal(ours.values, ours.gradients)


def test_a_loss_that_falls_by_more_than_the_tolerance_is_not_flat():
    """Along a slope of constant gradient the loss falls by the same amount in each window."""
    falling = quadratic([1e-8], [1e8])  # from x = 0 the loss is 5e7 − x, nearly
    for tolerance, boosted in ((0.0, False), (1.0, True)):
        method = ARSGB(1.0, beta1=0.5, beta2=0.5, policy=OBSB(window=10, tolerance=tolerance))
        assert (simulate(method, falling, steps=60).state.memory.mu[0] > 0.05) == boosted


def test_a_run_cut_within_a_window_gives_the_same_bytes():
    problem, method = carmon_like(batch=5), ARSGB(0.05, beta1=0.9, policy=OBSB(window=8, tolerance=0.05))
    whole = simulate(method, problem, steps=60, rng=1)
    assert whole.state.memory.mu[0] > 0.05
    half = simulate(method, problem, steps=20, rng=1)
    assert simulate(method, problem, steps=40, resume=half).x.tobytes() == whole.x.tobytes()


@pytest.mark.parametrize(
    ("method", "sentence"),
    [
        (ARSGB(0.0), "step_size = 0.0 must be positive"),
        (ARSGB(0.1, beta1=1.0), r"beta1 = 1.0 must lie in \[0, 1\)"),
        (ARSGB(0.1, mu=0.0), "mu = 0.0 must be positive"),
        (ARSGB(0.1, policy=OBSB(window=0)), "window = 0 must be at least 1"),
        (ARSGB(0.1, policy=OBSB(tolerance=-1.0)), "tolerance = -1.0 must be at least 0"),
        (ARSGB(0.1, policy=OBSB(max_mu=1.0)), r"max_mu = 1.0 must lie in \(0, 1\)"),
        (ARSGB(0.1, policy=3), "policy = 3 must be of the class OBSB: make one"),
    ],
)
def test_bad_numbers_are_refused(method, sentence):
    with pytest.raises(ValueError, match=sentence):
        simulate(method, carmon_like(), steps=1)
