"""Sweeps with named axes: what stands where, what is refused, and that company changes nothing."""

import os
import signal
import subprocess
import sys
import time
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynamics import (
    RSG,
    SGD,
    Adam,
    GradientDescent,
    HeavyBall,
    Status,
    Stop,
    ensemble,
    inverse_power,
    replay,
    simulate,
    sweep,
)
from dynamics.sweeps import execution, gathered, workers
from dynamics.sweeps.content import stream
from dynamics.sweeps.plan import planned
from synthetic import carmon, quadratic

START = [1.0, -1.0]
STEP_SIZES, FACTORS, NOISES = (0.05, 0.1, 0.3, 50.0), (0.1, 0.4), (0.0, 0.01, 0.1)
FIXED = {"beta": 0.9, "eigenvalues": [1.0, 0.1]}
REST = {"steps": 25, "x0": START, "record_every": 5}


def test_each_run_stands_at_its_coordinates():
    over = {"problem.eigenvalues": [[1.0, 0.1], [1.0, 0.5]], "step_size": [0.1, 0.3], "beta": [0.0, 0.5, 0.9]}
    made = sweep(HeavyBall, quadratic, over=over, seeds=[4], steps=30, x0=START)
    assert dict(made.loss.sizes) == {"problem.eigenvalues": 2, "step_size": 2, "beta": 3, "seed": 1, "record": 31}
    for i, eigenvalues in enumerate(over["problem.eigenvalues"]):
        for step_size in over["step_size"]:
            for beta in over["beta"]:
                problem = quadratic(eigenvalues=eigenvalues)
                single = simulate(HeavyBall(step_size, beta=beta), problem, steps=30, x0=START)
                run = made.isel({"problem.eigenvalues": i, "seed": 0}).sel(step_size=step_size, beta=beta)
                np.testing.assert_allclose(run.loss, single.loss, rtol=1e-12)
                np.testing.assert_array_equal(run.gradients, single.gradients)
                assert run.recorded_step_size[0] == step_size
                assert run.status == Status.MAX_ITERATIONS
    assert made.iteration.values.tolist() == list(range(31))
    assert made.attrs["method"] == "HeavyBall"
    assert made.attrs["steps"] == 30


def test_a_sweep_with_one_problem_is_the_ensemble():
    problem = quadratic(eigenvalues=[1.0, 0.1], noise=0.1)
    for noise in ("own", "common"):
        made = sweep(RSG, problem, over={"step_size": STEP_SIZES}, fixed={"beta": 0.9}, seeds=3, noise=noise, **REST)
        same = ensemble([RSG(a, beta=0.9) for a in STEP_SIZES], problem, seeds=3, noise=noise, **REST)
        assert made.loss.values.tobytes() == same.loss.tobytes()
        assert made.gradient_norm.values.tobytes() == same.gradient_norm.tobytes()


WHOLE = sweep(
    RSG, quadratic, over={"step_size": STEP_SIZES, "mu": FACTORS, "noise": NOISES}, fixed=FIXED, seeds=4, **REST
)  # fmt: skip


@given(
    st.lists(st.sampled_from(STEP_SIZES), min_size=1, unique=True),
    st.lists(st.sampled_from(FACTORS), min_size=1, unique=True),
    st.lists(st.sampled_from(NOISES), min_size=1, unique=True),
    st.lists(st.integers(0, 3), min_size=1, unique=True),
    st.permutations(["step_size", "mu", "noise"]),
    st.sampled_from([1, 2]),
)
@settings(max_examples=20, deadline=None, derandomize=True)
def test_order_growth_and_threads_leave_every_run_as_it_is(step_sizes, factors, noises, seeds, order, threads):
    given_over = {"step_size": step_sizes, "mu": factors, "noise": noises}
    over = {name: given_over[name] for name in order}
    part = sweep(RSG, quadratic, over=over, fixed=FIXED, seeds=seeds, threads=threads, **REST)
    same = WHOLE.sel(**over, seed=seeds).transpose(*part.loss.dims)
    for name in ("loss", "gradient_norm", "gradients", "status", "stopped_at", "recorded_step_size"):
        assert np.ascontiguousarray(same[name].values).tobytes() == part[name].values.tobytes(), name


def test_runs_draw_by_seed_method_and_a_problem_that_varies():
    over = {"step_size": [0.1, 0.2], "noise": [0.1, 0.2]}
    common = {"seeds": (0, 1), "x0": START, "record_every": None, "stop": None, "steps": 3}
    for noise, streams in (("own", 8), ("common", 2)):
        plan = planned(RSG, quadratic, over, {"eigenvalues": [1.0, 0.1]}, noise=noise, **common)
        settings = plan.settings_of(range(4)).values()
        assert len({plan.run(setting, j).generator.random() for setting in settings for j in (0, 1)}) == streams


