"""The site, where a build alone would not notice: every public name has its page, every formula is typeset."""

import importlib
import sys
import types
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from theory.claims import claims

EXTENSIONS = Path(__file__).parents[2] / "docs" / "_ext"
pytest.importorskip("sphinx")


@pytest.fixture
def extension(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(EXTENSIONS))
    yield importlib.import_module
    for path in EXTENSIONS.glob("*.py"):
        sys.modules.pop(path.stem, None)


def test_every_public_name_is_on_one_page(extension: Any) -> None:
    reference = extension("reference")
    shown: dict[str, Counter[str]] = {}
    for page in reference.PAGES.values():
        shown.setdefault(page.module, Counter()).update(reference.names(page))
    for module, names in shown.items():
        found = importlib.import_module(module)
        public = {name for name in found.__all__ if not isinstance(getattr(found, name), types.ModuleType)}
        assert names == Counter(dict.fromkeys(public, 1)), module


def test_every_claim_is_typeset(extension: Any) -> None:
    typeset = extension("mathml").typeset
    assert all(typeset(claim.statement_latex).startswith("<math") for claim in claims())


def test_a_tutorial_s_figure_is_shown_once_and_in_words(extension: Any, tmp_path: Path) -> None:
    pytest.importorskip("sphinx_gallery")
    from matplotlib.figure import Figure

    figure = Figure()
    figure.subplots().set_title("the loss\nover its cost")
    paths = iter([str(tmp_path / "first.png"), str(tmp_path / "second.png")])
    left: dict[str, Any] = {"example_globals": {"figure": figure}, "image_path_iterator": paths}
    scraped = extension("tutorial_figures").scraped
    shown = scraped(None, left, {"src_dir": str(tmp_path)})
    assert "first.png" in shown
    assert "the loss over its cost" in shown
    assert (tmp_path / "first.png").stat().st_size > 1000
    assert scraped(None, left, {"src_dir": str(tmp_path)}) == ""
    assert scraped(None, {"example_globals": {}}, {}) == ""


def test_every_type_of_a_docstring_is_in_an_inventory_that_sphinx_reads(extension: Any) -> None:
    from io import BytesIO

    from sphinx.util.inventory import InventoryFile

    inventories = extension("inventories")
    known = set()
    for path in (EXTENSIONS.parent / "inventories").glob("*.txt"):
        address, packed = inventories.packed(path.read_text(encoding="utf-8"))
        read = InventoryFile.load(BytesIO(packed), address, lambda *parts: "".join(parts))
        known |= {name for kind in ("py:class", "std:term") for name in read.get(kind, {})}
    named = {name.removeprefix("~") for name in inventories.TYPES.values()} | set(inventories.TERMS)
    assert named <= known
