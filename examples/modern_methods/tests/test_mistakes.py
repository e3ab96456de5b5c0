"""Mistakes that public implementations made, one test each."""

import numpy as np
import pytest
import twins
from landscape import START, Landscape, gradient_at
from modern_methods.adamw import AdamW
from modern_methods.averaging import Averaged
from modern_methods.muon import Muon, newton_schulz, polar_factor
from modern_methods.prodigy import Prodigy
from modern_methods.schedule_free import ScheduleFreeAdamW, ScheduleFreeSGD
from modern_methods.shampoo import Shampoo

from dynamics import Lookahead, simulate

pytestmark = pytest.mark.usefixtures("plainly")
LATER = np.repeat([0.1, 0.001], 5)


def path(method, steps=10, problem=Landscape(), x0=START):  # noqa: B008
    return simulate(method, problem, steps=steps, x0=x0, record_iterates=True).iterates


def test_the_step_size_is_not_baked_into_momentum():
    """When α falls a hundredfold, the very next step does; were α in the momentum, old long steps would go on."""
    for method in (Muon(LATER), AdamW(LATER, decay=0.0)):
        lengths = np.linalg.norm(np.diff(path(method), axis=0), axis=1)
        assert 50 < lengths[4] / lengths[5] < 200


@pytest.mark.parametrize("kind", [ScheduleFreeSGD, ScheduleFreeAdamW])
def test_a_warm_up_from_zero_divides_by_nothing(kind):
    """Weights are powers of step sizes, whose sum is 0 at first: 0/0 would be NaN in all that follows."""
    iterates = path(kind([0.0, 0.0, 0.1, 0.1]))
    np.testing.assert_array_equal(iterates[:3], np.tile(START, (3, 1)))
    assert np.isfinite(iterates).all()
    assert np.abs(iterates[-1] - START).max() > 0.1
    shifted = path(kind([0.1, 0.1]), steps=8)
    if kind is ScheduleFreeSGD:  # steps of 0 leave no trace
        np.testing.assert_allclose(iterates[2:], shifted, rtol=1e-12)


def test_a_first_step_of_zero_leaves_prodigy_alone():
    run = simulate(Prodigy([0.0, 1.0], d0=0.1), Landscape(), steps=1, x0=START)
    assert run.state.memory.estimate[0] == 0.1
    np.testing.assert_array_equal(run.x, START)
    assert np.isfinite(path(Prodigy([0.0, 1.0], d0=0.1))).all()


def test_roots_of_shampoo_are_fourth_roots():
    """With a multiple of an orthogonal matrix as gradient, powers that sum to the same do alike, and all seems well."""
    stretched = np.diag([1.0, 4.0, 9.0, 0.25, 1.0, 2.0, 1.0, 1.0])
    problem = Landscape(curvature=stretched, centre=np.zeros(8))
    for power, exponent in ((0.25, 0.0), (0.125, 0.5), (0.5, -1.0)):
        step = path(Shampoo(0.1, eps=1e-12, power=power), steps=1, problem=problem)[1] - START
        G = (stretched @ START + np.tanh(START))[:6].reshape(2, 3)
        U, s, Vt = np.linalg.svd(G, full_matrices=False)
        np.testing.assert_allclose(step[:6].reshape(2, 3), -0.1 * (U * s**exponent) @ Vt, rtol=1e-5, atol=1e-8)


def test_no_step_is_counted_twice():
    """A method inside another one sees the steps 0, 1, 2, ... once each: corrections and schedules depend on it."""
    method = AdamW(LATER, beta1=0.8, beta2=0.9, decay=0.0)
    alone = path(method)
    np.testing.assert_array_equal(path(Averaged(method, begin=10)), alone)
    np.testing.assert_array_equal(path(Lookahead(method, slow_step_size=1.0)), alone)
    expected = twins.adamw(gradient_at, START, 10, step_size=LATER, beta1=0.8, beta2=0.9, decay=0.0)
    np.testing.assert_allclose(alone, expected, rtol=1e-10)


def test_a_sum_and_an_average_as_momentum_take_muon_the_same_way():
    np.testing.assert_allclose(path(Muon(0.1, momentum="sum")), path(Muon(0.1, momentum="average")), rtol=1e-9)


def test_iterations_of_newton_and_schulz_reach_the_polar_factor_and_muon_s_do_not():
    M = np.random.default_rng(0).standard_normal((4, 6))
    np.testing.assert_allclose(newton_schulz(M, "cubic", 30), polar_factor(M), atol=1e-12)
    values = np.linalg.svd(newton_schulz(M, "quintic", 5))[1]
    assert (abs(values - 1) < 0.35).all()
    assert (abs(values - 1) > 1e-3).any()


def test_muon_inside_lookahead_and_an_average():
    alone = path(Muon(0.1))
    ahead = path(Lookahead(Muon(0.1), sync_period=10, slow_step_size=0.5))
    np.testing.assert_array_equal(ahead[:10], alone[:10])
    np.testing.assert_allclose(ahead[10], (START + alone[10]) / 2, rtol=1e-12)
    np.testing.assert_allclose(path(Averaged(Muon(0.1)))[10], alone[1:].mean(axis=0), rtol=1e-12)


@pytest.mark.parametrize(
    ("method", "words"),
    [
        (Muon(0.1, beta=1.0), "forget nothing"),
        (Shampoo(0.1, eps=0.0), "singular"),
        (AdamW(0.1, decay=-1.0), "let the iterate grow"),
        (Prodigy(d0=0.0), "never grow"),
        (ScheduleFreeSGD(0.1, beta=1.5), "between z and the average"),
        (Averaged(0.1), "is no method"),
    ],
)
def test_refuses(method, words):
    with pytest.raises(ValueError, match=words):
        simulate(method, Landscape(), steps=1, x0=START)