def test_a_run_that_ends_between_two_records_ends_as_the_single_run():
    rest = REST | {"stop": Stop(loss_bound=np.inf)}
    made = sweep(RSG, quadratic, over={"step_size": [0.1, 1e80]}, fixed=FIXED | {"noise": 0.1}, seeds=1, **rest)
    run, problem = replay(made, step_size=1e80), quadratic(eigenvalues=[1.0, 0.1], noise=0.1)
    single = simulate(run.method, problem, rng=stream(0, run.method), **rest)
    assert (run.status, run.stopped_at) == (single.status, single.stopped_at) == (Status.NOT_FINITE, run.stopped_at)
    assert run.stopped_at % 5
    assert run.iteration.tolist() == single.iteration.tolist()


@pytest.mark.parametrize("problem", [quadratic, carmon])
@pytest.mark.parametrize("noise", ["own", "common"])
def test_a_run_is_replayed_to_the_byte(problem, noise):
    fixed = FIXED | {"noise": 0.1} if problem is quadratic else {"samples": 40, "dimension": 2, "batch_size": 8}
    over = {"step_size": [0.1, 0.2, 60.0], "mu": [0.1, 0.2]}
    made = sweep(RSG, problem, over=over, fixed=fixed, seeds=2, noise=noise, **REST)
    for step_size in over["step_size"]:
        run = replay(made, step_size=step_size, mu=0.2, seed=1)
        there = made.sel(step_size=step_size, mu=0.2, seed=1)
        assert run.loss.tobytes() == there.loss.values[: run.loss.size].tobytes()
        assert (run.status, run.stopped_at) == (there.status, there.stopped_at)
    assert run.method.mu == 0.2


def test_the_last_row_alone_is_that_of_the_whole_sweep_and_failed_runs_have_none():
    over, fixed = {"step_size": [0.1, 0.2, 2.5]}, {"eigenvalues": [1.0, 0.1]}
    whole = sweep(GradientDescent, quadratic, over=over, fixed=fixed, steps=400, x0=START)
    last = sweep(GradientDescent, quadratic, over=over, fixed=fixed, steps=400, x0=START, reduce="last")
    assert last.loss.dims == ("step_size", "seed")
    for name in ("loss", "gradient_norm", "gradients"):
        np.testing.assert_array_equal(last[name], whole[name].isel(record=-1))
    assert last.status.values[:, 0].tolist() == [Status.MAX_ITERATIONS, Status.MAX_ITERATIONS, Status.DIVERGED]
    assert np.isnan(last.loss[2, 0])
    assert last.attrs["failed"] == 1
    assert replay(last, step_size=0.2).loss.size == 401


def test_names_that_go_together_share_a_dimension():
    over = {("step_size", "beta"): [(0.1, 0.9), (0.5, 0.0)]}
    made = sweep(HeavyBall, quadratic(eigenvalues=[1.0, 0.1]), over=over, steps=5, x0=START)
    assert made.loss.dims == ("step_size_beta", "seed", "record")
    assert made.beta.values.tolist() == [0.9, 0.0]
    assert replay(made, beta=0.0).method.beta == 0.0
    assert replay(made, step_size=0.1, beta=0.9).loss[-1] == made.loss[0, 0, -1]
    with pytest.raises(ValueError, match="is not in the sweep"):
        replay(made, step_size=0.1, beta=0.0)


def test_ready_methods_of_several_classes_and_ready_problems():
    methods, problems = [Adam(0.1), SGD(inverse_power(0.1, power=0.5)), Adam(0.2)], [quadratic(eigenvalues=[1.0, 0.2])]
    made = sweep(methods, problems, over={}, seeds=2, steps=10, x0=START)
    assert made.loss.dims == ("method", "problem", "seed", "record")
    for i, method in enumerate(methods):
        np.testing.assert_allclose(
            made.loss[i, 0, 1], simulate(method, problems[0], steps=10, x0=START).loss, rtol=1e-12
        )


