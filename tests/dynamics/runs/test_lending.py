"""Memory that the runs of a pair lend to one another: no run notices, and none is lent where it must not be."""

import dataclasses
import pickle
from typing import NamedTuple

import numba
import numpy as np
import pytest

import dynamics.runs.lending
from dynamics import SGD, Adam, GradientDescent, Stop, TrustRegion, implements, simulate
from dynamics.kernels.policy import runs_as_python
from dynamics.protocol.oracle import initial_point, new_sample, summands, value_and_gradient
from dynamics.protocol.trees import arrays_in
from dynamics.runs import beginnings
from dynamics.runs.record_blocks import FEW
from dynamics.runs.setup import begun
from synthetic import carmon, quadratic
from synthetic.wrappers.raised import Raised

SUMS = carmon(samples=20, dimension=3, batch_size=5, rng=0)
PLAIN = quadratic(eigenvalues=[1.0, 0.1])
compiled = pytest.mark.skipif(numba.config.DISABLE_JIT, reason="runs as plain Python lend nothing")


def room_of(method, problem):
    """What a pair's runs share."""
    asked = {"x0": None, "rng": 0, "record_every": None, "record_iterates": False, "stop": None}
    return begun(method, problem, **asked).room


def bytes_of(run):
    return [array.tobytes() for array in (*arrays_in(run.state), *run.records)]


@compiled
@pytest.mark.parametrize("left", [np.nan, 1.0])  # ones say that the arguments of all sums are known at the start
@pytest.mark.parametrize(("method", "problem"), [(Adam(0.1), PLAIN), (SGD(0.1), SUMS), (TrustRegion(), SUMS)])
def test_a_run_finds_nothing_of_the_one_before_in_its_memory(method, problem, left):
    asked = {"steps": 3, "x0": np.ones(3 if problem is SUMS else 2), "rng": 0}
    first = simulate(method, problem, **asked)
    (lent,) = room_of(method, problem).spare
    for memory in (*lent.memory, *lent.scratch, lent.full_gradient, lent.rows.numbers, lent.rows.integers):
        memory[...] = left if memory.dtype == float else 1
    for array in arrays_in(lent.state):
        array[...] = 1
    second = simulate(method, problem, **asked)
    assert room_of(method, problem).spare == [lent]  # it was there that it ran
    assert bytes_of(second) == bytes_of(first)


def test_no_run_shares_its_rows_or_its_state_with_another():
    first, second = (simulate(Adam(0.1), PLAIN, steps=3, x0=[start, 2.0]) for start in (1.0, 5.0))
    before = bytes_of(second)
    for array in (*arrays_in(first.state), *first.records):
        array[...] = 77
        assert not any(np.shares_memory(array, other) for other in (*arrays_in(second.state), *second.records))
    third = simulate(Adam(0.1), PLAIN, steps=3, x0=[7.0, 2.0])
    assert bytes_of(second) == before != bytes_of(third)


@compiled
def test_memory_is_made_once_for_runs_that_follow_one_another(monkeypatch):
    made, plain = [], dynamics.runs.lending._made
    monkeypatch.setattr(dynamics.runs.lending, "_made", lambda *given: made.append(given) or plain(*given))
    problem = quadratic(eigenvalues=[1.0, 0.1])
    for step in (0.1, 0.2, 0.3):
        for _ in range(3):
            simulate(Adam(step), problem, steps=2)
    assert len(made) == 1


@compiled
def test_a_run_inside_another_has_memory_of_its_own():
    method, problem, inside = Adam(0.1), quadratic(eigenvalues=[1.0, 0.1]), []
    alone = simulate(method, problem, steps=600)
    around = simulate(
        method, problem, steps=600, progress=lambda done: inside.append(simulate(method, problem, steps=9))
    )
    assert bytes_of(around) == bytes_of(alone)
    assert len(inside) > 1
    assert all(bytes_of(run) == bytes_of(simulate(method, problem, steps=9)) for run in inside)
    assert len(room_of(method, problem).spare) == 2


