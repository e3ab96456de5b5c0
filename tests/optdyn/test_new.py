"""`optdyn new`: the package passes its own tests and gets its page; it imports what the guide lists, and no more."""

import ast
import importlib
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from optdyn.new_paper import TEMPLATE, write_paper
from optdyn.provenance import PACKAGES

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "authors.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `([\w.]+)` \| (.*)", GUIDE, re.MULTILINE)
EXAMPLES = ROOT / "examples"
MODULES = sorted([*TEMPLATE.rglob("*.py"), *EXAMPLES.rglob("*.py")])


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """A package `ownpaper` as if it were installed; `own("optdyn", …)` runs a module in its folder."""
    project = write_paper("ownpaper", tmp_path_factory.mktemp("new"))
    announced = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    about = project / "src" / "ownpaper.egg-info"  # what installing writes
    about.mkdir()
    (about / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: ownpaper\nVersion: 0.1.0\n")
    lines = [f"[{group}]\n" + "".join(f"{name} = {place}\n" for name, place in names.items())
             for group, names in announced["entry-points"].items()]  # fmt: skip
    (about / "entry_points.txt").write_text("\n".join(lines))
    path = os.pathsep.join((str(ROOT), str(project / "src")))

    def ran(*arguments: str) -> str:
        ended = subprocess.run(
            [sys.executable, "-m", *arguments], cwd=project, capture_output=True, text=True, timeout=300,
            env={**os.environ, "PYTHONPATH": path, "NUMBA_DISABLE_JIT": "1", "COLUMNS": "150"},
        )  # fmt: skip
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    ran.project = project  # type: ignore[attr-defined]
    return ran


def test_a_new_package_passes_its_own_tests(own: Any) -> None:
    assert re.search(r"\b19 passed", own("pytest", "-q", "-p", "no:cacheprovider"))


def test_a_new_package_gets_its_page(own: Any) -> None:
    said = own("optdyn", "reproduce", "ownpaper", "--jobs", "1", "--quick")
    assert "1 figure, 2 claims (1 proved, 1 refuted)" in said
    assert "contradicts" not in said
    page = (own.project / "optdyn-report" / "index.html").read_text()
    for part in ("figure-ownpaper.rates", "claim-ownpaper.two_steps", "claim-ownpaper.every_step"):
        assert f'id="{part}"' in page
    again = own("optdyn", "figure", "--verify", "optdyn-report/figures/ownpaper.rates.nc")
    assert again == "equal: figure ownpaper.rates, computed again\n"
    record = json.loads((own.project / "optdyn-report" / "figures" / "ownpaper.rates.json").read_text())
    assert record["paper"] == "Me, Two steps are better than one (2026), Figure 1"
    assert "reference" not in record


def test_its_parts_are_found_as_ours_are(own: Any) -> None:
    script = (
        "import dynamics, synthetic, plots, theory.claims as ledger\n"
        "from dynamics.papers import papers\n"
        "print(list(papers())[-1], dynamics.methods()['alternating'].__module__,"
        " synthetic.problems()['chain'].__name__, plots.figures()[-1], ledger.claims()[-1].id,"
        " ledger.recorded_verdicts()['ownpaper.two_steps'])\n"
        "from optdyn.commands.catalogue import list_names\n"
        "for kind in ('papers', 'methods', 'claims'): list_names(kind)\n"
    )
    said = own("timeit", "-n", "1", "-r", "1", f"exec({script!r})").splitlines()
    assert said[0] == "ownpaper ownpaper.method chain ownpaper.rates ownpaper.every_step proved"
    for word in ("ownpaper ", "alternating ", "ownpaper.every_step "):
        assert any(line.strip().startswith(word) for line in said[1:]), word


@pytest.mark.parametrize("file", MODULES, ids=lambda file: "/".join(file.parts[-3:]))
def test_nothing_is_imported_that_the_guide_does_not_list(file: Path) -> None:
    """Names stand as `name` in the row of their `module`."""
    listed = {f"{module}.{name}" for module, names in ROWS for name in re.findall(r"`(\w+)`", names)}
    listed |= {module for module, _ in ROWS}
    imported = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported += [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            imported += [f"{node.module}.{alias.name}" for alias in node.names]
    assert {name for name in imported if name.partition(".")[0] in PACKAGES} <= listed


def test_all_that_the_guide_lists_is_there_and_documented() -> None:
    assert len(ROWS) > 10
    for module, names in ROWS:
        home = importlib.import_module(module)
        for name in re.findall(r"`(\w+)`", names):
            assert not name.startswith("_")
            thing = getattr(home, name, None) or importlib.import_module(f"{module}.{name}")
            assert getattr(thing, "__doc__", None), (module, name)


def test_the_guide_shows_the_commands_that_exist() -> None:
    from typer.main import get_command

    from optdyn.cli import app

    known = set(get_command(app).commands)  # type: ignore[attr-defined]
    shown = set(re.findall(r"^optdyn (\w+) ", GUIDE, re.MULTILINE))
    assert {"new", "run", "sweep", "verify", "figure", "reproduce"} <= shown <= known


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("My paper", "'My paper' is no name for a package: small letters"),
        ("My paper", "try my_paper."),
        ("2fast", "try my_2fast."),
        ("", "'' is no name for a package"),
        ("../up", "try up."),
        ("class", "no word of Python's own; try my_class."),
        ("a" * 41, "at most 40"),
        ("json", "json is a module of Python itself"),
        ("numpy", "numpy is a package already"),
        ("plots", "plots is a package already"),
        ("tests", "tests is a package already"),
        ("l4", "l4 is a paper already, Rolínek and Martius"),
        ("there", "there is there already: give another name"),
    ],
)
def test_names_are_refused_before_anything_is_written(name: str, sentence: str, optdyn: Any, folder: Path) -> None:
    (folder / "there").mkdir()
    refused = optdyn("new", name)
    assert refused.exit_code == 2
    assert sentence in refused.output
    assert [path.name for path in folder.iterdir()] == ["there"]
    assert list((folder / "there").iterdir()) == []


def test_nothing_half_written_is_left(optdyn: Any, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = Path.write_text

    def full(path: Path, *arguments: Any, **options: Any) -> int:
        if path.name == "verdicts.json":
            raise OSError(28, "No space left on device")
        return written(path, *arguments, **options)

    monkeypatch.setattr(Path, "write_text", full)
    refused = optdyn("new", "whole")
    assert refused.exit_code == 2
    assert "No space left on device" in refused.output
    assert list(folder.iterdir()) == []


def test_every_file_of_the_template_is_written(optdyn: Any, folder: Path) -> None:
    made = optdyn("new", "whole", "--into", "deep")
    assert made.exit_code == 0
    files = [path for path in (folder / "deep" / "whole").rglob("*") if path.is_file()]
    assert f"{len(files)} files" in made.output
    assert len(files) == len([path for path in TEMPLATE.rglob("*") if path.is_file() and path.suffix != ".pyc"]) > 12
    assert not [path for path in files if "mypaper" in path.name or "mypaper" in path.read_text()]
