"""Figures are found by their module names, in order, and read without being run."""

import re
import sys

import pytest

from dynamics.papers import Paper
from plots.registry import FIGURES, entry, figures_of, id_of

HEAD = 'raise RuntimeError("the file was run")\nTITLE = "A picture"\n'


@pytest.fixture
def gallery(tmp_path, monkeypatch):
    """An empty package `optdyn_pictures`, whose modules are the figures of the papers that are made of it."""
    folder = tmp_path / "optdyn_pictures"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "optdyn_pictures", raising=False)
    return folder


def paper(pattern):
    return Paper("mine", "Me, A paper", figures=(f"optdyn_pictures.{pattern}",))


def test_a_new_file_is_a_new_figure(gallery):
    constants = 'SOURCE = "Figures 9 to 11"\nQUICK: dict = {"steps": 3}\n'
    (gallery / "mine_9.py").write_text(f"{HEAD}{constants}\n\ndef compute():\n    this is not even Python\n")
    (gallery / "other_atlas.py").write_text(HEAD)
    (gallery / "mine_parts.py").write_text("TITLES = 3\n")
    found = figures_of(paper("mine_*"))
    assert list(found) == ["mine.9"]
    assert found["mine.9"].paper == "Me, A paper, Figures 9 to 11"
    assert found["mine.9"].quick == {"steps": 3}
    assert list(figures_of(paper("*"))) == ["mine.mine_9", "mine.other_atlas"]
    assert figures_of(paper("other_atlas"))["mine.other_atlas"][:5] == (
        "optdyn_pictures.other_atlas", "A picture", "Me, A paper", {}, False,
    )  # fmt: skip


def test_a_figure_with_a_film_says_so(gallery):
    (gallery / "film.py").write_text(f"{HEAD}\n\ndef animate(dataset, *, size):\n    pass\n")
    assert figures_of(paper("*"))["mine.film"].moves


def test_numbers_are_ordered_as_numbers(gallery):
    for name in ("10", "9", "ladder", "2a", "2"):
        (gallery / f"mine_{name}.py").write_text(HEAD)
    assert list(figures_of(paper("mine_*"))) == ["mine.2", "mine.2a", "mine.9", "mine.10", "mine.ladder"]


@pytest.mark.parametrize(
    ("pattern", "line", "message"),
    [
        ("nowhere_*", "", "no module fits optdyn_pictures.nowhere_"),
        ("mine_1", None, "mine_1.py has no TITLE at its top"),
        ("*", "QUICK = {'steps': STEPS}", "QUICK in mine_1.py is read without running the file: write it as a literal"),
    ],
)
def test_refuses(gallery, pattern, line, message):
    (gallery / "mine_1.py").write_text("" if line is None else HEAD + line)
    with pytest.raises(ValueError, match=message):
        figures_of(paper(pattern))


def test_a_figure_is_known_by_its_module_too():
    assert [id_of(name) for name in ("l4.1", "plots.gallery.l4_1", "plots/gallery/l4_1.py")] == ["l4.1"] * 3
    assert entry("l4.1") is FIGURES["l4.1"]


def test_the_papers_figures_name_their_number():
    for id, line in FIGURES.items():
        number = id.partition(".")[2]
        if number[0].isdigit() and "_" not in number:
            assert re.search(rf"(Figures?|Table) .*{re.match('[0-9]+', number)[0]}", line.paper), id
