"""What holds for every method: a user's problem, resumption to the bit, and plain Python beside machine code."""

import json

import numpy as np
import pytest

from dynamics import Trajectory, initial_point, methods, simulate
from dynamics.protocol.trees import arrays_in
from tests.dynamics.every_pair import CARMON, PROBLEMS, made
from tests.dynamics.problems import Bowl
from tests.dynamics.processes import ROOT, finish, start

NAMES = sorted(methods())

# Branches that hang on the last bit part plain and compiled runs; the others agree to rounding.
BRANCHING = {
    "armijo", "arsgb", "barzilai-borwein", "cubic-newton", "exact-gv", "expected-gv", "first-order-trust-region",
    "levenberg-marquardt", "polyak", "step-tuned-sgd", "trust-region",
}  # fmt: skip
# Than a user's problem has here: residuals, mini-batches, smoothed versions.
NEED_MORE = {"gauss-newton", "graduated-descent", "implicit-graduated-sgd", "levenberg-marquardt"}
SMOOTH = sorted(set(NAMES) - BRANCHING)

SCHEDULED = [name for name in NAMES if {"step_size", "short_step"} & set(methods()[name]._fields)]

PLAIN = """
import json, sys
from dynamics import methods, simulate
from tests.dynamics.every_pair import made
from tests.dynamics.test_every_method import usual

runs = {name: simulate(made(name), usual(name), steps=15, rng=11).x.tolist() for name in json.loads(sys.argv[1])}
print(json.dumps(runs))
"""


def usual(name):
    """Carmon's regression, with its smoothed versions for the method that asks for them."""
    return PROBLEMS["graduated"] if name == "graduated-descent" else CARMON


@pytest.mark.parametrize("name", sorted(set(NAMES) - NEED_MORE))
def test_a_users_problem_runs(name):
    problem = Bowl(np.array([1.0, 0.3, 0.1]))
    run = simulate(made(name), problem, steps=50, x0=np.array([1.0, -1.0, 2.0]), rng=0)
    assert run.loss[-1] < run.loss[0]
    assert run.iteration[-1] == run.stopped_at


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("cut", [1, 8])
def test_a_run_cut_saved_loaded_and_resumed_gives_the_same_bytes(name, cut, tmp_path):
    method = made(name)
    whole = simulate(method, usual(name), steps=20, rng=11, record_every=3)
    simulate(method, usual(name), steps=cut, rng=11, record_every=3).save(tmp_path / "run.npz")
    second = simulate(method, usual(name), steps=20 - cut, resume=Trajectory.load(tmp_path / "run.npz"))
    assert second.x.tobytes() == whole.x.tobytes()
    assert second.rng_state == whole.rng_state
    assert second.state.draws == whole.state.draws
    for one, other in zip(arrays_in(second.state), arrays_in(whole.state), strict=True):
        assert one.tobytes() == other.tobytes()
    for one, other in zip(second.records, whole.records, strict=True):
        assert one.tobytes() == other.tobytes()


def test_plain_python_agrees_with_machine_code(tmp_path):
    script = "import sys; sys.argv = ['', " + repr(json.dumps(SMOOTH)) + "]\n" + PLAIN
    out, _ = finish(start(tmp_path, script, NUMBA_DISABLE_JIT="1", PYTHONPATH=str(ROOT)))
    plain = json.loads(out)
    for name in SMOOTH:
        compiled = simulate(made(name), usual(name), steps=15, rng=11).x
        assert np.linalg.norm(compiled - plain[name]) <= 1e-13 * np.linalg.norm(compiled), name


@pytest.mark.parametrize("name", SCHEDULED)
def test_a_step_of_0_leaves_the_iterate_alone_and_the_run_goes_on(name):
    """A warm-up from 0, a pause and a fall to 0: what divides by the step, or by a step's length, gives no NaN."""
    pause = made(name)
    field = "step_size" if "step_size" in pause._fields else "short_step"
    pause = pause._replace(**{field: [0.0, 0.05, 0.0, 0.025, 0.0, 0.0]})
    runs = {steps: simulate(pause, usual(name), steps=steps, rng=11) for steps in (1, 7, 8)}
    assert {run.status.name for run in runs.values()} == {"MAX_ITERATIONS"}
    assert np.array_equal(runs[1].x, initial_point(CARMON))
    assert np.isfinite(runs[8].x).all()
    assert not np.array_equal(runs[7].x, runs[1].x)
    if name != "asgd":  # whose iterate is pulled to the average of long steps, whatever the short one
        assert np.array_equal(runs[8].x, runs[7].x)
