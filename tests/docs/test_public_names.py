"""Every public name has a docstring and an example that runs: the reference has no page with a blank on it."""

import importlib
import inspect
import types
from collections.abc import Iterator
from typing import Any

import pytest

MODULES = (
    "dynamics", "synthetic", "plots", "theory.claims", "theory.arsg", "theory.diagonal_share", "theory.l4",
    "theory.linear", "theory.schedules", "theory.sigma_nice", "theory.step_tuned", "theory.streamed_sgd",
    "theory.trust_region", "optdyn.lessons", "plots.budget", "plots.choice", "plots.dataset", "plots.films",
    "plots.looks", "plots.marks", "plots.style", "plots.tuning",
)  # fmt: skip


def public(module: str) -> Iterator[tuple[str, Any]]:
    """What a module offers, other than modules and data."""
    found = importlib.import_module(module)
    for name in found.__all__:
        thing = getattr(found, name)
        if not isinstance(thing, types.ModuleType) and callable(thing) and not hasattr(thing, "__args__"):
            yield name, thing


@pytest.mark.parametrize("module", MODULES)
def test_public_names_have_a_docstring_and_an_example(module: str) -> None:
    bare = [name for name, thing in public(module) if not (inspect.getdoc(thing) or "").strip()]
    unshown = [name for name, thing in public(module) if ">>>" not in (inspect.getdoc(thing) or "")]
    assert bare == []
    assert unshown == []
