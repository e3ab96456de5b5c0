"""Figures are found by their file names, in order, and read without being run."""

import re

import pytest

from plots.registry import FIGURES, find

HEAD = 'raise RuntimeError("the file was run")\nTITLE = "A picture"\n'


def test_a_new_file_is_a_new_figure(tmp_path):
    constants = 'SOURCE = "Figures 9 to 11"\nQUICK: dict = {"steps": 3}\n'
    (tmp_path / "trust_region_9.py").write_text(f"{HEAD}{constants}\n\ndef compute():\n    this is not even Python\n")
    (tmp_path / "beyond_atlas.py").write_text(HEAD)
    (tmp_path / "shared_parts.py").write_text("TITLES = 3\n")
    found = find(tmp_path)
    assert list(found) == ["trust_region.9", "beyond.atlas"]
    assert found["trust_region.9"].paper.endswith("arXiv:1905.09201, Figures 9 to 11")
    assert found["trust_region.9"].quick == {"steps": 3}
    assert found["beyond.atlas"] == ("plots.gallery.beyond_atlas", "A picture", "Beyond the papers", {}, False, False)


def test_a_figure_with_a_film_says_so(tmp_path):
    (tmp_path / "beyond_film.py").write_text(f"{HEAD}\n\ndef animate(dataset, *, size):\n    pass\n")
    assert find(tmp_path)["beyond.film"].moves


def test_numbers_are_ordered_as_numbers(tmp_path):
    for name in ("sigma_nice_10", "sigma_nice_9", "sigma_nice_ladder", "arsg_2a", "arsg_2"):
        (tmp_path / f"{name}.py").write_text(HEAD)
    assert list(find(tmp_path)) == ["arsg.2", "arsg.2a", "sigma_nice.9", "sigma_nice.10", "sigma_nice.ladder"]


@pytest.mark.parametrize(
    ("name", "line", "message"),
    [
        ("adam_1.py", "", "adam_1.py in the gallery begins with no paper; known are arsg"),
        (
            "l4_1.py",
            "QUICK = {'steps': STEPS}",
            "QUICK in l4_1.py is read without running the file: write it as a literal",
        ),
    ],
)
def test_refuses(tmp_path, name, line, message):
    (tmp_path / name).write_text(HEAD + line)
    with pytest.raises(ValueError, match=message):
        find(tmp_path)


def test_the_papers_figures_name_their_number():
    for id, entry in FIGURES.items():
        number = id.partition(".")[2]
        if number[0].isdigit() and "_" not in number:
            assert re.search(rf"(Figures?|Table) .*{re.match('[0-9]+', number)[0]}", entry.paper), id
