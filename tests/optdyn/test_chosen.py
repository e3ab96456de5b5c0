"""A user's own methods, problems, claims and figures by name: `package.module:Name` and `path/to/file.py:Name`."""

import importlib.util
import json
import re
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import plots
from dynamics import papers
from optdyn.chosen import chosen_claims, chosen_figures, chosen_method, chosen_problem
from optdyn.sweeps import requested
from optdyn.verification import Task, perform

Command = Callable[..., Any]

LAB = """
from typing import NamedTuple

import numpy as np
import xarray as xr

from dynamics import RSG, implements, initial_point, update, value_and_gradient
from plots.dataset import describe, recorded, variable
from plots.style import finish, new_figure, style
from theory.claims import Evidence, Verdict, claim, statement

TITLE = "A square"
arsg_claim = claim("arsg.variance_limit")


class Bowl(NamedTuple):
    scale: np.ndarray

@implements(value_and_gradient, Bowl)
def _(problem, x, out):
    out[:] = problem.scale * x
    return 0.5 * (problem.scale * x * x).sum()

@implements(initial_point, Bowl)
def _(problem):
    return np.ones(len(problem.scale))

BOWL = Bowl(np.array([1.0, 4.0]))

class Signs(NamedTuple):
    step_size: float = 0.25

@implements(update, Signs)
def _(method, oracle, point, memory, k):
    for j in range(len(point.x)):
        point.x[j] -= method.step_size * np.sign(point.gradient[j])

def halved(step_size: float = 1.0):
    return Signs(step_size / 2)

def bowl_of(size: int = 3):
    return 3 if size < 1 else Bowl(np.ones(size))

@recorded
def compute(*, side: float = 1.0):
    dataset = xr.Dataset({"x": variable("corner", side * np.array([0.0, 1.0, 1.0, 0.0]), "abscissa")})
    return describe(dataset, __name__, caption="A square.")

def draw(dataset, *, size="page"):
    with style(size) as sheet:
        figure = new_figure(sheet, height=1.0)
        figure.subplots().plot(dataset["x"].values)
        return finish(figure)
"""

STATED = """
@statement(id="ID.sum", paper="Me", number="(1)", title="Two", statement_latex="2+2=4", statement_words="Four.")
def SUM(level, rng):
    return Evidence(verdict=Verdict.PROVED, text="Counted.")
"""


@pytest.fixture
def lab(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Write the module of a user's laboratory: `lab("mylab")`; what it puts on the path and on record is forgotten."""
    from plots import registry
    from theory.claims import collection, recorded

    monkeypatch.setattr(sys, "path", sys.path[:])
    for home in (registry, collection):
        monkeypatch.setattr(home, "_adopted", {})
    monkeypatch.setattr(recorded, "_adopted", {level: {} for level in recorded.LEVELS})
    monkeypatch.setattr(collection, "_places", {})
    known = set(sys.modules)

    def write(name: str, text: str = "", id: str | None = None) -> Path:
        path = folder / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text or LAB + STATED).replace("ID.sum", f"{id or path.stem}.sum"))
        return path

    yield write
    for name in set(sys.modules) - known:
        if "lab" in name.partition(".")[0]:
            del sys.modules[name]


