"""Fonts in PDF files."""

import io

from fontTools import subset
from matplotlib import get_data_path
from matplotlib.figure import Figure

from plots.fonts import TYPESETTING, lean_fonts

FONT = f"{get_data_path()}/fonts/ttf/DejaVuSans.ttf"


def embedded():
    """A PDF with text, in fonts as they are cut."""
    figure, buffer = Figure(figsize=(1, 1)), io.BytesIO()
    figure.text(0.1, 0.5, "fine α")
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
