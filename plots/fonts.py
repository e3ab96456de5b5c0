"""Fonts inside PDF files, less the tables that no reader of a PDF looks at."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["lean_fonts"]

# What puts glyphs together as they are typed. In a PDF each glyph has its number and place already; to read these
# tables, only to write them out again, takes three quarters of the time that a font takes.
TYPESETTING = ["GDEF", "GPOS", "GSUB"]


@contextmanager
def lean_fonts() -> Iterator[None]:
    """Let Matplotlib embed fonts without their tables for typesetting."""
    from fontTools.subset import Options

    options: Any = Options
    before = options._drop_tables_default
    options._drop_tables_default = [*before, *TYPESETTING]
    try:
        yield
    finally:
        options._drop_tables_default = before
