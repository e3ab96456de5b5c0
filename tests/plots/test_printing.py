"""Figures as files: what `Figure.savefig` would write, pixel for pixel, and formulas that are set once."""

import io

import matplotlib.backends.backend_agg
import numpy as np
import pytest
from matplotlib import textpath
from matplotlib.mathtext import MathTextParser
from PIL import Image

from plots.printing import printed, printing
from plots.style import finish, laid_out, new_figure, set_title, style

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
