"""What a reader needs: text apart from text, inside the picture and off the curves; curves told apart in grey."""

import itertools
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.transforms import Bbox

__all__ = ["alike_in_grey", "covered_curves", "lightness", "out_of_picture", "overlaps", "unordered_maps"]

LIGHTNESS_STEP = 12.0  # of 100, between curves that nothing but their grey tells apart
WIDTH_RATIO = 1.6


def overlaps(texts: list[tuple[str, Bbox]]) -> list[tuple[str, str]]:
    """Pairs of texts whose boxes share area."""
    return [(one, other) for (one, a), (other, b) in itertools.combinations(texts, 2) if _shared_area(a, b) > 0]


def _shared_area(one: Bbox, other: Bbox) -> float:
    shared = Bbox.intersection(one, other)
    return 0.0 if shared is None else shared.width * shared.height


def out_of_picture(texts: list[tuple[str, Bbox]], picture: Figure) -> list[str]:
    """Texts that the picture's border cuts."""
    return [word for word, box in texts if not (_inside(box.p0, picture.bbox) and _inside(box.p1, picture.bbox))]


def covered_curves(picture: Figure) -> list[str]:
    """Titles of the axes whose legend lies on a point of a curve."""
    return [
        axes.get_title("left") or axes.get_title()
        for axes in picture.axes
        if axes.get_legend() is not None and _covers_a_curve(axes.get_legend().get_window_extent(), axes)
    ]


def _covers_a_curve(box: Bbox, axes: Axes) -> bool:
    curves = [line.get_transform().transform(np.column_stack(line.get_data())) for line in axes.get_lines()]
    return any(_inside(point, box) for curve in curves for point in curve[np.isfinite(curve).all(axis=1)])


def _inside(point: Any, box: Any) -> bool:
    return bool(box.x0 <= point[0] <= box.x1 and box.y0 <= point[1] <= box.y1)


def lightness(color: Any) -> float:
    """CIE lightness of a colour, from 0 to 100: what is left of it on a grey print."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)]
    luminance = float(np.dot((0.2126, 0.7152, 0.0722), linear))
    return 903.3 * luminance if luminance <= 0.008856 else 116 * luminance ** (1 / 3) - 16


def alike_in_grey(picture: Figure) -> list[tuple[str, str]]:
    """Pairs of curves in one panel that differ in colour and in nothing that grey keeps.

    Rows of markers that have a curve's colour belong to it, and tell it from a curve with other markers.
    """
    pairs = []
    for axes in picture.axes:
        curves = _curves(axes)
        markers: dict[Any, set[Any]] = {}
        for curve in curves:
            markers.setdefault(to_rgb(curve.get_color()), set()).add(_marker(curve))
        for one, other in itertools.combinations(curves, 2):
            a, b = to_rgb(one.get_color()), to_rgb(other.get_color())
            if a != b and markers[a] == markers[b] and _look_alike(one, other):
                pairs.append((str(one.get_label()), str(other.get_label())))
    return pairs


def _curves(axes: Axes) -> list[Line2D]:
    """Lines that are drawn through several points, and rows of markers."""
    return [line for line in axes.get_lines() if line.get_visible() and len(np.atleast_1d(line.get_xdata())) > 2]


def _look_alike(one: Line2D, other: Line2D) -> bool:
    if one.get_linestyle() == other.get_linestyle() == "None":
        same_form = _marker(one) == _marker(other)
    else:
        same_form = (_dashes(one), _marker(one)) == (_dashes(other), _marker(other))
    widths = sorted((one.get_linewidth(), other.get_linewidth()))
    step = abs(lightness(one.get_color()) - lightness(other.get_color()))
    return same_form and widths[1] < WIDTH_RATIO * widths[0] and step < LIGHTNESS_STEP


def _dashes(line: Line2D) -> Any:
    return line.get_linestyle(), str(line._dash_pattern)  # type: ignore[attr-defined]  # no public name for it


def _marker(line: Line2D) -> tuple[str, bool]:
    filled = str(line.get_markerfacecolor()).lower() not in ("none", "white", "w", "#ffffff")
    return str(line.get_marker()), filled


def unordered_maps(picture: Figure) -> list[str]:
    """Colour maps of images and meshes whose lightness does not run one way, so that grey mixes up values."""
    names = []
    for axes in picture.axes:
        for mappable in [*axes.images, *axes.collections]:
            if mappable.get_array() is not None and np.size(mappable.get_array()) > 3:
                scale = [lightness(color[:3]) for color in mappable.get_cmap()(np.linspace(0, 1, 32))]
                steps = np.diff(scale)
                if not (np.all(steps > -0.5) or np.all(steps < 0.5)):
                    names.append(mappable.get_cmap().name)
    return names
