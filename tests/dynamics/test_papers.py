"""Papers are announced by entry points, optdyn's own too; a package that is no good is named, and stops nobody."""

import configparser
import importlib.metadata
import multiprocessing
import re
import sys
import textwrap
from pathlib import Path

import pytest

import dynamics.papers
from dynamics.papers import Paper, faults, left_out, paper, papers, things

ROOT = Path(__file__).parents[2]
OWN = ["arsg", "l4", "sigma_nice", "step_tuned", "trust_region", "beyond", "high_dimension", "problems", "worst_case"]


@pytest.fixture
def announce(tmp_path, monkeypatch):
    """Install a package of one module: `announce("mypaper", text)` says that its PAPER is one."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def install(name: str, text: str, module: str | None = None) -> None:
        module = module or f"{name}_package"
        (tmp_path / f"{module}.py").write_text("from dynamics.papers import Paper\n" + textwrap.dedent(text))
        about = tmp_path / f"{module}-1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        (about / "entry_points.txt").write_text(f"[{dynamics.papers.GROUP}]\n{name} = {module}:PAPER\n")
        monkeypatch.delitem(sys.modules, module, raising=False)
        dynamics.papers._found.cache_clear()

    yield install
    dynamics.papers._found.cache_clear()


def test_the_papers_of_optdyn_come_by_its_entry_points():
    setup = configparser.ConfigParser(interpolation=None)
    setup.read(ROOT / "setup.cfg")
    declared = [
        line.split("=")[0].strip() for line in setup["options.entry_points"]["optdyn.papers"].split("\n") if line
    ]
    assert declared == OWN
    assert list(papers())[: len(OWN)] == OWN
    assert sum(one.is_published for one in list(papers().values())[: len(OWN)]) == 5


def test_an_installed_optdyn_finds_its_papers_without_a_clone(monkeypatch, tmp_path):
    about = tmp_path / "optdyn-9.8.7.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: optdyn\nVersion: 9.8.7\n")
    lines = "\n".join(f"{name} = optdyn.papers:{name.upper()}" for name in reversed(OWN))
    (about / "entry_points.txt").write_text(f"[optdyn.papers]\n{lines}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(dynamics.papers, "_clone", lambda: None)
    assert list(dynamics.papers._found.__wrapped__()[0]) == OWN
    assert dynamics.papers.version.__wrapped__() == importlib.metadata.version("optdyn") == "9.8.7"


def test_a_package_announces_its_paper_after_ours(announce):
    ours = ".".join(dynamics.papers.version().split(".")[:2])
    announce("ape", f'PAPER = Paper("ape", "Me, Apes", methods={{"ape": "dynamics:RSG"}}, made_for="{ours}")')
    assert list(papers()) == [*OWN, "ape"]
    assert faults() == {}
    assert paper("ape").methods == {"ape": "dynamics:RSG"}
    assert things("methods", str)["ape"] == "dynamics:RSG"


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("ape", "import nowhere_to_be_found", "can't be imported: ModuleNotFoundError: No module named 'nowhere_to_b"),
        ("ape", "raise SystemExit(3)", "can't be imported: SystemExit: 3"),
        ("ape", "x = 1", "can't be imported: AttributeError: module"),
        ("ape", "PAPER = 3", "names a int, and a dynamics.papers.Paper is needed"),
        ("ape", 'PAPER = Paper("bee", "")', "names the paper 'bee': give both one name"),
        ("ape", 'PAPER = Paper("ape", "", claims="ape.claims")', "write a tuple, ('ape.claims',)"),
        (
            "ape",
            'PAPER = Paper("ape", "", made_for="7.2")',
            "was made for optdyn 7.2, and this is",
        ),
        ("ape", 'PAPER = Paper("ape", "", made_for="new")', "was made for optdyn new"),
        ("l4", 'PAPER = Paper("l4", "")', "its paper l4 has the id of another one: name it otherwise"),
    ],
)
def test_a_package_that_is_no_good_is_named_in_one_line_and_stops_nobody(announce, name, text, sentence):
    announce(name, text)
    with pytest.warns(UserWarning, match="it is left out") as told:
        found = papers()
    assert list(found) == OWN
    assert [str(one.message).count("\n") for one in told] == [0]
    assert str(told[0].message).startswith(f"package {name}_package: ")
    assert sentence in str(told[0].message)
    if name == "ape":
        with pytest.raises(ValueError, match=r"^package ape_package: "):
            paper("ape")


def test_workers_leave_it_to_who_hired_them(announce, monkeypatch):
    announce("ape", "x = 1")
    monkeypatch.setattr(multiprocessing.current_process(), "_name", "SpawnProcess-1")
    assert list(papers()) == OWN
    assert list(faults()) == ["ape"]


@pytest.mark.parametrize(
    ("made_for", "ours", "fits"),
    [("0.1", "0.1.9", True), ("0.2", "0.1.9", False), ("0.1", "0.2.0", False), ("1.2", "1.3.0", True),
     ("1.4", "1.3.0", False), ("2.0", "1.3.0", False), ("1", "1.3.0", True), ("2", "1.3.0", False)],
)  # fmt: skip
def test_versions_that_fit(made_for, ours, fits, monkeypatch):
    monkeypatch.setattr(dynamics.papers, "version", lambda: ours)
    assert dynamics.papers._fits(made_for) == fits


def test_what_of_a_paper_cannot_be_used_is_left_out(announce):
    announce(
        "ape",
        'PAPER = Paper("ape", "", methods={"rsg": "dynamics:SGD", "bee": "ape_nowhere:Bee", "cat": "dynamics:SGD"})',
    )
    import dynamics

    with pytest.warns(UserWarning, match="left out") as told:
        found = dynamics.methods()
    assert found["rsg"] is dynamics.RSG
    assert found["cat"] is dynamics.SGD
    assert "bee" not in found
    assert [re.split("[;,]", str(one.message))[0] for one in told] == [
        "paper ape: the name rsg among its methods is taken: give it another one",
        "paper ape: ape_nowhere:Bee can't be used (there is no module ape_nowhere",
    ]


def test_nothing_of_ours_is_left_out_in_silence(monkeypatch):
    changed = {**papers(), "l4": papers()["l4"]._replace(methods={"l4": "dynamics:nothing_so_named"})}
    monkeypatch.setattr(dynamics.papers, "_found", lambda: (changed, {}, frozenset(OWN)))
    with pytest.raises(ValueError, match="unknown method in dynamics 'nothing_so_named'"):
        dynamics.methods()
    with pytest.raises(ValueError, match=r"^paper l4: two claims have one id\.$"):
        left_out(papers()["l4"], "two claims have one id")


def test_a_paper_is_asked_for_by_its_id():
    with pytest.raises(ValueError, match="unknown paper 'l5'; did you mean 'l4'"):
        paper("l5")
    assert isinstance(paper("l4"), Paper)
