"""The compiled closed forms against those of NumPy, bit for bit, for special values, layouts, threads and blocks."""

import os
import platform
import re
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynamics.kernels.policy import KERNEL_OPTIONS
from theory.arsg import critical_points, gain_factor, large, variance_limit
from theory.arsg.large import FORMULAS, over_threads
from theory.arsg.points import LARGE

ROOT = Path(__file__).parents[2]
BELOW_ONE = np.nextafter(1, 0)
TINY = np.finfo(float).smallest_subnormal
SPECIAL = [np.nan, np.inf, -np.inf, 0.0, -0.0, TINY, -TINY, 1.0, 2.0, -1.0, 1e-300, 1e155, -1e155, 1.7e308, -1.7e308]
TAUS = st.floats() | st.floats(-1, 25) | st.sampled_from(SPECIAL)
SHARES = st.floats(0, 1, exclude_max=True) | st.sampled_from([0.0, -0.0, TINY, 2**-53, 0.5, 0.999, BELOW_ONE])


def by_numpy(formula, tau, beta, mu):
    with np.errstate(all="ignore"):
        return formula(*np.broadcast_arrays(tau, beta, mu))


def assert_same_bits(found, expected):
    """All bits agree, the sign of zero included; NaN has one meaning, whatever its bits."""
    assert found.shape == expected.shape
    assert found.dtype == expected.dtype == np.float64
    nan = np.isnan(expected)
    np.testing.assert_array_equal(np.isnan(found), nan)
    np.testing.assert_array_equal(found[~nan].view(np.uint64), expected[~nan].view(np.uint64))


def neighbours(values, steps=3):
    """The values and the next floating-point numbers on both sides."""
    around = [values]
    for end in (-np.inf, np.inf):
        nearby = values
        for _ in range(steps):
            nearby = np.nextafter(nearby, end)
            around.append(nearby)
    return np.stack(around)


@pytest.mark.parametrize("formula", FORMULAS)
@given(st.lists(TAUS, min_size=1, max_size=40), SHARES, SHARES)
@settings(deadline=None)
def test_drawn_points_agree_in_every_bit(formula, taus, beta, mu):
    points = np.array(taus), np.array(beta), np.array(mu)
    assert_same_bits(over_threads(formula, *points), by_numpy(formula, *points))


@pytest.mark.parametrize("formula", FORMULAS)
@given(st.lists(st.tuples(TAUS, SHARES, SHARES), min_size=1, max_size=40))
@settings(deadline=None)
def test_drawn_triples_agree_in_every_bit(formula, triples):
    tau, beta, mu = np.array(triples).T
    assert_same_bits(over_threads(formula, tau, beta, mu), by_numpy(formula, tau, beta, mu))


@pytest.mark.parametrize("formula", FORMULAS)
def test_boundaries_agree_in_every_bit(formula):
    """At the critical points and beside them, where a fused product would flip the sign of a difference."""
    rng = np.random.default_rng(5)
    beta = np.concatenate([rng.random(400), 1 - (10 ** rng.uniform(-16, 0, 400)).clip(2**-53), [0.0, BELOW_ONE, 0.999]])
    mu = np.concatenate([rng.random(400), 10 ** rng.uniform(-12, -0.01, 400), [0.0, 0.0, 0.1]])
    with np.errstate(divide="ignore"):
        ends = np.stack([*critical_points(beta=beta, mu=mu), 1 / mu])
    tau = neighbours(ends)
    assert_same_bits(over_threads(formula, tau, beta, mu), by_numpy(formula, tau, beta, mu))


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize(
    "shapes",
    [
        ((37,), (), (29, 1)),
        ((29, 1), (), (37,)),
        ((29, 37), (29, 37), (29, 37)),
        ((29, 37), (), (37,)),
        ((1073,), (1,), ()),
        ((1073, 1), (), ()),
        ((3, 1, 37), (), (5, 1)),
        ((3, 5, 1), (), (5, 37)),
    ],
)
@pytest.mark.parametrize(("threads", "block"), [(1, 2**18), (1, 64), (2, 64), (5, 101)])
def test_layouts_threads_and_blocks_change_nothing(formula, shapes, threads, block, monkeypatch):
    monkeypatch.setattr(large, "BLOCK", block)
    rng = np.random.default_rng(6)
    tau, beta, mu = (scale * rng.random(shape) for scale, shape in zip((25, 1, 1), shapes, strict=True))
    points = np.asarray(tau), np.asarray(beta), np.asarray(mu)
    assert_same_bits(over_threads(formula, *points, threads=threads), by_numpy(formula, *points))