@compiled
@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_run_that_fails_gives_nothing_back(error):
    method, problem = Adam(0.1), quadratic(eigenvalues=[1.0, 0.1])
    before = simulate(method, problem, steps=5)

    def fail(done):
        raise error

    with pytest.raises(error):
        simulate(method, problem, steps=5, progress=fail)
    assert not room_of(method, problem).spare
    assert bytes_of(simulate(method, problem, steps=5)) == bytes_of(before)


def test_runs_as_plain_python_have_memory_of_their_own(monkeypatch):
    monkeypatch.setattr(dynamics.runs.run, "lend", None)
    with runs_as_python():
        run = simulate(GradientDescent(0.1), PLAIN, steps=2)
    assert run.stopped_at == 2


def test_large_states_are_not_lent():
    problem = quadratic(eigenvalues=np.ones(4000))
    assert not room_of(Adam(0.1), problem).lends
    assert room_of(GradientDescent(0.1), quadratic(eigenvalues=np.ones(400))).lends


@pytest.mark.parametrize("steps", [0, FEW - 2, FEW - 1, FEW, 300, 2000])
@pytest.mark.parametrize("every", [1, 7])
def test_rows_are_the_same_whether_they_fit_into_what_is_lent(steps, every):
    asked = {"steps": steps, "x0": [3.0, -1.0], "record_every": every}
    ours = simulate(GradientDescent(0.1), PLAIN, **asked)
    theirs = simulate(GradientDescent(0.1), PLAIN, record_iterates=True, **asked)  # whose rows are never lent
    assert ours.iteration.tolist() == sorted({*range(0, steps, every), steps})
    for name in ("iteration", "loss", "gradient_norm", "step_size", "gradients"):
        assert getattr(ours, name).tobytes() == getattr(theirs, name).tobytes()


def test_a_run_that_fails_at_once_has_no_rows():
    run = simulate(GradientDescent(0.1), PLAIN, steps=9, x0=[1e200, 1e200])
    assert run.status.name == "NOT_FINITE"
    assert run.loss.shape == run.iteration.shape == (0,)


def test_the_state_is_made_once_and_only_when_it_is_asked_for():
    run = simulate(Adam(0.1), PLAIN, steps=3, stop=Stop(gradient_norm=1e-9))
    copy = pickle.loads(pickle.dumps(run))
    assert bytes_of(copy) == bytes_of(run)
    assert "_left" not in vars(copy)
    assert run.state is run.state
    other = simulate(Adam(0.1), PLAIN, steps=4).state
    assert dataclasses.replace(simulate(Adam(0.1), PLAIN, steps=3), state=other).state is other
    with pytest.raises(AttributeError, match="no attribute 'sate'"):
        run.sate  # noqa: B018


class Sum(NamedTuple):
    """A user's sum of squares that says anew for each run how many terms it has."""

    terms: np.ndarray


@implements(value_and_gradient, Sum)
def _(problem, x, out):
    out[0] = x[0]
    return 0.5 * x[0] * x[0]


@implements(initial_point, Sum)
def _(problem):
    return np.ones(1)


@implements(summands, Sum)
def _(problem):
    return int(problem.terms[0])


def test_what_a_users_function_says_of_a_problem_is_asked_once_a_run():
    problem = Sum(np.array([2.0]))
    for terms in (2, 5):
        problem.terms[0] = terms
        run = simulate(GradientDescent(0.1), problem, steps=3)
        assert run.terms == terms
        assert run.gradients.tolist() == [0.0, 1.0, 2.0, 3.0]


def test_a_users_function_inside_a_problem_of_ours_is_asked_too():
    assert room_of(GradientDescent(0.1), Raised(quadratic(eigenvalues=[1.0]), 1.0)).lends
    assert not room_of(GradientDescent(0.1), Raised(Sum(np.array([2.0])), 1.0)).lends
    implements(new_sample, Sum)(lambda problem: None if problem.terms[0] > 1 else problem.terms)
    try:
        assert not beginnings.stays(GradientDescent(0.1), Raised(Sum(np.array([2.0])), 1.0))
    finally:
        del new_sample.table[Sum]
