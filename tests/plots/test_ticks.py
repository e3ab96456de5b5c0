"""Ticks worked out and texts set once: as many as Matplotlib's, at the same places, and only meanwhile."""

import io
import re
import threading
from contextlib import nullcontext

import numpy as np
import pytest
from matplotlib.axis import Axis, XAxis, YAxis
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontManager
from matplotlib.text import Text
from matplotlib.ticker import FixedLocator, ScalarFormatter
from matplotlib.transforms import Bbox

from plots import ticks
from plots.style import lay_out, style
from plots.ticks import ticks_worked_out_once

FOUND = FontManager._find_fonts_by_props


def ways():
    own = Axis._update_ticks, Axis._get_ticklabel_bboxes, Axis._get_tick, Axis._copy_tick_props
    placed = Bbox.union, XAxis._update_label_position, YAxis._update_label_position
    return *own, *placed, Text._get_layout


MATPLOTLIBS = ways()


def with_shared_scales():
    """Scales that axes of two widths share, and powers of ten above the axes."""
    figure = Figure(layout="constrained")
    grid = figure.add_gridspec(2, 3)
    wide = figure.add_subplot(grid[0, :], title="wide", xlabel="x")
    wide.plot([0, 3e6], [1e-7, 1e9])
    wide.set_yscale("log")
    figure.add_subplot(grid[1, 0], sharex=wide, ylabel="y").plot([0, 1], [1, 2])
    figure.add_subplot(grid[1, 1:], sharex=wide, title="third").plot([0, 1], [0, 2e8])
    return figure


def with_one_formatter():
    """A formatter that two axes use, each with another power of ten."""
    figure, formatter = Figure(layout="constrained"), ScalarFormatter()
    for axes, height in zip(figure.subplots(1, 2), (4e7, 9e11), strict=True):
        axes.plot([0, 1], [0, height])
        axes.set_title("t")
        axes.yaxis.set_major_formatter(formatter)
    return figure


def with_twins():
    figure = Figure(layout="constrained")
    axes = figure.subplots(subplot_kw={"xlabel": "below"})
    axes.plot([0, 5], [3, 4])
    axes.twinx().semilogy([0, 5], [1, 1e4])
    axes.xaxis.set_ticks_position("top")
    figure.align_labels()
    return figure


def on_a_circle():
    """Ticks that are not those of a plane, and a scale with small ones that are labelled."""
    figure = Figure(layout="constrained")
    figure.add_subplot(1, 2, 1, projection="polar").plot([0, 2], [0, 1])
    axes = figure.add_subplot(1, 2, 2, xscale="log", xlim=(1, 3))
    axes.tick_params(which="both", direction="in", labelrotation=30, labelcolor="green", right=True)
    axes.yaxis.get_major_ticks(1)[0].label1.set_color("red")
    axes.grid(which="both", linestyle=":")
    return figure


def svg(figure):
    """The picture, in which clipping paths are counted: older Matplotlibs name one by its place in memory."""
    buffer = io.StringIO()
    figure.canvas.print_figure(buffer, format="svg", metadata={"Date": None})
    names = {}
    return re.sub(r"\bp[0-9a-f]{10}\b", lambda name: names.setdefault(name[0], f"path{len(names)}"), buffer.getvalue())


@pytest.mark.parametrize("made", [with_shared_scales, with_one_formatter, with_twins, on_a_circle])
def test_pictures_are_matplotlibs(made):
    with style():
        plain = svg(made())
        with ticks_worked_out_once():
            assert ways() != MATPLOTLIBS
            assert svg(made()) == plain
    assert ways() == MATPLOTLIBS


def labels(figure):
    return [[label.get_text() for label in axes.get_xticklabels()] for axes in figure.axes]


@pytest.mark.parametrize(
    "change",
    [
        lambda figure: figure.set_size_inches(2.5, 6),
        lambda figure: figure.axes[0].set_xlim(0, 7e5),
        lambda figure: figure.axes[0].set_position((0.1, 0.6, 0.2, 0.3)),
    ],
)
def test_ticks_follow_their_axis(change):
    figure, fresh = with_shared_scales(), with_shared_scales()
    for other in (figure, fresh):
        other.set_layout_engine("none")
    with ticks_worked_out_once():
        before = labels(figure)
        change(figure)
        after = labels(figure)
    change(fresh)
    assert before != after == labels(fresh)


