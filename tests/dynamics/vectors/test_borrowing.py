"""Kernels that count no references: nothing is lost or kept by it, and who makes arrays counts them."""

import sys
from typing import NamedTuple

import numba
import numpy as np
import pytest

from dynamics import SGD, draw, implements, new_sample, sampled_value_and_gradient, simulate, value_and_gradient
from dynamics.kernels.generic import Generic, constant, is_constant
from dynamics.kernels.policy import counts_references, kernel
from dynamics.vectors.borrowing import borrowed, uniform
from synthetic import quadratic


class Stretched(NamedTuple):
    """A problem whose kernels make arrays, as a user's may."""

    scale: np.ndarray


class Shift(NamedTuple):
    noise: np.ndarray


@implements(value_and_gradient, Stretched)
def _(problem, x, out):
    out[:] = problem.scale * x
    return 0.5 * np.sum(out * x)


@implements(new_sample, Stretched)
def _(problem):
    return Shift(np.zeros(2))


@implements(draw, Stretched)
def _(problem, rng, sample):
    sample.noise[:] = rng.standard_normal(2)


@implements(sampled_value_and_gradient, Stretched)
def _(problem, x, sample, out):
    value = value_and_gradient(problem, x, out)
    shifted = out + sample.noise
    out[:] = shifted
    return value + np.sum(shifted * 0.0)


@pytest.mark.parametrize(
    "problem", [Stretched(np.array([1.0, 0.5])), quadratic(eigenvalues=[1.0, 0.5], noise=0.1)], ids=["user's", "own"]
)
def test_no_run_keeps_a_generator_or_an_array_alive(problem):
    rng, start = np.random.default_rng(0), np.ones(2)
    held = (rng, rng.bit_generator, problem[0], start)
    simulate(SGD(0.1), problem, steps=5, x0=start, rng=rng)
    before = [sys.getrefcount(thing) for thing in held]
    for _ in range(10):
        simulate(SGD(0.1), problem, steps=5, x0=start, rng=rng)
    assert [sys.getrefcount(thing) for thing in held] == before


def test_a_users_kernel_that_makes_arrays_takes_the_steps_of_its_formula():
    scale, rng, x = np.array([1.0, 0.5]), np.random.default_rng(3), np.ones(2)
    run = simulate(SGD(0.1), Stretched(scale), steps=20, x0=x, rng=3)
    for _ in range(20):
        x = x - 0.1 * (scale * x + rng.standard_normal(2))
    np.testing.assert_allclose(run.x, x, rtol=1e-13)


@kernel
def three(rng, out):
    for i in range(3):
        out[i] = uniform(rng)


@pytest.mark.parametrize("bits", [np.random.PCG64, np.random.Philox, np.random.MT19937, np.random.SFC64])
def test_uniform_draws_what_the_generator_would(bits):
    rng, twin, out = np.random.Generator(bits(1)), np.random.Generator(bits(1)), np.empty(3)
    three(borrowed(rng), out)
    np.testing.assert_array_equal(out, twin.random(3))
    assert rng.random() == twin.random()


@kernel
def new_array(n):
    return np.full(n, 0.0)


def _direct(problem, x):
    return np.empty_like(x)[0]


def _arithmetic(problem, x):
    return np.sqrt(x[0])


def _indirect(problem, x):
    return new_array(len(x))[0]


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="plain Python inlines nothing")
def test_what_makes_arrays_is_seen_through_inlined_helpers():
    def as_ours(body):
        twin = type(body)(body.__code__, globals())
        twin.__module__ = "dynamics.example"
        return twin

    assert [counts_references(as_ours(body)) for body in (_direct, _indirect, _arithmetic)] == [True, True, False]
    assert counts_references(_arithmetic)  # a user's: its expressions may be of arrays


def test_a_constant_is_a_body_that_only_returns_one():
    def nothing(a, b):
        pass

    def one(a):
        return 1

    def first(a):
        return a

    def chosen(a):
        return 1 if a else 2

    assert [constant(body) for body in (nothing, one) if is_constant(body)] == [None, 1]
    assert not is_constant(first)
    assert not is_constant(chosen)
    assert any(is_constant(function.fallback) for function in Generic.everyone if function.fallback)
