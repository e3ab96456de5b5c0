"""The figures there are: modules that papers announce, read without being run, and a user's own once they are named.

Constants at the top of a figure's module say what it is:

    TITLE = "Gain factor and error variance limit of RSG"
    SOURCE = "Figure 1"
    QUICK = {"points": 50}
    CLAIMS = ("arsg.convergence_region",)

TITLE makes a module a figure. SOURCE is its place in the paper, left out where the paper has no such figure. QUICK
holds the parameters of a version that takes seconds, left out where the figure is that quick anyway.
CLAIMS names the claims that the figure shows; claims and figures are linked by nothing else.
AMPLIFIES_ROUNDING = True stands where runs turn the last bit of a number into other numbers.
CHECKS = True stands where claims are checked, so that a reproduction comes to the figure when it has their findings.
"""

import ast
import importlib
import importlib.util
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from dynamics.checks import Refusal, unknown
from dynamics.papers import Paper, is_ours, left_out, owner, papers
from dynamics.references import is_reference, load, load_module, members, why_not

__all__ = ["FIGURES", "GALLERY", "Entry", "adopt_figures", "entry", "figures_of", "find", "id_of", "module", "showing"]

GALLERY = Path(__file__).with_name("gallery")
_CONSTANTS = ("TITLE", "SOURCE", "QUICK", "CLAIMS", "AMPLIFIES_ROUNDING", "CHECKS")
_BODY = re.compile(r"^(?:@|def |class )", re.MULTILINE)


class Entry(NamedTuple):
    """One figure. `quick` holds the parameters of a version that takes seconds; `moves` says that there is a film, and
    `amplifies_rounding` that its runs turn the last bit of a number into other numbers on another processor;
    `checks`, that it checks claims.
    `reference` is how a user named a figure that no paper announces, `name` the object in its module that it is, and
    `claims` are the ids of those that it shows."""

    module: str
    title: str
    paper: str
    quick: Mapping[str, Any] = {}
    moves: bool = False
    amplifies_rounding: bool = False
    reference: str = ""
    name: str = ""
    claims: tuple[str, ...] = ()
    checks: bool = False


def find(announced: Iterable[Paper]) -> dict[str, Entry]:
    """All figures of papers, in the papers' order and numbers in theirs.

    What another package announces and can't be read is left out, with one line about it.

    Raises
    ------
    ValueError
        If a constant of one of optdyn's own is not a literal.

    Examples
    --------
    >>> find(papers().values())["arsg.1"].paper
    'Chen et al., An Adaptive Remote Stochastic Gradient Method, arXiv:1905.01422, Figure 1'
    """
    found: dict[str, Entry] = {}
    for paper in announced:
        try:
            found |= figures_of(paper)
        except (Exception, SystemExit) as error:
            if is_ours(paper):
                raise
            why = " ".join(str(error).split()) if isinstance(error, Refusal) else why_not(error)
            left_out(paper, f"its figures can't be read ({why.rstrip('.')})")
    return found


def figures_of(paper: Paper) -> dict[str, Entry]:
    """The figures of one paper by id, numbers in their order; modules are read, and not imported.

    Raises
    ------
    ValueError
        If a package or a module is not there, has no TITLE, or a constant is not a literal.

    Examples
    --------
    >>> list(figures_of(Paper("l4", "L4", figures=("plots.gallery.l4_*",))))
    ['l4.1', 'l4.2', 'l4.3']
    """
    found = {}
    for pattern in paper.figures:
        for figure, made_by, file in _modules(pattern):
            made = _described(made_by, file, paper.source)
            if made is not None:
                found[f"{paper.id}.{figure}"] = made
            elif "*" not in pattern:
                raise Refusal(f"{file.name} has no TITLE at its top, which makes a module a figure.")
    return dict(sorted(found.items(), key=lambda item: _order(item[0])))


