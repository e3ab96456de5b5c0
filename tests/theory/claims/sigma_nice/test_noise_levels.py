"""The degree of smoothing by other routes; and false variants."""

from fractions import Fraction

import numpy as np
import pytest

from theory.claims import Verdict
from theory.claims.constants import exponent
from theory.claims.routes.statistical import student_interval
from theory.claims.sigma_nice import noise_levels


@pytest.mark.parametrize("dimension", [2, 10])
def test_distances_by_samples(dimension):
    rng = np.random.default_rng(dimension)
    norms = np.linalg.norm(rng.standard_normal((40_000, dimension)), axis=1) / np.sqrt(dimension)
    sphere, ball, outside, variation = noise_levels.radial_distances(dimension)
    assert student_interval((norms - 1) ** 2, error_level=1e-4).contains(sphere**2)
    assert student_interval((norms > 1).astype(float), error_level=1e-4).contains(outside)
    in_ball = np.sort(rng.random(40_000)) ** (1 / dimension)
    assert np.mean((np.sort(norms) - in_ball) ** 2) == pytest.approx(ball**2, rel=0.05)
    assert outside <= variation < 1


def test_a_wrong_degree_is_contradicted():
    entry = noise_levels.degree_of_smoothing
    wrong = entry.vary({**entry.constants, "batch": exponent(1)}, entry.hypotheses)
    assert wrong.check("quick", np.random.default_rng(0)).verdict is Verdict.UNDECIDED


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_degree_is_confirmed_by_other_draws(seed):
    assert noise_levels.degree_of_smoothing.check("quick", np.random.default_rng(seed)).verdict is Verdict.CONDITIONAL


def test_halving_counterexample_in_simulation(quick):
    counterexample = quick("sigma_nice.halving_step_size").counterexample
    rng, eta, batch = np.random.default_rng(0), 0.5, 4
    means = {
        name: np.mean(1.0 - step * (1.0 + rng.normal(size=(4000, size)).mean(axis=1)))
        for name, step, size in (("halved", eta / 2, batch), ("quadrupled", eta, 4 * batch))
    }
    assert means["halved"] == pytest.approx(float(Fraction(counterexample["E x after a step, eta halved"])), abs=0.02)
    quadrupled = float(Fraction(counterexample["E x after a step, b quadrupled"]))
    assert means["quadrupled"] == pytest.approx(quadrupled, abs=0.02)


def test_ladder_of_the_three_methods_in_numbers():
    levels = [
        [0.1 * kappa**m / np.sqrt(b * growth**m) for m in range(5)]
        for kappa, growth, b in ((2**-0.5, 1.0, 32), (1.0, 2.0, 32), (3**0.5 / 2, 1.5, 32))
    ]
    np.testing.assert_allclose(levels[1:], [levels[0]] * 2, rtol=1e-14)
    assert [32 * 1.5**m for m in range(5)] == [32, 48, 72, 108, 162]


def test_a_table_with_a_slip_is_not_passed(monkeypatch):
    assert noise_levels.batch_size("0.1", "0.5", 1280) == 512
    monkeypatch.setattr(noise_levels, "TABLE_2", (*noise_levels.TABLE_2[:3], ("0.5", "0.5", 250)))
    assert noise_levels.variance_table.check("quick", np.random.default_rng(0)).verdict is Verdict.REFUTED


def test_another_power_of_the_dimension_is_far_from_the_ball():
    assert noise_levels.radial_distances(1, 0.5) == noise_levels.radial_distances(1)
    near, far = (noise_levels.radial_distances(100, power)[1] for power in (1.0, 0.5))
    assert near < 0.1
    assert far > 1
