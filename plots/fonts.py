"""Fonts inside PDF files, less what no reader of a PDF looks at, and cut from the part of a font that figures use."""

import functools
import io
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from matplotlib.font_manager import get_font

__all__ = ["lean_fonts"]

# What puts glyphs together as they are typed. In a PDF each glyph has its number and place already; to read these
# tables, only to drop them, takes half of the time that a font takes.
TYPESETTING = ("GDEF", "GPOS", "GSUB", "kern")

# Latin, accents of formulas, Greek, punctuation, small digits, arrows, signs of mathematics, ligatures.
USUAL = (
    range(0x20, 0x100),
    range(0x300, 0x310),
    range(0x391, 0x3D7),
    range(0x2010, 0x2040),
    range(0x2070, 0x2090),
    range(0x2190, 0x2194),
    range(0x2200, 0x2270),
    range(0xFB00, 0xFB05),
)

_instead = threading.local()  # the part that this thread reads in a font's place


class _Part(NamedTuple):
    """A font with the usual glyphs only, and their numbers in it by those in the whole font."""

    content: bytes
    numbers: Mapping[int, int]


@contextmanager
def lean_fonts() -> Iterator[None]:
    """Let Matplotlib embed fonts without their tables for typesetting, and read the usual part of a font only."""
    from fontTools import subset
    from matplotlib.backends import _backend_pdf_ps

    module: Any = subset
    pdf: Any = _backend_pdf_ps
    load, cut = module.load_font, pdf.get_glyphs_subset

    def load_lean(file: Any, *arguments: Any, **options: Any) -> Any:
        font = load(getattr(_instead, "content", None) or file, *arguments, **options)
        for table in TYPESETTING:
            if table in font:
                del font[table]
        return font

    @contextmanager
    def cut_from_part(file: Any, glyphs: Any) -> Iterator[Any]:
        part, wanted = _usual_part(file, cut), set(glyphs)
        if not wanted <= part.numbers.keys():
            with cut(file, wanted) as found:
                yield found
            return
        _instead.content = io.BytesIO(part.content)
        try:
            result = cut(file, {part.numbers[glyph] for glyph in wanted})
        finally:
            _instead.content = None
        with result as found:
            numbers = {glyph: found.glyph_index_map[part.numbers[glyph]] for glyph in wanted}
            yield found._replace(glyph_index_map=numbers)

    module.load_font = load_lean
    if hasattr(pdf, "SubsetResults"):  # Matplotlib 3.11: earlier ones name characters, not glyphs
        pdf.get_glyphs_subset = cut_from_part
    try:
        yield
    finally:
        module.load_font, pdf.get_glyphs_subset = load, cut


@functools.cache
def _usual_part(file: Any, cut: Callable[..., Any]) -> _Part:
    """To read the thousands of glyphs of a whole font takes most of what it takes to embed ten of them."""
    from matplotlib.backends._backend_pdf_ps import font_as_file

    numbers = get_font(file).get_charmap()
    usual = {numbers[character] for part in USUAL for character in part if character in numbers}
    with cut(file, usual) as found:
        return _Part(font_as_file(found.font).getvalue(), dict(found.glyph_index_map))
