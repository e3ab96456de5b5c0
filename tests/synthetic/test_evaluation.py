"""Problems as functions of arrays: shapes, users' own problems, missing kernels."""

import inspect
from typing import NamedTuple

import numpy as np
import pytest

import synthetic
from dynamics import MissingImplementation, hessian_product, implements, value_and_gradient
from synthetic import info, problems, quadratic


class Cubic(NamedTuple):
    """A problem as a user writes one: Σ a x³/3."""

    a: np.ndarray


@implements(value_and_gradient, Cubic)
def _(problem, x, out):
    total = 0.0
    for j in range(len(x)):
        out[j] = problem.a[j] * x[j] ** 2
        total += problem.a[j] * x[j] ** 3 / 3
    return total


@implements(hessian_product, Cubic)
def _(problem, x, v, out):
    for j in range(len(x)):
        out[j] = 2 * problem.a[j] * x[j] * v[j]


class Valueless(NamedTuple):
    """A problem without kernels."""

    a: float = 1.0


CUBIC = Cubic([1, 2, 3])


def test_shapes_and_broadcasting():
    x = np.arange(24.0).reshape(2, 4, 3)
    a = np.array([1, 2, 3])
    np.testing.assert_allclose(synthetic.value(CUBIC, x), (a * x**3 / 3).sum(axis=-1), rtol=1e-14)
    np.testing.assert_allclose(synthetic.gradient(CUBIC, x), a * x**2, rtol=1e-14)
    v = np.array([1.0, -1.0, 2.0])
    np.testing.assert_allclose(synthetic.hessian_product(CUBIC, x, v), 2 * a * x * v, rtol=1e-14)
    np.testing.assert_allclose(synthetic.hessian_product(CUBIC, v, x), 2 * a * x * v, rtol=1e-14)
    np.testing.assert_allclose(synthetic.hessian(CUBIC, x), (2 * a * x)[..., None] * np.eye(3), rtol=1e-14)
    assert isinstance(synthetic.value(CUBIC, [1, 2, 3]), float)
    assert synthetic.gradient(CUBIC, np.empty((0, 3))).shape == (0, 3)


def test_arguments_are_left_alone():
    x, v = np.ones(3), np.ones(3)
    x.flags.writeable = False
    synthetic.hessian_product(CUBIC, x, v)
    synthetic.hessian(CUBIC, x)
    assert (x == 1).all()
    assert (v == 1).all()


def test_info_of_a_users_problem():
    assert info(CUBIC) == synthetic.Information()


@pytest.mark.parametrize(
    ("x", "sentence"),
    [
        ([1.0], r"x has shape \(1,\): DiagonalQuadratic needs a last axis of length 2\."),
        (1.0, r"x has shape \(\): DiagonalQuadratic needs a last axis of length 2\."),
        ([1.0, np.nan], "x has NaN or infinity in it, the first at index 1"),
    ],
)
def test_bad_points(x, sentence):
    for function in (synthetic.value, synthetic.gradient, synthetic.hessian):
        with pytest.raises(ValueError, match=sentence):
            function(quadratic(), x)
    with pytest.raises(ValueError, match=sentence):
        synthetic.hessian_product(quadratic(), x, [1.0, 1.0])


def test_shapes_that_do_not_broadcast():
    with pytest.raises(ValueError, match=r"x \(2, 2\) and v \(3, 2\) don't go together: their shapes must broadcast\."):
        synthetic.hessian_product(quadratic(), np.ones((2, 2)), np.ones((3, 2)))
    with pytest.raises(ValueError, match=r"x has shape \(0,\): Cubic needs a last axis of length d, at least 1\."):
        synthetic.value(CUBIC, [])


def test_missing_kernels_are_named():
    for function in (synthetic.value, synthetic.gradient):
        with pytest.raises(MissingImplementation, match="Valueless has no value_and_gradient: write it with"):
            function(Valueless(), [1.0])
    with pytest.raises(MissingImplementation, match="Valueless has no hessian_product"):
        synthetic.hessian(Valueless(), [1.0])


def test_the_catalogue_draws_every_problem_with_its_defaults():
    dimensions = {
        "carmon": 30,
        "linear-net": 96,
        "drop-wave": 1,
        "rastrigin": 1,
        "quadratic-cosine": 1,
        "power-law": 200,
    }
    for name, factory in problems().items():
        if name.startswith("digits"):
            continue  # drawn in the tests of the digits, where scikit-learn is asked for
        problem = factory(rng=0) if "rng" in inspect.signature(factory).parameters else factory()
        known = info(problem)
        if hasattr(problem, "check"):
            problem.check()
        assert known.dimension == dimensions.get(name, 2), name


def test_points_and_directions_broadcast_whatever_their_layout():
    net = synthetic.linear_net(rng=0)
    points = np.random.default_rng(0).standard_normal((3, 96))
    together = synthetic.hessian_product(net, points, np.ones(96))
    for point, product in zip(points, together, strict=True):
        np.testing.assert_allclose(synthetic.hessian_product(net, point, np.ones(96)), product, rtol=1e-12)
