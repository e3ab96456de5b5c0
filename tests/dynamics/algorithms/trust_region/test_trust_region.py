"""Trust regions: whole runs against the twin, exact counts, descent, and SciPy's minimiser."""

import numpy as np
import pytest
from scipy.optimize import minimize

from dynamics import MissingImplementation, Status, Stop, simulate
from dynamics.algorithms.trust_region.second_order import TrustRegion
from synthetic import carmon
from tests.dynamics.algorithms.curved import (
    BOTH,
    GRADIENTS,
    PRODUCTS,
    VALUES,
    Valley,
    carmon_formulas,
    valley_formulas,
)
from tests.dynamics.algorithms.trust_region.trust_region_twin import trust_region
from tests.dynamics.problems import NoisyBowl

STEPS = 25  # none of the Rosenbrock runs has converged by then, so that rounding decides nothing
START = np.tile([-1.2, 1.0], 3)
METHODS = [
    TrustRegion(),
    TrustRegion(radius=2.0, increase=2.0, decrease=4.0, eta1=0.1, eta2=0.75, kappa=0.4, theta=1.0),
    TrustRegion(radius=5.0, max_radius=6.0, increase=3.0, max_inner=2),
    TrustRegion("adagrad", radius=3.0),
    TrustRegion("adagrad", radius=8.0, decrease=3.0, eps=1.0, accumulate="successful"),
    TrustRegion("rmsprop", radius=9.0, decrease=1.75),
    TrustRegion("rmsprop", radius=9.0, eps=2.0, eps_mode="initial", beta=0.6),
    TrustRegion("rmsprop", radius=9.0, eps=2.0, accumulate="successful", beta=0.6),
]


def run_of(method, problem, x0, steps=STEPS, **kwargs):
    return simulate(method, problem, steps=steps, x0=x0, record_every=1, record_iterates=True, **kwargs)


def tallied():
    return Valley(tally=np.zeros(4, dtype=np.int64))


@pytest.mark.parametrize("method", METHODS)
def test_twin_on_rosenbrock(method):
    """To within ten times what a start one rounding away makes of the twin: the valley amplifies up to 10⁶ times."""
    run = run_of(method, tallied(), START)
    twin, other = (trust_region(valley_formulas(), x0, STEPS, method) for x0 in (START, np.nextafter(START, 0.0)))
    rounding = np.abs(other.iterates - twin.iterates).max()
    assert rounding < 1e-9
    np.testing.assert_allclose(run.iterates, twin.iterates, rtol=0, atol=1e-13 + 10 * rounding)
    assert np.isnan(run.step_size).all()


@pytest.mark.parametrize("method", METHODS)
def test_twin_on_carmon(method):
    problem = carmon(samples=40, dimension=6, rng=4, batch_size=40)
    run = run_of(method, problem, np.zeros(6), steps=15)
    twin = trust_region(carmon_formulas(problem), np.zeros(6), 15, method)
    np.testing.assert_allclose(run.iterates, twin.iterates, rtol=0, atol=1e-10)


def test_the_settings_above_meet_every_case():
    """Rejected steps, radii at their largest, and iterations of one product and of several."""
    twins = [trust_region(valley_formulas(), START, STEPS, method) for method in METHODS]
    assert all(False in twin.accepted and True in twin.accepted for twin in twins)
    assert any(max(twin.radii) == method.max_radius for twin, method in zip(twins, METHODS, strict=True))
    assert {1, 2, 3} <= {count for twin in twins for count in twin.products}


@pytest.mark.parametrize("method", METHODS)
def test_calls_are_counted_and_nothing_is_evaluated_twice(method):
    problem = tallied()
    run, twin = run_of(method, problem, START), trust_region(valley_formulas(), START, STEPS, method)
    steps = np.arange(1, STEPS + 1)
    # The first evaluation makes the value and the gradient at the start.
    assert np.array_equal(run.values, np.append(0, 1 + steps))
    assert np.array_equal(run.gradients, np.append(0, 1 + np.cumsum(twin.accepted)))
    assert np.array_equal(run.hessian_products, np.append(0, np.cumsum(twin.products)))
    assert problem.tally[BOTH] == 1
    assert problem.tally[VALUES] == STEPS
    assert problem.tally[GRADIENTS] == sum(twin.accepted)
    assert problem.tally[PRODUCTS] == sum(twin.products)


