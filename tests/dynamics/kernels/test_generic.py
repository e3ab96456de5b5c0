"""Generic functions and users' kernels: what is refused, and in which words."""

from typing import NamedTuple

import numba
import numpy as np
import pytest

from dynamics import (
    SGD,
    GradientDescent,
    KernelError,
    MissingImplementation,
    draw,
    implements,
    new_sample,
    simulate,
    value_and_gradient,
)

only_compiled = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="plain Python compiles nothing")


class Empty(NamedTuple):
    weights: np.ndarray


def test_a_wrong_argument_name_is_one_sentence_at_registration():
    with pytest.raises(TypeError, match=r"value_and_gradient\(self, x, out\) for Empty: .* \(problem, x, out\)"):

        @implements(value_and_gradient, Empty)
        def _(self, x, out):
            return 0.0


def test_a_class_that_is_no_named_tuple_is_refused():
    with pytest.raises(TypeError, match=r"typing\.NamedTuple"):
        implements(value_and_gradient, int)


def test_a_missing_kernel_is_one_sentence_before_anything_compiles():
    with pytest.raises(MissingImplementation, match=r"GradientDescent needs value_and_gradient of Empty.*implements"):
        simulate(GradientDescent(0.1), Empty(np.ones(2)), steps=1, x0=np.ones(2))


class HalfNoisy(NamedTuple):
    scale: float


class Buffer(NamedTuple):
    z: np.ndarray


@implements(value_and_gradient, HalfNoisy)
def _(problem, x, out):
    out[0] = problem.scale * x[0]
    return 0.5 * out[0] * x[0]


@implements(new_sample, HalfNoisy)
def _(problem):
    return Buffer(np.zeros(1))


@implements(draw, HalfNoisy)
def _(problem, rng, sample):
    sample.z[0] = rng.standard_normal()


def test_a_sampled_problem_without_sampled_gradient_is_one_sentence():
    with pytest.raises(MissingImplementation, match="SGD needs sampled_"):
        simulate(SGD(0.1), HalfNoisy(1.0), steps=1, x0=np.ones(1))


def test_a_full_batch_method_ignores_the_sampling_law():
    run = simulate(GradientDescent(0.5), HalfNoisy(1.0), steps=2, x0=np.ones(1))
    assert run.x.tolist() == [0.25]


class Forgetful(NamedTuple):
    scale: float


@implements(value_and_gradient, Forgetful)
def _(problem, x, out):
    return x * problem.scale


class Silent(NamedTuple):
    scale: float


@implements(value_and_gradient, Silent)
def _(problem, x, out):
    return 0.5 * problem.scale * x[0] ** 2


class Exotic(NamedTuple):
    scale: float


@implements(value_and_gradient, Exotic)
def _(problem, x, out):
    out[:] = np.asarray([str(v) for v in x], dtype=float)
    return 0.0


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (Forgetful(1.0), r"value_and_gradient of Forgetful fails .* must return the value as a number"),
        (Silent(1.0), "value_and_gradient of Silent leaves `out` as it was"),
        pytest.param(
            Exotic(1.0), r"GradientDescent on Exotic can't be compiled: .* NUMBA_DISABLE_JIT=1", marks=only_compiled
        ),
    ],
)
def test_a_kernel_that_cannot_work_is_one_sentence(problem, sentence):
    with pytest.raises(KernelError, match=sentence) as caught:
        simulate(GradientDescent(0.1), problem, steps=1, x0=np.ones(2))
    assert "\n" not in str(caught.value)


@only_compiled
def test_redefining_a_compiled_kernel_is_refused_rather_than_ignored():
    class Again(NamedTuple):
        scale: float

    @implements(value_and_gradient, Again)
    def _(problem, x, out):
        out[0] = problem.scale * x[0]
        return 0.0

    simulate(GradientDescent(0.5), Again(1.0), steps=1, x0=np.ones(1))
    with pytest.raises(TypeError, match="is compiled already: define the class Again anew"):
        implements(value_and_gradient, Again)(lambda problem, x, out: 0.0)
