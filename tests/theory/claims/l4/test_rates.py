"""The span of the effective rate on made-up rates, and along a run by the formula."""

import numpy as np
import pytest

from theory.claims.l4 import rates


def test_spans_are_orders_of_magnitude_within_a_window():
    found = rates.spans(np.array([1.0, 100.0, 10.0, 5.0, 0.0, 50.0, 7.0]), 3)
    np.testing.assert_allclose(found, [2.0, 1.0])  # a rate of 0 is no rate, and the rest fills no window


@pytest.mark.parametrize(("adam", "verdict"), [(2.5, "supported"), (2.0, "refuted"), (1.0, "refuted")])
def test_both_optimisers_have_to_span_it(monkeypatch, adam, verdict):
    spans = {"L4Mom": np.linspace(2.1, 3, 12), "L4Adam": np.linspace(adam - 0.2, adam - 0.1, 12)}
    monkeypatch.setattr(rates, "measured_spans", lambda *_: (spans, 23, list(range(70, 82))))
    found = rates.effective_rate.check("full", np.random.default_rng(0))
    assert found.verdict == verdict
    if verdict == "refuted":
        assert found.counterexample["rng of the problem"] == 70  # spans grow with the draws


def test_draws_on_both_sides_decide_nothing(monkeypatch):
    spans = dict.fromkeys(("L4Mom", "L4Adam"), np.linspace(1.5, 2.5, 12))
    monkeypatch.setattr(rates, "measured_spans", lambda *_: (spans, 23, list(range(12))))
    assert rates.effective_rate.check("full", np.random.default_rng(0)).verdict == "undecided"