@pytest.mark.parametrize("few", [0, 10**9], ids=["loop", "Python"])
@pytest.mark.parametrize("reduce", ["last", {"below": 1.9}, {"quantiles": [0.5]}])
def test_ctrl_c_leaves_the_runs_that_are_done(reduce, few, monkeypatch, request):
    monkeypatch.setattr(execution, "FEW", few)
    monkeypatch.setattr(gathered, "LEAST", 8)
    for name, least in (("FIRST_CHUNK", 1), ("CHUNK_SECONDS", 0)):  # the loop takes one group after the other
        monkeypatch.setattr(workers, name, least)
    pressed = []

    def press(done):
        if not pressed:
            pressed.append(done)
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.1)  # for the main thread to hear it

    over = {"step_size": [0.05, 0.1, 0.3, 0.5]}
    asked = {"over": over, "fixed": FIXED | {"noise": 0.1}, "seeds": 8, "reduce": reduce} | REST
    whole = sweep(RSG, quadratic, **asked)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever the parent process ignores
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))
    with pytest.warns(RuntimeWarning, match="of 32 runs are done, and the others have NaN and the status RUNNING"):
        part = sweep(RSG, quadratic, threads=1, progress=press, **asked)
    there = ~np.isnan(part.loss.values) if "failed" in part else part.status.values == whole.status.values
    assert 0 < there.sum() < there.size
    assert part.loss.values[there].tobytes() == whole.loss.values[there].tobytes()
    assert np.isnan(part.loss.values[~there]).all()


class Offset(NamedTuple):
    """A method whose parameter a problem has too."""

    noise: float


BAD = [
    ({"step_sise": [0.1]}, {}, {}, "unknown over: parameter 'step_sise'; did you mean 'step_size'"),
    ({"method.noise": [0.1]}, {}, {}, "unknown over: parameter of the method 'noise'"),
    ({"step_size": [0.1]}, {"step_size": 0.1}, {}, "step_size is both in over and in fixed"),
    ({"step_size": [0.1]}, {"betta": 0.1}, {}, "unknown fixed: parameter 'betta'; did you mean 'beta'"),
    ({"step_size": []}, {}, {}, r"over\['step_size'\] is empty"),
    ({"step_size": 0.1}, {}, {}, r"over\['step_size'\] = 0.1 must be a list"),
    ({"step_size": [0.1, -0.2]}, {}, {}, r"at step_size\[1\] = -0.2: step_size = -0.2 must be positive"),
    ({"step_size": [0.1], "beta": [0.5, "x"]}, {}, {}, r"at step_size\[0\] = 0.1, beta\[1\] = 'x'"),
    ({"step_size": [0.1, 0.1]}, {}, {}, r"step_size\[1\] = 0.1 repeats place 0"),
    ({"step_size": [0.1], "method.step_size": [0.2]}, {}, {}, "over names the method's step_size twice"),
    ({("step_size", "beta"): [(0.1,)]}, {}, {}, r"\[0\] = .* give 2 values"),
    ({"beta": [0.1]}, {}, {}, "needs step_size too"),
    ({"step_size": [0.1]}, {}, {"reduce": "lats"}, "did you mean 'last'"),
    ({"step_size": [0.1]}, {}, {"noise": "comon"}, "did you mean 'common'"),
    ({"step_size": [0.1]}, {}, {"seeds": 0}, "seeds = 0 must be at least 1"),
    ({3: [0.1]}, {}, {}, "over has the key 3"),
]


@pytest.mark.parametrize(("over", "fixed", "arguments", "sentence"), BAD)
def test_bad_sweeps_are_refused_before_anything_starts(over, fixed, arguments, sentence, monkeypatch):
    monkeypatch.setattr(sys.modules["dynamics.sweeps.blocks"], "run_all", lambda *_, **__: pytest.fail("it started"))
    rest = {"steps": 3, "x0": START} | arguments
    with pytest.raises((ValueError, TypeError), match=sentence):
        sweep(HeavyBall, quadratic, over=over, fixed={"eigenvalues": [1.0, 0.1]} | fixed, **rest)


def test_a_name_that_both_have_must_say_whose_it_is():
    with pytest.raises(ValueError, match=r"say 'method.noise' or 'problem.noise'"):
        sweep(Offset, quadratic, over={"noise": [0.1]}, fixed={"eigenvalues": [1.0]}, steps=3)


def test_replay_refuses_what_is_no_run_of_the_sweep():
    with pytest.raises(ValueError, match=r"the nearest is 0.1"):
        replay(WHOLE, step_size=0.11, mu=0.1, noise=0.01, seed=0)
    with pytest.raises(ValueError, match="unknown coordinate 'sed'; did you mean 'seed'"):
        replay(WHOLE, sed=0)
    with pytest.raises(ValueError, match="4 runs match: say which step_size"):
        replay(WHOLE, mu=0.1, noise=0.01, seed=0)
    with pytest.raises(ValueError, match="this process has made"):
        replay(WHOLE.drop_attrs(), mu=0.1)


def test_xarray_is_imported_when_a_sweep_is_made_and_no_sooner():
    code = "import sys, dynamics; sys.exit('xarray' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
