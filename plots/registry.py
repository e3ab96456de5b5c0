"""The figures there are: one module each in `plots.gallery`, found by its file name and read without being run.

A gallery file `paper_figure.py` makes the figure `paper.figure`. Constants at its top say what it is:

    TITLE = "Gain factor and error variance limit of RSG"
    SOURCE = "Figure 1"
    QUICK = {"points": 50}

TITLE makes a module a figure. SOURCE is its place in the paper, left out where the paper has no such figure. QUICK
holds the parameters of a version that takes seconds, left out where the figure is that quick anyway.
AMPLIFIES_ROUNDING = True stands where runs turn the last bit of a number into other numbers.
"""

import ast
import importlib
import re
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from dynamics.checks import Refusal, unknown

__all__ = ["FIGURES", "PAPERS", "Entry", "entry", "find", "module"]

PAPERS: Mapping[str, str] = {
    "arsg": "Chen et al., An Adaptive Remote Stochastic Gradient Method, arXiv:1905.01422",
    "l4": "Rolínek and Martius, L4: Practical loss-based stepsize adaptation for deep learning, NeurIPS 2018",
    "sigma_nice": "Sato and Iiduka, Using SGD to Smooth Nonconvex Functions, arXiv:2311.08745",
    "step_tuned": "Castera, Bolte, Févotte and Pauwels, Second-order step-size tuning of SGD, arXiv:2103.03570",
    "trust_region": "Kohler, Adolphs and Lucchi, Adaptive norms for deep learning, arXiv:1905.09201",
    "beyond": "Beyond the papers",
}
"""What the first part of an id stands for, in the order in which figures are listed."""

GALLERY = Path(__file__).with_name("gallery")
_CONSTANTS = ("TITLE", "SOURCE", "QUICK", "AMPLIFIES_ROUNDING")
_BODY = re.compile(r"^(?:@|def |class )", re.MULTILINE)


class Entry(NamedTuple):
    """One figure. `quick` holds the parameters of a version that takes seconds; `moves` says that there is a film, and
    `amplifies_rounding` that its runs turn the last bit of a number into other numbers on another processor."""

    module: str
    title: str
    paper: str
    quick: Mapping[str, Any] = {}
    moves: bool = False
    amplifies_rounding: bool = False


def find(folder: Path = GALLERY) -> dict[str, Entry]:
    """All figures of a folder, papers in their order and numbers in theirs.

    Raises
    ------
    ValueError
        If a file's name begins with no paper, or one of its constants is not a literal.

    Examples
    --------
    >>> find()["arsg.1"].paper
    'Chen et al., An Adaptive Remote Stochastic Gradient Method, arXiv:1905.01422, Figure 1'
    """
    found = {}
    for path in folder.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        constants = _read(path.name, text)
        if "TITLE" in constants:
            paper, figure = _id(path)
            place = f", {constants['SOURCE']}" if "SOURCE" in constants else ""
            made_by = f"plots.gallery.{path.stem}"
            found[f"{paper}.{figure}"] = Entry(
                made_by,
                constants["TITLE"],
                PAPERS[paper] + place,
                constants.get("QUICK", {}),
                moves="\ndef animate(" in text,
                amplifies_rounding=constants.get("AMPLIFIES_ROUNDING", False),
            )
    return dict(sorted(found.items(), key=lambda item: _order(item[0])))


def _read(name: str, text: str) -> dict[str, Any]:
    """The constants above the first definition of a module; what is below it is not even parsed."""
    head = _BODY.split(text, maxsplit=1)[0]
    constants = {}
    for statement in ast.parse(head, name).body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=constant)], value=value) if constant in _CONSTANTS:
                pass
            case ast.AnnAssign(target=ast.Name(id=constant), value=ast.expr() as value) if constant in _CONSTANTS:
                pass
            case _:
                continue
        try:
            constants[constant] = ast.literal_eval(value)
        except ValueError as error:
            raise Refusal(f"{constant} in {name} is read without running the file: write it as a literal.") from error
    return constants


def _id(path: Path) -> tuple[str, str]:
    for paper in PAPERS:
        if path.stem.startswith(f"{paper}_"):
            return paper, path.stem.removeprefix(f"{paper}_")
    raise Refusal(f"{path.name} in the gallery begins with no paper; known are " + ", ".join(PAPERS) + ".")


def _order(figure: str) -> tuple[int, list[tuple[bool, int, str]]]:
    paper, _, rest = figure.partition(".")
    words = [(not word.isdigit(), int(word) if word.isdigit() else 0, word) for word in re.findall(r"\d+|\D+", rest)]
    return list(PAPERS).index(paper), words


FIGURES: Mapping[str, Entry] = find()


def entry(figure: str) -> Entry:
    """What is known of a figure, or a ValueError that names the nearest one.

    Examples
    --------
    >>> entry("arsg.1").module
    'plots.gallery.arsg_1'
    >>> entry("arsg1")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    dynamics.checks.Refusal: unknown figure 'arsg1'; did you mean 'arsg.1'? The nearest of ...
    """
    if not isinstance(figure, str) or figure not in FIGURES:
        raise Refusal(unknown("figure", figure, FIGURES))
    return FIGURES[figure]


def module(figure: str) -> ModuleType:
    """Import the module of a figure: it has `compute(**parameters)` and `draw(dataset, *, size)`."""
    return importlib.import_module(entry(figure).module)
