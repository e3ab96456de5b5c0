"""Formulas in pictures, each set once: Matplotlib parses one again for each picture and each format that it is in."""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from matplotlib import textpath
from matplotlib.backends import backend_agg
from matplotlib.mathtext import MathTextParser

__all__ = ["formulas_set_once"]


class _Remembering(MathTextParser):
    """A parser that remembers more than Matplotlib's own 50 formulas: the labels of a figure alone can be as many."""

    _parse_cached = functools.lru_cache(4096)(MathTextParser._parse_cached.__wrapped__)  # type: ignore[attr-defined]


@functools.cache
def _parser(output: Any) -> _Remembering:
    return _Remembering(output)


@contextmanager
def formulas_set_once() -> Iterator[None]:
    """Let all that is drawn within share what was parsed.

    Examples
    --------
    >>> from matplotlib.textpath import TextToPath
    >>> with formulas_set_once():
    ...     one, other = TextToPath(), TextToPath()
    >>> one.mathtext_parser is other.mathtext_parser, TextToPath().mathtext_parser is one.mathtext_parser
    (True, False)
    """
    modules: tuple[Any, ...] = (textpath, backend_agg)  # both make a parser for each renderer
    before = [module.MathTextParser for module in modules]
    for module in modules:
        module.MathTextParser = _parser
    try:
        yield
    finally:
        for module, parser in zip(modules, before, strict=True):
            module.MathTextParser = parser
