"""Claims on SGD in high dimension: what they find, and that a wrong formula is noticed."""

import numpy as np
import pytest

import theory.streamed_sgd
from theory.claims import Verdict, claim


def test_threshold_is_tried_on_spectra(quick):
    evidence = quick("high_dimension.largest_step")
    assert evidence.trials >= 50
    assert 0 < min(evidence.data.values()) < max(evidence.data.values()) < 1


def test_a_wrong_threshold_is_noticed(monkeypatch):
    true = theory.streamed_sgd.largest_step
    monkeypatch.setattr("theory.streamed_sgd.largest_step", lambda *args, **options: 1.01 * true(*args, **options))
    assert claim("high_dimension.largest_step").check().verdict is Verdict.UNDECIDED


def test_single_runs_say_their_power(quick):
    evidence = quick("high_dimension.single_runs")
    assert (evidence.trials, evidence.error_level) == (256, 1e-3)
    assert "would have been noticed with probability 1.00" in evidence.text
    np.testing.assert_allclose(*evidence.data["d |E R/R_flow - 1|"], rtol=0.1)


@pytest.mark.parametrize("factor", [0.9, 1.2])
def test_a_wrong_expectation_is_noticed(monkeypatch, factor):
    true = theory.streamed_sgd.expected_risk
    monkeypatch.setattr("theory.streamed_sgd.expected_risk", lambda *args, **options: factor * true(*args, **options))
    assert claim("high_dimension.single_runs").check().verdict is Verdict.UNDECIDED
