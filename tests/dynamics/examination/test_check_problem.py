"""Faults planted in a problem are found, each at its line; what is sound is left alone."""

import inspect
from typing import NamedTuple

import numba
import numpy as np
import pytest

import dynamics
from dynamics import KernelError, Refusal, check_problem, implements, protocol
from dynamics.examination.slopes import rounding, slope_along
from tests.dynamics.every_pair import PROBLEMS, STARTS

START = [0.3, -0.5, 0.8]


def made(**kernels):
    """A problem with these kernels, by name; sum of log cosh unless they say otherwise."""

    class Valley(NamedTuple):
        scale: np.ndarray

    for name, body in {"value_and_gradient": sound, **kernels}.items():
        implements(getattr(protocol, name), Valley)(body)
    return Valley(np.array([1.0, 3.0, 0.5]))


class Drawn(NamedTuple):
    term: np.ndarray


def sound(problem, x, out):
    total = 0.0
    for j in range(len(x)):
        total += np.log(np.cosh(problem.scale[j] * x[j]))
        out[j] = problem.scale[j] * np.tanh(problem.scale[j] * x[j])
    return total


def product(problem, x, v, out):
    for j in range(len(x)):
        out[j] = problem.scale[j] ** 2 * v[j] / np.cosh(problem.scale[j] * x[j]) ** 2


def a_term(problem, x, sample, out):
    out[:] = 0.0
    j = sample.term[0]
    out[j] = 3.0 * problem.scale[j] * np.tanh(problem.scale[j] * x[j])


def draws(problem, rng, sample):
    sample.term[0] = int(rng.random() * 3)


SAMPLES = {
    "new_sample": lambda problem: Drawn(np.zeros(1, dtype=np.int64)),
    "draw": draws,
    "summands": lambda problem: 3,
}


# The line that is to be told ends in "# HERE".


def other_sign(problem, x, out):
    total = 0.0
    for j in range(len(x)):
        total += np.log(np.cosh(problem.scale[j] * x[j]))
        out[j] = -problem.scale[j] * np.tanh(problem.scale[j] * x[j])  # HERE
    return total


def one_component(problem, x, out):
    total = 0.0
    for j in range(len(x)):
        total += np.log(np.cosh(problem.scale[j] * x[j]))
        out[j] = problem.scale[j] * np.tanh(problem.scale[j] * x[j])
    out[1] = 1.001 * out[1]  # HERE
    return total


def not_symmetric(problem, x, v, out):  # HERE
    for j in range(len(x)):
        out[j] = problem.scale[j] ** 2 * v[j] / np.cosh(problem.scale[j] * x[j]) ** 2
    out[0] += 0.1 * v[2]


def of_another_point(problem, x, v, out):  # HERE
    for j in range(len(x)):
        out[j] = problem.scale[j] ** 2 * v[j]


def without_the_number_of_terms(problem, x, sample, out):  # HERE
    out[:] = 0.0
    j = sample.term[0]
    out[j] = problem.scale[j] * np.tanh(problem.scale[j] * x[j])


def branches(problem, x, out):
    total = 0.0
    for j in range(len(x)):
        if x[j] > 0.0:  # HERE
            total += x[j]
            out[j] = 1.0
        else:
            total -= x[j]
            out[j] = -1.0
    return total


def mixes_runs(problem, x, out):  # HERE
    total = 0.0
    for j in range(len(x)):
        out[j] = np.mean(x[j])
        total += 0.5 * out[j] * out[j]
    return total


def writes_to_x(problem, x, out):
    out[:] = x
    x *= 2.0  # HERE
    return 0.5 * np.sum(out * out)


TABLE = np.ones(3)


def reads_the_module(problem, x, out):
    total = 0.0
    for j in range(len(x)):
        total += 0.5 * TABLE[j] * x[j] * x[j]  # HERE
        out[j] = x[j]
    return total


def makes_arrays(problem, x, out):
    total = 0.0
    for j in range(len(x)):
        row = np.zeros(3)  # HERE
        row[j] = x[j]
        total += 0.5 * row[j] ** 2
        out[j] = x[j]
    return total


CALLS = [0]


def remembers(problem, x, out):  # HERE
    CALLS[0] += 1
    out[:] = x
    return 0.5 * float(np.sum(x * x)) + CALLS[0]


def another_value(problem, x):  # HERE
    return 1.0


def negative_product(problem, x, v, out):  # HERE
    out[:] = -v


def another_prepared_product(problem, x, v, out):  # HERE
    out[:] = 0.5 * v


def takes_nothing(problem, sample):  # HERE
    return 0


