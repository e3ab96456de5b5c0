"""What wrappers declare, and the table of what fits that is made of it: nothing here is compiled."""

from typing import Any, NamedTuple

import numpy as np
import pytest

from dynamics import Echo, GradientDescent, L4Adam, Lookahead, SaddleFreeNewton, simulate
from dynamics.kernels.generic import MissingImplementation
from dynamics.protocol import (
    always,
    before_draw,
    hessian_product,
    implements,
    initial_point,
    update,
    uses_loss,
    value_and_gradient,
    wraps,
)
from dynamics.protocol.compatibility import check_pair
from dynamics.protocol.method import requires
from dynamics.protocol.oracle import draw, sampled_hessian_product
from synthetic import graduated, info, quadratic, quadratic_cosine
from synthetic.wrappers.averaged import Averaged, AveragedWork
from synthetic.wrappers.noise import AxisNoise, Noisy
from synthetic.wrappers.raised import Raised

QUADRATIC = quadratic(eigenvalues=[1.0, 3.0])


class Bowl(NamedTuple):
    """A user's problem with no more than it must have."""

    scale: float


@implements(value_and_gradient, Bowl)
def _(problem, x, out):
    out[:] = problem.scale * x
    return 0.5 * problem.scale * (x * x).sum()


def noisy(problem):
    return Noisy(problem, AxisNoise(np.ones(2)), np.zeros(2))


def averaged(problem):
    return Averaged(problem, np.ones((1, 2)), AveragedWork(np.zeros(2), np.zeros(2)))


class NeedsSampledProducts(NamedTuple):
    """A method that takes Hessian products on samples."""

    step_size: float


@implements(update, NeedsSampledProducts)
def _(method, oracle, point, memory, k):
    hessian_product(oracle, point.x, point.gradient, point.x)


always(requires, NeedsSampledProducts, answer=(sampled_hessian_product,))


@pytest.mark.parametrize("wrapped", [lambda p: Raised(p, 1.0), averaged, noisy, lambda p: Raised(noisy(p), 1.0)])
def test_a_kernel_that_the_problem_inside_lacks_is_named_with_its_class(wrapped):
    with pytest.raises(
        MissingImplementation, match=r"SaddleFreeNewton needs hessian_product of Bowl.*\(hessian_product, Bowl\)"
    ):
        check_pair(SaddleFreeNewton(0.1), wrapped(Bowl(1.0)), False)
    check_pair(SaddleFreeNewton(0.1), wrapped(QUADRATIC), False)


def test_noise_asks_for_exact_products_and_not_for_sampled_ones():
    check_pair(NeedsSampledProducts(0.1), noisy(QUADRATIC), True)
    with pytest.raises(MissingImplementation, match="needs hessian_product of Bowl"):
        check_pair(NeedsSampledProducts(0.1), noisy(Bowl(1.0)), True)


def test_sampling_is_asked_of_the_problem_inside_where_it_is_handed_on():
    with pytest.raises(MissingImplementation, match="needs draw, sampled_value_and_gradient of Bowl"):
        check_pair(GradientDescent(0.1), Raised(Bowl(1.0), 1.0), True)
    check_pair(GradientDescent(0.1), noisy(Bowl(1.0)), True)


class Scaled(NamedTuple):
    """A user's wrapper, whose products are differences of gradients."""

    problem: Any


@implements(value_and_gradient, Scaled)
def _(problem, x, out):
    return value_and_gradient(problem.problem, x, out)


@implements(hessian_product, Scaled)
def _(problem, x, v, out):
    other = np.empty_like(x)
    value_and_gradient(problem.problem, x + v, out)
    value_and_gradient(problem.problem, x, other)
    out -= other


def test_of_a_wrapper_that_declares_nothing_nothing_is_asked_inside():
    assert check_pair(SaddleFreeNewton(0.1), Scaled(Bowl(1.0)), False) is None  # no refusal


def test_what_is_handed_on_is_the_answer_of_what_is_inside():
    problem = quadratic_cosine(dimension=2)
    versions = graduated(problem, [1.0, 0.5])
    np.testing.assert_array_equal(initial_point(versions), problem.start)
    assert info(versions).notes == info(problem).notes
    assert draw(versions, None, None) is None
    x, v, found = np.array([1.0, 2.0]), np.array([1.0, -1.0]), np.empty(2)
    hessian_product(Raised(QUADRATIC, 5.0), x, v, found)
    np.testing.assert_array_equal(found, [1.0, -3.0])


class Shrinking(NamedTuple):
    """A method that counts how often it is asked before a draw."""

    asked: list


@implements(update, Shrinking)
def _(method, oracle, point, memory, k):
    pass


@implements(before_draw, Shrinking)
def _(method, problem, sample, k):
    method.asked.append(k)


@pytest.mark.parametrize("around", [Lookahead, Echo])
def test_methods_around_methods_hand_on_what_is_asked_before_a_draw(around):
    asked: list[int] = []
    before_draw(around(Shrinking(asked)), None, None, 7)
    assert asked == [7]


def test_a_constant_holds_for_the_classes_that_it_names():
    assert uses_loss(L4Adam()) is True
    assert uses_loss(GradientDescent(0.1)) is False
    assert uses_loss(Lookahead(L4Adam())) is True


def test_a_declared_constant_is_read_while_a_run_is_compiled():
    problem = noisy(QUADRATIC)
    run = simulate(L4Adam(), problem, steps=3, x0=[1.0, 1.0], rng=0)
    assert run.values[-1] == 3.0  # counted, since L4 reads the loss
    assert simulate(GradientDescent(0.1), problem, steps=3, x0=[1.0, 1.0], rng=0).values[-1] == 0.0


def test_a_declaration_of_another_kind_is_refused():
    with pytest.raises(TypeError, match="int must be a"):
        wraps(int, hands_on=(hessian_product,))
