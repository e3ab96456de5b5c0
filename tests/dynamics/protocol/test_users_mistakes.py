"""Mistakes that newcomers make are told at their own line, with the kernel's name and the cure, in one sentence."""

import inspect
import math
import re
from typing import NamedTuple

import numba
import numpy as np
import pytest

from dynamics import (
    GradientDescent,
    KernelError,
    KindRefusal,
    MissingImplementation,
    ensemble,
    gradient,
    hessian_product,
    implements,
    kernel,
    new_memory,
    runs_in_lanes,
    simulate,
    update,
    value_and_gradient,
)
from dynamics.protocol import StepSize
from dynamics.protocol.kernel_errors import _words
from dynamics.protocol.rehearsal import rehearse_update
from dynamics.runs.state import first_state

START = np.array([1.0, -2.0])


class Average(NamedTuple):
    mean: np.ndarray


class Count(NamedTuple):
    steps: int


def plain_helper(t):
    return 2.0 * t


@kernel
def twice(t):
    """Twice a number."""
    return 2.0 * t


def an_average(method, dimension):
    return Average(np.zeros(dimension))


def a_count(method, dimension):
    return Count(0)


def a_dictionary(method, dimension):
    return {"mean": np.zeros(dimension)}  # HERE of new_memory is its first line


# Updates. The line that is to be told ends in "# HERE".


def misspelt_field(method, oracle, point, memory, k):
    for j in range(len(point.x)):
        point.x[j] -= method.bta * point.gradient[j]  # HERE


def misspelt_part_of_the_point(method, oracle, point, memory, k):
    point.x[0] -= 0.1 * point.gradiant[0]  # HERE


def misspelt_memory(method, oracle, point, memory, k):
    memory.meen[0] = 1.0  # HERE


def binds_the_iterate(method, oracle, point, memory, k):
    point.x = point.x - 0.1 * point.gradient  # HERE


def names_another_iterate(method, oracle, point, memory, k):
    x, g = point.x, point.gradient
    x = x - 0.1 * g  # HERE


def binds_the_memory(method, oracle, point, memory, k):
    memory.mean = 0.9 * memory.mean + 0.1 * point.gradient  # HERE
    point.x[:] -= memory.mean


def binds_the_status(method, oracle, point, memory, k):
    point.status = 2  # HERE


def counts_in_a_number(method, oracle, point, memory, k):
    memory.steps += 1  # HERE


def calls_with_too_few(method, oracle, point, memory, k):
    gradient(oracle, point.x)  # HERE


def calls_a_helper_with_too_many(method, oracle, point, memory, k):
    point.x[0] -= twice(point.gradient[0], 1.0)  # HERE


def reads_an_unknown_name(method, oracle, point, memory, k):
    point.x[:] -= alpha * point.gradient  # noqa: F821  # HERE


def reads_a_missing_field_of_the_problem(method, oracle, point, memory, k):
    point.x[:] -= point.gradient / oracle.problem.lipschitz  # HERE


def asks_for_what_is_missing(method, oracle, point, memory, k):
    hessian_product(oracle, point.x, point.gradient, point.gradient)  # HERE


def multiplies_a_schedule(method, oracle, point, memory, k):
    point.x[:] -= method.step_size * point.gradient  # HERE


def decides_by_an_array(method, oracle, point, memory, k):
    if point.gradient > 0.0:  # HERE
        point.x[:] -= 0.1


def uses_the_memory(method, oracle, point, memory, k):
    point.x[:] -= 0.1 * memory["mean"]


# Problems.


def misspelt_data(problem, x, out):
    out[:] = x
    return problem.scales[0]  # HERE


def misspelt_numpy(problem, x, out):
    out[:] = x
    return np.summ(x)  # HERE


def returns_a_pair(problem, x, out):  # HERE
    out[:] = x
    return 1.0, out


def returns_nothing(problem, x, out):  # HERE
    out[:] = x


def names_another_gradient(problem, x, out):
    out = 2.0 * x  # noqa: F841  # HERE
    return np.sum(x * x)


def writes_to_the_iterate(problem, x, out):
    out[:] = x
    for j in range(len(x)):
        x[j] *= 2.0  # HERE
    return 0.0


