"""The page: complete, well-formed, and sufficient to itself."""

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from optdyn.parts import Part, Result, keep, perform
from optdyn.report import write_report

EMPTY = {"meta", "link", "img", "br", "hr"}


class Page(HTMLParser):
    """What a page refers to and says."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.references: list[str] = []
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.alternatives: list[str] = []
        self.words = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append(tag)
        self.references += [value for name, value in attrs if name in {"src", "href", "srcset"} and value]
        self.ids += [value for name, value in attrs if name == "id" and value]
        if tag == "img":
            self.alternatives.append(values.get("alt") or "")
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self.open):
            self.words += data


@pytest.fixture
def parts(fake: Any) -> list[Part]:
    return [
        fake.figure("square", size=3),
        fake.figure("broken", fake.crash),
        fake.claim("four", fake.check_and_draw),
        fake.claim("five", fake.contradict),
        fake.claim("later"),
    ]


@pytest.fixture
def page(parts: list[Part], tmp_path: Path) -> Page:
    results = {part.key: perform((part, tmp_path)) for part in parts[:-1]}
    for part in parts[:-1]:
        keep(part, results[part.key], tmp_path)
    results[parts[-1].key] = Result("pending")
    written = write_report(parts, results, tmp_path, command="optdyn reproduce --quick")
    assert written == tmp_path / "index.html"
    return Page(written.read_text(encoding="utf-8"))


def test_the_page_is_well_formed(page: Page) -> None:
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))


def test_the_page_needs_nothing_from_a_network(page: Page, tmp_path: Path) -> None:
    text = (tmp_path / "index.html").read_text()
    assert "script" not in page.tags
    assert "link" not in page.tags
    assert "@import" not in text
    assert "url(" not in text
    assert "//" not in "".join(page.references)
    inside = {reference[1:] for reference in page.references if reference.startswith("#")}
    assert inside <= set(page.ids)
    files = [reference for reference in page.references if not reference.startswith("#")]
    assert {"square.svg", "formulas/four.svg", "pictures/four.svg"} <= set(files)
    assert all((tmp_path / name).is_file() for name in files)


def test_the_page_says_what_was_found(page: Page) -> None:
    for words in (
        "2 figures, 3 claims (2 proved, 1 pending)",
        "A <square>",
        "Drawn & done.",
        "Two and two make four.",
        "Counted on <fingers>.",
        "hypotheses2 > 0",
        "margin0.5",
        "trials3",
        "fingers[1, 2]",
        "seconds0.0",
        "RuntimeError: the pencil <broke>",
        "This contradicts the verdict on file.",
        "2 of 5 parts failed: broken, five",
        "1 of 5 parts are still to be done",
        "optdyn reproduce --quick",
        "optdyn figure square",
        "optdyn verify four",
        "sha256:",
    ):
        assert words in page.words, words
    assert "2+2=4" in page.alternatives


def test_a_formula_that_cannot_be_typeset_is_shown_as_source(fake: Any, tmp_path: Path) -> None:
    part = fake.claim("four")
    part = part._replace(about={**part.about, "statement_latex": r"\begin{matrix}a<b\end{matrix}"})
    write_report([part], {part.key: perform((part, tmp_path))}, tmp_path, command="optdyn reproduce")
    page = Page((tmp_path / "index.html").read_text())
    assert r"\begin{matrix}a<b\end{matrix}" in page.words
    assert not (tmp_path / "formulas").exists()


def test_a_clean_page_has_no_trouble(fake: Any, tmp_path: Path) -> None:
    part = fake.claim("four")
    write_report([part], {part.key: perform((part, tmp_path))}, tmp_path, command="optdyn reproduce")
    text = (tmp_path / "index.html").read_text()
    assert 'class="trouble"' not in text
    assert 'class="unfinished"' not in text
