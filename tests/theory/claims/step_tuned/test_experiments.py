"""The comparisons of section 3 on made-up numbers with known answers."""

import numpy as np
import pytest

from theory.claims.routes.statistical import Interval
from theory.claims.step_tuned import full_batch, mini_batch


def test_iterations_are_counted_to_a_common_level():
    losses = {
        "slow": np.array([[1.0, 0.9, 0.5, 0.0], [1.0, 0.8, 0.7, 0.6]]),
        "fast": np.array([[1.0, 0.05, 0.05, 0.05], [1.0, np.nan, np.nan, np.nan]]),
        "stuck": np.array([[1.0, 1.0, 1.0, 1.0]]),
    }
    assert full_batch.iterations_needed(losses) == {"slow": (0, 3), "fast": (0, 1), "stuck": (0, 4)}


def test_every_method_has_as_many_settings():
    assert {len(grid) for grid in full_batch.candidates(12).values()} == {12}
    for bounds in mini_batch.BOUNDS:
        assert {len(grid) for grid in mini_batch.settings(bounds, 6).values()} == {6}


def test_much_faster_is_supported_where_it_is_true(monkeypatch):
    def raced(seed, methods):
        return {name: (0, 10 if name == "Algorithm 1" else 40 + seed % 7) for name in methods}, 0.04

    monkeypatch.setattr(full_batch, "_raced", raced)
    assert full_batch.much_faster.check("full", np.random.default_rng(0)).verdict == "supported"
    assert full_batch.much_faster.check("quick", np.random.default_rng(0)).verdict == "undecided"
    monkeypatch.setattr(full_batch, "_raced", lambda seed, methods: (dict.fromkeys(methods, (0, 40 + seed % 7)), 0.04))
    assert full_batch.much_faster.check("full", np.random.default_rng(0)).verdict == "undecided"  # nobody is faster


def test_a_rival_that_is_faster_refutes(monkeypatch):
    def raced(seed, methods):
        return {name: (0, 20 + seed % 3 if name == "|BB|" else 40) for name in methods}, 0.04

    monkeypatch.setattr(full_batch, "_raced", raced)
    assert full_batch.much_faster.check("full", np.random.default_rng(0)).verdict == "refuted"


def test_lost_share():
    assert mini_batch.lost_share(np.array([[1.0, 0.6]]), np.array([[1.0, 0.2]]), 1) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("defaults", "wide", "verdict"),
    [
        ((0.3, 0.4), (0.5, 0.6), "supported"),
        ((0.0, 0.1), (0.5, 0.6), "conditional"),
        ((0.0, 0.1), (0.1, 0.2), "refuted"),
        ((0.0, 0.5), (0.5, 0.6), "undecided"),
        ((0.5, 0.6), (0.0, 0.1), "undecided"),
    ],
)
def test_both_bounds_count(defaults, wide, verdict):
    found = {"defaults": Interval(*defaults, 0.01), "wide": Interval(*wide, 0.01)}
    evidence = mini_batch._conditional_on_bounds(
        found, {}, 9, "numbers", holds=lambda i: i.low >= 0.25, fails=lambda i: i.high < 0.25
    )
    assert evidence.verdict == verdict