def writes_another_length(problem, x, out):
    out[:] = np.zeros(3)  # HERE
    return 0.0


def takes_a_number_for_an_array(problem, x, out):
    out[:] = math.tanh(x)  # HERE
    return 0.0


def a_problem(body):
    class Valley(NamedTuple):
        scale: np.ndarray

    implements(value_and_gradient, Valley)(body)
    return Valley(np.array([1.0, 3.0]))


def a_method(body, memory=None):
    class Lion(NamedTuple):
        step_size: StepSize = 0.1
        beta: float = 0.9

    implements(update, Lion)(body)
    if memory is not None:
        implements(new_memory, Lion)(memory)
    return Lion()


def sound(problem, x, out):
    total = 0.0
    for j in range(len(x)):
        out[j] = problem.scale[j] * x[j]
        total += 0.5 * problem.scale[j] * x[j] * x[j]
    return total


def here(body):
    """The place that is to be told."""
    lines, first = inspect.getsourcelines(body)
    number = next(k for k, line in enumerate(lines) if line.rstrip().endswith("# HERE"))
    return f"({__file__}, line {first + number})"


def told(method, problem):
    with pytest.raises((KernelError, MissingImplementation)) as caught:
        simulate(method, problem, steps=5, x0=START)
    text = str(caught.value)
    assert "\n" not in text
    assert len(text) < 420
    return text


@pytest.mark.parametrize(
    ("body", "memory", "sentence"),
    [
        (misspelt_field, None, "update of Lion .*Lion has no field 'bta'; did you mean 'beta'"),
        (misspelt_part_of_the_point, None, "Point has no field 'gradiant'; did you mean 'gradient'"),
        (misspelt_memory, an_average, "Average has no field 'meen'; did you mean 'mean'"),
        (misspelt_memory, None, r"no memory holds 'meen': declare one by @implements\(new_memory"),
        (binds_the_iterate, None, r"point.x can't be bound .* write into .*, point.x\[:\] = "),
        (names_another_iterate, None, r"leaves point.x as it was: `x = ...` names another array .* x\[:\] -= "),
        (binds_the_memory, an_average, r"memory.mean can't be bound .*memory.mean\[:\] = "),
        (binds_the_status, None, r"point.status can't be bound .*point.status\[0\] = "),
        (counts_in_a_number, a_count, r"memory.steps is a number.*np.zeros\(1\)"),
        (calls_with_too_few, None, r"gradient\(problem, x, out\) .* writes into an array `out`, which is missing"),
        (calls_a_helper_with_too_many, None, "(too many arguments|takes 1 positional argument)"),
        (reads_an_unknown_name, None, "name 'alpha' is not defined"),
        (reads_a_missing_field_of_the_problem, None, "Valley has no field 'lipschitz': it has scale"),
        (asks_for_what_is_missing, None, r"calls hessian_product .* which Valley has not got: write @implements"),
        (multiplies_a_schedule, None, r"method.step_size is a schedule: .* scheduled\(method.step_size, k\)"),
        (decides_by_an_array, None, "decides by a whole array"),
    ],
)
def test_a_mistake_in_an_update(body, memory, sentence):
    text = told(a_method(body, memory), a_problem(sound))
    assert here(body) in text
    assert text.startswith("update of Lion ")
    assert re.search(sentence, text), text


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (misspelt_data, "Valley has no field 'scales'; did you mean 'scale'"),
        (misspelt_numpy, "module 'numpy' has no attribute 'summ'; did you mean 'sum'"),
        (returns_a_pair, r"returns \(1.0, array.* must return the value as a number"),
        (returns_nothing, "returns None, and must return the value as a number"),
        (names_another_gradient, r"leaves `out` as it was .* out\[j\] = "),
        (writes_to_the_iterate, "changes `x`, which belongs to the run .* work on a copy"),
        (writes_another_length, r"could not broadcast input array from shape \(3,\)"),
        (takes_a_number_for_an_array, "TypeError"),
    ],
)
def test_a_mistake_in_a_problem(body, sentence):
    text = told(GradientDescent(0.1), a_problem(body))
    assert here(body) in text
    assert text.startswith("value_and_gradient of Valley ")
    assert re.search(sentence, text), text


