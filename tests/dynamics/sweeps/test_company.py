"""A run of a sweep has the same bytes in any company: other settings and seeds, threads, runs that end early."""

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynamics import (
    RSG,
    SGD,
    Adam,
    Box,
    GradientDescent,
    HeavyBall,
    KernelError,
    L4Mom,
    Status,
    Stop,
    ensemble,
    implements,
    inverse_power,
    simulate,
    update,
)
from dynamics.protocol.canonical import canonical
from dynamics.sweeps.content import key
from synthetic import carmon, quadratic

NOISY = quadratic(eigenvalues=[1.0, 0.3, 0.1], noise=0.1, rng=0)
PLAIN = quadratic(eigenvalues=[1.0, 0.3])
BATCHES = carmon(samples=40, dimension=4, batch_size=5, rng=0)
STEP_SIZES = (0.01, 0.05, 0.1, 0.2, 0.3, 40.0)  # the last diverges
FIELDS = ("loss", "gradient_norm", "step_size", "x", "status", "stopped_at", "gradients")


def kept(sweep, i, j):
    """All that a sweep keeps of a run."""
    return b"".join(np.ascontiguousarray(getattr(sweep, name)[i, j]).tobytes() for name in FIELDS)


ALONE = {}


def alone(problem, method, seed, noise):
    """The bytes of a run in a sweep of its own."""
    place = (id(problem), repr(method), seed, noise)
    if place not in ALONE:
        ALONE[place] = kept(ensemble([method], problem, steps=40, seeds=[seed], noise=noise, **STOP), 0, 0)
    return ALONE[place]


STOP = {"stop": Stop(loss_bound=1e6), "record_every": 3}


@given(
    st.lists(st.sampled_from(STEP_SIZES), min_size=1, max_size=12, unique=True),
    st.lists(st.integers(0, 5), min_size=1, max_size=3, unique=True),
    st.sampled_from(["own", "common"]),
    st.sampled_from([1, 2]),
    st.sampled_from([NOISY, PLAIN, BATCHES]),
)
@settings(max_examples=25, deadline=None, derandomize=True)
def test_every_run_has_the_bytes_that_it_has_alone(step_sizes, seeds, noise, threads, problem):
    grid = [Adam(0.1, beta1=0.5) if a == 0.05 else Adam(a) for a in step_sizes]
    if problem is not BATCHES:
        grid = [RSG(a, beta=0.9) for a in step_sizes]
    sweep = ensemble(grid, problem, steps=40, seeds=seeds, noise=noise, threads=threads, **STOP)
    for i, method in enumerate(grid):
        for j, seed in enumerate(seeds):
            assert kept(sweep, i, j) == alone(problem, method, seed, noise)


def test_more_runs_than_lanes_keep_their_bytes_too():
    grid = [HeavyBall(float(a), beta=0.9) for a in np.geomspace(1e-3, 60.0, 35)]
    for noise in ("own", "common"):
        sweep = ensemble(grid, NOISY, steps=40, seeds=2, noise=noise, **STOP)
        assert {Status.DIVERGED, Status.MAX_ITERATIONS} == set(sweep.status.ravel())
        for i in (0, 7, 8, 33, 34):
            for j in (0, 1):
                assert kept(sweep, i, j) == alone(NOISY, grid[i], j, noise)


def test_runs_with_schedules_of_other_kinds_keep_their_bytes():
    grid = [SGD(0.1), SGD(inverse_power(0.1, power=0.5)), SGD(0.2), SGD(inverse_power(0.2, power=0.7))]
    sweep = ensemble(grid, NOISY, steps=40, seeds=1, **STOP)
    for i, method in enumerate(grid):
        assert kept(sweep, i, 0) == alone(NOISY, method, 0, "own")


def test_runs_that_end_one_after_the_other_end_as_single_runs_do():
    grid = [GradientDescent(a) for a in (2.5, 3.0, 0.9, 100.0, 0.5, 20.0, 1e300)]
    stop = Stop(loss_bound=np.inf, gradient_norm=1e-3)
    sweep = ensemble(grid, PLAIN, steps=3000, seeds=1, stop=stop)
    for i, method in enumerate(grid):
        single = simulate(method, PLAIN, steps=3000, stop=stop)
        assert (sweep.status[i, 0], sweep.stopped_at[i, 0]) == (single.status, single.stopped_at)
        rows = single.loss.size
        np.testing.assert_allclose(sweep.loss[i, 0, :rows], single.loss, rtol=1e-9)
        np.testing.assert_array_equal(sweep.step_size[i, 0, :rows], single.step_size)
        assert np.isnan(sweep.loss[i, 0, rows:]).all()
    assert set(sweep.status.ravel()) == {Status.CONVERGED, Status.NOT_FINITE}


def test_a_negative_first_sample_is_the_end_of_that_run_alone():
    problem = quadratic(eigenvalues=[1.0, 0.3], noise=1.0)
    sweep = ensemble([L4Mom()], problem, steps=50, seeds=16, x0=[1.0, -1.0])
    assert sweep.status.shape == (1, 16)
    assert (sweep.status == Status.NEGATIVE_LOSS).any()
    assert (sweep.stopped_at[sweep.status == Status.NEGATIVE_LOSS] < 50).all()


class Touchy(NamedTuple):
    """Gradient descent that raises at some settings."""

    step_size: float


@implements(update, Touchy)
def _(method, problem, point, memory, k):
    if method.step_size > 1.0 and k == 3:
        raise ValueError("the step is too long")
    for j in range(len(point.x)):
        point.x[j] -= method.step_size * point.gradient[j]


def test_a_run_that_raises_leaves_the_others_alone():
    sweep = ensemble([Touchy(0.1), Touchy(2.0), Touchy(0.5)], PLAIN, steps=10, seeds=2)
    assert sweep.status.tolist() == [[1, 1], [9, 9], [1, 1]]
    assert set(sweep.errors) == {(1, 0), (1, 1)}
    assert "the step is too long" in sweep.errors[1, 0]
    assert np.isnan(sweep.loss[1]).all()
    assert np.isnan(sweep.x[1]).all()
    np.testing.assert_array_equal(sweep.x[2, 0], simulate(Touchy(0.5), PLAIN, steps=10).x)
    assert np.isnan(sweep.gradients[1]).all()
    with pytest.raises((ValueError, KernelError), match="the step is too long"):
        ensemble([Touchy(2.0)], PLAIN, steps=10, seeds=2)


def test_streams_follow_from_names_and_values():
    assert key(canonical(RSG(0.1, beta=0.9, mu=0.2))) == PINNED
    assert key(canonical(RSG(np.float32(0.5)))) == key(canonical(RSG(0.5)))
    assert key((0.0, np.zeros(2))) == key((-0.0, -np.zeros(2)))
    others = [(1.0,), (1,), (True,), ((1.0,),), (np.ones(1),), (Box(np.zeros(1), np.ones(1)),), (np.ones((1, 1)),)]
    assert len({key(other) for other in others}) == len(others)


# another one would change all sweeps' numbers
PINNED = (
    2288821431,
    4119945644,
    1986317144,
    3445725457,
    2576980378,
    1069128089,
    0,
    0,
    0,
    1072693248,
    0,
    1072693248,
    0,
    1072693248,
    3435973837,
    1072483532,
    2576980378,
    1070176665,
)
