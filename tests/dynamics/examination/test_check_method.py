"""Faults planted in a method are found, each at its line; what is sound is left alone."""

import inspect
from typing import NamedTuple

import numba
import numpy as np
import pytest

from dynamics import (
    SGD,
    Adam,
    GradientDescent,
    KernelError,
    Refusal,
    check_method,
    gradient,
    implements,
    methods,
    new_memory,
    runs_in_lanes,
    update,
    uses_loss,
)
from dynamics.protocol import PAID, StepSize, scheduled
from tests.dynamics.every_pair import made as usual


class Average(NamedTuple):
    mean: np.ndarray


def made(body, memory=None, *, lanes=False, loss=False):
    class Lion(NamedTuple):
        step_size: StepSize = 0.05
        beta: float = 0.9

    implements(update, Lion)(body)
    if memory is not None:
        implements(new_memory, Lion)(memory)
    implements(runs_in_lanes, Lion)(lambda thing: lanes)
    implements(uses_loss, Lion)(lambda method: loss)
    return Lion()


def zeros(method, dimension):
    return Average(np.zeros(dimension))


def sound(method, oracle, point, memory, k):
    step = scheduled(method.step_size, k)
    for j in range(len(point.x)):
        memory.mean[j] = method.beta * memory.mean[j] + (1.0 - method.beta) * point.gradient[j]
        point.x[j] -= step * memory.mean[j]


# The line that is to be told ends in "# HERE".


def not_initialised(method, dimension):
    return Average(np.empty(dimension))  # HERE


SHARED = Average(np.zeros(5))


def shared(method, dimension):  # HERE
    return SHARED


def branches(method, oracle, point, memory, k):
    for j in range(len(point.x)):
        if point.gradient[j] > 0.0:  # HERE
            point.x[j] -= 0.05


def mixes_runs(method, oracle, point, memory, k):  # HERE
    for j in range(len(point.x)):
        point.x[j] -= 0.05 * np.mean(point.gradient[j])


def asks_past_the_oracle(method, oracle, point, memory, k):  # HERE
    gradient(oracle.problem, point.x, memory.mean)
    for j in range(len(point.x)):
        point.x[j] -= 0.05 * memory.mean[j]


def counts_too_much(method, oracle, point, memory, k):  # HERE
    oracle.calls[1] += 5
    for j in range(len(point.x)):
        point.x[j] -= 0.05 * point.gradient[j]


def reads_the_loss(method, oracle, point, memory, k):  # HERE
    for j in range(len(point.x)):
        point.x[j] -= 0.05 * point.loss[0] * point.gradient[j]


def says_paid(method, oracle, point, memory, k):  # HERE
    for j in range(len(point.x)):
        point.x[j] -= 0.05 * point.gradient[j]
    point.fresh[0] = PAID


STEPS = [0.0]


def keeps_in_the_module(method, oracle, point, memory, k):  # HERE
    STEPS[0] += 1.0
    for j in range(len(point.x)):
        point.x[j] -= 0.05 * point.gradient[j] / STEPS[0]


TABLE = np.array([0.1, 0.2])


def reads_the_module(method, oracle, point, memory, k):
    for j in range(len(point.x)):
        point.x[j] -= TABLE[0] * point.gradient[j]  # HERE


def makes_arrays(method, oracle, point, memory, k):
    for j in range(len(point.x)):
        buffer = np.zeros(1)  # HERE
        buffer[0] = point.gradient[j]
        point.x[j] -= 0.1 * buffer[0]


def makes_an_array(method, oracle, point, memory, k):
    buffer = point.gradient.copy()  # HERE
    for j in range(len(point.x)):
        point.x[j] -= 0.1 * buffer[j]


def never_moves(method, oracle, point, memory, k):  # HERE
    for j in range(len(point.x)):
        memory.mean[j] -= 0.1 * point.gradient[j]


