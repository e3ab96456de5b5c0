"""Fonts in PDF files."""

import io

import pytest
from fontTools import subset
from matplotlib import get_data_path
from matplotlib.backends import _backend_pdf_ps
from matplotlib.figure import Figure

from plots import fonts
from plots.fonts import TYPESETTING, lean_fonts
from plots.style import style

FONT = f"{get_data_path()}/fonts/ttf/DejaVuSans.ttf"


def embedded(text="fine α"):
    """A PDF with text, in fonts as they are cut."""
    figure, buffer = Figure(figsize=(1, 1)), io.BytesIO()
    figure.text(0.1, 0.5, text)
    figure.savefig(buffer, format="pdf", metadata={"CreationDate": None})
    return buffer.getvalue()


def tables_for_typesetting():
    with subset.load_font(FONT, subset.Options()) as font:
        return set(TYPESETTING) & set(font.keys())


def test_fonts_lose_their_tables_for_typesetting_and_only_meanwhile():
    whole, before = embedded(), tables_for_typesetting()
    with lean_fonts():
        assert not tables_for_typesetting()
        lean = embedded()
    assert tables_for_typesetting() == before == set(TYPESETTING)
    assert 1000 < len(lean) <= len(whole)
    assert embedded() == whole


@pytest.mark.parametrize(
    ("text", "is_usual"), [("fine α → ∇ ≤ −2", True), (r"$\hat{x}_k^2 \leq \Delta$", True), ("♞ and fine", False)]
)
def test_fonts_cut_from_their_usual_part_are_those_cut_from_the_whole(text, is_usual, monkeypatch):
    read = []
    load = subset.load_font

    def noted(file, *rest, **options):
        read.append(file)
        return load(file, *rest, **options)

    with style():
        with monkeypatch.context() as changed:
            changed.setattr(fonts, "USUAL", ())  # so that each glyph is an unusual one
            fonts._usual_part.cache_clear()
            with lean_fonts():
                whole = embedded(text)
        fonts._usual_part.cache_clear()
        monkeypatch.setattr(subset, "load_font", noted)
        with lean_fonts():
            assert embedded(text) == whole
            read.clear()
            assert embedded(text) == whole
    assert len(read) >= 1
    from_part = is_usual and hasattr(_backend_pdf_ps, "SubsetResults")  # older Matplotlibs read the whole font
    assert all(isinstance(file, io.BytesIO) for file in read) == from_part
