"""Fonts inside PDF files, less the tables that no reader of a PDF looks at."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["lean_fonts"]

# What puts glyphs together as they are typed. In a PDF each glyph has its number and place already; to read these
# tables, only to drop them, takes half of the time that a font takes.
TYPESETTING = ("GDEF", "GPOS", "GSUB", "kern")


@contextmanager
def lean_fonts() -> Iterator[None]:
    """Let Matplotlib embed fonts without their tables for typesetting."""
    from fontTools import subset

    module: Any = subset
    load = module.load_font

    def load_lean(*arguments: Any, **options: Any) -> Any:
        font = load(*arguments, **options)
        for table in TYPESETTING:
            if table in font:
                del font[table]
        return font

    module.load_font = load_lean
    try:
        yield
    finally:
        module.load_font = load