def test_views_agree_in_every_bit():
    rng = np.random.default_rng(7)
    taus, beta, mus = 25 * rng.random((80, 60)), np.asarray(0.9), rng.random(90)
    for tau, mu in (
        (taus[::2, ::-3], mus[:60:3]),
        (taus.T, np.broadcast_to(mus[:1], (60, 80))),
        (np.broadcast_to(taus[0], (90, 60)), mus[:, None]),
    ):
        assert_same_bits(over_threads(FORMULAS[0], tau, beta, mu), by_numpy(FORMULAS[0], tau, beta, mu))


@pytest.mark.parametrize(("public", "formula"), list(zip((gain_factor, variance_limit), FORMULAS, strict=True)))
def test_large_arrays_are_compiled_and_small_ones_are_not(public, formula, monkeypatch):
    sizes = []

    def watched(formula, *points):
        sizes.append(np.broadcast(*points).size)
        return over_threads(formula, *points)

    monkeypatch.setattr(large, "over_threads", watched)
    rows, columns = 80, LARGE // 80
    tau, mu = np.linspace(-1, 25, columns), np.linspace(0, 0.9, rows)[:, None]
    assert_same_bits(public(tau, beta=0.999, mu=mu), by_numpy(formula, tau, 0.999, mu))
    public(tau, beta=0.999, mu=mu[1:])
    assert sizes == [LARGE]


def test_refuses_bad_momentum_on_large_arrays():
    tau = np.linspace(0, 1, LARGE)
    with pytest.raises(ValueError, match="beta = 1 lies outside"):
        gain_factor(tau, beta=1.0, mu=0.1)
    with pytest.raises(ValueError, match="mu = nan lies outside"):
        variance_limit(tau, beta=0.5, mu=np.nan)


def test_arguments_of_a_heat_map_are_not_spread_out():
    tau, mu = np.linspace(0, 20, 200), np.linspace(0, 0.9, 150)
    for points in ((tau, np.asarray(0.9), mu[:, None]), (tau[:, None], np.asarray(0.9), mu)):
        over_threads(FORMULAS[1], *points)
        tracemalloc.start()
        try:
            result = over_threads(FORMULAS[1], *points)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert result.nbytes <= peak < 1.2 * result.nbytes


@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="there is no machine code without numba's compiler")
@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="names instructions of x86")
def test_roots_and_quotients_are_taken_several_at_once():
    row, number = np.ones(64), np.array([0.5])
    kernel = numba.njit(**KERNEL_OPTIONS)(large._evaluate)  # anew: code loaded from disk can't be shown
    kernel(0, row[None], number, number, np.empty((1, 64)), 0, 64)
    code = kernel.inspect_asm(kernel.signatures[0])
    assert re.search(r"\bv?sqrtpd\b", code)
    assert re.search(r"\bv?divpd\b", code)


def test_small_arrays_bring_no_numba():
    code = (
        "import sys, theory.arsg as arsg\n"
        "arsg.gain_factor([0.1, 0.2], beta=0.9, mu=0.1), arsg.variance_limit([0.1, 0.2], beta=0.9, mu=0.1)\n"
        "heavy = {'numba', 'llvmlite', 'sympy', 'matplotlib'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert result.returncode == 0, result.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the platform has no fork")
def test_works_after_a_fork():
    """A child has none of its parent's threads, and starts its own."""
    code = (
        "import os, numpy as np\n"
        "from theory.arsg import gain_factor, large\n"
        "large.BLOCK, large.threads_at_hand = 4096, lambda: 2\n"
        "tau = np.linspace(0, 20, 200_000)\n"
        "before = gain_factor(tau, beta=0.9, mu=0.1)\n"
        "large._pool().submit(os.getpid).result(timeout=10)\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    large._pool().submit(os.getpid).result(timeout=10)\n"
        "    os._exit(0 if np.array_equal(gain_factor(tau, beta=0.9, mu=0.1), before) else 3)\n"
        "assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert result.returncode == 0, result.stderr