def _modules(pattern: str) -> Iterator[tuple[str, str, Path]]:
    """The name of the figure, the module and its file, for each module that a pattern fits."""
    package, _, last = pattern.rpartition(".")
    spec = importlib.util.find_spec(package) if package else None
    before, star, after = last.partition("*")
    folders = (spec and spec.submodule_search_locations) or ()
    files = sorted(path for folder in folders for path in Path(folder).iterdir())
    fitting = [path for path in files if path.suffix == ".py" and fnmatchcase(path.stem, last)]
    if not fitting:
        raise Refusal(f"no module fits {pattern}: write package.module, or package.* for all in a package.")
    for path in fitting:
        figure = path.stem[len(before) : len(path.stem) - len(after)] if star else path.stem
        if path.stem != "__init__":
            yield figure, f"{package}.{path.stem}", path


def _described(made_by: str, file: Path, source: str) -> Entry | None:
    """What the text of a module says of its figure; None where it is none."""
    text = file.read_text(encoding="utf-8")
    constants = _read(file.name, text)
    if "TITLE" not in constants:
        return None
    place = f", {constants['SOURCE']}" if "SOURCE" in constants else ""
    return Entry(
        made_by,
        constants["TITLE"],
        source + place,
        constants.get("QUICK", {}),
        moves="\ndef animate(" in text,
        amplifies_rounding=constants.get("AMPLIFIES_ROUNDING", False),
        claims=_ids(file.name, constants.get("CLAIMS", ())),
        checks=constants.get("CHECKS", False),
    )


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


def _ids(name: str, claims: Any) -> tuple[str, ...]:
    if isinstance(claims, list | tuple) and all(isinstance(id, str) for id in claims):
        return tuple(claims)
    raise Refusal(f'CLAIMS in {name} = {claims!r} must be ids of claims: write them as ("mine.angle", "mine.rate").')


def _order(figure: str) -> list[tuple[bool, int, str]]:
    rest = figure.partition(".")[2]
    return [(not word.isdigit(), int(word) if word.isdigit() else 0, word) for word in re.findall(r"\d+|\D+", rest)]


FIGURES: Mapping[str, Entry] = find(papers().values())
_adopted: dict[str, Entry] = {}


def entry(figure: str) -> Entry:
    """What is known of a figure, or a ValueError that names the nearest one.

    A figure that no paper announces is known by the name of its module, once that is imported.

    Examples
    --------
    >>> entry("arsg.1").module
    'plots.gallery.arsg_1'
    >>> entry("arsg1")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    dynamics.checks.Refusal: unknown figure 'arsg1'; did you mean 'arsg.1'? The nearest of ...
    """
    known = {**_adopted, **FIGURES}
    if isinstance(figure, str) and figure not in known:
        owned = _living(figure)
        if owned is not None:
            return owned
    if not isinstance(figure, str) or figure not in known:
        raise Refusal(unknown("figure", figure, known))
    return known[figure]


def showing(claim: str) -> tuple[str, ...]:
    """The ids of the figures that show a claim.

    Examples
    --------
    >>> showing("step_tuned.curvature_step")
    ('step_tuned.1',)
    """
    return tuple(id for id, line in {**FIGURES, **_adopted}.items() if claim in line.claims)


def id_of(figure: str) -> str:
    """The id of a figure that is named by its id or its module, as `package.module:Name` or `path/to/file.py:Name`.

    Raises
    ------
    ValueError
        If there is no such figure, or several.

    Examples
    --------
    >>> id_of("arsg.1"), id_of("plots.gallery.arsg_1"), id_of("plots.gallery:arsg_1")
    ('arsg.1', 'arsg.1', 'arsg.1')
    """
    if not is_reference(figure):
        by_module = (id for id, line in FIGURES.items() if line.module == figure)
        return figure if figure in FIGURES else next(by_module, figure)
    found = adopt_figures(figure)
    if len(found) > 1:
        raise Refusal(f"{figure} has {len(found)} figures: {', '.join(found)}; name one.")
    return next(iter(found))


