"""Formulas as pictures."""

import xml.etree.ElementTree as ElementTree

import pytest

from theory.claims import claims
from theory.claims.formulas import svg


def test_every_statement_of_the_ledger_can_be_typeset() -> None:
    assert [claim.id for claim in claims() if svg(claim.statement_latex) is None] == []


def test_a_formula_is_a_whole_picture_with_glyphs() -> None:
    picture = svg(r"\tfrac12\le\Big(\frac{1}{2}\Big)\iff\sqrt2\ne\mathbb E")
    assert picture is not None
    root = ElementTree.fromstring(picture)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert len(root.findall(".//{http://www.w3.org/2000/svg}use")) >= 9


def test_a_fraction_stands_at_full_size_unless_it_is_marked_small() -> None:
    heights = [float(ElementTree.fromstring(svg(latex) or b"").attrib["height"].rstrip("pt")) for latex in _FRACTIONS]
    assert heights[0] > heights[1]


_FRACTIONS = (r"\frac{a}{b}", r"\tfrac{a}{b}")


def test_the_same_formula_gives_the_same_bytes() -> None:
    assert svg(r"\beta^2") == svg(r"\beta^2")


@pytest.mark.parametrize("latex", [r"\begin{matrix}1\end{matrix}", r"\frac{1}{", r"x^"])
def test_what_cannot_be_typeset_is_none(latex: str) -> None:
    assert svg(latex) is None