@pytest.fixture
def announced(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Any:
    """Announce a paper of the current folder: `announced("mypaper", claims=("mypaper",))`."""
    known, wrong, own = papers._found()
    known = dict(known)
    monkeypatch.setattr(papers, "_found", lambda: (known, wrong, own))
    monkeypatch.syspath_prepend(str(folder))

    def announce(name: str, **parts: Any) -> None:
        known[name] = papers.Paper(name, "Me", **parts)

    announce.papers = papers.papers  # type: ignore[attr-defined]
    return announce


@pytest.mark.parametrize("place", ["placedlab", "placedlab.py", "deep/placedlab.py", "deep.placedlab"])
def test_a_module_and_a_file_are_places(place: str, lab: Any, folder: Path) -> None:
    lab(place.removesuffix(".py").replace(".", "/"))
    if place == "deep.placedlab":
        (folder / "deep" / "__init__.py").write_text("")
    name, maker = chosen_problem(f"{place}:Bowl")
    assert (name, maker.__name__, maker.__module__) == (
        f"{place}:Bowl",
        "Bowl",
        place.removesuffix(".py").split("/")[-1],
    )


def test_a_file_in_a_package_is_imported_as_part_of_it(lab: Any, folder: Path) -> None:
    lab("packlab/inner/partlab")
    for name in ("packlab", "packlab/inner"):
        (folder / name / "__init__.py").write_text("")
    assert chosen_method("packlab/inner/partlab.py")[1].__module__ == "packlab.inner.partlab"


class Editable:
    """A finder as an editable installation puts it behind all others."""

    def __init__(self, name: str, file: Path) -> None:
        self.name, self.file = name, file

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        return importlib.util.spec_from_file_location(name, self.file) if name == self.name else None


def test_a_folder_that_has_its_name_does_not_hide_an_editable_package(
    lab: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = lab("elsewhere/src/editlab")
    (folder / "editlab").mkdir()
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Editable("editlab", file)])
    monkeypatch.setattr(sys, "path", [place for place in sys.path if place not in ("", str(folder))])
    assert chosen_claims(["editlab:SUM"]) == {"editlab.sum": "editlab:SUM"}
    assert "editlab.sum" in chosen_claims(["editlab"])


def test_a_run_of_ones_own(lab: Any, optdyn: Command, folder: Path) -> None:
    lab("onelab")
    made = optdyn("run", "onelab:BOWL", "onelab.py:Signs", "--steps", 4, "--out", "run.npz")
    assert made.exit_code == 0, made.output
    assert "onelab.py:Signs" in made.output
    assert "2.5 → 0" in made.output  # four steps of a quarter from (1, 1)
    gone_on = optdyn("run", "onelab:BOWL", "onelab:Signs", "--steps", 1, "--resume", "run.npz")
    assert gone_on.exit_code == 0, gone_on.output


def test_functions_and_ready_ones_make_runs_too(lab: Any) -> None:
    lab("makerlab")
    assert chosen_method("makerlab:halved")[1](step_size=1.0).step_size == 0.5
    name, ready = chosen_problem("makerlab:BOWL")
    assert (name, ready().scale.tolist(), ready(scale=[2.0]).scale) == ("makerlab:BOWL", [1.0, 4.0], [2.0])
    assert chosen_method("makerlab.py")[0] == "makerlab.py:Signs"  # the only one that is defined there


def test_a_sweep_of_ones_own(lab: Any) -> None:
    lab("sweeplab")
    over = ["sweeplab.py:Signs.step_size=0.1,0.2", "rsg.beta=0.5,0.9"]
    made = requested("sweeplab:BOWL", "sweeplab.py:Signs,rsg", over, ["rsg.step_size=0.1"], steps=1, seeds=1)
    signs, rsg = made.method
    assert (made.problem_name, made.method_name) == ("sweeplab:BOWL", "sweeplab.py:Signs, rsg")
    assert made.over == {signs: {"step_size": [0.1, 0.2]}, rsg: {"beta": [0.5, 0.9]}}
    assert made.fixed == {rsg: {"step_size": 0.1}}


def test_all_claims_and_figures_of_a_module(lab: Any) -> None:
    lab("alllab")
    assert chosen_claims(["alllab"]) == {"arsg.variance_limit": "", "alllab.sum": "alllab:SUM"}
    assert chosen_claims(["alllab.py:SUM", "l4.angle"]) == {"l4.angle": "", "alllab.sum": "alllab.py:SUM"}
    assert chosen_figures(["alllab"]) == {"alllab": "alllab"}
    assert chosen_figures(["plots.gallery.l4_1", "beyond.atlas"]) == {"l4.1": "", "beyond.atlas": ""}


def test_ones_own_claim_is_held_against_its_verdict_on_file(lab: Any, optdyn: Command, folder: Path) -> None:
    lab("prooflab")
    (folder / "verdicts.json").write_text('{"prooflab.sum": "proved", "arsg.variance_limit": "refuted"}')
    held = optdyn("verify", "prooflab:SUM", "--explain", "--jobs", 1)
    assert held.exit_code == 0, held.output
    assert "optdyn verify prooflab:SUM --level quick --explain" in held.output
    assert re.search("on file +proved", held.output)
    (folder / "verdicts.json").write_text('{"prooflab.sum": "refuted"}')
    assert perform(Task("prooflab.sum", "quick", 0, "prooflab.py")).contradicts


