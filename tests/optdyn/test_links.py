"""Claims and figures lead to each other: what a figure's CLAIMS names is there, and nothing else links them."""

import re
from pathlib import Path
from typing import Any

import pytest

from dynamics.checks import Refusal
from optdyn.parts import Result, every_part
from optdyn.report import write_report
from plots.registry import FIGURES, figures_of, showing
from tests.optdyn.test_report import Page
from tests.plots.test_registry import gallery, paper  # noqa: F401
from theory.claims import claims


def test_every_claim_that_a_figure_names_is_there_and_leads_back() -> None:
    known = {entry.id for entry in claims()}
    named = {id: entry.claims for id, entry in FIGURES.items()}
    assert {claim for ids in named.values() for claim in ids} <= known
    assert all(len(set(ids)) == len(ids) for ids in named.values())
    assert all(figure in showing(claim) for figure, ids in named.items() for claim in ids)
    assert sum(map(bool, named.values())) >= 30


def test_ids_are_read_without_running_the_file(gallery: Path) -> None:  # noqa: F811
    (gallery / "mine_1.py").write_text('TITLE = "A"\nCLAIMS = ("mine.angle",)\n')
    assert figures_of(paper("mine_*"))["mine.1"].claims == ("mine.angle",)
    (gallery / "mine_1.py").write_text('TITLE = "A"\nCLAIMS = "mine.angle"\n')
    with pytest.raises(Refusal, match="must be ids of claims"):
        figures_of(paper("mine_*"))


@pytest.mark.parametrize("patterns", [[], ["step_tuned.1", "step_tuned.curvature_step", "arsg.convergence_domain"]])
def test_no_link_of_the_page_is_dead(patterns: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optdyn.report.svg", lambda latex: None)  # to typeset all formulas takes seconds
    parts = every_part(patterns, quick=True)
    write_report(parts, {part.key: Result("pending") for part in parts}, tmp_path, command="optdyn reproduce")
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    page = Page(text)
    inside = {reference[1:] for reference in page.references if re.match(r"#(claim|figure)-", reference)}
    assert inside <= set(page.articles)
    linked = links(text)
    assert linked["figure-step_tuned.1"] >= {"claim-step_tuned.curvature_step"}
    assert linked["claim-step_tuned.curvature_step"] == {"figure-step_tuned.1"}
    assert ("claim-arsg.convergence_domain" in linked) == (not patterns), "its figures are on another page"
    for one, others in linked.items():
        assert all(one in linked[other] for other in others)


def links(text: str) -> dict[str, Any]:
    """The parts that each part's paragraph of links leads to."""
    found = {}
    for article in text.split("<article")[1:]:
        for paragraph in re.findall(r'<p class="links">(.*?)</p>', article.split("</article>")[0]):
            id = re.search(r'id="([^"]*)"', article)
            assert id is not None
            found[id[1]] = set(re.findall(r'href="#([^"]*)"', paragraph))
    return found
