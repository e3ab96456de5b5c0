"""The compiled loop leaves of each run what the driver called from Python leaves, to the byte."""

from collections import Counter
from threading import Barrier
from typing import NamedTuple

import numba
import numpy as np
import pytest

from dynamics import (
    RSG,
    Adagrad,
    Adam,
    HeavyBall,
    Status,
    Stop,
    TrustRegion,
    draw,
    ensemble,
    implements,
    new_memory,
    new_sample,
    sampled_value_and_gradient,
    sweep,
    update,
    value_and_gradient,
)
from dynamics.protocol.kept import MOST
from dynamics.sweeps import crew, execution, workers
from synthetic import carmon, quadratic

NOISY = quadratic(eigenvalues=[1.0, 0.3, 0.1], noise=0.1, rng=0)
PLAIN = quadratic(eigenvalues=[1.0, 0.3])
SADDLE = quadratic(eigenvalues=[1.0, -0.5])
BATCHES = carmon(samples=40, dimension=4, batch_size=5, rng=0)
STOP = Stop(loss_bound=1e6)
pytestmark = pytest.mark.skipif(numba.config.DISABLE_JIT, reason="in plain Python there is no compiled loop")
COLUMNS = ("loss", "gradient_norm", "step_size", "calls", "x", "status", "stopped_at")


class Dice(NamedTuple):
    """A problem whose gradients carry numbers of numpy's own, of several kinds."""

    scale: np.ndarray


class Throw(NamedTuple):
    """What a gradient carries."""

    noise: np.ndarray


@implements(value_and_gradient, Dice)
def _(problem, x, out):
    total = 0.0
    for j in range(len(x)):
        total += 0.5 * problem.scale[j] * x[j] * x[j]
        out[j] = problem.scale[j] * x[j]
    return total


@implements(new_sample, Dice)
def _(problem):
    return Throw(np.zeros(len(problem.scale)))


@implements(draw, Dice)
def _(problem, rng, sample):
    for j in range(len(sample.noise)):
        sample.noise[j] = rng.standard_normal() + rng.integers(0, 3)


@implements(sampled_value_and_gradient, Dice)
def _(problem, x, sample, out):
    total = value_and_gradient(problem, x, out)
    for j in range(len(x)):
        total += sample.noise[j] * x[j]
        out[j] += sample.noise[j]
    return total


class Careful(NamedTuple):
    """A method with a memory that begins with one of its numbers, and that raises where its step is too long."""

    step_size: float
    factor: float = 0.9


class Length(NamedTuple):
    """The step in force."""

    step: np.ndarray


@implements(update, Careful)
def _(method, oracle, point, memory, k):
    if memory.step[0] > 5.0:
        raise ValueError("the step is too long")
    for j in range(len(point.x)):
        point.x[j] -= memory.step[0] * point.gradient[j]
    memory.step[0] *= method.factor
    if k == 11 and method.step_size < 0.06:
        point.status[0] = 7


@implements(new_memory, Careful)
def _(method, dimension):
    return Length(np.array([method.step_size]))


DICE = Dice(np.array([1.0, 0.5]))
CASES = {
    "lanes, own": ([RSG(a, beta=0.9) for a in (0.05, 0.1, 40.0, 0.2, 60.0)], NOISY, {"stop": STOP}),
    "lanes, common": (
        [RSG(a, beta=0.9) for a in (0.05, 0.1, 40.0, 0.2, 60.0)],
        NOISY,
        {"stop": STOP, "noise": "common"},
    ),
    "lanes, exact": (
        [HeavyBall(a, beta=0.5) for a in np.geomspace(0.5, 1e60, 9)],
        PLAIN,
        {"stop": Stop(loss_bound=np.inf, gradient_norm=1e-2)},
    ),
    "lanes, memories": ([Adagrad(a, initial_sum=b) for a in (0.1, 0.2) for b in (0.1, 1.0)], NOISY, {}),
    "mini-batches": ([Adam(a) for a in (0.01, 0.1)], BATCHES, {"stop": STOP}),
    "off lanes": ([TrustRegion(radius=r) for r in (0.1, 1.0, 2.0)], PLAIN, {"stop": Stop(gradient_norm=1e-6)}),
    "compared": ([TrustRegion(radius=r) for r in (0.1, 2.0)], PLAIN, {"stop": Stop(iterate_change=1e-3)}),
    "saddle": ([HeavyBall(a) for a in (0.1, 0.2)], SADDLE, {"x0": np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1e30]])}),
    "own kernels": ([Careful(a) for a in (0.05, 0.1, 4.0, 6.0)], DICE, {"x0": [1.0, -1.0], "stop": STOP}),
}


