"""Every method on every problem: it runs, or is refused with a reason before anything is compiled."""

import json

import numpy as np
import pytest

from dynamics import Status, initial_point, methods, simulate
from dynamics.kernels.generic import MissingImplementation
from tests.dynamics.every_pair import PROBLEMS, made, runs, start_of
from tests.dynamics.processes import ROOT, finish, start

STEPS = 6
ENDS = {Status.MAX_ITERATIONS, Status.CONVERGED}
UNBOUNDED = {"monkey-saddle", "saddle"}  # below: a run that goes down may well diverge
# L4 is defined for losses that are never negative; where one is negative at the start, it is refused.
NEGATIVE = {"drop-wave", "monkey-saddle", "saddle"}
LOSS_BASED = {"l4", "l4-adam", "l4-mom"}
PAIRS = [(method, problem) for method in sorted(methods()) for problem in sorted(PROBLEMS)]

PLAIN = """
import json
from tests.dynamics.test_every_pair import PAIRS, outcome
print(json.dumps([outcome(*pair) for pair in PAIRS]))
"""


def outcome(method, problem):
    """What comes of a pair: how the run ended and where, or the sentence that refuses it."""
    try:
        chosen, start_x = made(method, problem), start_of(problem)
        run = simulate(chosen, PROBLEMS[problem], steps=STEPS, x0=start_x, rng=3, record_every=2)
    except (MissingImplementation, ValueError) as refusal:
        return ["refused", str(refusal)]
    return [run.status.name, run.x.tolist(), run.loss.tolist(), run.gradients.tolist()]


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """All outcomes, as plain Python: nothing is compiled."""
    folder = tmp_path_factory.mktemp("plain")
    out, _ = finish(start(folder, PLAIN, NUMBA_DISABLE_JIT="1", PYTHONPATH=str(ROOT)))
    return dict(zip(PAIRS, json.loads(out), strict=True))


def ended_well(problem, found):
    allowed = ENDS | {Status.DIVERGED} if problem in UNBOUNDED else ENDS
    return Status[found[0]] in allowed and np.isfinite(found[2]).all()


def expected_to_run(method, problem):
    return runs(method, problem) and not (method in LOSS_BASED and problem in NEGATIVE)


def test_every_pair_runs_or_is_refused(plain):
    wrong = {
        pair: found[:2]
        for pair, found in plain.items()
        if (found[0] != "refused") != expected_to_run(*pair)
        or (found[0] != "refused" and not ended_well(pair[1], found))
    }
    assert not wrong


def test_a_refusal_names_what_is_missing_or_why(plain):
    for (method, problem), found in plain.items():
        if found[0] == "refused":
            kind = type(made(method)).__name__
            assert found[1].startswith(kind), (method, problem, found)
            inner = getattr(PROBLEMS[problem], "problem", PROBLEMS[problem])
            lacking = {type(PROBLEMS[problem]).__name__, type(inner).__name__}
            reasons = {"never negative"} if runs(method, problem) else lacking
            assert any(reason in found[1] for reason in reasons), (method, problem, found)


def test_runs_move_and_count(plain):
    for (method, problem), found in plain.items():
        if found[0] == "MAX_ITERATIONS":
            start_x = initial_point(PROBLEMS[problem]) if start_of(problem) is None else start_of(problem)
            assert found[3][-1] > 0, (method, problem)
            # Polyak's step is 0 below the minimum it was told; cubic Newton's penalty may still be rising.
            if not (method == "cubic-newton" or (method == "polyak" and problem in NEGATIVE)):
                assert not np.array_equal(found[1], start_x), (method, problem)


# Each problem under a method of first order and one of second; each method on two problems is in test_every_method. A
# trust region, which takes as long to compile as three others, goes where it meets negative curvature, noise, a valley,
# or products that the problem prepares.
PREPARED_OR_HARD = {"carmon", "quadratic, noisy", "rosenbrock", "saddle"}
COMPILED = [
    (method, problem)
    for problem in sorted(PROBLEMS)
    for method in ("adam", "trust-region" if problem in PREPARED_OR_HARD else "expected-gv")
]


def assert_agrees(method, problem, plain):
    """The compiled run ends like the plain one, at the same point to 1e-9 of its size, or is refused alike."""
    compiled, found = outcome(method, problem), plain[method, problem]
    assert compiled[0] == found[0]
    if found[0] == "refused":
        assert compiled[1] == found[1]
    else:
        scale = max(np.abs(found[1]).max(), 1e-3)
        np.testing.assert_allclose(compiled[1], found[1], rtol=0, atol=1e-9 * scale)


@pytest.mark.parametrize(("method", "problem"), COMPILED)
def test_compiled_runs_agree_with_plain_ones(method, problem, plain):
    assert_agrees(method, problem, plain)


@pytest.mark.slow
@pytest.mark.parametrize(("method", "problem"), sorted(set(PAIRS) - set(COMPILED)))
def test_the_other_compiled_runs_agree_too(method, problem, plain):
    assert_agrees(method, problem, plain)
