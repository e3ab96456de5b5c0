"""Explicit graduated optimisation: against its twin, as a chain of plain descents, its counts, and where it ends."""

from typing import Any

import numpy as np
import pytest
from scipy.special import jv

from dynamics import GradientDescent, MissingImplementation, ensemble, simulate
from dynamics.algorithms.graduated_descent import GraduatedDescent
from synthetic import Averaged, smoothed
from synthetic.landscapes.classics import himmelblau
from synthetic.landscapes.cosines import rastrigin
from synthetic.smoothing.graduated import graduated
from tests.dynamics.algorithms.tallied import GRADIENTS, LOOKS, SAMPLED, tallied
from theory.sigma_nice import ladder

DEGREES = ladder(0.7, 3, 0.6)
STAGE, STEPS = 8, 40  # a last stage of twice the length
X0 = np.array([2.6, -1.3])
RIPPLES = graduated(rastrigin(2), DEGREES)
SHIFTED = graduated(himmelblau(), DEGREES, directions=4, rng=3)


def smoothed_rastrigin_slope(x, delta):
    """The gradient of Σ t² − 10 A cos 2πt + 10, with the Bessel function of the disc for A."""
    s = 2 * np.pi * delta
    factor = 2 * jv(1, s) / s if s else 1.0
    return 2 * x + 20 * np.pi * factor * np.sin(2 * np.pi * x)


def smoothed_himmelblau_slope(x, delta):
    """The mean of the gradient over the shifts of SHIFTED."""
    u, v = (x - delta * SHIFTED.levels.directions).T
    first, second = u**2 + v - 11, u + v**2 - 7
    return np.array([np.mean(4 * u * first + 2 * second), np.mean(2 * first + 4 * v * second)])


def graduated_descent(slope, alphas):
    """Algorithm 1 with Algorithm 2 inside: one loop over the degrees, one over the steps of each."""
    xs = [X0]
    lengths = [STAGE] * (len(DEGREES) - 1) + [STEPS - STAGE * (len(DEGREES) - 1)]
    for delta, length in zip(DEGREES, lengths, strict=True):
        for _ in range(length):
            xs.append(xs[-1] - alphas[len(xs) - 1] * slope(xs[-1], delta))
    return np.array(xs)


def run_of(problem, step_size, **options):
    return simulate(
        GraduatedDescent(step_size, STAGE), problem, steps=STEPS, x0=X0, record_every=1, record_iterates=True, **options
    )


ALPHAS = 0.004 / np.sqrt(np.arange(1, STEPS + 1))


@pytest.mark.parametrize(
    ("problem", "slope"), [(RIPPLES, smoothed_rastrigin_slope), (SHIFTED, smoothed_himmelblau_slope)]
)
def test_twin(problem, slope):
    run = run_of(problem, ALPHAS)
    np.testing.assert_allclose(run.iterates, graduated_descent(slope, ALPHAS), rtol=0, atol=1e-11)
    np.testing.assert_allclose(run.step_size[:-1], ALPHAS, rtol=1e-14)


def test_losses_and_norms_are_those_of_the_problem_itself():
    run = run_of(RIPPLES, 0.002)
    x = run.iterates
    np.testing.assert_allclose(run.loss, np.sum(x**2 - 10 * np.cos(2 * np.pi * x) + 10, axis=1), rtol=1e-12)
    slopes = np.array([smoothed_rastrigin_slope(point, 0.0) for point in x])
    # The terms that cancel are up to 60.
    np.testing.assert_allclose(run.gradient_norm, np.linalg.norm(slopes, axis=1), rtol=1e-12, atol=1e-12)


def test_it_is_gradient_descent_on_one_smoothed_problem_after_another():
    x = X0
    for delta, steps in zip(DEGREES, (STAGE, STAGE, STAGE, STEPS - 3 * STAGE), strict=True):
        x = simulate(GradientDescent(0.002), smoothed(rastrigin(2), delta), steps=steps, x0=x).x
    np.testing.assert_allclose(run_of(RIPPLES, 0.002).x, x, rtol=0, atol=1e-13)