def test_a_memory_that_machine_code_cannot_hold():
    text = told(a_method(uses_the_memory, a_dictionary), a_problem(sound))
    assert "new_memory of Lion returns a dict" in text
    assert "NamedTuple of arrays" in text


def test_a_kernel_with_other_arguments():
    with pytest.raises(KindRefusal, match=r"the arguments must be named \(method, oracle, point, memory, k\)"):
        a_method(lambda method, oracle, point, memory: None)


def test_what_only_the_problem_has_is_no_mistake():
    def by_the_scale(method, oracle, point, memory, k):
        point.x[0] -= point.gradient[0] / oracle.problem.scale[1]

    method = a_method(by_the_scale)
    state = first_state(method, START, None)
    rehearse_update(method, state.point, state.memory, a_problem(sound))
    np.testing.assert_array_equal(state.point.x, START)


def test_an_iterate_may_stay_where_the_update_says_why():
    def rejects(method, oracle, point, memory, k):
        x = point.x
        x = x[::-1]
        point.status[0] = 7

    method = a_method(rejects)
    state = first_state(method, START, None)
    rehearse_update(method, state.point, state.memory)
    assert state.point.status[0] == 0


def branches(method, oracle, point, memory, k):
    for j in range(len(point.x)):
        if point.gradient[j] > 0.0:  # HERE
            point.x[j] -= 0.1


def test_a_decision_that_differs_between_runs():
    method, problem = a_method(branches), a_problem(sound)
    for thing in (method, problem):
        implements(runs_in_lanes, type(thing))(lambda thing: True)
    with pytest.raises(KernelError, match="where_positive") as caught:
        ensemble([method, method._replace(beta=0.5)], problem, steps=5, seeds=1, x0=START)
    assert here(branches) in str(caught.value)


def calls_a_plain_helper(method, oracle, point, memory, k):
    point.x[0] -= 0.1 * plain_helper(point.gradient[0])  # HERE


only_compiled = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="plain Python compiles nothing")


@only_compiled
def test_a_helper_that_nobody_decorated():
    text = told(a_method(calls_a_plain_helper), a_problem(sound))
    assert here(calls_a_plain_helper) in text
    assert "calls plain_helper" in text
    assert "write @kernel" in text


def misspelt_where_it_seldom_goes(problem, x, out):
    out[:] = x
    if x[0] > 1e9:
        return problem.skale[0]  # HERE
    return 0.0


def unknown_to_machine_code(method, oracle, point, memory, k):
    point.x[:] -= 0.1 * np.linalg.multi_dot([np.eye(2), np.eye(2), point.gradient])  # HERE


@only_compiled
def test_what_only_the_compiler_sees():
    text = told(GradientDescent(0.1), a_problem(misspelt_where_it_seldom_goes))
    assert here(misspelt_where_it_seldom_goes) in text
    assert "value_and_gradient of Valley: Valley has no field 'skale'; did you mean 'scale'? It has scale" in text
    text = told(a_method(unknown_to_machine_code), a_problem(sound))
    assert here(unknown_to_machine_code) in text
    assert "update of Lion: numpy.linalg.multi_dot is not among the functions that machine code has" in text


@pytest.mark.parametrize(
    ("complaint", "sentence"),
    [
        ("Unknown attribute 'bta' of type Lion(float64 x 2)", "Lion has no field 'bta'; did you mean 'beta'"),
        ("Untyped global name 'expit': Cannot determine Numba type of <class 'numpy.ufunc'>", "`expit`, a numpy.ufunc"),
        ("Cannot unify array(float64, 1d, C) and float64 for 'total.1.2', defined at", "`total` is a array"),
        (
            "No implementation of function Function(<x>) found for signature: >>> cosh(Vector(8))",
            "for which there are +",
        ),
        (
            "The use of a reflected list(float64)<iv=None> type, assigned to variable 'HISTORY' in globals",
            "`HISTORY` is",
        ),
        ("Cannot modify readonly array of type: readonly array(float64, 1d, C)", "keep it in a field `work`"),
        ("Use of unsupported opcode (STORE_GLOBAL) found", "change nothing of the module"),
        ("format spec in f-strings not supported yet", "kernels make no text"),
    ],
)
def test_words_of_the_compiler(complaint, sentence):
    assert sentence in _words(complaint, {"Lion": ("step_size", "beta")})
