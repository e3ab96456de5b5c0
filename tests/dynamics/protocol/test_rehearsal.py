"""Users' kernels that do what no kernel may are refused before anything compiles, with their name and their line."""

import random
from typing import NamedTuple

import numba
import numpy as np
import pytest

from dynamics import (
    GradientDescent,
    KernelError,
    gauss_newton_product,
    gradient,
    hessian,
    hessian_product,
    implements,
    kernel,
    simulate,
    update,
    value,
    value_and_gradient,
)
from dynamics.protocol.rehearsal import rehearse


def sound(problem, x, out):
    for j in range(len(x)):
        out[j] = x[j]
    return 0.5 * np.sum(x**2)


def problem(function=value_and_gradient, body=sound):
    class Made(NamedTuple):
        scale: float

    implements(value_and_gradient, Made)(sound)
    implements(function, Made)(body)
    return Made(1.0)


def run(made, method=None):
    return simulate(GradientDescent(0.1) if method is None else method, made, steps=1, x0=np.ones(2))


def beyond(problem, x, v, out):
    out[len(x)] = 1.0


def beyond_matrix(problem, x, out):
    out[0, len(x)] = 1.0


def beyond_vector(problem, x, out):
    out[len(x)] = 1.0


def silent(problem, x, v, out):
    out = v.copy()  # noqa: F841


def silent_matrix(problem, x, out):
    out = np.eye(2)  # noqa: F841


def changes_x(problem, x, v, out):
    out[:] = v
    x[0] = 5.0


def changes_v(problem, x, v, out):
    out[:] = v
    v *= 2.0


def changes_x_in_value(problem, x):
    x[1] += 1.0
    return 0.0


def changes_x_in_both(problem, x, out):
    out[:] = x
    x -= 1.0
    return 0.0


def returns_vector(problem, x):
    return x


def draws_from_numpy(problem, x, out):
    out[:] = x
    return np.random.normal()  # noqa: NPY002


def draws_from_python(problem, x, out):
    out[:] = x
    return random.random()


def helper(x):
    return np.random.rand()  # noqa: NPY002


def draws_in_a_helper(problem, x, out):
    out[:] = x
    return helper(x)


@pytest.mark.parametrize(
    ("function", "body", "sentence"),
    [
        (hessian_product, beyond, "fails at the initial point: IndexError"),
        (gauss_newton_product, beyond, "fails at the initial point: IndexError"),
        (hessian, beyond_matrix, "fails at the initial point: IndexError"),
        (gradient, beyond_vector, "fails at the initial point: IndexError"),
        (hessian_product, silent, "leaves `out` as it was"),
        (gauss_newton_product, silent, "leaves `out` as it was"),
        (hessian, silent_matrix, "leaves `out` as it was"),
        (hessian_product, changes_x, "changes `x`, which belongs to the run"),
        (gauss_newton_product, changes_v, "changes `v`, which belongs to the run"),
        (value, changes_x_in_value, "changes `x`, which belongs to the run"),
        (value_and_gradient, changes_x_in_both, "changes `x`, which belongs to the run"),
        (value, returns_vector, "fails .* must return the value as a number"),
        (value_and_gradient, draws_from_numpy, "calls normal of a global generator"),
        (value_and_gradient, draws_from_python, "calls random of a global generator"),
        (value_and_gradient, draws_in_a_helper, "calls rand of a global generator"),
    ],
)
def test_a_kernel_is_refused_by_name_and_line(function, body, sentence):
    with pytest.raises(KernelError, match=f"{function.name} of Made {sentence}") as caught:
        run(problem(function, body))
    assert f"({__file__}, line " in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_method_that_draws_from_a_global_generator_is_refused():
    class Noisy(NamedTuple):
        """A method without hyper-parameters."""

    @implements(update, Noisy)
    def _(method, oracle, point, memory, k):
        point.x[0] += np.random.rand()  # noqa: NPY002

    with pytest.raises(KernelError, match="update of Noisy calls rand of a global generator"):
        run(problem(), Noisy())


def test_a_sound_class_is_rehearsed_once_for_its_shapes():
    calls = []

    def counted(problem, x):
        calls.append(len(x))
        return 0.0

    made = problem(value, counted)
    for x0 in (np.ones(2), np.ones(2), np.ones(3)):
        rehearse(made, x0, False)
    assert calls == [2, 3]


def test_an_update_that_writes_out_of_bounds_is_refused():
    class Careless(NamedTuple):
        """A method without hyper-parameters."""

    @implements(update, Careless)
    def _(method, oracle, point, memory, k):
        point.x[len(point.x)] = 1.0

    with pytest.raises(KernelError, match=r"update of Careless fails at the initial point: IndexError.*\.py, line \d+"):
        run(problem(), Careless())


def test_a_gradient_of_nan_is_no_gradient_that_was_left_out():
    def undefined(problem, x, out):
        out[:] = np.nan
        return np.nan

    assert run(problem(value_and_gradient, undefined)).status.name == "NOT_FINITE"


@kernel
def doubled(x):
    """Twice a number."""
    return 2.0 * x


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="plain Python compiles nothing")
def test_a_helper_is_not_compiled_to_be_rehearsed():
    def with_helper(problem, x):
        return doubled(x[0])

    rehearse(problem(value, with_helper), np.ones(2), False)
    assert not doubled.signatures
    assert doubled(1.5) == 3.0
    assert len(doubled.signatures) == 1
