"""Numbers that must be whole, and kinds of values: each refused in a sentence that names the argument."""

from typing import NamedTuple

import numpy as np
import pytest

from dynamics import GradientDescent, Lookahead, Stop, TrustRegion, ensemble, simulate
from dynamics.checks import real_array, require_memory, require_whole
from dynamics.protocol.canonical import canonical
from synthetic import Raised, quadratic

BOWL = quadratic(eigenvalues=[1.0, 0.5])
START = np.ones(2)
GD = GradientDescent(0.1)


class Counted(NamedTuple):
    number: int = 1
    truth: bool = True
    real: float = 0.5


@pytest.mark.parametrize("wrong", [2.5, np.nan, np.inf, -np.inf, 1j, "2", None, True, [2], np.ones(2)])
def test_numbers_that_must_be_whole(wrong):
    calls = {
        "steps": lambda: simulate(GD, BOWL, steps=wrong, x0=START),
        "ensemble's steps": lambda: ensemble([GD], BOWL, steps=wrong, seeds=1, x0=START),
        "max_inner": lambda: canonical(TrustRegion(max_inner=wrong)),
        "sync_period": lambda: canonical(Lookahead(GD, sync_period=wrong)),
        "number": lambda: canonical(Counted(number=wrong)),
    }
    if wrong is not None:  # which means the default
        calls["record_every"] = lambda: simulate(GD, BOWL, steps=3, x0=START, record_every=wrong)
        calls["threads"] = lambda: ensemble([GD], BOWL, steps=3, seeds=1, x0=START, threads=wrong)
    for name, call in calls.items():
        with pytest.raises((ValueError, TypeError), match=f"{name.split()[-1]} = .* must be a whole number"):
            call()


def test_whole_numbers_of_any_type_are_taken():
    for steps in (3, 3.0, np.int32(3), np.float32(3), np.array(3)):
        assert simulate(GD, BOWL, steps=steps, x0=START).stopped_at == 3
    assert isinstance(canonical(TrustRegion(max_inner=7.0)).max_inner, int)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: simulate(GD, BOWL, steps=2**63, x0=START), r"steps = 9223372036854775808 must be at most \d+"),
        (lambda: simulate(GD, BOWL, steps=-1, x0=START), "steps = -1 must be at least 0"),
        (lambda: simulate(GD, BOWL, steps=1, x0=START, record_every=0), "record_every = 0 must be at least 1"),
        (lambda: ensemble([GD], BOWL, steps=1, seeds=1, threads=0), "threads = 0 must be at least 1"),
        (lambda: ensemble([GD], BOWL, steps=1, seeds=1, threads=-1), "threads = -1 must be at least 1"),
        (lambda: ensemble(GD, BOWL, steps=1, seeds=1), "method_grid = .* put it in a list"),
        (lambda: ensemble([GD], BOWL, steps=1, seeds=[0.5]), "seeds = 0.5 must be a whole number"),
        (lambda: simulate(GD, BOWL, steps=1, stop=1e-3), r"stop = 0.001 must be a Stop; try stop=Stop\(gradient_norm"),
        (lambda: simulate(GD, BOWL, steps=1, stop=GD), "stop = .* must be a Stop"),
        (lambda: simulate(GD, BOWL, steps=1, resume=1), "resume = 1 must be a Trajectory"),
        (
            lambda: simulate(GD, BOWL, steps=1, x0=START + 1j),
            "x0 = .* must be a real number, or an array of real numbers",
        ),
        (
            lambda: simulate(GD, BOWL, steps=1, x0=["1", "2"]),
            "x0 = .* must be a real number, or an array of real numbers",
        ),
        (
            lambda: simulate(GD, BOWL, steps=1, x0=[[1], [1, 2]]),
            "x0 = .* must be a real number, or an array of real numbers",
        ),
        (lambda: simulate(GD, BOWL, steps=1, x0=np.ma.array(START, mask=[0, 1])), "x0 has masked entries"),
        (lambda: simulate(GD, BOWL, steps=1, record_iterates="no"), "record_iterates = 'no' must be True or False"),
        (lambda: simulate(GD, BOWL, steps=1, rng=True), "rng = True: give"),
        (lambda: simulate(BOWL, GD, steps=1), "GradientDescent is a method, and stands where the problem belongs"),
        (lambda: simulate(GD, (BOWL, BOWL), steps=1), "2 things in a tuple must be an instance"),
        (lambda: simulate(GradientDescent, BOWL, steps=1), r"make one, GradientDescent\(...\)"),
        (lambda: canonical(GradientDescent(1j)), "initial = 1j must be a real number|step_size = 1j must be a real"),
        (lambda: canonical(GradientDescent("abc")), "step_size = 'abc' must be a real number"),
        (lambda: canonical(Raised(BOWL, height=np.nan)), "height = nan must be a real number"),
        (lambda: canonical(Counted(truth=0.5)), "truth = 0.5 must be True or False"),
        (lambda: canonical(Counted(real=True)), "real = True must be a real number"),
        (lambda: canonical(Counted(real=np.nan)), "real = nan must be a real number"),
        (lambda: canonical(Counted(real=10**400)), "real = 1000.* is beyond the largest float"),
        (lambda: canonical(Stop(gradient_norm=1j)), "gradient_norm = 1j must be a real number"),
    ],
)
def test_kinds(call, sentence):
    with pytest.raises((ValueError, TypeError), match=sentence):
        call()


def test_sentences_are_short_however_long_the_argument():
    with pytest.raises(ValueError, match="must be a whole number") as caught:
        require_whole("steps", list(range(10**5)))
    assert len(str(caught.value)) < 120


def test_memory_is_estimated():
    require_memory("little", 1e3, "")
    with pytest.raises(ValueError, match=r"much takes about 8e\+12 GB, more than this machine's memory; take less"):
        require_memory("much", 1e21, "take less")


def test_arrays_of_real_numbers():
    assert real_array("a", np.array([1, 2], dtype=np.uint8), 1).dtype == np.float64
    assert real_array("a", np.ma.array([1.0, 2.0]), 1).tolist() == [1.0, 2.0]
    given = np.ones(2)
    assert real_array("a", given, 1) is not given