@pytest.mark.parametrize("method", METHODS)
def test_the_loss_falls_where_the_iterate_moves_and_a_rejected_step_keeps_all(method):
    run = run_of(method, tallied(), START)
    moved = (np.diff(run.iterates, axis=0) != 0).any(axis=1)
    assert (np.diff(run.loss)[moved] < 1e-14 * run.loss[:-1][moved]).all()
    assert (np.diff(run.loss)[~moved] == 0).all()
    assert (np.diff(run.gradient_norm)[~moved] == 0).all()
    losses = [valley_formulas().loss(x) for x in run.iterates]
    norms = [np.linalg.norm(valley_formulas().gradient(x)) for x in run.iterates]
    np.testing.assert_allclose(run.loss, losses, rtol=1e-9, atol=1e-25)
    np.testing.assert_allclose(run.gradient_norm, norms, rtol=1e-7, atol=1e-11)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_minimiser_is_the_one_of_scipy(seed):
    """Both start close to one strict local minimiser, found by SciPy and perturbed, and end at it."""
    problem = carmon(samples=40, dimension=6, rng=seed, batch_size=40)
    f = carmon_formulas(problem)

    def scipy_end(x0):
        return minimize(f.loss, x0, jac=f.gradient, hess=f.hessian, method="trust-ncg", options={"gtol": 1e-10}).x

    strict = scipy_end(np.zeros(6))
    assert np.linalg.eigvalsh(f.hessian(strict)).min() > 1e-3
    start = strict + 0.05 * np.random.default_rng(seed).standard_normal(6)
    run = run_of(TrustRegion(radius=0.1), problem, start, stop=Stop(gradient_norm=1e-9))
    assert run.status == Status.CONVERGED
    assert np.linalg.norm(start - strict) > 0.05
    np.testing.assert_allclose(run.x, scipy_end(start), rtol=0, atol=1e-6)
    np.testing.assert_allclose(run.x, strict, rtol=0, atol=1e-6)


@pytest.mark.parametrize("norm", ["sphere", "adagrad", "rmsprop"])
def test_rosenbrock_is_solved_to_rounding(norm):
    run = run_of(TrustRegion(norm, radius=1.0), tallied(), START, steps=2000, stop=Stop(gradient_norm=1e-9))
    assert run.status == Status.CONVERGED
    f = valley_formulas()
    scipy_end = minimize(
        f.loss, run.iterates[-10], jac=f.gradient, hess=f.hessian, method="trust-ncg", options={"gtol": 1e-10}
    )
    np.testing.assert_allclose(run.x, scipy_end.x, rtol=0, atol=1e-8)
    # The steps before the last converge superlinearly: more digits are gained by each.
    gained = -np.diff(np.log10(run.gradient_norm[-4:]))
    assert gained[-1] > gained[0]


def test_rounding_rejects_no_step_once_the_run_has_converged():
    """The loss is near 0.6, so that the falls of these steps are below its last digit."""
    problem = carmon(samples=40, dimension=6, rng=4, batch_size=40)
    end = run_of(TrustRegion(radius=1.0), problem, np.zeros(6), steps=500, stop=Stop(gradient_norm=1e-9))
    assert end.status == Status.CONVERGED
    assert end.loss[-1] > 0.1
    run = run_of(TrustRegion(radius=1.0), problem, end.x, steps=5)
    assert run.gradients[-1] == 1 + 5
    assert (run.gradient_norm < 1e-9).all()


def test_a_run_can_be_cut_in_two():
    whole = run_of(METHODS[6], tallied(), START, steps=20)
    half = run_of(METHODS[6], tallied(), START, steps=9)
    both = simulate(METHODS[6], half.problem, steps=11, resume=half)
    assert np.array_equal(both.iterates, whole.iterates)
    assert np.array_equal(both.values, whole.values)


def test_a_stationary_point_is_left_alone():
    run = run_of(TrustRegion(), tallied(), np.ones(6), steps=3)
    assert np.array_equal(run.iterates, np.ones((4, 6)))
    assert run.values[-1] == run.gradients[-1] == 1
    assert not run.hessian_products.any()


def test_a_problem_without_products_is_refused():
    with pytest.raises(MissingImplementation, match="TrustRegion needs hessian_product of NoisyBowl"):
        simulate(TrustRegion(), NoisyBowl(np.ones(2), 0.1), steps=1, x0=[1.0, 1.0])


@pytest.mark.parametrize(
    ("method", "sentence"),
    [
        (TrustRegion(radius=0.0), "radius = 0.0 must be positive"),
        (TrustRegion(radius=11.0), r"radius = 11.0 must be at most max_radius = 10.0"),
        (TrustRegion(eta1=0.0), "must satisfy 0 < eta1 <= eta2 < 1"),
        (TrustRegion(eta1=0.5, eta2=0.4), "must satisfy 0 < eta1 <= eta2 < 1"),
        (TrustRegion(increase=0.9), "increase = 0.9 must be at least 1"),
        (TrustRegion(decrease=1.0), "decrease = 1.0 must be above 1"),
        (TrustRegion(kappa=1.0), r"kappa = 1.0 must lie in \(0, 1\)"),
        (TrustRegion(theta=-0.5), "theta = -0.5 must be at least 0"),
        (TrustRegion(max_inner=0), "max_inner = 0 must be at least 1"),
        (TrustRegion(beta=1.0), r"beta = 1.0 must lie in \[0, 1\)"),
        (TrustRegion(eps=0.0), "eps = 0.0 must be positive"),
        (TrustRegion(norm="adam"), "unknown TrustRegion.norm 'adam'"),
        (TrustRegion(solver="exakt"), "unknown TrustRegion.solver 'exakt'"),
        (TrustRegion(accumulate="never"), "unknown TrustRegion.accumulate 'never'"),
    ],
)
def test_bad_numbers_are_refused(method, sentence):
    with pytest.raises(ValueError, match=sentence):
        simulate(method, tallied(), steps=1, x0=START)