def ends(case, monkeypatch, few, **more):
    grid, problem, arguments = CASES[case]
    monkeypatch.setattr(execution, "FEW", few)
    monkeypatch.setattr(crew, "HELP_AFTER", 0)  # so that short runs go over threads too
    rest = {"steps": 40, "seeds": [0, 7, 2**70], "record_every": 3} | arguments | more
    return ensemble(grid, problem, **rest)


def calls_of_python(monkeypatch):
    """The calls of the driver from Python, as they come."""
    called = []
    for name in ("run", "run_together"):
        its = getattr(execution, name)
        monkeypatch.setattr(execution, name, lambda *a, its=its, **k: called.append(its) or its(*a, **k))
    return called


@pytest.mark.parametrize("case", CASES)
def test_the_loop_leaves_what_python_leaves(case, monkeypatch):
    expected = ends(case, monkeypatch, 10**9)
    for threads in (1, 2):
        called = calls_of_python(monkeypatch)
        made = ends(case, monkeypatch, 0, threads=threads)
        assert len(called) == np.isin(made.status, (Status.RAISED, Status.SADDLE)).sum()
        monkeypatch.undo()
        for name in COLUMNS:
            assert getattr(made, name).tobytes() == getattr(expected, name).tobytes(), name
        assert made.errors == expected.errors
    if case == "own kernels":
        assert set(expected.status.ravel()) >= {Status.LINE_SEARCH_FAILED, Status.MAX_ITERATIONS, Status.RAISED}
    if case.startswith("lanes, own"):
        assert (expected.status == Status.DIVERGED).sum() == 6


def test_starts_of_their_own_and_every_row(monkeypatch):
    starts = np.array([[1.0, 0.0, 0.5], [0.0, 1.0, -0.5], [2.0, 2.0, 2.0]])
    both = [ends("lanes, own", monkeypatch, few, x0=starts, record_every=1, steps=700) for few in (0, 10**9)]
    for name in COLUMNS:
        assert getattr(both[0], name).tobytes() == getattr(both[1], name).tobytes(), name


def test_of_many_rows_the_last_alone_is_kept(monkeypatch):
    made = []
    for few in (0, 10**9):
        monkeypatch.setattr(execution, "FEW", few)
        over, fixed = {"step_size": [0.05, 0.1, 40.0]}, {"beta": 0.9}
        made.append(sweep(RSG, NOISY, over=over, fixed=fixed, seeds=3, steps=90, record_every=3, reduce="last"))
    for name in ("loss", "gradient_norm", "step_size"):
        assert made[0][name].values.tobytes() == made[1][name].values.tobytes(), name


def test_no_steps_at_all(monkeypatch):
    both = [ends("own kernels", monkeypatch, few, steps=0) for few in (0, 10**9)]
    for name in COLUMNS:
        assert getattr(both[0], name).tobytes() == getattr(both[1], name).tobytes(), name


def test_a_worker_serves_the_next_sweep_whose_settings_differ_in_numbers(monkeypatch):
    rest = {"steps": 40, "seeds": [0, 7], "threads": 1}
    one, other = ([Adagrad(0.1, initial_sum=b)] for b in (0.1, 2.0))  # one setting, so that both have number 0
    monkeypatch.setattr(execution, "FEW", 10**9)
    expected = ensemble(other, NOISY, **rest)
    monkeypatch.setattr(execution, "FEW", 0)
    ensemble(one, NOISY, **rest)
    made, inner = [], workers.new_worker
    monkeypatch.setattr(workers, "new_worker", lambda *arguments: made.append(arguments) or inner(*arguments))
    again = ensemble(other, NOISY, **rest)
    assert not made
    for name in COLUMNS:
        assert getattr(again, name).tobytes() == getattr(expected, name).tobytes(), name
    ensemble(other, NOISY, **rest | {"steps": 39})  # whose places have as much room, but for rows
    assert len(made) == 1