def test_boxes_of_labels_follow_the_other_axis():
    axes = Figure().subplots()
    axes.spines.left.set_position(("data", 0.5))
    renderer = FigureCanvasAgg(axes.figure).get_renderer()
    with ticks_worked_out_once():
        before = axes.yaxis.get_tightbbox(renderer).x0
        axes.set_xlim(0, 4)
        after = axes.yaxis.get_tightbbox(renderer).x0
    assert before != after == axes.yaxis.get_tightbbox(renderer).x0


def test_a_layout_works_ticks_out_once_a_pass(monkeypatch):
    counts = []
    monkeypatch.setattr(Axis, "_update_ticks", Axis._update_ticks)  # which is put back afterwards
    monkeypatch.setattr(ticks, "_work_out", lambda axis: counts.append(axis) or MATPLOTLIBS[0](axis))
    figure = with_shared_scales()
    lay_out(figure)
    assert len(set(counts)) == 6
    assert len(counts) <= 2 * 6  # two passes, each with axes of another size


def test_a_label_is_put_once_at_a_place(monkeypatch):
    put = []
    for kind, own in ticks._put_label.items():
        monkeypatch.setattr(kind, "_update_label_position", own)  # which is put back afterwards
        monkeypatch.setitem(ticks._put_label, kind, lambda axis, by, own=own: put.append(axis) or own(axis, by))
    figure = Figure()
    figure.add_subplot(xlabel="x", title="t")
    FigureCanvasAgg(figure)  # which measures and draws by one renderer
    with ticks_worked_out_once():
        for _ in range(2):
            figure.draw_without_rendering()
        assert len(put) == len(set(put)) == 2
        before = figure.axes[0].xaxis.label.get_position()[1]
        figure.axes[0].set_position((0.3, 0.5, 0.4, 0.4))
        figure.draw_without_rendering()
    assert len(put) == 4
    assert figure.axes[0].xaxis.label.get_position()[1] > before + 50


def test_a_label_follows_those_that_it_is_in_line_with():
    figure = Figure()
    first, second = figure.subplots(2, subplot_kw={"ylabel": "y"})
    figure.align_ylabels()
    FigureCanvasAgg(figure)  # which measures and draws by one renderer
    with ticks_worked_out_once():
        figure.draw_without_rendering()
        before = first.yaxis.label.get_position()[0]
        second.set_ylim(0, 123456)  # wider numbers
        figure.draw_without_rendering()
        assert first.yaxis.label.get_position()[0] < before - 10


def test_labels_of_a_circle_are_put_as_matplotlib_does():
    figure = Figure()
    figure.add_subplot(projection="polar", xlabel="angle")
    FigureCanvasAgg(figure)  # which measures and draws by one renderer
    places = []
    for known in (nullcontext, ticks_worked_out_once):
        with known():
            for _ in range(2):
                figure.draw_without_rendering()
                places.append(figure.axes[0].xaxis.label.get_position())
    assert len(set(places)) == 1


@pytest.mark.parametrize("bottom", [2.0, np.nan, np.inf])
def test_a_box_around_others_is_matplotlibs(bottom):
    boxes = [Bbox([[4, 1], [-1, 3]]), Bbox([[0, bottom], [7, 2.5]]), Bbox.null()]
    for count in (1, 2, 3):
        expected = Bbox.union(boxes[:count]).get_points()
        with ticks_worked_out_once():
            np.testing.assert_array_equal(Bbox.union(boxes[:count]).get_points(), expected)
    with ticks_worked_out_once(), pytest.raises(ValueError, match="empty"):
        Bbox.union([])


def test_an_axis_has_one_tick_made_and_the_others_look_like_it(monkeypatch):
    made = []
    monkeypatch.setattr(Axis, "_get_tick", Axis._get_tick)  # which is put back afterwards
    monkeypatch.setattr(ticks, "_make", lambda axis, major: made.append((axis, major)) or MATPLOTLIBS[2](axis, major))
    figure = with_shared_scales()
    made.clear()
    with ticks_worked_out_once():
        figure.draw_without_rendering()
        shown = [tick for axes in figure.axes for axis in (axes.xaxis, axes.yaxis) for tick in axis.get_major_ticks()]
        assert len(made) == len(set(made)) < len(shown)
        thread = threading.Thread(target=lambda: Figure().subplots().xaxis.get_major_ticks(9))
        thread.start()
        thread.join()
    assert len(made) - len(set(made)) >= 8  # the other thread makes its own
    parts = [each for tick in shown for each in (tick.tick1line, tick.gridline, tick.label1, tick.label2)]
    assert len(set(map(id, parts))) == len(parts)


