"""Formulas as MathML, worked out as the site is built: browsers typeset it without a script and without a network."""

import re
from typing import Any

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html import HTML5Translator

LOG = logging.getLogger(__name__)
_OTHER_WORDS = (  # what docutils does not know, and what it calls it
    ("(?:big|Big|bigg|Bigg)[lr]?", ""),
    ("iff", r"\\Longleftrightarrow "),
    ("dots", r"\\ldots "),
)


def typeset(latex: str, **how: bool) -> str:
    """A formula; line breaks are spaces, or what stands before one would run into what stands behind it."""
    text = re.sub(r"\\([td]?frac) ?(\d)(\d)", r"\\\1{\2}{\3}", " ".join(latex.split()))
    for words, same in _OTHER_WORDS:
        text = re.sub(rf"\\(?:{words})(?![a-zA-Z])", same, text)
    return str(tex2mathml(text, **how))


def _warned(node: nodes.Element, **how: bool) -> str:
    try:
        return typeset(node.astext(), **how)
    except MathError as error:
        LOG.warning("formula %r: %s", node.astext(), error, location=node)
        return node.astext()


def _inline(self: HTML5Translator, node: nodes.math) -> None:
    self.body.append(_warned(node))
    raise nodes.SkipNode


def _block(self: HTML5Translator, node: nodes.math_block) -> None:
    self.body.append(f'<div class="math">{_warned(node, as_block=True)}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_html_math_renderer("mathml", inline_renderers=(_inline, None), block_renderers=(_block, None))
    app.connect("config-inited", lambda app, config: config.__setattr__("html_math_renderer", "mathml"))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
