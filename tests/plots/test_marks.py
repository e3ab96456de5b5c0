"""Bands over seeds, and the mark where a curve diverged."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from plots.marks import AT_EDGE, DIVERGED, mark_edge, mark_spread_at_end, plot_over_seeds
from plots.seeds import seed_band
from tests.plots.legibility import overlaps
from tests.plots.quick import texts_of


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
def test_a_failed_run_counts_as_the_worst(lost):
    curves = [[1.0, 2.0], [2.0, 3.0], [3.0, lost], [4.0, 5.0], [5.0, 6.0]]
    np.testing.assert_array_equal(seed_band(curves, coverage=0.5), [[2, 3], [3, 5], [4, 6]])
    np.testing.assert_array_equal(seed_band(curves, worst=-np.inf), [[1.4, -np.inf], [3, 3], [4.6, 6]])
    np.testing.assert_array_equal(seed_band(curves)[2], [4.6, np.inf])


def test_half_of_the_runs_failed_has_no_median():
    low, median, high = seed_band([[1.0], [2.0], [3.0], [np.nan], [np.nan], [np.nan]])
    assert (low.item(), median.item(), high.item()) == (1.0, np.inf, np.inf)


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
    assert curve.get_ydata().tolist() == [1, 2, 4, 8]
    assert [text.get_text() for text in axes.texts] == ["1 of 5 failed"]


def test_the_runs_that_are_left_are_drawn_and_the_failed_ones_named():
    axes = Figure().add_subplot()
    samples = [[1.0, 2.0], [1.0, 4.0]] + [[1.0, np.nan]] * 3
    curve = plot_over_seeds(axes, [0, 1], samples, color="red", label="Adam")
    rest = axes.get_lines()[1]
    np.testing.assert_array_equal(curve.get_ydata(), [1, np.nan])
    np.testing.assert_array_equal(rest.get_ydata(), [np.nan, 3])
    assert rest.get_linewidth() < 0.5 * curve.get_linewidth()
    plot_over_seeds(axes, [0, 1], [[1.0, np.nan]] * 5, label="")
    assert [text.get_text() for text in axes.texts] == ["Adam: 3 of 5 failed", "5 of 5 failed"]
    assert overlaps(texts_of(axes.figure)) == []


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


def test_spread_at_the_end_is_that_of_the_last_record_inside_the_limits():
    axes = Figure().add_subplot()
    samples = np.stack([np.full(11, 9.0), np.arange(11.0)], axis=1)
    curve = plot_over_seeds(axes, [0, 1], samples, band=False, color="black")
    assert not axes.collections
    axes.set_ylim(0, 8)
    mark_spread_at_end(axes, [curve], [samples])
    bar, middle = axes.lines[-2:]
    assert list(bar.get_ydata()) == pytest.approx([1, 8])  # the ninth decile is cut off by the axes
    assert list(middle.get_ydata()) == [5]
    assert min(bar.get_xdata()) > 1