def test_ones_own_figure_has_its_sidecar_and_is_computed_again(lab: Any, optdyn: Command, folder: Path) -> None:
    path = lab("drawlab")
    assert optdyn("figure", "drawlab.py", "--set", "side=2").exit_code == 0
    sidecar = json.loads((folder / "figures" / "drawlab.json").read_text())
    assert sidecar["command"].startswith("optdyn figure drawlab.py --size page --set side=2")
    assert (sidecar["reference"], sidecar["title"], sidecar["paper"]) == ("drawlab.py", "A square", "drawlab")
    again = optdyn("figure", "drawlab.py", "--verify", "figures/drawlab.png")
    assert (again.exit_code, again.output) == (0, "equal: figure drawlab, computed again\n")
    before = sidecar["compute_hash"]
    path.write_text(path.read_text() + "\nEXTRA = 1\n")
    from optdyn.provenance import compute_hash, source_hash

    assert compute_hash.__wrapped__("drawlab") != before
    assert source_hash.__wrapped__("drawlab") != sidecar["source_hash"]
    assert source_hash.__wrapped__("drawlab") != source_hash()


def test_a_file_does_not_say_what_is_imported(lab: Any, optdyn: Command, folder: Path) -> None:
    lab("foundlab")
    optdyn("figure", "foundlab.py")
    (folder / "foundlab.py").unlink()
    sys.modules.pop("foundlab")
    from plots import registry

    registry._adopted.clear()
    refused = optdyn("figure", "--verify", "figures/foundlab.png")
    assert refused.exit_code == 2
    assert "which no paper announces: if you trust it, name it too" in refused.output


def test_a_page_of_ones_own(lab: Any, optdyn: Command, folder: Path) -> None:
    lab("pagelab")
    made = optdyn("reproduce", "pagelab.py", "l4.angle", "--quick", "--jobs", 1)
    assert made.exit_code == 0, made.output
    page = (folder / "optdyn-report" / "index.html").read_text()
    assert 'id="figure-pagelab"' in page
    assert 'id="claim-pagelab.sum"' in page
    assert "optdyn verify pagelab.py:SUM" in page
    assert "4 of 4 parts" in optdyn("reproduce", "pagelab.py", "l4.angle", "--quick").output


def test_what_another_paper_states_under_our_ids_is_left_out_and_the_rest_stands(lab: Any, announced: Any) -> None:
    taken = (
        "statement(id='l4.angle', paper='Me', number='1', title='x', statement_latex='x', statement_words='x.')(print)"
    )
    lab("mixedlab", f"from theory.claims import Evidence, Verdict, statement\nTAKEN = {taken}\n{STATED}")
    lab("crashlab", "raise OSError('no disk')")
    announced("mixedlab", claims=("mixedlab",))
    announced("crashlab", claims=("crashlab",), figures=("crashlab.figures.*",))
    from plots.registry import find
    from theory.claims.collection import _ledger

    with pytest.warns(UserWarning, match="left out") as told:
        found, figures = _ledger.__wrapped__(), find(announced.papers().values())
    why = "OSError: no disk (crashlab.py, line 1)"
    assert [str(one.message) for one in told] == [
        "paper mixedlab: its claim l4.angle has an id of paper l4: begin it with mixedlab.; it is left out.",
        f"paper crashlab: its claims in crashlab can't be read (crashlab can't be imported: {why}); it is left out.",
        f"paper crashlab: its figures can't be read ({why}); it is left out.",
    ]
    assert list(found)[-1] == "mixedlab.sum"
    assert list(figures) == list(plots.figures())


