"""The pages of the reference: every public name, by theme, as lists and with docstrings; written before a build."""

import importlib
import inspect
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from sphinx.application import Sphinx


class Page(NamedTuple):
    """A page: a title, a module that offers the names, and the rooms in which those of this page are defined."""

    title: str
    module: str
    rooms: tuple[str, ...] = ("",)


PAGES: Mapping[str, Page] = {
    "dynamics-methods": Page("Methods", "dynamics", ("dynamics.algorithms",)),
    "dynamics-runs": Page("Runs", "dynamics", ("dynamics.runs", "dynamics.protocol.status")),
    "dynamics-sweeps": Page("Sweeps", "dynamics", ("dynamics.sweeps",)),
    "dynamics-schedules": Page("Step sizes over time", "dynamics", ("dynamics.protocol.schedules",)),
    "dynamics-kernels": Page(
        "Kernels: what is asked of problems and methods",
        "dynamics",
        ("dynamics.kernels", "dynamics.protocol", "dynamics.vectors"),
    ),
    "dynamics-checks": Page("Checks, refusals, names", "dynamics", ("dynamics",)),
    "synthetic": Page("Problems", "synthetic"),
    "theory-claims": Page("The ledger", "theory.claims"),
    "theory-linear": Page("Linear methods as symbols", "theory.linear"),
    "theory-arsg": Page("Closed forms: ARSG", "theory.arsg"),
    "theory-l4": Page("Closed forms: L4", "theory.l4"),
    "theory-sigma-nice": Page("Closed forms: smoothing", "theory.sigma_nice"),
    "theory-step-tuned": Page("Closed forms: Step-Tuned SGD", "theory.step_tuned"),
    "theory-trust-region": Page("Closed forms: trust regions", "theory.trust_region"),
    "theory-diagonal-share": Page("Diagonal shares of random matrices", "theory.diagonal_share"),
    "theory-schedules": Page("Schedules in closed form", "theory.schedules"),
    "theory-streamed-sgd": Page("Moments of streamed SGD", "theory.streamed_sgd"),
    "plots": Page("Figures", "plots"),
    "plots-tuning": Page("Tuning", "plots.tuning"),
    "plots-style": Page("The style of figures", "plots.style"),
    "optdyn-lessons": Page("Lessons and exercises", "optdyn.lessons"),
}


def home(thing: Any) -> str:
    """The module in which a name is defined; of data, none."""
    return str(getattr(thing, "__module__", None) or "")


def names(page: Page) -> list[str]:
    """The names of a page. A name belongs to the page of its module whose room is the longest that fits."""
    module = importlib.import_module(page.module)
    rivals = [room for other in PAGES.values() if other.module == page.module for room in other.rooms]
    found = []
    for name in module.__all__:
        thing = getattr(module, name)
        fitting = [room for room in rivals if home(thing).startswith(room)]
        if max(fitting, key=len, default=min(rivals, key=len)) in page.rooms and not inspect.ismodule(thing):
            found.append(name)
    return sorted(found, key=str.lower)


def text(page: Page) -> str:
    """A page in reStructuredText."""
    module = importlib.import_module(page.module)
    known = names(page)
    title = f"{page.title} (``{page.module}``)"
    listed = "\n".join(f"   {name}" for name in known if callable(getattr(module, name)))
    entries = "\n".join(_entry(name, getattr(module, name)) for name in known)
    return (
        f"{title}\n{'=' * len(title)}\n\n.. currentmodule:: {page.module}\n\n"
        f".. autosummary::\n   :nosignatures:\n\n{listed}\n\n{entries}"
    )


def _entry(name: str, thing: Any) -> str:
    if inspect.isclass(thing):
        return f".. autoclass:: {name}\n   :members:\n"
    if callable(thing):
        return f".. autofunction:: {name}\n"
    return f".. py:data:: {name}\n\n   {_shown(thing)}\n"


def _shown(thing: Any) -> str:
    """A number, a word or a short collection as it is; of others, of what kind they are."""
    written = repr(thing)
    return f"``{written}``" if len(written) < 100 else f"{type(thing).__name__} of {len(thing)}."


def _write(app: Sphinx) -> None:
    folder = Path(app.srcdir) / "reference"
    folder.mkdir(exist_ok=True)
    for name, page in PAGES.items():
        path, made = folder / f"{name}.rst", text(page)
        if not path.exists() or path.read_text(encoding="utf-8") != made:
            path.write_text(made, encoding="utf-8")


def _skip(app: Sphinx, what: str, name: str, thing: Any, skip: bool, options: Any) -> bool | None:
    """Fields of NamedTuples and properties among the attributes say nothing that their class does not, `check` is for
    whoever writes methods, and what a class has from a library is documented there."""
    if type(thing).__name__ == "_tuplegetter" or name == "check" or _is_among_attributes(name, thing):
        return True
    return True if home(thing).partition(".")[0] in ("matplotlib", "enum") else None


def _is_among_attributes(name: str, thing: Any) -> bool:
    """Whether a property is told of in the docstring of its class."""
    getter = getattr(thing, "fget", None) or getattr(thing, "func", None)
    if getter is None:
        return False
    owner = getattr(sys.modules[getter.__module__], getter.__qualname__.partition(".")[0], None)
    attributes = (getattr(owner, "__doc__", None) or "").partition("Attributes\n")[2]
    return any(name in line.partition(" : ")[0].replace(",", " ").split() for line in attributes.splitlines())


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("builder-inited", _write)
    app.connect("autodoc-skip-member", _skip)
    return {"parallel_read_safe": True}
