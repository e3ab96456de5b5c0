"""Generic functions and users' kernels: what is refused, and in which words."""

import pydoc
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
    gradient,
    hessian_product,
    implements,
    new_sample,
    simulate,
    update,
    value_and_gradient,
)
from dynamics.kernels.generic import Generic

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


class Undefined(NamedTuple):
    scale: float


@implements(value_and_gradient, Undefined)
def _(problem, x, out):
    out[:] = np.nan
    return problem.scale


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


def test_a_gradient_of_nan_is_a_status_and_no_forgotten_out():
    run = simulate(GradientDescent(0.1), Undefined(1.0), steps=1, x0=np.ones(2))
    assert run.status.name == "NOT_FINITE"


def test_an_implementation_that_is_registered_again_takes_effect_at_the_next_run():
    class Again(NamedTuple):
        scale: float

    def ask():
        return simulate(GradientDescent(0.5), Again(1.0), steps=1, x0=np.ones(1)).x.tolist()

    @implements(value_and_gradient, Again)
    def _(problem, x, out):
        out[0] = problem.scale * x[0]
        return 0.0

    assert ask() == [0.5]

    @implements(value_and_gradient, Again)
    def _(problem, x, out):
        out[0] = 2.0 * problem.scale * x[0]
        return 0.0

    assert ask() == [0.0]


class Parabola(NamedTuple):
    scale: float


@implements(value_and_gradient, Parabola)
def _(problem, x, out):
    out[0] = problem.scale * x[0]
    return 0.5 * out[0] * x[0]


class Halving(NamedTuple):
    """A method of somebody who learnt that the second argument of `update` is called `problem`."""


@implements(update, Halving)
def _(method, problem, point, memory, k):
    value_and_gradient(problem, point.x, point.gradient)
    for j in range(len(point.x)):
        point.x[j] -= 0.5 * point.gradient[j]


def test_the_former_name_of_an_argument_goes_on_working():
    run = simulate(Halving(), Parabola(1.0), steps=3, x0=np.full(1, 8.0))
    assert run.x == 1.0
    with pytest.raises(TypeError, match=r"update\(method, target, .* \(method, oracle, point, memory, k\)"):

        @implements(update, Halving)
        def _(method, target, point, memory, k):
            pass


@pytest.mark.parametrize("function", Generic.everyone, ids=lambda function: function.name)
def test_help_shows_a_function_and_not_the_class_of_generic_functions(function):
    page = pydoc.plain(pydoc.render_doc(function))
    assert f"\n{function.name}({', '.join(function.arguments)})\n    " in page
    assert function.__doc__.splitlines()[0] in page
    assert "compiled_for" not in page


def test_a_call_without_out_names_the_function_that_was_meant():
    problem, x = HalfNoisy(1.0), np.ones(1)
    with pytest.raises(
        TypeError, match=r"gradient\(problem, x, out\) .*: synthetic\.gradient\(problem, x\) returns one"
    ):
        gradient(problem, x)
    with pytest.raises(TypeError, match=r"synthetic\.hessian_product\(problem, x, v\) returns one"):
        hessian_product(problem, x, x)
    with pytest.raises(TypeError, match=r"value_and_gradient\(problem, x, out\) .*missing: give one"):
        value_and_gradient(problem, x)
    with pytest.raises(TypeError, match="takes 3 arguments, and 1 are given"):
        gradient(problem)
