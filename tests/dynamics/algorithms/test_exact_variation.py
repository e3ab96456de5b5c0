"""Exact-GV and Expected-GV: against twins that sum and enumerate, their counts, and what γ depends on."""

from dataclasses import replace
from itertools import combinations, product
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynamics import MissingImplementation, draw, new_sample, simulate
from dynamics.algorithms.exact_variation import ExactGV, ExpectedGV
from dynamics.protocol.canonical import canonical
from synthetic import carmon
from synthetic.ridge_sums.ridge_data import ridge_data
from synthetic.wrappers.noise import AxisNoise, Noisy
from tests.dynamics.algorithms.comparison import assert_same_run
from tests.dynamics.algorithms.curved import carmon_formulas
from tests.dynamics.algorithms.regression import carmon_like
from tests.dynamics.algorithms.tallied import CURVED, GRADIENTS, LOOKS, PRODUCTS, SAMPLED, tallied

SEED, STEPS, SAMPLES, BATCH = 11, 25, 8, 3
TIGHT = {"nu": 1.75, "m": 1.18, "M": 2.5, "delta": 0.2, "period": 2}
CARMON = carmon(samples=SAMPLES, dimension=3, batch_size=BATCH, rng=4)
METHODS = [ExactGV, ExpectedGV]


def batches(problem, steps=STEPS):
    """The mini-batches of a run."""
    rng, sample, drawn = np.random.default_rng(SEED), new_sample(problem), []
    for _ in range(steps):
        draw(problem, rng, sample)
        drawn.append(sample.indices[: sample.size[0]].copy())
    return drawn


def derivatives(problem, rows, x):
    """Gradient and Hessian of the mean over some rows."""
    part = carmon_formulas(SimpleNamespace(A=problem.A[rows], b=problem.b[rows]))
    return part.gradient(x), part.hessian(x)


def exact_change(problem, xs, steps):
    """∇J(θ_k) − ∇J(θ_(k−1))."""
    every = list(range(len(problem.b)))
    return derivatives(problem, every, xs[-1])[0] - derivatives(problem, every, xs[-2])[0]


def expected_change(problem, xs, steps):
    """−s ∇²J_B(θ_(k−1)) ∇J_B(θ_(k−1)), the mean over all mini-batches B that could have been drawn."""
    curved = []
    n, size = range(len(problem.b)), problem.batch_size
    for rows in product(n, repeat=size) if problem.sampling == 1 else combinations(n, size):
        g, h = derivatives(problem, list(rows), xs[-2])
        curved.append(h @ g)
    return -steps[-1] * np.mean(curved, axis=0)


def twin(change, problem, alpha, *, nu=2.0, m=0.5, M=2.0, delta=0.001, period=1, drawn=None, steps=STEPS):
    """Section 3.3 of Castera et al., with the change of the gradient that a method takes."""
    xs, moves = [np.zeros(problem.A.shape[1])], []
    drawn = drawn or batches(problem, steps)
    for k in range(steps):
        gamma = 1.0
        if k:
            s, inner = xs[-1] - xs[-2], change(problem, xs, moves) @ (xs[-1] - xs[-2])
            gamma = float(np.clip(s @ s / inner if inner > 0 else nu, m, M))
        moves.append(alpha * gamma / (int(k / period) + 1) ** (0.5 + delta))
        xs.append(xs[-1] - moves[-1] * derivatives(problem, drawn[k], xs[-1])[0])
    return np.array(xs), np.array(moves)


def run_of(method, problem=CARMON, steps=STEPS):
    return simulate(method, problem, steps=steps, rng=SEED, record_every=1, record_iterates=True)


CHANGES = {ExactGV: exact_change, ExpectedGV: expected_change}


@pytest.mark.parametrize("kind", METHODS)
@pytest.mark.parametrize(("alpha", "numbers"), [(0.5, {}), (1.5, TIGHT)])
def test_twin(kind, alpha, numbers):
    assert_same_run(run_of(kind(alpha, **numbers)), twin(CHANGES[kind], CARMON, alpha, **numbers))


def test_twin_with_replacement():
    problem = carmon(samples=4, dimension=3, batch_size=3, sampling="replacement", rng=4)
    assert_same_run(run_of(ExpectedGV(1.0, **TIGHT), problem), twin(expected_change, problem, 1.0, **TIGHT))