def test_a_smoothed_gradient_counts_the_gradients_that_make_it():
    problem: Any = tallied(himmelblau())
    family = graduated(problem, DEGREES, directions=4, rng=3)
    run = simulate(GraduatedDescent(0.002, STAGE), family, steps=STEPS, x0=X0, record_every=10)
    smooth = np.minimum(run.iteration, 3 * STAGE)
    assert np.array_equal(run.gradients, 4 * smooth + (run.iteration - smooth))
    assert not run.values.any()
    # Values come with the gradients; what is recorded is not counted.
    assert problem.tally[LOOKS] == run.gradients[-1] + len(run.iteration)
    assert problem.tally[GRADIENTS] == problem.tally[SAMPLED] == 0
    assert np.array_equal(run_of(RIPPLES, 0.002).gradients, np.arange(STEPS + 1))


def test_nothing_is_random_but_the_shifts():
    one, other = (run_of(SHIFTED, 0.002, rng=seed) for seed in (0, 1))
    assert one.iterates.tobytes() == other.iterates.tobytes()
    elsewhere = graduated(himmelblau(), DEGREES, directions=4, rng=4)
    assert not np.array_equal(run_of(elsewhere, 0.002).x, one.x)
    assert isinstance(smoothed(himmelblau(), 0.7, directions=4, rng=3), Averaged)


@pytest.mark.parametrize("cut", [STAGE, STAGE + 3])
def test_a_run_cut_and_resumed_gives_the_same_bytes(cut):
    method = GraduatedDescent(0.002, STAGE)
    whole, part = (simulate(method, SHIFTED, steps=steps, x0=X0) for steps in (STEPS, cut))
    resumed = simulate(method, SHIFTED, steps=STEPS - cut, resume=part)
    assert resumed.x.tobytes() == whole.x.tobytes()
    assert resumed.gradients.tobytes() == whole.gradients.tobytes()


def test_a_sweep_runs_each_setting_as_simulate_does():
    grid = [GraduatedDescent(0.002, STAGE), GraduatedDescent(0.001, 2 * STAGE)]
    sweep = ensemble(grid, RIPPLES, steps=STEPS, seeds=1, x0=X0)
    for method, x in zip(grid, sweep.x[:, 0], strict=True):
        assert simulate(method, RIPPLES, steps=STEPS, x0=X0).x.tobytes() == x.tobytes()


def test_smoothing_leads_out_of_the_valleys_in_which_plain_descent_ends():
    # In one dimension the ripples vanish at degree 1.5, a whole number of half waves from the middle.
    starts = np.linspace(-4.5, 4.5, 19)
    family = graduated(rastrigin(), ladder(1.5, 30, 1.0))
    ends = [simulate(GraduatedDescent(0.002, 200), family, steps=6200, x0=[start]).x[0] for start in starts]
    assert np.abs(ends).max() < 1e-8
    plain = [simulate(GradientDescent(0.002), rastrigin(), steps=6200, x0=[start]).x[0] for start in starts]
    assert np.mean(np.abs(plain) > 0.9) > 0.8


def test_a_problem_without_smoothed_versions_is_refused():
    with pytest.raises(MissingImplementation, match="GraduatedDescent needs graduate of QuadraticCosine"):
        simulate(GraduatedDescent(0.1), rastrigin(), steps=1)


@pytest.mark.parametrize(
    ("method", "sentence"),
    [
        (GraduatedDescent(0.0), "step_size = 0.0 must be positive"),
        (GraduatedDescent(0.1, stage_steps=0), "stage_steps = 0 must be at least 1"),
    ],
)
def test_bad_numbers_are_refused(method, sentence):
    with pytest.raises(ValueError, match=sentence):
        simulate(method, RIPPLES, steps=1)