def writes_to_the_data(method, oracle, point, memory, k):  # HERE
    oracle.problem.curvature[0] = 7.0
    for j in range(len(point.x)):
        point.x[j] -= 0.1 * point.gradient[j]


def goes_beyond_the_end(method, oracle, point, memory, k):
    for j in range(len(point.x)):
        point.x[j] -= 0.1 * point.gradient[j]
    if k > 3:
        memory.mean[len(point.x)] = 1.0  # HERE


FAULTS = [
    (made(sound, not_initialised), not_initialised, "np.empty that is read before it is written"),
    (made(sound, shared), shared, "gives two runs one memory"),
    (made(branches, lanes=True), branches, "where_positive"),
    (made(mixes_runs, lanes=True), mixes_runs, "takes run 0 of eight in lanes to"),
    (made(asks_past_the_oracle, zeros), asks_past_the_oracle, "is charged 12 gradients of the whole, and asked for 24"),
    (made(counts_too_much), counts_too_much, "is charged 17 gradients of the whole, and asked for 12"),
    (made(reads_the_loss), reads_the_loss, r"reads point.loss.* always\(uses_loss, Lion\)"),
    (made(says_paid), says_paid, "belongs to another iterate"),
    (made(keeps_in_the_module), keeps_in_the_module, "other steps when the same run comes after another one"),
    (made(reads_the_module), reads_the_module, "reads `TABLE`"),
    (made(makes_arrays), makes_arrays, "makes an array in a loop, np.zeros"),
    (made(makes_an_array), makes_an_array, "makes an array at each call, point.gradient.copy"),
    (made(never_moves, zeros), never_moves, "leaves the iterate where it is"),
    (made(writes_to_the_data), writes_to_the_data, "writes to the problem's data"),
    (made(goes_beyond_the_end, zeros), goes_beyond_the_end, "index 5 is out of bounds"),
]


@pytest.mark.parametrize(("method", "body", "sentence"), FAULTS, ids=[body.__name__ for _, body, _ in FAULTS])
def test_a_fault_is_found_at_its_line(method, body, sentence):
    report = check_method(method, machine=False)
    assert not report
    assert len(report.findings) == 1, report
    with pytest.raises(KernelError, match=sentence):
        report.raise_for_findings()
    lines, first = inspect.getsourcelines(body)
    number = first + next(k for k, line in enumerate(lines) if line.rstrip().endswith("# HERE"))
    assert report.findings[0].place == f"{__file__}:{number}"
    assert report.findings[0].cure


@pytest.mark.parametrize("method", [made(sound, zeros, lanes=True), made(reads_the_loss, loss=True)])
def test_what_is_sound_is_left_alone(method):
    report = check_method(method, machine=False)
    assert report.ok, report


@pytest.mark.parametrize("name", methods())
def test_nothing_is_wrong_with_the_methods_that_there_are(name):
    report = check_method(usual(name), machine=False)
    assert report.ok, report


@pytest.mark.slow
@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="plain Python compiles nothing")
@pytest.mark.parametrize("name", methods())
def test_nothing_is_wrong_with_them_as_machine_code(name):
    report = check_method(usual(name), rng=1)
    assert report.ok, report


def test_things_of_another_kind_are_refused():
    from synthetic import rosenbrock

    with pytest.raises(Refusal, match="is a problem: look at it by check_problem"):
        check_method(rosenbrock(3))


@pytest.mark.parametrize("method", [GradientDescent(30.0), SGD(1e200), Adam(1e200)])
def test_a_run_that_overflows_accuses_nobody(method):
    report = check_method(method)
    assert report
    assert "since the run left the finite numbers at iterate" in str(report)


@pytest.mark.parametrize("factor", [1.0, 0.0])  # to an infinity, and to no number
def test_a_division_by_zero_is_no_difference_between_python_and_machine_code(factor):
    def update(method, oracle, point, memory, k):
        for j in range(len(point.x)):
            point.x[j] -= factor * (method.beta * point.gradient[j] / (k - 3))

    assert check_method(made(update))