@pytest.mark.parametrize("kind", METHODS)
def test_the_twins_meet_every_case(kind):
    """Negative curvature, both bounds, and measured values between them."""
    run = run_of(kind(1.5, **TIGHT), steps=200)
    gamma = run.step_size[1:-1] / 1.5 * (np.arange(1, 200) // 2 + 1) ** 0.7
    cases = np.isclose(gamma[:, None], [TIGHT["nu"], TIGHT["m"], TIGHT["M"]])
    assert cases.any(axis=0).all()
    assert (~cases).all(axis=1).sum() > 3


@pytest.mark.parametrize("kind", METHODS)
def test_gamma_does_not_depend_on_the_mini_batch_that_it_multiplies(kind):
    """Another last batch leaves the step alone and the iterate not."""
    cut = 7
    half = simulate(kind(0.5), CARMON, steps=cut, rng=SEED)
    sample = half.state.sample
    stream = sample.stream._replace(numbers=(sample.stream.numbers + 0.5) % 1.0)
    elsewhere = replace(half, state=half.state._replace(sample=sample._replace(stream=stream)))
    one, other = (simulate(kind(0.5), CARMON, steps=1, resume=run) for run in (half, elsewhere))
    assert one.x.tobytes() != other.x.tobytes()
    assert one.state.point.step_size[0] == other.state.point.step_size[0]


@pytest.mark.parametrize("kind", METHODS)
def test_on_exact_gradients_they_cost_little_more(kind):
    """There Exact-GV has its gradient already, and Expected-GV takes a Hessian product."""
    problem = carmon(samples=SAMPLES, dimension=3, batch_size=SAMPLES, rng=4)
    run = run_of(kind(0.5, **TIGHT), problem)
    every = [np.arange(SAMPLES)] * STEPS
    assert_same_run(run, twin(CHANGES[kind], problem, 0.5, drawn=every, **TIGHT))
    assert np.array_equal(run.gradients, np.arange(STEPS + 1))
    assert np.array_equal(run.hessian_products, (kind is ExpectedGV) * np.arange(STEPS + 1))


@pytest.mark.parametrize(("kind", "curved"), [(ExactGV, 0), (ExpectedGV, 1)])
def test_all_work_is_counted_and_no_more_is_done(kind, curved):
    problem = tallied(CARMON)
    run = simulate(kind(0.5), problem, steps=12, rng=0, record_every=4)
    k = np.arange(0, 13, 4)
    assert np.array_equal(run.gradients, k * (BATCH / SAMPLES + 1 + curved))
    assert np.array_equal(run.hessian_products, 2 * curved * k)
    assert not run.values.any()
    assert problem.tally[SAMPLED] == BATCH * 12
    assert problem.tally[LOOKS] == SAMPLES * len(k)
    assert problem.tally[GRADIENTS] == SAMPLES * 12
    assert problem.tally[PRODUCTS] == problem.tally[CURVED] == SAMPLES * 12 * curved


def test_under_gradient_noise_the_expected_change_is_that_along_the_exact_gradient():
    exact = carmon(samples=SAMPLES, dimension=3, batch_size=SAMPLES, rng=4)
    problem = Noisy(exact, AxisNoise(np.full(3, 0.1)), np.zeros(3))
    run = run_of(ExpectedGV(0.5, **TIGHT), problem)
    for k in range(1, STEPS):
        g, h = derivatives(exact, list(range(SAMPLES)), run.iterates[k - 1])
        s = run.iterates[k] - run.iterates[k - 1]
        inner = -run.step_size[k - 1] * (h @ g) @ s
        gamma = float(np.clip(s @ s / inner if inner > 0 else TIGHT["nu"], TIGHT["m"], TIGHT["M"]))
        assert run.step_size[k] == pytest.approx(0.5 * gamma / (k // 2 + 1) ** 0.7, rel=1e-11)
    # One gradient under noise, one without, and one product: the noise takes no part in the Hessian.
    assert (run.gradients[-1], run.hessian_products[-1]) == (2 * STEPS, STEPS)


@pytest.mark.parametrize("kind", METHODS)
@settings(max_examples=8, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6))
def test_a_turned_problem_gives_the_turned_run(kind, seed):
    turn = np.linalg.qr(np.random.default_rng(seed).standard_normal((3, 3)))[0]
    turned = canonical(CARMON._replace(data=ridge_data(CARMON.A @ turn.T, CARMON.b.copy())))
    plain, other = (run_of(kind(0.4, m=1e-3, M=1e3), problem, 15).iterates for problem in (CARMON, turned))
    assert np.abs(other @ turn - plain).max() < 1e-8 * np.abs(plain).max()


@pytest.mark.parametrize("kind", METHODS)
def test_a_run_cut_and_resumed_gives_the_same_bytes(kind):
    whole, half = (simulate(kind(0.2), CARMON, steps=steps, rng=1) for steps in (20, 7))
    resumed = simulate(kind(0.2), CARMON, steps=13, resume=half)
    assert resumed.x.tobytes() == whole.x.tobytes()
    assert resumed.hessian_products.tobytes() == whole.hessian_products.tobytes()


def test_expected_gv_needs_the_mean_over_the_summands():
    with pytest.raises(MissingImplementation, match=r"ExpectedGV needs .*mean_curved_gradient of Regression"):
        simulate(ExpectedGV(0.1), carmon_like(batch=5), steps=1)


@pytest.mark.parametrize("kind", METHODS)
@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        ({"step_size": 0.0}, "step_size = 0.0 must be positive"),
        ({"nu": 0.0}, "nu = 0.0 must be positive"),
        ({"m": 0.0}, "m = 0.0 must be positive"),
        ({"M": 0.25}, "M = 0.25 must be at least 0.5"),
        ({"delta": -0.6}, "delta = -0.6 must be at least -0.5"),
        ({"period": 0}, "period = 0 must be at least 1"),
    ],
)
def test_bad_numbers_are_refused(kind, numbers, sentence):
    with pytest.raises(ValueError, match=sentence):
        simulate(kind(**{"step_size": 0.1, **numbers}), CARMON, steps=1)
