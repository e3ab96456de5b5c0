"""Formulas as pictures: LaTeX through Matplotlib's own typesetting, so that a page needs neither network nor script."""

import functools
import hashlib
import io
import math
import re
from pathlib import Path
from typing import Any

__all__ = ["INK", "svg"]

INK = "#1a1a1a"

# Matplotlib reads a part of TeX: these have another spelling there, or can go without harm.
_SPELLINGS = {
    r"\\frac(?![A-Za-z])": r"\\dfrac",  # what stands on a line of its own has full-size fractions
    r"\\tfrac(?![A-Za-z])": r"\\frac",
    r"\\le(?![A-Za-z])": r"\\leq",
    r"\\ge(?![A-Za-z])": r"\\geq",
    r"\\ne(?![A-Za-z])": r"\\neq",
    r"\\iff(?![A-Za-z])": r"\\Leftrightarrow",
    r"\\implies(?![A-Za-z])": r"\\Rightarrow",
    r"\\[bB]igg?[lr]?(?![A-Za-z])": r"",
}
_ARGUMENT = r"\s*(\\[A-Za-z]+|[^\s\\{}])"


def svg(latex: str, *, size: float = 13.0) -> bytes | None:
    r"""A formula as an SVG picture, or None where Matplotlib cannot read it.

    Pictures are kept in the folder of compiled kernels: to read a formula takes Matplotlib as long as many a proof.

    Parameters
    ----------
    latex : str
        Without dollar signs.
    size : float
        Of the letters, in points.

    Examples
    --------
    >>> svg(r"\tfrac12\le r_g").startswith(b"<?xml")
    True
    >>> svg(r"\unheard{of}") is None
    True
    """
    from dynamics.kernels.files import keep, kept

    file = _file(latex, size)
    if (found := kept(file)) is not None:
        return found
    made = _typeset(latex, size)
    if made is not None:
        keep(file, made)
    return made


@functools.cache
def _makers() -> str:
    """What a picture depends on beside the formula: this file, and the versions that draw."""
    import matplotlib
    import pyparsing

    return repr((Path(__file__).read_text(encoding="utf-8"), matplotlib.__version__, pyparsing.__version__))


def _file(latex: str, size: float) -> Path:
    from dynamics.kernels.folder import cache_folder

    digest = hashlib.sha256(repr((latex, size, _makers())).encode()).hexdigest()
    return cache_folder() / f"formula_{digest[:32]}.svg"


def _typeset(latex: str, size: float) -> bytes | None:
    from matplotlib import rc_context
    from matplotlib.font_manager import FontProperties

    from theory.typesetting import formulas_set_once

    # One salt, so that the same formula gives the same bytes.
    settings: Any = {"mathtext.fontset": "stix", "svg.hashsalt": "optdyn"}
    with rc_context(settings), formulas_set_once():
        try:
            return _drawn(f"${_respelled(latex)}$", FontProperties(size=size))
        except ValueError:
            return None


def _drawn(text: str, font: Any) -> bytes:
    """Text with a formula in it on a transparent ground of its size."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure
    from matplotlib.textpath import TextToPath

    width, height, depth = TextToPath().get_text_width_height_descent(text, font, ismath=True)
    below = math.ceil(depth)  # whole points, so that no letter is cut
    size = math.ceil(width), math.ceil(height - depth) + below
    figure = Figure(figsize=(size[0] / 72, size[1] / 72), facecolor="none", edgecolor="none")
    figure.text(0, below / size[1], text, fontproperties=font, color=INK)
    buffer = io.BytesIO()
    FigureCanvasSVG(figure).print_svg(buffer, metadata={"Date": None})
    return buffer.getvalue()


def _respelled(latex: str) -> str:
    """The same formula with every argument in braces and without what Matplotlib does not know."""
    for pattern, spelling in _SPELLINGS.items():
        latex = re.sub(pattern, spelling, latex)
    latex = re.sub(r"\\(sqrt|mathbb|mathrm|mathcal|hat|bar|tilde|dot)" + _ARGUMENT, _braced, latex)
    latex = re.sub(r"\\(d?frac|binom)" + _ARGUMENT, _braced, latex)
    return re.sub(r"(\\(?:d?frac|binom)\{[^{}]*\})" + _ARGUMENT, r"\1{\2}", latex)


def _braced(found: re.Match[str]) -> str:
    return f"\\{found[1]}{{{found[2]}}}"
