"""Propositions 3.1 and 3.2 by other routes; and false variants."""

from fractions import Fraction

import numpy as np
import pytest
from scipy import integrate

from theory.claims import Verdict
from theory.claims.sigma_nice import stages
from theory.claims.sigma_nice.source import smoothed_slope


@pytest.mark.parametrize("steepness", [2, 9, 99])
def test_minimisers_of_a_crooked_valley_move_nearly_as_fast_as_the_noise(steepness):
    def valley(x):
        return x if x > 0 else -steepness * x

    for delta in (Fraction(1), Fraction(1, 3)):
        minimiser = delta * Fraction(steepness - 1, steepness + 1)
        assert smoothed_slope(valley, minimiser, delta) == 0
        assert minimiser < delta


def test_smoothed_rastrigin_against_quadrature():
    def curvature(x):
        return 2 + 40 * np.pi**2 * np.cos(2 * np.pi * x)

    mean = integrate.quad(lambda u: curvature(0.3 - 0.4 * u), -1, 1)[0] / 2
    assert stages.rastrigin_curvature(0.3, 0.4) == pytest.approx(mean, rel=1e-10)


def test_one_level_is_enough_for_rastrigin_and_none_is_not():
    assert abs(stages.graduated_rastrigin(3.7, (0.5, 0.1))) < 1e-9
    assert abs(stages.graduated_rastrigin(3.7, (0.1,))) > 0.9
    assert abs(stages.graduated_rastrigin(3.7, (0.75, 0.4))) > 0.1  # levels at which the cosine is not averaged out


def test_threshold_stands_where_nothing_is_smoothed(monkeypatch):
    monkeypatch.setattr(stages, "graduated_rastrigin", lambda start, levels: start)
    assert stages.threshold_required.check("quick", np.random.default_rng(0)).verdict is Verdict.UNDECIDED


def test_inexact_stage_needs_its_allowance():
    assert stages.inexact_stage_stays()
    assert not stages.inexact_stage_stays(factor=0)


def test_leaving_needs_noise():
    start, step_size, delta = Fraction(18, 25), Fraction(1, 10), Fraction(1, 4)
    assert stages.leaving_step(start, Fraction(2), step_size, delta) > Fraction(3, 4)
    assert stages.leaving_step(start, Fraction(0), step_size, delta) < start
    # Beyond 2/L_g even exact steps leave.
    assert abs(stages.leaving_step(start, Fraction(0), Fraction(21, 10), delta)) > Fraction(3, 4)
    assert stages._contracts()