def test_a_tick_that_looks_like_the_first_can_be_changed_by_itself():
    axis = Figure().subplots().xaxis
    with ticks_worked_out_once():
        first, second, *_ = axis.get_major_ticks()
    before = first.label1.get_fontsize(), first.tick1line.get_markersize()
    second.label1.set_fontsize(30)
    second.tick1line.set_markersize(30)
    assert (first.label1.get_fontsize(), first.tick1line.get_markersize()) == before


def test_a_font_is_found_once(monkeypatch):
    found = []
    monkeypatch.setattr(FontManager, "_find_fonts_by_props", FontManager._find_fonts_by_props)  # put back afterwards
    monkeypatch.setattr(ticks, "_find", lambda manager, font: found.append(hash(font)) or FOUND(manager, font))
    with ticks_worked_out_once():
        for size in (8, 9, 8):
            for family in ("serif", "monospace"):
                figure = Figure()
                figure.text(0, 0, "words", family=family, size=size)
                figure.draw_without_rendering()
    assert len(found) == len(set(found)) == 4


def test_a_text_is_set_once_for_a_size(monkeypatch):
    was_set = []
    monkeypatch.setattr(Text, "_get_layout", Text._get_layout)  # which is put back afterwards
    monkeypatch.setattr(ticks, "_set", lambda text, by: was_set.append(text.get_text()) or MATPLOTLIBS[-1](text, by))
    figure = Figure()
    figure.text(0.1, 0.1, "words")
    FigureCanvasAgg(figure)  # which measures and draws by one renderer
    with ticks_worked_out_once():
        for _ in range(2):
            figure.draw_without_rendering()
        figure.texts[0].set_position((0.2, 0.3))  # which changes nothing in it
        figure.draw_without_rendering()
    assert was_set == ["words"]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.get_window_extent(RendererAgg(10, 10, 30)),
        lambda text: text.set_text("other words"),
        lambda text: text.set_position((0.3, 0.3)),
        lambda text: text.set_fontsize(30),
        lambda text: text.set_rotation(20),
        lambda text: text.set_rotation_mode("anchor"),
        lambda text: text.set_linespacing(3),
        lambda text: text.set_horizontalalignment("right"),
        lambda text: text.set_verticalalignment("top"),
        lambda text: text.set(wrap=True, x=0.95),
        lambda text: text.figure.set_dpi(200),
    ],
)
def test_what_texts_measure_follows_them(change):
    figure, fresh = Figure(), Figure()
    for one in (figure, fresh):
        one.text(0.1, 0.2, "two lines\nof words", rotation=10, multialignment="left")
    fresh.texts[0].get_window_extent()
    with ticks_worked_out_once():
        before = figure.texts[0].get_window_extent().bounds
        change(figure.texts[0])
        after = figure.texts[0].get_window_extent().bounds
    change(fresh.texts[0])
    assert before != after == fresh.texts[0].get_window_extent().bounds


def test_lines_of_a_text_are_aligned_anew():
    figure = Figure()
    text = figure.text(0.1, 0.2, "two lines\nof words")
    renderer = FigureCanvasAgg(figure).get_renderer()
    with ticks_worked_out_once():
        before = text._get_layout(renderer)[1]
        text.set_multialignment("right")
        after = text._get_layout(renderer)[1]
    assert before != after == text._get_layout(renderer)[1]


def test_other_threads_have_matplotlibs_ways():
    seen = []

    def elsewhere():
        axis = Figure().subplots().xaxis
        seen.extend([axis._update_ticks() is axis._update_ticks(), len(axis._update_ticks())])

    with ticks_worked_out_once():
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
    assert seen == [False, 6]
    assert ways() == MATPLOTLIBS


def test_nothing_is_left_behind():
    with pytest.raises(ZeroDivisionError), ticks_worked_out_once(), ticks_worked_out_once():
        raise ZeroDivisionError
    assert ways() == MATPLOTLIBS
    axis = Figure().subplots().xaxis
    with ticks_worked_out_once():
        assert len(axis._update_ticks()) == 6
    axis.set_major_locator(FixedLocator([0.5]))
    with ticks_worked_out_once():
        assert len(axis._update_ticks()) == 1