FAULTS = [
    ({"value_and_gradient": other_sign}, other_sign, "the negative of the slope of its value"),
    ({"value_and_gradient": one_component}, one_component, r"into out\[1\] where the value has the slope"),
    ({"hessian_product": not_symmetric}, not_symmetric, "is not symmetric"),
    ({"hessian_product": of_another_point}, of_another_point, "and the same at another point"),
    (
        {"hessian_product": product, "prepared_product": another_prepared_product},
        another_prepared_product,
        "another product than hessian_product",
    ),
    ({"gauss_newton_product": negative_product}, negative_product, "is negative"),
    (
        {**SAMPLES, "sampled_gradient": without_the_number_of_terms},
        without_the_number_of_terms,
        "0.33.* times the whole gradient on average .* a mean over 3 terms is no sum",
    ),
    ({**SAMPLES, "sampled_gradient": a_term, "batch_summands": takes_nothing}, takes_nothing, "takes 0 of 3 terms"),
    ({"value_and_gradient": branches, "runs_in_lanes": lambda thing: True}, branches, "where_positive"),
    (
        {"value_and_gradient": mixes_runs, "runs_in_lanes": lambda thing: True},
        mixes_runs,
        "other numbers where several",
    ),
    ({"value_and_gradient": writes_to_x}, writes_to_x, "changes `x`, which belongs to the run"),
    ({"value_and_gradient": reads_the_module}, reads_the_module, "reads `TABLE`, an array of its module"),
    ({"value_and_gradient": makes_arrays}, makes_arrays, "makes an array in a loop, np.zeros"),
    ({"value_and_gradient": remembers}, remembers, "answers otherwise when it is asked again"),
    ({"value": another_value}, another_value, "where value_and_gradient gives"),
]


@pytest.mark.parametrize(("kernels", "body", "sentence"), FAULTS, ids=[body.__name__ for _, body, _ in FAULTS])
def test_a_fault_is_found_at_its_line(kernels, body, sentence):
    report = check_problem(made(**kernels), x0=START, machine=False)
    assert not report
    assert len(report.findings) == 1, report
    with pytest.raises(KernelError, match=sentence):
        report.raise_for_findings()
    lines, first = inspect.getsourcelines(body)
    number = first + next(k for k, line in enumerate(lines) if line.rstrip().endswith("# HERE"))
    assert report.findings[0].place == f"{__file__}:{number}"
    assert report.findings[0].cure


def test_what_is_sound_is_left_alone():
    report = check_problem(
        made(hessian_product=product, gauss_newton_product=product, **SAMPLES, sampled_gradient=a_term),
        x0=START,
        machine=False,
    )
    assert report.ok, report
    assert "the mean of sampled gradients" in repr(report)
    assert report.raise_for_findings() is None


SLOW = {
    "carmon",
    "digits-logistic",
    "digits-mlp",
    "graduated",
    "linear-net",
    "linear-net, samples",
    "quadratic, samples",
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in PROBLEMS]
)
def test_nothing_is_wrong_with_the_problems_that_there_are(name):
    report = check_problem(PROBLEMS[name], x0=STARTS.get(name), machine=False)
    assert report.ok, report


@pytest.mark.slow
@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="plain Python compiles nothing")
@pytest.mark.parametrize("name", PROBLEMS)
def test_nothing_is_wrong_with_them_as_machine_code(name):
    report = check_problem(PROBLEMS[name], x0=STARTS.get(name), rng=1)
    assert report.ok, report
    assert "plain Python against machine code" in report.looked_at


def beyond_the_end(problem, x, out):
    total = 0.0
    for j in range(len(x)):
        total += 0.5 * x[j] * x[j]
        out[j] = x[j]
    if x[0] == 12.5:
        total += problem.missing[0]
    return total


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="plain Python compiles nothing")
def test_what_only_the_compiler_sees_is_a_finding():
    report = check_problem(made(value_and_gradient=beyond_the_end), x0=START)
    assert not report
    assert "Valley has no field 'missing'" in repr(report)


def test_a_problem_without_a_start_asks_for_one():
    with pytest.raises(Refusal, match="give x0"):
        check_problem(made())
    with pytest.raises(Refusal, match="is a method: look at it by check_method"):
        check_problem(dynamics.Adam(0.1))


@pytest.mark.parametrize("frequency", [0.1, 1.0, 30.0])
def test_slopes_are_as_exact_as_they_say(frequency):
    def function(t):
        return np.sin(frequency * (1.0 + t)) + 1e3

    noise = rounding(lambda x: function(x[0] - 1.0), np.ones(1), 1, np.random.default_rng(0))
    found = slope_along(function, 1.0, noise)
    assert abs(found.slope - frequency * np.cos(frequency)) <= found.error <= 1e-6 * frequency


@pytest.mark.parametrize("frequency", [0.1, 1.0, 30.0])
def test_slopes_are_exact(frequency):
    found = slope_along(lambda t: np.sin(frequency * (1.0 + t)), 1.0, 1e-15)
    assert found.error <= 1e-12 * max(1.0, frequency)
