"""What a call does around the kernels, counted: what is made once, and what is not made at all."""

import pickle
import sys

import numba
import numpy as np
import pytest

import dynamics.runs.setup
import dynamics.runs.state
from dynamics import RSG, GradientDescent, Stop, ensemble, simulate
from dynamics.protocol.canonical import canonical
from dynamics.sweeps.content import stream
from tests.dynamics.problems import Bowl, NoisyBowl

BOWL = Bowl(np.array([1.0, 0.1]))
NOISY = NoisyBowl(np.array([1.0, 0.1]), 0.1)
START = np.array([1.0, -2.0])


def counting(monkeypatch, module, name):
    """The arguments of all calls of a function from now on."""
    calls, plain = [], getattr(module, name)
    monkeypatch.setattr(module, name, lambda *arguments: calls.append(arguments) or plain(*arguments))
    return calls


@pytest.mark.parametrize(("problem", "made"), [(BOWL, 0), (NOISY, 1)], ids=["exact", "sampled"])
def test_a_generator_is_made_only_where_something_is_drawn(problem, made, monkeypatch):
    calls = counting(monkeypatch, dynamics.runs.setup, "seeded")
    run = simulate(GradientDescent(0.5) if problem is BOWL else RSG(0.1), problem, steps=3, x0=START, rng=7)
    assert len(calls) == made
    if problem is BOWL:
        assert run.rng_state == np.random.default_rng(7).bit_generator.state


def test_a_run_without_a_seed_has_one_state_of_the_generator_and_its_copies_have_it_too():
    run = simulate(GradientDescent(0.5), BOWL, steps=3, x0=START)
    copy = pickle.loads(pickle.dumps(run))
    assert copy.rng_state == run.rng_state == run.rng_state
    assert run.rng_state != simulate(GradientDescent(0.5), BOWL, steps=3, x0=START).rng_state


def test_a_generator_from_which_nothing_is_drawn_stays_as_it_was():
    generator = np.random.default_rng(3)
    run = simulate(GradientDescent(0.5), BOWL, steps=3, x0=START, rng=generator)
    generator.random()
    assert run.rng_state == np.random.default_rng(3).bit_generator.state


def test_a_run_copies_its_state_into_one_piece_of_memory():
    run = simulate(RSG(0.1), NOISY, steps=3, x0=START)
    bases = {id(array.base) for array in (run.state.point.x, run.state.point.gradient, run.state.sample.z)}
    assert len(bases) == 1


METHOD = GradientDescent(0.5)


@pytest.mark.skipif(numba.config.DISABLE_JIT, reason="kernels that run as Python make calls of their own")
@pytest.mark.parametrize(("method", "most"), [(lambda: METHOD, 72), (lambda: GradientDescent(0.5), 115)])
def test_a_run_of_one_step_makes_few_calls_of_python_functions(method, most):
    made = []

    def count(frame, event, argument):
        if event == "call":
            made.append(frame.f_code.co_name)

    for _ in range(2):
        again = method()
        sys.setprofile(count)
        try:
            simulate(again, BOWL, steps=1, x0=START)
        finally:
            sys.setprofile(None)
        told, made = made, []
    assert len(told) <= most  # about 0.4 µs each


def test_a_sweep_checks_the_problem_once_and_reads_settings_that_differ_in_floats_without_another_look(monkeypatch):
    checked = counting(monkeypatch, dynamics.runs.setup, "canonical")
    memories = counting(monkeypatch, dynamics.runs.state, "new_memory")
    generators = [counting(monkeypatch, dynamics.runs.setup, name) for name in ("as_generator", "seeded")]
    grid = [GradientDescent(a) for a in (0.1, 0.2, 0.3)]
    ensemble(grid, Bowl(BOWL.weights.copy()), steps=3, seeds=5, x0=START)
    assert [type(arguments[0]) for arguments in checked] == [GradientDescent, Bowl]
    assert len(memories) == 1  # it does not hang on the numbers of the method
    assert generators == [[], []]  # nothing is drawn


def test_a_sweep_leaves_the_state_alone_that_its_runs_begin_from():
    sweep = ensemble([RSG(0.1, beta=0.9)], NOISY, steps=30, seeds=3, x0=START)
    for j in range(3):
        single = simulate(RSG(0.1, beta=0.9), NOISY, steps=30, x0=START, rng=stream(j, canonical(RSG(0.1, beta=0.9))))
        assert sweep.x[0, j].tobytes() == single.x.tobytes()
    first = simulate(RSG(0.1, beta=0.9), NOISY, steps=30, x0=START, rng=1)
    before = first.x.copy(), pickle.dumps(first.state)
    simulate(RSG(0.1, beta=0.9), NOISY, steps=30, resume=first)
    assert first.x.tobytes() == before[0].tobytes()
    assert pickle.dumps(first.state) == before[1]


def test_a_run_of_a_sweep_that_ends_between_two_records_has_nan_from_there_on():
    stop = Stop(gradient_norm=1e-3)
    grid = [GradientDescent(a) for a in (0.5, 0.9, 1.9)]
    sweep = ensemble(grid, BOWL, steps=200, seeds=1, x0=START, record_every=7, stop=stop)
    assert sweep.iteration.tolist() == [*range(0, 200, 7), 200]
    for i, method in enumerate(grid):
        single = simulate(method, BOWL, steps=200, x0=START, record_every=7, stop=stop)
        for k, loss in zip(sweep.iteration, sweep.loss[i, 0], strict=True):
            at = np.flatnonzero(single.iteration == k)
            assert loss == single.loss[at[0]] if at.size else np.isnan(loss)
