"""Figures as files: what `Figure.savefig` would write, pixel for pixel, and formulas that are set once."""

import io

import matplotlib.backends.backend_agg
import numpy as np
import pytest
from matplotlib import textpath
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.mathtext import MathTextParser
from PIL import Image

from plots.printing import printed, printing
from plots.style import SIZES, finish, for_print, laid_out, new_figure, set_title, style

METADATA = {"png": {"Title": "t"}, "pdf": {"CreationDate": None}, "svg": {"Date": None}}


def drawn(sheet):
    figure = new_figure(sheet)
    panels = figure.subplots(1, 2)
    panels[0].loglog([1, 1e3], [1e-8, 3], label=r"$\|\nabla f\|$")
    panels[1].imshow([[0, 1], [2, 3]])
    panels[0].set_ylabel(r"loss $f$")
    set_title(figure, "two panels, one of them with an aspect of its own")
    figure.legend(loc="outside lower left")
    return figure


def saved(kind):
    """The file by Matplotlib's own way: the figure drawn on screen, then at the dots of a print, then saved."""
    with style() as sheet:
        figure, buffer = drawn(sheet), io.BytesIO()
        figure.draw_without_rendering()
        figure.set_dpi(300)
        figure.draw_without_rendering()
        figure.set_layout_engine("none")
        figure.savefig(buffer, format=kind, metadata=METADATA[kind])
    return buffer.getvalue()


@pytest.mark.parametrize("kind", METADATA)
def test_a_picture_has_the_bytes_of_one_that_is_saved(kind):
    with style() as sheet:
        with printing():
            figure = laid_out(finish(drawn(sheet)))
            made = printed(figure, kind, METADATA[kind])
        assert figure.dpi == 300
    assert len(made) > 5000
    if kind == "pdf":  # whose fonts are leaner
        assert len(made) <= len(saved(kind))
    elif kind == "svg":
        assert made == saved(kind)
    else:
        ours, theirs = (Image.open(io.BytesIO(content)) for content in (made, saved(kind)))
        assert (ours.mode, ours.info) == ("RGB", theirs.info)
        assert np.array_equal(ours.convert("RGBA"), theirs)


def test_a_picture_with_something_to_look_through_stays_so():
    with style() as sheet:
        figure = laid_out(drawn(sheet))
        figure.patch.set_alpha(0.5)
        image = Image.open(io.BytesIO(printed(figure, "png", {"Software": None})))
    assert image.mode == "RGBA"
    assert image.getextrema()[3] == (128, 255)
    assert "Software" not in image.info


def test_every_row_of_a_picture_is_as_it_was_drawn():
    with style() as sheet:
        figure = laid_out(drawn(sheet))
        figure.set_size_inches(1.01, 0.73)  # an odd number of pixels across
        with Image.open(io.BytesIO(printed(figure, "png", {"Title": "∥∇f∥", "Author": "é"}))) as image:
            image.verify()  # the sums at the ends of its chunks
            assert (image.info["Title"], image.info["Author"]) == ("∥∇f∥", "é")
            assert image.info["dpi"] == pytest.approx((300, 300), abs=0.01)
            assert image.size == (303, 219)


def test_a_figure_for_a_print_is_laid_out_once():
    with style() as sheet, for_print():
        figure = finish(drawn(sheet))
        places = [axes.get_position(original=True).bounds for axes in figure.axes]
        figure.set_size_inches(3, 3)  # which another layout would show
        laid_out(figure).draw_without_rendering()
        assert [axes.get_position(original=True).bounds for axes in figure.axes] == places
        assert figure.dpi == 300
    assert new_figure(SIZES["page"]).dpi == 100


def test_what_texts_measure_is_known_when_pixels_are_drawn(monkeypatch):
    measured, measure = [], RendererAgg.get_text_width_height_descent
    noted = lambda self, text, *how, **named: measured.append(text) or measure(self, text, *how, **named)  # noqa: E731
    monkeypatch.setattr(RendererAgg, "get_text_width_height_descent", noted)
    with style() as sheet, for_print():
        figure = laid_out(finish(drawn(sheet)))
        assert measured
        measured.clear()
        printed(figure, "png", {})
    if matplotlib.__version_info__ < (3, 10):  # which finds the height of a line by these letters, each time
        measured = [text for text in measured if text != "lp"]
    assert not measured


def test_a_print_has_the_places_of_a_figure_at_its_dots():
    def places(figure):
        return np.array([axes.get_position().bounds for axes in figure.axes])

    with style() as sheet:
        with for_print():
            once = places(laid_out(finish(drawn(sheet))))
        on_screen = finish(drawn(sheet))
        before = places(on_screen)
        twice = places(laid_out(on_screen))
    pixels = 300 * np.array([7, 4.6, 7, 4.6])
    assert np.abs((once - twice) * pixels).max() < 1 < np.abs((before - twice) * pixels).max()


def test_formulas_are_shared_only_meanwhile():
    with style() as sheet, printing():
        figure = laid_out(drawn(sheet))
        assert textpath.MathTextParser is matplotlib.backends.backend_agg.MathTextParser is not MathTextParser
        parser = textpath.MathTextParser("path")
        printed(figure, "pdf", {})
        missed = parser._parse_cached.cache_info().misses
        printed(figure, "svg", {})
        printed(figure, "pdf", {})
        assert parser._parse_cached.cache_info().misses == missed > 0
    assert textpath.MathTextParser is matplotlib.backends.backend_agg.MathTextParser is MathTextParser
