"""The page: complete, well-formed, and sufficient to itself."""

from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from PIL import Image

from optdyn.parts import Part, Result, keep, perform
from optdyn.report import write_report

EMPTY = {"meta", "link", "img", "br", "hr", "input"}


class Page(HTMLParser):
    """What a page refers to and says."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.references: list[str] = []
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.alternatives: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.articles: dict[str, dict[str, str | None]] = {}
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
            self.images.append(values)
        if tag == "article":
            self.articles[values["id"] or ""] = values
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
    assert "link" not in page.tags
    assert "@import" not in text
    assert "url(" not in text
    assert "//" not in "".join(page.references)
    asked = {reference[2:] for reference in page.references if reference.startswith("#?")}
    inside = {reference[1:] for reference in page.references if reference.startswith("#") and reference[1] != "?"}
    assert inside <= set(page.ids)
    assert asked
    for words in asked:  # counts that filter name papers and labels that there are
        for name, key in (("paper", "data-paper"), ("show", "data-label")):
            assert set(parse_qs(words).get(name, [])) <= {values[key] for values in page.articles.values()}
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
        "paperNobody, A Paper",
        "hypotheses2 > 0",
        "margin0.5",
        "trials3",
        "fingers12",
        "seconds0.0",
        "RuntimeError: the pencil <broke>",
        "This contradicts the verdict on file.",
        "2 of 5 parts failed.broken: RuntimeError: the pencil <broke>five: proved, where refuted is on file",
        "what took longest: ",
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


def moving(fake: Any, id: str, folder: Path) -> tuple[Part, Result]:
    """A figure with a message, a picture and a film, as if it had been made."""
    for ending in ("png", "gif"):
        Image.new("L", (30, 20)).save(folder / f"{id}.{ending}")
    message = "One line falls & the other doesn't."
    content = {"title": "Two lines", "message": message, "caption": f"{message} Tuned on 5 seeds.", "parameters": {}}
    part = fake.figure(id)._replace(about={"title": "Two lines", "paper": "l4"})
    return part, Result("done", content, {f"{id}.png": "", f"{id}.gif": ""}, seconds=75.0)


def test_a_figure_says_first_what_to_see_and_folds_up_how_it_was_made(fake: Any, tmp_path: Path) -> None:
    part, result = moving(fake, "l4.lines", tmp_path)
    write_report([part], {part.key: result}, tmp_path, command="optdyn reproduce")
    text = (tmp_path / "index.html").read_text()
    page = Page(text)
    message = "One line falls &amp; the other doesn&#x27;t."
    shown, _, folded = text.split("<article")[1].split("</article>")[0].partition("<details>")
    assert f'<p class="message">{message}</p>' in shown
    assert f'alt="{message}"' in shown
    assert 'data-film="l4.lines.gif"' in shown
    assert "<p>Tuned on 5 seeds.</p>" in folded
    assert message not in folded
    assert [(image["width"], image["height"], image["loading"]) for image in page.images] == [("30", "20", "lazy")]
    assert "1 min 15 s of work" in page.words


def test_every_paper_has_one_section_with_its_figures_beside_its_claims(fake: Any, tmp_path: Path) -> None:
    made = [fake.claim("mine.x"), fake.figure("l4.one"), fake.figure("arsg.two"), fake.claim("l4.three")]
    write_report(made, {part.key: Result("pending") for part in made}, tmp_path, command="optdyn reproduce")
    text = (tmp_path / "index.html").read_text()
    sections = text.split('<section class="paper" id="paper-')[1:]
    ids = ("mine.x", "l4.one", "arsg.two", "l4.three")
    held = {one.split('"')[0]: [id for id in ids if f'-{id}"' in one.split("</section>")[0]] for one in sections}
    assert list(held.items()) == [("arsg", ["arsg.two"]), ("l4", ["l4.one", "l4.three"]), ("mine", ["mine.x"])]
    assert text.index('href="#paper-l4"') < text.index('id="paper-arsg"')  # the overview comes first
