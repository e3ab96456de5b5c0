"""The laws of tests/dynamics/algorithms/laws.py, each where it is said to hold and where it is said not to."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynamics import new_memory, update
from dynamics.protocol.canonical import canonical
from dynamics.protocol.method import Point
from tests.dynamics.algorithms.comparison import run_of
from tests.dynamics.algorithms.laws import LAWS
from tests.dynamics.algorithms.regression import interpolated

STEPS, DIMENSION = 15, 6
SEEDS = st.integers(0, 10**6)
FACTORS = st.floats(0.02, 50.0)
SCALED = [name for name in LAWS if LAWS[name].louder]
UNITS = [name for name in LAWS if not LAWS[name].louder]

checked = settings(max_examples=8, deadline=None, derandomize=True)


def iterates(method, seed, transform=None, scale=1.0):
    """A run on the loss scale·f(T⁻¹x) from T x₀, taken back by T⁻¹."""
    problem, x0 = interpolated(seed=seed), 2 * np.random.default_rng(seed).standard_normal(DIMENSION)
    transform = np.eye(DIMENSION) if transform is None else transform
    back = np.linalg.inv(transform)
    changed = problem._replace(rows=problem.rows @ back, bowl=scale, dent=scale)
    return run_of(method, changed, STEPS, x0=transform @ x0).iterates @ back.T


def parted(one, other):
    """The largest distance between two runs, relative to the extent of the first."""
    return np.abs(one - other).max() / np.abs(one).max()


def turn_of(seed):
    return np.linalg.qr(np.random.default_rng(seed).standard_normal((DIMENSION, DIMENSION)))[0]


@pytest.mark.parametrize("name", LAWS)
@checked
@given(seed=SEEDS)
def test_a_turn_of_the_problem_turns_the_run_unless_coordinates_are_scaled(name, seed):
    law = LAWS[name]
    distance = parted(iterates(law.method, seed), iterates(law.method, seed, turn_of(seed)))
    assert distance < 1e-8 if law.rotates else distance > 1e-4


@pytest.mark.parametrize("name", LAWS)
@checked
@given(seed=SEEDS)
def test_the_order_and_the_signs_of_coordinates_are_nothing(name, seed):
    rng, method = np.random.default_rng(seed), LAWS[name].method
    order = rng.permutation(np.diag(rng.choice([-1.0, 1.0], DIMENSION)))
    assert parted(iterates(method, seed), iterates(method, seed, order)) < 1e-8


@pytest.mark.parametrize("name", SCALED)
@checked
@given(seed=SEEDS, a=FACTORS)
def test_a_louder_loss(name, seed, a):
    law = LAWS[name]
    assert parted(iterates(law.method, seed), iterates(law.louder(a), seed, scale=a)) < 1e-8


@pytest.mark.parametrize("name", SCALED)
@checked
@given(seed=SEEDS, c=FACTORS)
def test_a_wider_problem(name, seed, c):
    law = LAWS[name]
    assert parted(iterates(law.method, seed), iterates(law.wider(c), seed, c * np.eye(DIMENSION))) < 1e-8


@pytest.mark.parametrize("name", SCALED)
def test_numbers_that_the_laws_change_have_to_be_changed(name):
    law, wide = LAWS[name], 3.0 * np.eye(DIMENSION)
    if law.louder(3.0) != law.method:
        assert parted(iterates(law.method, 1), iterates(law.method, 1, scale=3.0)) > 1e-4
    if law.wider(3.0) != law.method:
        assert parted(iterates(law.method, 1), iterates(law.method, 1, wide)) > 1e-4


@pytest.mark.parametrize("name", UNITS)
def test_numbers_with_a_unit_that_cannot_be_changed(name):
    method = LAWS[name].method
    assert parted(iterates(method, 1), iterates(method, 1, scale=3.0)) > 1e-3
    assert parted(iterates(method, 1), iterates(method, 1, 3.0 * np.eye(DIMENSION))) > 1e-3


@pytest.mark.parametrize("name", LAWS)
def test_a_scale_of_each_coordinate_is_followed_by_none(name):
    scales = np.diag([1.0, 2.0, 4.0, 0.5, 0.25, 3.0])
    assert parted(iterates(LAWS[name].method, 1), iterates(LAWS[name].method, 1, scales)) > 1e-3


def moves(method, gradients):
    """Where given gradients, one a step, lead from 0, whatever problem they are of; in plain Python."""
    method = canonical(method)
    point = Point(
        np.zeros(DIMENSION), np.zeros(DIMENSION), np.ones(1), np.zeros(1), np.zeros(1, np.int64), np.zeros(1, np.int64)
    )
    memory = new_memory(method, DIMENSION)
    for k, g in enumerate(gradients):
        point.gradient[:] = g
        update(method, None, point, memory, k)
    return point.x


@pytest.mark.parametrize("name", [name for name in LAWS if LAWS[name].bare])
def test_gradients_scaled_in_each_coordinate_lead_to_the_same_point(name):
    rng = np.random.default_rng(3)
    gradients, scales = rng.standard_normal((STEPS, DIMENSION)), 10.0 ** rng.uniform(-3, 3, DIMENSION)
    plain = moves(LAWS[name].bare, gradients)
    np.testing.assert_allclose(moves(LAWS[name].bare, gradients * scales), plain, rtol=1e-9)
    with_eps = moves(LAWS[name].method, gradients * scales) - moves(LAWS[name].method, gradients)
    assert np.abs(with_eps).max() > 1e-3 * np.abs(plain).max()


@pytest.mark.parametrize("name", ["sgd", "rsg", "radam", "adagrad with the full matrix"])
def test_gradients_scaled_in_each_coordinate_lead_elsewhere_without_scales_of_coordinates(name):
    rng = np.random.default_rng(3)
    gradients, scales = rng.standard_normal((STEPS, DIMENSION)), 10.0 ** rng.uniform(-3, 3, DIMENSION)
    plain = moves(LAWS[name].method, gradients)
    assert np.abs(moves(LAWS[name].method, gradients * scales) - plain).max() > 0.1 * np.abs(plain).max()
