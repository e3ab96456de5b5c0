"""Ticks worked out, texts set, fonts found once while a figure is laid out or drawn: Matplotlib does so each time."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from typing import Any

import numpy as np
from matplotlib.axis import Axis, Tick, XAxis, XTick, YAxis, YTick
from matplotlib.font_manager import FontManager
from matplotlib.text import Text
from matplotlib.transforms import Bbox, BboxBase

__all__ = ["ticks_worked_out_once"]

_axis: Any = Axis  # there is no public way to what is replaced
_manager: Any = FontManager
_text: Any = Text
_box: Any = BboxBase
_plain_axes: tuple[Any, ...] = (XAxis, YAxis)
_work_out, _measure, _find = _axis._update_ticks, _axis._get_ticklabel_bboxes, _manager._find_fonts_by_props
_make, _dress, _set = _axis._get_tick, _axis._copy_tick_props, _text._get_layout
_union, _put_label = _box.union, {kind: kind._update_label_position for kind in _plain_axes}
_PLAIN = (XTick, YTick)  # those of other projections know more than what is copied here
_here = threading.local()  # what this thread's axes have shown
_lock = threading.Lock()
_drawing = 0  # threads that draw


class _Known:
    """What axes have shown, each with what it followed from, and the fonts of texts."""

    def __init__(self) -> None:
        self.ticks: dict[Axis, tuple[tuple[Any, ...], list[Any]]] = {}
        self.boxes: dict[Axis, tuple[tuple[Any, ...], Any]] = {}
        self.labels: dict[Axis, tuple[tuple[Any, ...], Any]] = {}  # the boxes beside which an axis has its label
        self.written: dict[Any, tuple[Any, ...]] = {}  # what each formatter wrote last, which axes of a scale share
        self.fonts: dict[tuple[Any, ...], Any] = {}
        self.layouts: dict[Text, tuple[tuple[Any, ...], Any]] = {}

    def ticks_of(self, axis: Any) -> list[Any]:
        """The ticks that an axis shows between its limits, over its length."""
        formatters = (axis.major.formatter, axis.minor.formatter)
        measured = getattr(axis.major.locator.axis, "axes", None) or axis.axes  # the first of axes that share a scale
        state = (*formatters, *axis.get_view_interval(), *measured.bbox.size, axis.axes.figure.dpi)
        known = self.ticks.get(axis)
        if known is None or known[0] != state or any(self.written[formatter] != state for formatter in formatters):
            known = self.ticks[axis] = state, _work_out(axis)
            self.written.update(dict.fromkeys(formatters, state))
        return known[1]

    def boxes_of(self, axis: Any, ticks: list[Any], renderer: Any) -> Any:
        """The boxes of its labels, where the axes are now."""
        place = (renderer, *ticks, *axis.axes.bbox.bounds, *axis.axes.viewLim.extents, axis.axes.figure.dpi)
        known = self.boxes.get(axis)
        if known is None or known[0] != place:
            known = self.boxes[axis] = place, _measure(axis, ticks, renderer)
        return known[1]

    def put_label(self, axis: Any, put: Any, renderer: Any) -> None:
        """Put an axis' label beside its boxes, unless it is there; Matplotlib looks twice at each drawing."""
        self.boxes_of(axis, self.ticks_of(axis), renderer)
        beside = self.boxes[axis]
        if self.labels.get(axis) is not beside or _has_others_beside(axis):
            put(axis, renderer)
            self.labels[axis] = beside

    def fonts_of(self, manager: Any, wanted: Any, options: dict[str, Any]) -> Any:
        """The files of a font: to find them is to read the settings of all families."""
        name = (hash(wanted), *options.items())  # Matplotlib compares fonts by their hashes, too
        if name not in self.fonts:
            self.fonts[name] = _find(manager, wanted, **options)
        return self.fonts[name]

    def layout_of(self, text: Any, renderer: Any) -> Any:
        """A text's lines and its box around its place, in which it does not matter where that is."""
        font, dots = text._fontproperties, text.get_figure().dpi
        turned = (text.get_rotation(), text.get_rotation_mode(), text._linespacing, text._get_multialignment())
        state = (renderer, dots, text.get_text(), hash(font), *turned, text.get_ha(), text.get_va())
        known = self.layouts.get(text)
        if known is None or known[0] != state:
            known = self.layouts[text] = state, _set(text, renderer)
        return known[1]


