"""Every figure can be read at every size, and in grey."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

import plots
from plots.style import SIZES
from tests.plots.legibility import alike_in_grey, covered_curves, lightness, out_of_picture, overlaps, unordered_maps
from tests.plots.quick import drawn, texts_of

BACKWARDS = plots.figures()[::-1]  # so that it meets the tests that compute figures from the first on half-way


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("id", BACKWARDS)
def test_no_text_overlaps_leaves_the_picture_or_covers_a_curve(id, size):
    picture, texts = drawn(id, size)
    assert len(texts) > 3
    assert overlaps(texts) == []
    assert out_of_picture(texts, picture) == []
    assert covered_curves(picture) == []


@pytest.mark.parametrize("id", BACKWARDS)
def test_grey_keeps_the_curves_apart(id):
    picture = drawn(id, "page").picture
    assert alike_in_grey(picture) == []
    assert unordered_maps(picture) == []


def test_overlaps_are_seen():
    picture = Figure(figsize=(3, 3))
    for y, word in ((0.5, "one"), (0.52, "other"), (0.8, "apart"), (0.999, "cut")):
        picture.text(0.5, y, word)
    texts = texts_of(picture)
    assert overlaps(texts) == [("one", "other")]
    assert out_of_picture(texts, picture) == ["cut"]


def test_boxes_that_touch_do_not_overlap():
    assert overlaps([("left", Bbox([[0, 0], [1, 1]])), ("right", Bbox([[1, 0], [2, 1]]))]) == []


def test_a_legend_on_a_curve_is_seen():
    axes = Figure().add_subplot(title="covered")
    axes.plot(np.linspace(0, 1, 50), np.linspace(0, 1, 50), label="a long name for a curve")
    for place, covered in (("center", ["covered"]), ("upper left", [])):
        axes.legend(loc=place)
        texts_of(axes.figure)
        assert covered_curves(axes.figure) == covered


@pytest.mark.parametrize(
    ("other", "alike"),
    [
        ({"color": "#009E73"}, True),
        ({"color": "#009E73", "linestyle": "--"}, False),
        ({"color": "#009E73", "marker": "o"}, False),
        ({"color": "#009E73", "linewidth": 3.0}, False),
        ({"color": "#F0E442"}, False),
        ({"color": "#D55E00"}, False),  # the same series twice
    ],
)
def test_curves_alike_in_grey_are_seen(other, alike):
    axes = Figure().add_subplot()
    axes.plot([0, 1, 2], [0, 1, 2], color="#D55E00", label="one", linewidth=1.5)
    axes.plot([0, 1, 2], [0, 2, 1], label="other", **{"linewidth": 1.5, **other})
    assert alike_in_grey(axes.figure) == ([("one", "other")] if alike else [])


def test_markers_of_its_colour_belong_to_a_curve():
    axes = Figure().add_subplot()
    for color, marker in (("#D55E00", "o"), ("#009E73", "s")):
        axes.plot([0, 1, 2], [0, 1, 2], color=color)
        axes.plot([0, 1, 2], [0, 1, 2], color=color, marker=marker, linestyle="none")
    assert alike_in_grey(axes.figure) == []


def test_maps_that_grey_mixes_up_are_seen():
    axes = Figure().add_subplot()
    axes.imshow(np.arange(16.0).reshape(4, 4), cmap="viridis")
    assert unordered_maps(axes.figure) == []
    axes.pcolormesh(np.arange(16.0).reshape(4, 4), cmap="coolwarm")
    assert unordered_maps(axes.figure) == ["coolwarm"]


def test_lightness_of_known_colours():
    # CIE L* of sRGB white, black, mid grey and pure green.
    values = [lightness(color) for color in ("white", "black", "#777777", "#00FF00")]
    np.testing.assert_allclose(values, [100, 0, 50.03, 87.74], atol=0.02)
