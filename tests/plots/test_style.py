"""The style sheet: nothing global changes, curves differ in grey, text stays text."""

import matplotlib
import matplotlib.style
import pytest
from matplotlib.colors import to_rgb

from plots.style import _OF_THE_SESSION, _SCALED, SIZES, STYLE_SHEET, finish, new_figure, style


def test_global_settings_come_back():
    before = dict(matplotlib.rcParams)
    with style("slide"):
        assert matplotlib.rcParams["font.size"] != before["font.size"]
    assert dict(matplotlib.rcParams) == before


def test_settings_of_the_caller_do_not_show():
    with matplotlib.rc_context({"lines.linewidth": 9, "text.color": "red"}), style():
        assert matplotlib.rcParams["lines.linewidth"] == 1.4
        assert matplotlib.rcParams["text.color"] == "black"


@pytest.mark.parametrize("size", SIZES)
def test_settings_are_those_that_matplotlib_reads_from_the_sheet(size):
    own = {"figure.max_open_warning": 3, "timezone": "CET", "toolbar": "None", "date.epoch": "2000-01-01T00:00:00"}
    with matplotlib.rc_context(own):
        with matplotlib.rc_context(fname=STYLE_SHEET):
            read = dict(matplotlib.rcParams)
        for _ in range(2):
            with style(size):
                found = dict(matplotlib.rcParams)
                matplotlib.rcParams["font.size"] = 99  # which the next one does not see
            scaled = {name for name in read if found[name] != read[name]}
            assert found.keys() == read.keys()
            assert scaled == (set(_SCALED) if SIZES[size].scale != 1 else set())
            assert found["font.size"] == pytest.approx(9 * SIZES[size].scale)


def test_no_setting_of_the_session_is_forgotten():
    listed = getattr(matplotlib.style, "_STYLE_BLACKLIST", None)  # Matplotlib 3.11
    if listed is None:
        from matplotlib.style.core import STYLE_BLACKLIST as listed
    assert set(listed) <= set(_OF_THE_SESSION)


def test_every_curve_has_a_dash_pattern_of_its_own():
    with style():
        cycle = list(matplotlib.rcParams["axes.prop_cycle"])
    assert len({str(entry["linestyle"]) for entry in cycle}) == len({entry["color"] for entry in cycle}) == 7


def test_curves_stand_out_from_paper():
    # Relative luminance of WCAG 2; a ratio of 1.9 to white is what thick lines need at least.
    def luminance(color):
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)]
        return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    with style():
        colors = [entry["color"] for entry in matplotlib.rcParams["axes.prop_cycle"]]
    assert min(1.05 / (luminance(color) + 0.05) for color in colors) > 1.9


def test_text_stays_text_in_vector_files():
    with style():
        assert (matplotlib.rcParams["svg.fonttype"], matplotlib.rcParams["pdf.fonttype"]) == ("none", 42)


@pytest.mark.parametrize("size", SIZES)
def test_sizes(size):
    with style(size) as sheet:
        picture = finish(new_figure(sheet, height=2.0))
        assert matplotlib.rcParams["font.size"] == pytest.approx(9 * SIZES[size].scale)
    assert tuple(picture.get_size_inches()) == (SIZES[size].width, 2.0)