def test_a_worker_waits_for_its_next_sweep_however_many_methods_there_were(monkeypatch):
    made, inner = [], workers.new_worker
    monkeypatch.setattr(workers, "new_worker", lambda *arguments: made.append(arguments) or inner(*arguments))
    monkeypatch.setattr(execution, "FEW", 0)
    for i in range(2 * MOST):
        ensemble([RSG(0.1 + i / 1000)], NOISY, steps=3, seeds=1, threads=1)
    assert len(made) <= 1


def test_of_a_pair_the_first_few_groups_go_through_python(monkeypatch):
    monkeypatch.setattr(execution, "_by_python", Counter())
    called = calls_of_python(monkeypatch)
    for _ in range(execution.FEW + 3):
        ensemble([RSG(0.1)], NOISY, steps=1, seeds=1)
    assert len(called) == execution.FEW


@pytest.mark.parametrize("threads", [1, 2])
def test_runs_go_on_where_python_was_asked_in_between(threads, monkeypatch):
    monkeypatch.setattr(execution, "FEW", 0)
    expected, told = ensemble([RSG(0.1)], NOISY, steps=10, seeds=8 * 50, threads=1), []
    monkeypatch.setattr(crew, "HELP_AFTER", 0)
    monkeypatch.setattr(workers, "FIRST_CHUNK", 3)
    monkeypatch.setattr(workers, "CHUNK_SECONDS", 0)
    again = quadratic(eigenvalues=[1.0, 0.3, 0.1], noise=0.1, rng=0)  # with which no worker is kept
    made = ensemble([RSG(0.1)], again, steps=10, seeds=8 * 50, threads=threads, progress=told.append)
    assert (len(told) > 40, told[-1], told == sorted(set(told))) == (True, 400, True)
    for name in COLUMNS:
        assert getattr(made, name).tobytes() == getattr(expected, name).tobytes(), name


def test_two_threads_share_the_runs_of_one_setting(monkeypatch):
    monkeypatch.setattr(execution, "FEW", 0)
    expected = ensemble([RSG(0.1)], NOISY, steps=10, seeds=8 * 50, threads=1)
    monkeypatch.setattr(crew, "HELP_AFTER", 0)
    both, take = Barrier(2), workers.Worker.take
    # Each waits for the other one to come to the same runs.
    monkeypatch.setattr(workers.Worker, "take", lambda *arguments: both.wait(60) >= 0 and take(*arguments))
    made = ensemble([RSG(0.1)], NOISY, steps=10, seeds=8 * 50, threads=2)
    for name in COLUMNS:
        assert getattr(made, name).tobytes() == getattr(expected, name).tobytes(), name


def test_a_short_sweep_starts_no_thread(monkeypatch):
    monkeypatch.setattr(execution, "FEW", 0)
    started = []
    submit = crew.ThreadPoolExecutor.submit
    monkeypatch.setattr(crew.ThreadPoolExecutor, "submit", lambda *a, **k: started.append(a) or submit(*a, **k))
    for after, ahead, threads in ((1e9, 1e9, 0), (0, 1e9, 1), (1e9, 1e-9, 1)):
        started.clear()
        monkeypatch.setattr(crew, "HELP_AFTER", after)
        monkeypatch.setattr(crew, "HELP_FOR", ahead)
        for _ in range(2):  # how long the runs are going to take is known once there were some
            ensemble([RSG(0.1), RSG(0.2)], NOISY, steps=1, seeds=20, threads=2)
        assert len(started) == 2 * threads


@pytest.mark.parametrize("problem", [NOISY, BATCHES])
def test_a_run_begins_without_a_copy_of_the_random_numbers_drawn_ahead(problem, monkeypatch):
    made, inner = [], workers.new_worker
    monkeypatch.setattr(workers, "new_worker", lambda *arguments: made.append(inner(*arguments)) or made[0])
    monkeypatch.setattr(execution, "FEW", 0)
    ensemble([Adam(0.1)], problem, steps=7, seeds=2, threads=1)
    (worker,) = made
    left = worker.place.parts[worker.place.parts[:, 3] == 0]
    assert left[:, 1].tolist() == [worker.state.sample.stream.numbers.size]
