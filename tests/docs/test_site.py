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
