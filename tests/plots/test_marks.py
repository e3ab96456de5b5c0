"""Bands over seeds, and the mark where a curve diverged."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from plots.marks import AT_EDGE, DIVERGED, mark_edge, plot_over_seeds, seed_band


def test_band_holds_the_stated_share_of_a_normal_sample():
    # 4000 seeds: the 10 % quantile of a standard normal is known to 0.027 (one standard error).
    samples = np.random.default_rng(5).standard_normal((4000, 3))
    low, median, high = seed_band(samples, coverage=0.8)
    np.testing.assert_allclose(low, -1.2816, atol=0.13)
    np.testing.assert_allclose(median, 0, atol=0.1)
    np.testing.assert_allclose(high, 1.2816, atol=0.13)


def test_whole_band_is_the_range():
    low, _, high = seed_band([[3.0, 1.0], [2.0, 5.0], [4.0, 4.0]], coverage=1)
    np.testing.assert_array_equal([low, high], [[2, 1], [4, 5]])


@pytest.mark.parametrize("lost", [np.nan, np.inf, -np.inf])
def test_one_diverged_seed_ends_the_band(lost):
    low, median, high = seed_band([[1.0, 2.0, 3.0], [1.0, 2.0, lost], [1.0, 2.0, 3.0]])
    for end in (low, median, high):
        np.testing.assert_array_equal(end, [1.0, 2.0, np.nan])


@pytest.mark.parametrize("coverage", [0, 1.1, np.nan])
def test_refuses_a_share_that_is_none(coverage):
    with pytest.raises(ValueError, match="coverage is"):
        seed_band([[1.0]], coverage=coverage)


def test_divergence_is_marked_above_the_place():
    axes = Figure().add_subplot()
    axes.set(xscale="log", yscale="log")
    samples = [[1.0, 2.0, 4.0, 8.0]] * 4 + [[1.0, 2.0, np.inf, np.inf]]
    curve = plot_over_seeds(axes, [10, 20, 30, 40], samples, color="red")
    (mark,) = [line for line in axes.get_lines() if line.get_marker() == DIVERGED]
    assert (mark.get_xdata()[0], mark.get_ydata()[0], mark.get_color()) == (30, 1.0, curve.get_color())
    assert len(axes.collections) == 1


def test_no_mark_without_divergence():
    axes = Figure().add_subplot()
    plot_over_seeds(axes, [1, 2], np.arange(10.0).reshape(5, 2))
    assert [line.get_marker() for line in axes.get_lines()] == ["None"]


def test_a_band_needs_seeds():
    with pytest.raises(ValueError, match="4 seeds make no band: run 5 or more"):
        plot_over_seeds(Figure().add_subplot(), [1, 2], np.ones((4, 2)))


def test_an_edge_is_marked_at_the_end_of_its_curve():
    axes = Figure().add_subplot()
    (curve,) = axes.plot([1, 2, 3], [4.0, 2.0, np.nan], color="red")
    mark = mark_edge(axes, curve)
    assert (mark.get_marker(), mark.get_markeredgecolor(), *mark.get_xydata()[0]) == (AT_EDGE, "red", 2.0, 2.0)


def test_a_curve_without_points_has_no_end():
    axes = Figure().add_subplot()
    (curve,) = axes.plot([1, 2], [np.nan, np.nan], label="lost")
    with pytest.raises(ValueError, match="'lost' has no finite point"):
        mark_edge(axes, curve)