def adopt_figures(reference: str) -> dict[str, Entry]:
    """The figures that a module, a file or a name in one has, by id, and known by it from now on.

    A figure of no announced paper has its module's name for an id, and that of its object, where it is one in a module.

    Parameters
    ----------
    reference : str
        `package.module:Name` or `path/to/file.py:Name`, where Name is a submodule or an object with `TITLE`, `compute`
        and `draw`; or a whole module or file, with all figures in it, and those of a `Paper` in it.

    Raises
    ------
    ValueError
        If there is no such thing, it has no figure, or an id is another paper's.

    Examples
    --------
    >>> list(adopt_figures("plots.gallery.arsg_1"))
    ['arsg.1']
    """
    if ":" in reference and not reference.endswith(".py"):
        place, thing = load(reference, "figure", _is_figure)
        name = place.rpartition(":")[2]
        home = load_module(place.rpartition(":")[0]).__name__
        found = _of_module(thing) if isinstance(thing, ModuleType) else {f"{home}.{name}": (thing, home, name)}
    else:
        found = _of_module(load_module(reference))
        if not found:
            raise Refusal(f"{reference} has no figure: a module with TITLE, compute and draw is one.")
    made = {}
    for id, (thing, home, name) in found.items():
        announced = [known for known, line in FIGURES.items() if line.module == home and not name]
        if announced:
            made[announced[0]] = FIGURES[announced[0]]
            continue
        if owner(id) or id in FIGURES:
            raise Refusal(f"figure {id} of {reference} has an id of paper {owner(id)}: give its module another name.")
        made[id] = _adopted[id] = _of_object(thing, home, name)._replace(reference=reference)
    return made


def _of_module(module: ModuleType) -> dict[str, tuple[Any, str, str]]:
    """The figures of a whole module: itself, objects in it, and what a `Paper` in it lists."""
    home = module.__name__
    found: dict[str, tuple[Any, str, str]] = {home: (module, home, "")} if _is_figure(module) else {}
    objects = members(module, lambda thing: _is_figure(thing) and not isinstance(thing, ModuleType))
    found |= {f"{home}.{name}": (thing, home, name) for name, thing in objects.items()}
    for paper in [thing for thing in vars(module).values() if isinstance(thing, Paper)]:
        for id, line in figures_of(paper).items():
            found[id] = (load_module(line.module), line.module, "")
    return found


def _is_figure(thing: Any) -> bool:
    return isinstance(getattr(thing, "TITLE", None), str) and all(
        callable(getattr(thing, name, None)) for name in ("compute", "draw")
    )


def _of_object(thing: Any, home: str, name: str) -> Entry:
    source = getattr(thing, "SOURCE", "")
    return Entry(
        home,
        thing.TITLE,
        source or home,
        getattr(thing, "QUICK", {}),
        moves=callable(getattr(thing, "animate", None)),
        amplifies_rounding=bool(getattr(thing, "AMPLIFIES_ROUNDING", False)),
        name=name,
        claims=_ids(home, getattr(thing, "CLAIMS", ())),
        checks=bool(getattr(thing, "CHECKS", False)),
    )


def _living(id: str) -> Entry | None:
    """The figure that a module is, or has, which has been imported already."""
    home, _, name = id.rpartition(".")
    for module, word in ((id, ""), (home, name)):
        thing = getattr(sys.modules.get(module), word, None) if word else sys.modules.get(module)
        if thing is not None and _is_figure(thing):
            return _of_object(thing, module, "" if isinstance(thing, ModuleType) else word)
    return None


def module(figure: str) -> Any:
    """Import the module of a figure, or the object in it that is one: it has `compute` and `draw(dataset, *, size)`."""
    line = entry(figure)
    home = importlib.import_module(line.module)
    return getattr(home, line.name) if line.name else home