def test_a_file_of_verdicts_that_is_none_is_left_out(lab: Any, announced: Any, folder: Path) -> None:
    lab("filedlab")
    (folder / "verdicts.json").write_text('{"filedlab.sum": "surely"}')
    announced("filedlab", claims=("filedlab",))
    from theory.claims import recorded_verdicts

    with pytest.warns(UserWarning, match="is no table of verdicts .*with one of proved, supported"):
        assert recorded_verdicts()["l4.angle"] == "proved"
    (folder / "verdicts.json").write_text('{"filedlab.sum": "refuted", "l4.angle": "refuted"}')
    assert recorded_verdicts()["filedlab.sum"] == "refuted"
    assert recorded_verdicts()["l4.angle"] == "proved"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("run", "nolab:BOWL", "rsg"), "there is no module nolab, neither installed nor in this folder"),
        (("run", "nolab.py:BOWL", "rsg"), "nolab.py: there is no such file; there is ownedlab.py, "),
        (("run", "no/lab.py:BOWL", "rsg"), "no/lab.py: there is no such file; give the path to it from here."),
        (("run", "emptylab:BOWL", "rsg"), "emptylab has no problem, BOWL neither."),
        (("run", "badlab:BOWLS", "rsg"), "unknown problem in badlab 'BOWLS'; did you mean 'BOWL'? Allowed: BOWL, Bowl"),
        (("run", "badlab:Signs", "rsg"), "badlab:Signs is a method, and a problem is needed."),
        (("run", "badlab:SUM", "rsg"), "badlab:SUM is a claim, and a problem is needed."),
        (("run", "badlab:BOWL", "badlab:Bowl"), "badlab:Bowl is a problem, and a method is needed."),
        (("run", "badlab:BOWL", "badlab:np"), "badlab:np is a module, and a method is needed."),
        (("run", "badlab:BOWL", "badlab:Verdict"), "badlab:Verdict is a class, and a method is needed."),
        (("run", "badlab:bowl_of", "rsg", "--set", "size=0"), "makes something that is of class int, and a problem is"),
        (("run", "badlab.py", "rsg"), "one problem is needed; it has Bowl, BOWL: write badlab.py:Bowl."),
        (("run", "badlab:Bowl", "rsg"), "problem badlab:Bowl needs scale: give --set scale=….",),
        (("sweep", "badlab:", "rsg", "--over", "step_size=1,2"), "'badlab:' names nothing: write package.module:Name"),
        (("verify", "badlab:SAM"), "unknown claim in badlab 'SAM'; did you mean 'SUM'?"),
        (("verify", "badlab:Bowl"), "badlab:Bowl is a class, and a claim is needed."),
        (("verify", "ownedlab"), "claim arsg.sum of ownedlab has an id of paper arsg: begin it with the name of your"),
        (("verify", "emptylab"), "emptylab states no claim"),
        (("verify", "twicelab.py"), "twicelab.py has two claims with the id twicelab.sum"),
        (("verify", "brokenlab"), "brokenlab can't be imported: NameError: name 'nothing' is not defined (brokenlab"),
        (("verify", "falselab.py"), "falselab.py can't be imported: SyntaxError: invalid syntax (falselab.py, line 1)"),
        (("figure", "emptylab.py"), "emptylab.py has no figure: a module with TITLE, compute and draw is one."),
        (("figure", "json.py"), "json.py would be imported by the name json, and "),
        (("figure", "badlab", "--set", "sides=2"), "unknown parameter 'sides'; did you mean 'side'"),
        (("reproduce", "nolab.py"), "nolab.py: there is no such file"),
        (("reproduce", "l5"), "unknown paper, figure or claim 'l5'; did you mean 'l4'? The nearest of 2"),
        (("reproduce", "packed"), "packed is a package in this folder that isn't installed: python -m pip install -e"),
    ],
)  # fmt: skip
def test_refuses_in_one_sentence(arguments: Any, sentence: str, lab: Any, optdyn: Command) -> None:
    lab("badlab")
    lab("ownedlab", id="arsg")
    lab("emptylab", "x = 1")
    Path("packed").mkdir()
    Path("packed/pyproject.toml").touch()
    lab("json", "x = 1")
    lab("brokenlab", "x = nothing")
    lab("falselab", "x = = 1")
    lab("twicelab", LAB + STATED + "\n\nAGAIN = __import__('copy').copy(SUM)\n")
    refused = optdyn(*arguments)
    assert refused.exit_code == 2
    assert sentence in " ".join(refused.output.split())
    assert refused.output.count("\n") == 1