def _ticks_of(axis: Any) -> list[Any]:
    known: _Known | None = getattr(_here, "known", None)
    return _work_out(axis) if known is None else known.ticks_of(axis)


def _boxes_of(axis: Any, ticks: list[Any], renderer: Any) -> Any:
    known: _Known | None = getattr(_here, "known", None)
    return _measure(axis, ticks, renderer) if known is None else known.boxes_of(axis, ticks, renderer)


def _has_others_beside(axis: Any) -> bool:
    """Whether its label stands in one line with those of other axes."""
    aligned = axis.axes.get_figure()._align_label_groups[axis.axis_name]
    return len(aligned.get_siblings(axis.axes)) > 1


def _label_of(axis: Any, renderer: Any) -> None:
    known: _Known | None = getattr(_here, "known", None)
    put = next(_put_label[kind] for kind in _plain_axes if isinstance(axis, kind))
    if known is None or type(axis) not in _plain_axes:
        put(axis, renderer)
    else:
        known.put_label(axis, put, renderer)


def _around(boxes: Sequence[Any]) -> Bbox:
    """The least box around all: Matplotlib takes ten times as long."""
    if not boxes:
        return _union(boxes)
    corners = np.array([box.get_points() for box in boxes])
    least, most = corners.min(axis=(0, 1)), corners.max(axis=(0, 1))
    return Bbox([least, most])


def _fonts_of(manager: Any, wanted: Any, **options: Any) -> Any:
    known: _Known | None = getattr(_here, "known", None)
    return _find(manager, wanted, **options) if known is None else known.fonts_of(manager, wanted, options)


def _layout_of(text: Any, renderer: Any) -> Any:
    known: _Known | None = getattr(_here, "known", None)
    if known is None or text.get_wrap():  # where lines are broken hangs on the place
        return _set(text, renderer)
    return known.layout_of(text, renderer)


def _one_more(axis: Any, major: bool) -> Any:
    """A tick that looks like the first one: to make it anew, and then to make it look so, takes ten times as long."""
    known = vars(axis).get("majorTicks" if major else "minorTicks")
    if getattr(_here, "known", None) is None or not known or type(known[0]) not in _PLAIN:
        return _make(axis, major)
    tick = copy(known[0])
    for part in ("tick1line", "tick2line", "gridline", "label1", "label2"):
        setattr(tick, part, copy(getattr(tick, part)))
    for label in (tick.label1, tick.label2):
        label._fontproperties = label._fontproperties.copy()
    return tick


def _dressed(axis: Any, first: Tick, tick: Tick) -> None:
    """Give a tick the looks of the first one, if it was not made with them."""
    if getattr(_here, "known", None) is None or type(tick) not in _PLAIN:
        _dress(axis, first, tick)


@contextmanager
def ticks_worked_out_once() -> Iterator[None]:
    """Let each axis keep its ticks and their boxes until its limits or place change; nothing else may change within.

    A text keeps its lines until its words, its font or how it is turned and aligned change.

    A layout asks for them a dozen times, for each box of an axis, of its label, of its spines and of the title above.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axis = Figure().subplots().xaxis
    >>> with ticks_worked_out_once():
    ...     before = axis._update_ticks()
    ...     same = axis._update_ticks() is before
    ...     _ = axis.axes.set_xlim(0, 5)
    ...     print(same, axis._update_ticks() is before)
    True False
    """
    if getattr(_here, "known", None) is not None:
        yield
        return
    _here.known = _Known()
    _count(1)
    try:
        yield
    finally:
        _here.known = None
        _count(-1)


def _count(change: int) -> None:
    """Replace Matplotlib's own ways while any thread draws."""
    global _drawing
    with _lock:
        _drawing += change
        ways = (_ticks_of, _boxes_of, _fonts_of) if _drawing else (_work_out, _measure, _find)
        _axis._update_ticks, _axis._get_ticklabel_bboxes, _manager._find_fonts_by_props = ways
        _axis._get_tick, _axis._copy_tick_props = (_one_more, _dressed) if _drawing else (_make, _dress)
        _text._get_layout = _layout_of if _drawing else _set
        _box.union = staticmethod(_around if _drawing else _union)
        for kind in _plain_axes:
            kind._update_label_position = _label_of if _drawing else _put_label[kind]
