"""Formulas as pictures."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from theory.claims import claims, formulas
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
    assert formulas._typeset(r"\beta^2", 13.0) == formulas._typeset(r"\beta^2", 13.0) == svg(r"\beta^2")


def test_a_formula_is_set_once_for_all_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    asked: list[tuple[str, float]] = []
    monkeypatch.setattr(formulas, "_typeset", lambda latex, size: asked.append((latex, size)) or _picture(latex, size))
    first = [svg("a"), svg("b"), svg("a", size=20.0), svg("^")]
    assert [svg("a"), svg("b"), svg("a", size=20.0), svg("^")] == first == [b"<a 13>", b"<b 13>", b"<a 20>", None]
    assert asked == [("a", 13.0), ("b", 13.0), ("a", 20.0), ("^", 13.0), ("^", 13.0)]
    files = sorted((tmp_path / "optdyn").glob("formula_*.svg"))
    assert len(files) == 3
    files[0].write_bytes(files[0].read_bytes()[:-1])  # a damaged one is set again
    with pytest.warns(UserWarning, match=rf"{files[0].name} is damaged"):
        assert [svg("a"), svg("b"), svg("a", size=20.0)] == first[:3]
    assert len(asked) == 6


def test_other_sources_or_versions_set_a_formula_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(formulas, "_typeset", lambda latex, size: b"old")
    svg("a")
    monkeypatch.setattr(formulas, "_typeset", lambda latex, size: b"new")
    assert svg("a") == b"old"
    monkeypatch.setattr(formulas, "_makers", lambda: "others")
    assert svg("a") == b"new"


def _picture(latex: str, size: float) -> bytes | None:
    return None if latex == "^" else f"<{latex} {size:g}>".encode()


@pytest.mark.parametrize("latex", [r"\begin{matrix}1\end{matrix}", r"\frac{1}{", r"x^"])
def test_what_cannot_be_typeset_is_none(latex: str) -> None:
    assert svg(latex) is None
