"""The span of the effective rate on made-up rates, and along a run by the formula."""

import numpy as np
import pytest

from dynamics import L4Adam, L4Mom, sweep
from synthetic import digits_mlp
from theory.claims.l4 import rates
from theory.claims.l4.kept_rates import rates_along


def test_spans_are_orders_of_magnitude_within_a_window():
    found = rates.spans(np.array([1.0, 100.0, 10.0, 5.0, 0.0, 50.0, 7.0]), 3)
    np.testing.assert_allclose(found, [2.0, 1.0])  # a rate of 0 is no rate, and the rest fills no window


def test_rates_are_those_that_a_sweep_would_record():
    problems = [digits_mlp(8, regularisation=0.0, batch_size=64, sampling="epoch", rng=seed) for seed in (5, 6)]
    made = sweep([L4Mom(), L4Adam()], problems, over={}, steps=46, record_every=1).isel(seed=0).step_size.values
    for recorded, method in zip(made, (L4Mom(), L4Adam()), strict=True):
        for each, problem in zip(recorded, problems, strict=True):
            np.testing.assert_array_equal(rates_along(method, problem, 46), each[:46])


def test_the_widest_span_is_that_of_one_epoch():
    found, window, seeds = rates.measured_spans(2, 2, 7)
    for name, method in (("L4Mom", L4Mom()), ("L4Adam", L4Adam())):
        for seed, widest in zip(seeds, found[name], strict=True):
            net = digits_mlp(8, regularisation=0.0, batch_size=64, sampling="epoch", rng=seed)
            epochs = np.split(rates_along(method, net, 2 * window), 2)
            assert widest == max(np.log10(each.max() / each[each > 0].min()) for each in epochs)


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
