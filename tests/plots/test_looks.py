"""A method has one colour and dash in all figures, and two methods of one figure differ in grey."""

import itertools
import re
from pathlib import Path

import pytest
from matplotlib.colors import to_rgb

import plots
from plots.looks import LOOKS, look
from plots.registry import GALLERY
from tests.plots.legibility import lightness
from tests.plots.quick import drawn, quick

NAMES = "|".join(re.escape(name) for name in LOOKS)
OWN = re.compile(rf'"(?:{NAMES})\*?": *\{{"color"')


@pytest.mark.parametrize("id", plots.figures())
def test_named_curves_look_like_their_method(id):
    for axes in drawn(id, "page").picture.axes:
        for line in axes.get_lines():
            name = str(line.get_label()).removesuffix(" †").removesuffix("*")
            if name in LOOKS:
                assert to_rgb(line.get_color()) == to_rgb(LOOKS[name].color), name


@pytest.mark.parametrize("path", sorted(GALLERY.glob("*.py")), ids=lambda path: path.stem)
def test_no_figure_has_a_look_of_its_own_for_a_method(path: Path):
    assert OWN.findall(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("id", plots.figures())
def test_methods_of_one_figure_are_told_apart(id):
    dataset = quick(id)
    known = (
        [name for name in map(str, dataset["method"].values) if name.removesuffix("*") in LOOKS]
        if ("method" in dataset.coords)
        else []
    )
    for one, other in itertools.combinations(known, 2):
        a, b = look(one), look(other)
        step = abs(lightness(a["color"]) - lightness(b["color"]))
        assert a["linestyle"] != b["linestyle"] or step > 12, (one, other)


def test_a_star_changes_nothing():
    assert look("Adam*") == look("Adam") == {"color": "#009E73", "linestyle": (0, (1, 1.2))}


def test_an_unknown_method_has_no_look():
    with pytest.raises(KeyError):
        look("Madam")
