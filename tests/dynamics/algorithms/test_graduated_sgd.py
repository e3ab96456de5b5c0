"""Implicit graduated optimisation: stages and batches against a list of all updates, the twin, and the counts."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynamics import SGD, MissingImplementation, batch_summands, draw, ensemble, new_sample, simulate
from dynamics.algorithms.graduated_sgd import UPDATES, ImplicitGraduatedSGD, enter_stage, four_types
from dynamics.protocol.canonical import canonical
from dynamics.protocol.schedules import step_decay
from synthetic import carmon, quadratic, smoothed
from synthetic.landscapes.cosines import rastrigin
from tests.dynamics.algorithms.curved import carmon_formulas
from tests.dynamics.algorithms.regression import carmon_like
from tests.dynamics.algorithms.tallied import GRADIENTS, LOOKS, SAMPLED, tallied

SEED, SAMPLES = 11, 40
CARMON = carmon(samples=SAMPLES, dimension=4, batch_size=5, rng=4)
STAGED = {"batch_size": 3, "step_factor": 0.8, "batch_factor": 2.0, "stages": 4, "period": 2}


def plan(method, samples, updates):
    """Stage and batch size of every update: stage after stage, epoch after epoch."""
    every = []
    for stage in range(method.stages):
        # To the nearest whole number, halves up.
        batch = min(int(np.floor(method.batch_size * method.batch_factor**stage + 0.5)), samples)
        epoch = 1 if method.unit in (UPDATES, "updates") else samples // batch
        every += [(stage, batch)] * (epoch * method.period)
    return (every + [every[-1]] * updates)[:updates]


def twin(method, problem, steps):
    """Algorithm 3: constants within a stage, on the mini-batches of a run."""
    rng, sample, xs, alphas, terms = np.random.default_rng(SEED), new_sample(problem), [], [], [0]
    xs.append(np.zeros(problem.A.shape[1]))
    for stage, batch in plan(method, len(problem.b), steps):
        sample.size[0] = batch
        draw(problem, rng, sample)
        rows = sample.indices[:batch]
        assert len(set(rows.tolist())) == batch
        alphas.append(method.step_size * method.step_factor**stage)
        slope = carmon_formulas(SimpleNamespace(A=problem.A[rows], b=problem.b[rows])).gradient(xs[-1])
        xs.append(xs[-1] - alphas[-1] * slope)
        terms.append(terms[-1] + batch)
    return np.array(xs), np.array(alphas), np.array(terms) / len(problem.b)


@pytest.mark.parametrize("unit", ["epochs", "updates"])
@pytest.mark.parametrize("sampling", ["subset", "epoch"])
def test_twin(unit, sampling):
    problem = carmon(samples=SAMPLES, dimension=4, batch_size=5, sampling=sampling, rng=4)
    method = ImplicitGraduatedSGD(0.5, **STAGED, unit=unit)
    run = simulate(method, problem, steps=60, rng=SEED, record_every=1, record_iterates=True)
    iterates, alphas, gradients = twin(method, problem, 60)
    np.testing.assert_allclose(run.iterates, iterates, rtol=0, atol=1e-12)
    np.testing.assert_allclose(run.step_size[:-1], alphas, rtol=1e-14)
    np.testing.assert_allclose(run.gradients, gradients, rtol=1e-14)
    assert len(set(alphas)) == 4


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    samples=st.integers(2, 50),
    batch=st.integers(1, 60),
    factor=st.floats(1.0, 3.0),
    stages=st.integers(1, 6),
    period=st.integers(1, 3),
    unit=st.sampled_from(["epochs", "updates"]),
    k=st.integers(0, 400),
)
def test_stage_and_batch_depend_on_the_update_alone(samples, batch, factor, stages, period, unit, k):
    problem = carmon(samples=samples, dimension=1, batch_size=1, rng=0)
    given_method = ImplicitGraduatedSGD(0.1, batch, 1.0, factor, stages, period, unit)
    sample = new_sample(problem)
    sample.size[0] = 1 + k % samples  # whatever it was before
    for _ in range(2):
        stage = enter_stage(canonical(given_method), problem, sample, k)
        assert (stage, sample.size[0]) == plan(given_method, samples, k + 1)[-1]


def test_an_epoch_of_a_smoothed_problem_is_one_of_its_samples():
    problem = smoothed(CARMON, 0.1, directions=4, rng=0)
    method, sample = canonical(ImplicitGraduatedSGD(0.1, 10, 1.0, 2.0, stages=3, period=1)), new_sample(problem)
    terms = []
    for k in range(7):
        enter_stage(method, problem, sample, k)
        terms.append(batch_summands(problem, sample))
    assert terms == [40] * 4 + [80] * 2 + [160]


def test_a_batch_that_outgrows_the_data_takes_all_of_it():
    method = ImplicitGraduatedSGD(0.1, 30, 1.0, 1e6, stages=60, period=1)
    run = simulate(method, CARMON, steps=5, rng=0, record_every=1, record_iterates=True)
    np.testing.assert_allclose(np.diff(run.gradients), [30 / SAMPLES, 1, 1, 1, 1])
    move = run.iterates[2] - run.iterates[1]
    np.testing.assert_allclose(move, -0.1 * carmon_formulas(CARMON).gradient(run.iterates[1]), rtol=1e-10)


def test_without_factors_it_is_sgd():
    run = simulate(ImplicitGraduatedSGD(0.3, 5, 1.0, 1.0), CARMON, steps=30, rng=1)
    assert run.x.tobytes() == simulate(SGD(0.3), CARMON, steps=30, rng=1).x.tobytes()


def test_with_a_falling_step_alone_it_is_sgd_on_a_staircase():
    method = ImplicitGraduatedSGD(0.4, 5, 0.5, 1.0, stages=100, period=7, unit="updates")
    stairs = SGD(step_decay(0.4, factor=0.5, every=7))
    ours, theirs = (simulate(each, CARMON, steps=30, rng=1) for each in (method, stairs))
    np.testing.assert_allclose(ours.x, theirs.x, rtol=1e-13)


def test_growing_batches_are_counted_exactly():
    problem = tallied(CARMON)
    run = simulate(ImplicitGraduatedSGD(0.5, **STAGED), problem, steps=60, rng=SEED, record_every=10)
    terms = np.cumsum([0, *(batch for _, batch in plan(run.method, SAMPLES, 60))])
    assert np.array_equal(run.gradients, terms[run.iteration] / SAMPLES)
    assert problem.tally[SAMPLED] == terms[-1]
    assert problem.tally[LOOKS] == SAMPLES * len(run.iteration)
    assert problem.tally[GRADIENTS] == 0
    assert not run.values.any()
    assert not run.hessian_products.any()


@pytest.mark.parametrize("cut", [26, 30, 41])
def test_a_run_cut_and_resumed_gives_the_same_bytes(cut):
    """Cut at the end of a stage and within stages."""
    method = ImplicitGraduatedSGD(0.5, **STAGED)
    whole, part = (simulate(method, CARMON, steps=steps, rng=1, record_every=9) for steps in (60, cut))
    resumed = simulate(method, CARMON, steps=60 - cut, resume=part)
    assert resumed.x.tobytes() == whole.x.tobytes()
    assert resumed.gradients.tobytes() == whole.gradients.tobytes()


def test_the_four_types_of_the_paper():
    types = four_types(0.1, batch_size=8, period=1, stages=3)
    factors = [(method.step_factor, method.batch_factor) for method in types.values()]
    np.testing.assert_allclose(factors, [(1, 1), (0.5**0.5, 1), (1, 2), (0.75**0.5, 1.5)], rtol=1e-14)
    sweep = ensemble(list(types.values()), CARMON, steps=20, seeds=2, noise="common", record_every=20)
    for i, method in enumerate(types.values()):
        terms = sum(batch for _, batch in plan(method, SAMPLES, 20))
        np.testing.assert_allclose(sweep.gradients[i, :, -1], terms / SAMPLES)


@given(rate=st.floats(0.05, 1.0))
@settings(max_examples=30, deadline=None, derandomize=True)
def test_types_share_the_decay_rate_of_the_smoothing(rate):
    constant, *others = four_types(0.1, decay_rate=rate).values()
    assert constant.decay_rate == 1.0
    for method in others:
        canonical(method)
        assert method.decay_rate == pytest.approx(rate, rel=1e-12)


def test_batches_follow_the_numbers_of_the_paper():
    problem = carmon(samples=500, dimension=1, batch_size=1, rng=0)
    method, sample = canonical(ImplicitGraduatedSGD(0.1, 32, unit="updates")), new_sample(problem)
    sizes = []
    for k in range(0, 200, 40):
        enter_stage(method, problem, sample, k)
        sizes.append(int(sample.size[0]))
    assert sizes == [32, 48, 72, 108, 162]


def test_on_exact_gradients_only_the_step_changes():
    problem = carmon(samples=SAMPLES, dimension=4, batch_size=SAMPLES, rng=4)
    run = simulate(ImplicitGraduatedSGD(0.5, **STAGED), problem, steps=12, record_every=1)
    np.testing.assert_allclose(run.step_size[:-1], 0.5 * 0.8 ** np.minimum(np.arange(12) // 2, 3), rtol=1e-14)
    assert np.array_equal(run.gradients, np.arange(13))


@pytest.mark.parametrize("problem", [rastrigin(), quadratic(eigenvalues=[1.0], noise=0.1), carmon_like(batch=5)])
def test_problems_without_mini_batches_are_refused(problem):
    with pytest.raises(MissingImplementation, match=f"ImplicitGraduatedSGD needs resize of {type(problem).__name__}"):
        simulate(ImplicitGraduatedSGD(0.1), problem, steps=1)


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        ({"step_size": 0.0}, "step_size = 0.0 must be positive"),
        ({"batch_size": 0}, "batch_size = 0 must be at least 1"),
        ({"step_factor": 0.0}, "step_factor = 0.0 must be positive"),
        ({"step_factor": 1.1}, "step_factor = 1.1 must be at most 1"),
        ({"batch_factor": 0.5}, "batch_factor = 0.5 must be at least 1"),
        ({"batch_factor": np.inf}, "batch_factor = inf must be at least 1 and finite"),
        ({"stages": 0}, "stages = 0 must be at least 1"),
        ({"period": 0}, "period = 0 must be at least 1"),
        ({"unit": "weeks"}, "'weeks'"),
    ],
)
def test_bad_numbers_are_refused(numbers, sentence):
    with pytest.raises(ValueError, match=sentence):
        simulate(ImplicitGraduatedSGD(**{"step_size": 0.1, **numbers}), CARMON, steps=1)


def test_a_decay_rate_outside_its_range_is_refused():
    for rate in (0.0, 1.5):
        with pytest.raises(ValueError, match="must lie in \\(0, 1\\]"):
            four_types(0.1, decay_rate=rate)
