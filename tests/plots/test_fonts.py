"""Fonts in PDF files."""

import io

from fontTools.subset import Options
from matplotlib.figure import Figure

from plots.fonts import TYPESETTING, lean_fonts


def embedded():
    """A PDF with text, in fonts as they are cut."""
    figure, buffer = Figure(figsize=(1, 1)), io.BytesIO()
    figure.text(0.1, 0.5, "fine α")
    figure.savefig(buffer, format="pdf", metadata={"CreationDate": None})
    return buffer.getvalue()


def test_fonts_lose_their_tables_for_typesetting_and_only_meanwhile():
    whole = embedded()
    with lean_fonts():
        assert set(TYPESETTING) <= set(Options().drop_tables)
        lean = embedded()
    assert set(TYPESETTING).isdisjoint(Options().drop_tables)
    assert 1000 < len(lean) <= len(whole)
    assert embedded() == whole
