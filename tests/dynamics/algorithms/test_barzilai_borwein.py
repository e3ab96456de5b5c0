"""Barzilai–Borwein: every rule against the twin, and what is known on quadratics."""

import numpy as np
import pytest

from dynamics import BarzilaiBorwein, simulate
from dynamics.algorithms.barzilai_borwein import curvature_step
from dynamics.protocol.schedules import inverse_power
from tests.dynamics.algorithms.comparison import assert_same_run, formulas_of, run_of
from tests.dynamics.algorithms.regression import carmon_like, quadratic
from tests.dynamics.twins import barzilai_borwein

STEPS = 24
# Differences of nearby gradients lose digits, which a long non-monotone run then magnifies.
TOLERANCE = 1e-9
X0 = np.zeros(6)
RULES = ["bb1", "bb2", "abb"]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("negative", ["large", "absolute"])
def test_twin(rule, negative):
    problem = carmon_like(seed=12)
    alphas = np.full(STEPS, 0.3)
    twin = barzilai_borwein(formulas_of(problem, 0).gradient, X0, alphas, 3.0, negative, rule)
    run = run_of(BarzilaiBorwein(0.3, nu=3.0, negative=negative, rule=rule), problem, STEPS)
    assert_same_run(run, twin, TOLERANCE)


def test_twin_with_a_falling_scale():
    problem = carmon_like(seed=12)
    alphas = 0.4 / np.sqrt(np.arange(STEPS) + 1)
    twin = barzilai_borwein(formulas_of(problem, 0).gradient, X0, alphas, 3.0, "large", "bb1")
    run = run_of(BarzilaiBorwein(inverse_power(0.4, power=0.5), nu=3.0), problem, STEPS)
    assert_same_run(run, twin, TOLERANCE)


def test_both_treatments_of_negative_curvature_are_met():
    """The twins' runs see both signs, and the two treatments part there."""
    problem = carmon_like(seed=12)
    large, absolute = (
        run_of(BarzilaiBorwein(0.3, nu=3.0, negative=word), problem, STEPS) for word in ("large", "absolute")
    )
    at_nu = large.step_size[1:-1] == 0.3 * 3.0
    assert 0 < at_nu.sum() < STEPS - 1
    first = 1 + int(np.argmax(at_nu))
    assert np.array_equal(large.iterates[: first + 1], absolute.iterates[: first + 1])
    assert absolute.step_size[first] != large.step_size[first]


def test_the_rules_start_together_and_alternate():
    problem = quadratic([1.0, 3.0, 10.0])
    bb1, bb2, abb = (run_of(BarzilaiBorwein(0.05, rule=rule), problem, 4) for rule in RULES)
    assert bb1.step_size[0] == bb2.step_size[0] == abb.step_size[0] == 0.05
    assert abb.step_size[1] == bb1.step_size[1] != bb2.step_size[1]
    expected = barzilai_borwein(formulas_of(problem, 0).gradient, np.zeros(3), np.full(4, 0.05), 2.0, "large", "bb2")
    assert bb2.step_size[2] == pytest.approx(expected[1][2], rel=1e-12)


@pytest.mark.parametrize("rule", RULES)
def test_on_a_quadratic_steps_are_inverse_rayleigh_quotients(rule):
    """With α = 1 the step at k ≥ 1 is ⟨g,g⟩/⟨g,Hg⟩ (bb1) or ⟨g,Hg⟩/⟨Hg,Hg⟩ (bb2) at the gradient before."""
    eigenvalues = np.array([1.0, 2.0, 5.0, 9.0])
    run = run_of(BarzilaiBorwein(1.0, rule=rule), quadratic(eigenvalues, [0.0] * 4), 12, x0=[1.0, -1.0, 1.0, 0.5])
    for k in range(1, 12):
        g = eigenvalues * run.iterates[k - 1]
        short = rule == "bb2" or (rule == "abb" and k % 2 == 0)
        hg = eigenvalues * g
        rayleigh = (hg @ hg) / (g @ hg) if short else (g @ hg) / (g @ g)
        assert run.step_size[k] == pytest.approx(1 / rayleigh, rel=1e-6)
        assert 1 / 9 * (1 - 1e-6) <= run.step_size[k] <= 1 + 1e-6


def test_two_eigenvalues_one_after_the_other_end_the_run():
    """In one dimension γ is the inverse curvature: from the second step on the run stands at the minimiser."""
    run = run_of(BarzilaiBorwein(1.0), quadratic([4.0], [0.0]), 5, x0=[1.0])
    assert np.array_equal(run.iterates[:, 0], [1.0, -3.0, 0.0, 0.0, 0.0, 0.0])
    assert run.step_size[1:3].tolist() == [0.25, 0.25]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("negative", ["large", "absolute"])
def test_without_curvature_the_step_is_nu(rule, negative):
    """A stationary start gives 0/0, a constant gradient x/0: both take ν, and nothing becomes NaN."""
    method = BarzilaiBorwein(0.5, nu=3.0, rule=rule, negative=negative)
    still = run_of(method, quadratic([1.0, 2.0, 3.0]), 3, x0=[1.0, 1.0, 1.0])
    assert np.array_equal(still.iterates, np.ones((4, 3)))
    assert still.step_size[:-1].tolist() == [0.5, 1.5, 1.5]


@pytest.mark.parametrize("absolute", [False, True])
@pytest.mark.parametrize("short", [False, True])
def test_the_curvature_step_at_the_edges(short, absolute):
    """No curvature, and curvature so small that ‖y‖² underflows to 0, where the short step would be x/0."""
    assert curvature_step(1.0, 0.0, 4.0, short, absolute, 7.0) == 7.0
    assert curvature_step(0.0, 0.0, 0.0, short, absolute, 7.0) == 7.0
    assert curvature_step(1.0, 2.0, 5.0, short, absolute, 7.0) == (0.4 if short else 0.5)
    assert curvature_step(1.0, -2.0, 5.0, short, absolute, 7.0) == ((0.4 if short else 0.5) if absolute else 7.0)
    assert curvature_step(1.0, 1e-170, 0.0, True, absolute, 7.0) == 7.0


@pytest.mark.parametrize(
    ("method", "sentence"),
    [
        (BarzilaiBorwein(0.0), "step_size = 0.0 must be positive"),
        (BarzilaiBorwein(0.1, nu=0.0), "nu = 0.0 must be positive"),
        (BarzilaiBorwein(0.1, nu=-2.0), "nu = -2.0 must be positive"),
        (BarzilaiBorwein(0.1, negative="huge"), "negative 'huge'. Allowed: absolute, large"),
        (BarzilaiBorwein(0.1, rule="bb3"), "rule 'bb3'; did you mean 'bb"),
    ],
)
def test_bad_input_is_refused(method, sentence):
    with pytest.raises(ValueError, match=sentence):
        simulate(method, carmon_like(), steps=1)
