"""Lookahead and Ranger: against twins whose slow weights are written out, and the methods inside."""

import numpy as np
import pytest

from dynamics import SGD, Armijo, L4Mom, RAdam, Status, TrustRegion, simulate
from dynamics.algorithms.lookahead import Lookahead
from dynamics.algorithms.ranger import Ranger
from tests.dynamics.algorithms import adaptive_twins as twins
from tests.dynamics.algorithms.comparison import assert_same_run, formulas_of, run_of
from tests.dynamics.algorithms.regression import carmon_like, quadratic

STEPS = 40
X0 = np.linspace(-1, 1, 6)


def lookahead(direction, gradient, x0, steps, period, alpha):
    """The slow weights as an average of all fast weights at meetings, (1 − α)^τ x₀ + α Σ (1 − α)^(τ − i) x_i."""
    xs, seen, met = [x0], [], []
    for k, step in enumerate(steps):
        seen.append(gradient(k, xs[k]))
        x = xs[k] - step * direction(seen)
        if (k + 1) % period == 0:
            met.append(x)
            ages = np.arange(len(met))[::-1]
            x = (1 - alpha) ** len(met) * x0 + alpha * np.tensordot((1 - alpha) ** ages, met, axes=1)
        xs.append(x)
    return np.array(xs), np.asarray(steps)


@pytest.mark.parametrize("batch", [0, 5])
@pytest.mark.parametrize(
    ("numbers", "period", "alpha"),
    [
        ({"beta1": 0.95, "beta2": 0.999, "eps": 1e-5}, 6, 0.5),
        ({"beta1": 0.9, "beta2": 0.9, "eps": 1e-2, "threshold": 4.0}, 1, 0.3),
        ({"beta1": 0.5, "beta2": 0.95, "eps": 0.0}, 7, 0.8),
    ],
)
def test_twin_of_ranger(batch, numbers, period, alpha):
    problem = carmon_like(batch=batch)
    twin = lookahead(
        twins.radam(**numbers), formulas_of(problem, STEPS).gradient, X0, np.full(STEPS, 0.05), period, alpha
    )
    method = Ranger(0.05, **numbers, sync_period=period, slow_step_size=alpha)
    assert_same_run(run_of(method, problem, STEPS, x0=X0), twin)


@pytest.mark.parametrize("batch", [0, 5])
def test_twin_of_lookahead_on_plain_steps(batch):
    problem, steps = carmon_like(batch=batch), 0.5 / np.sqrt(1 + np.arange(STEPS))
    twin = lookahead(lambda seen: seen[-1], formulas_of(problem, STEPS).gradient, X0, steps, 5, 0.5)
    assert_same_run(run_of(Lookahead(SGD(steps)), problem, STEPS, x0=X0), twin)


def test_ranger_is_lookahead_on_radam_and_with_the_whole_way_it_is_radam():
    problem, numbers = carmon_like(batch=5), {"beta1": 0.9, "beta2": 0.95, "eps": 1e-3}
    ranger, ahead, whole, radam = (
        run_of(method, problem, STEPS, x0=X0).iterates
        for method in (
            Ranger(0.1, **numbers, sync_period=4),
            Lookahead(RAdam(0.1, **numbers), sync_period=4),
            Ranger(0.1, **numbers, sync_period=4, slow_step_size=1.0),
            RAdam(0.1, **numbers),
        )
    )
    np.testing.assert_allclose(ranger, ahead, rtol=0, atol=1e-13)
    np.testing.assert_allclose(whole, radam, rtol=0, atol=1e-13)
    assert np.abs(ranger - radam).max() > 0.1


def test_the_slow_weights_contract_as_the_paper_says():
    """On curvature λ a round multiplies the slow weights by 1 − α + α(1 − γλ)^s."""
    run = run_of(Lookahead(SGD(0.25), sync_period=3, slow_step_size=0.5), quadratic([1.0, 2.0], [0.0] * 2), 12, [1, 1])
    factors = 0.5 + 0.5 * (1 - 0.25 * np.array([1.0, 2.0])) ** 3
    np.testing.assert_allclose(run.iterates[::3], factors ** np.arange(5)[:, None], rtol=1e-14)


def test_a_run_cut_between_meetings_gives_the_same_bytes():
    problem, method = carmon_like(batch=5), Ranger(0.1, beta2=0.9, sync_period=6)
    whole = simulate(method, problem, steps=20, rng=1)
    half = simulate(method, problem, steps=8, rng=1)
    assert simulate(method, problem, steps=12, resume=half).x.tobytes() == whole.x.tobytes()


def test_the_method_inside_keeps_its_needs_and_is_paid_for_at_each_meeting():
    """Armijo's search pays for its own next iterate; after a meeting that is another point, and is paid for anew."""
    run = run_of(Lookahead(Armijo(1.0), sync_period=3), quadratic([1.0, 3.0]), 9, [5.0, -4.0])
    alone = run_of(Armijo(1.0), quadratic([1.0, 3.0]), 9, [5.0, -4.0])
    assert alone.gradients[-1] == 1 + 9
    assert run.gradients[-1] == 1 + 9 + 2  # meetings after steps 3 and 6; the one after step 9 is only looked at
    # Between a point and a lower one a convex loss is lower than at the first.
    assert (np.diff(run.loss[::3]) < 0).all()


def test_a_run_that_the_method_inside_ends_stands_where_it_is():
    method = Lookahead(L4Mom(alpha=1.2, gamma=0.0, tau_m=1.0), sync_period=3)
    run = run_of(method, quadratic([1.0], [0.0])._replace(offset=-1.0), 500, x0=[4.0])
    assert (run.status, run.stopped_at) == (Status.NEGATIVE_LOSS, 2)
    assert np.array_equal(run.x, run.iterates[-1])


@pytest.mark.parametrize(
    ("method", "sentence"),
    [
        (Ranger(0.0), "step_size = 0.0 must be positive"),
        (Ranger(0.1, beta1=1.0), r"beta1 = 1.0 must lie in \[0, 1\)"),
        (Ranger(0.1, threshold=3.0), "threshold = 3.0 must be at least 4"),
        (Ranger(0.1, sync_period=0), "sync_period = 0 must be at least 1"),
        (Ranger(0.1, slow_step_size=0.0), r"slow_step_size = 0.0 must lie in \(0, 1\]"),
        (Lookahead(SGD(0.1), slow_step_size=1.5), r"slow_step_size = 1.5 must lie in \(0, 1\]"),
        (Lookahead(SGD(-0.1)), "step_size = -0.1 must be positive"),
        (Lookahead(0.1), "fast = 0.1 is no method"),
        (Lookahead(TrustRegion()), "fast = TrustRegion reads hessian_product"),
    ],
)
def test_bad_numbers_are_refused(method, sentence):
    with pytest.raises(ValueError, match=sentence):
        simulate(method, carmon_like(), steps=1)
