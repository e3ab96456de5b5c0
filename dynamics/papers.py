"""Papers by the one mechanism that announces them: entry points of installed packages, those of optdyn among them."""

import configparser
import functools
import importlib.metadata
import importlib.util
import multiprocessing
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

__all__ = ["GROUP", "Paper", "faults", "is_ours", "left_out", "owner", "paper", "papers", "things", "version"]

GROUP = "optdyn.papers"
_ROOT = Path(__file__).resolve().parents[1]
_KIND = TypeVar("_KIND")


class Paper(NamedTuple):
    """What a paper brings, each thing as `package.module:Name`, so that nothing is imported before it is asked for.

    Parameters
    ----------
    id : str
        The first part of the paper's ids: of its figures and claims, as in `mypaper.angle`.
    source : str
        The paper in one line, or what stands in its place.
    methods, problems : mapping of str to str
        By the names of the command line: classes of methods; classes or factories of problems.
    claims : tuple of str
        Modules, whose claims are taken in their order, or names of tuples of claims. The verdicts on file are in
        `verdicts.json` beside each module.
    figures : tuple of str
        Modules with `TITLE`, `compute` and `draw`; in the last part `*` stands for the figure's name, as in
        `mypaper.figures.*`.
    made_for : str
        The version of optdyn that the package was made for, such as "0.1"; "" for any.
    is_published : bool
        Whether it is a paper, and no collection; collections stand after papers.

    Examples
    --------
    >>> Paper("mypaper", "Doe, My paper (2026)", methods={"lion": "mypaper.lion:Lion"}).claims
    ()
    """

    id: str
    source: str
    methods: Mapping[str, str] = {}
    problems: Mapping[str, str] = {}
    claims: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    made_for: str = ""
    is_published: bool = True


def papers() -> dict[str, Paper]:
    """The papers that are announced, by id: optdyn's own first, and papers before collections.

    Examples
    --------
    >>> list(papers())[:5]
    ['arsg', 'l4', 'sigma_nice', 'step_tuned', 'trust_region']
    """
    return _found()[0]


def faults() -> dict[str, str]:
    """A sentence for each paper that is announced and can't be used, by the name of its entry point.

    Examples
    --------
    >>> faults().get("arsg", "nothing is wrong with it")
    'nothing is wrong with it'
    """
    return _found()[1]


def paper(id: str) -> Paper:
    """The paper with an id.

    Raises
    ------
    ValueError
        If it is not announced, or can't be used: the sentence says why.

    Examples
    --------
    >>> paper("l4").source
    'Rolínek and Martius, L4: Practical loss-based stepsize adaptation for deep learning, NeurIPS 2018'
    """
    from dynamics.checks import Refusal, unknown

    if id in faults():
        raise Refusal(faults()[id])
    if id not in papers():
        raise Refusal(unknown("paper", id, papers()))
    return papers()[id]


def owner(id: str) -> str:
    """Whose an id of a claim or figure is, "" where no paper announces its first part.

    Examples
    --------
    >>> owner("arsg.variance_limit"), owner("mine.angle")
    ('arsg', '')
    """
    return id.partition(".")[0] if id.partition(".")[0] in papers() else ""


def things(field: str, get: Callable[[str], _KIND]) -> dict[str, _KIND]:
    """All methods or problems of the papers by name, each got from its place; what can't be imported is left out."""
    found: dict[str, _KIND] = {}
    for one in papers().values():
        for name, place in getattr(one, field).items():
            if name in found:
                left_out(one, f"the name {name} among its {field} is taken: give it another one")
                continue
            try:
                found[name] = get(place)
            except (Exception, SystemExit) as error:
                if is_ours(one):
                    raise
                left_out(one, f"{place} can't be used ({' '.join(str(error).split())})")
    return dict(sorted(found.items()))


def is_ours(paper: Paper) -> bool:
    """Whether a paper is announced by optdyn itself, whose faults are no warnings."""
    return paper.id in _found()[2]


def left_out(paper: Paper, why: str) -> None:
    """Say in one line what of a paper is left out; of optdyn's own, refuse. Workers leave it to who hired them."""
    from dynamics.checks import Refusal

    if is_ours(paper):
        raise Refusal(f"paper {paper.id}: {why}.")
    _warn(f"paper {paper.id}: {why}; it is left out.")


def _warn(sentence: str) -> None:
    if multiprocessing.current_process().name == "MainProcess":  # of a worker, set before it imports anything
        warnings.warn(sentence, stacklevel=3)


@functools.cache
def version() -> str:
    """The version of optdyn, of its clone where it runs from one.

    Examples
    --------
    >>> version().count(".")
    2
    """
    setup = _clone()
    return setup["metadata"]["version"] if setup else importlib.metadata.version("optdyn")


@functools.cache
def _found() -> tuple[dict[str, Paper], dict[str, str], frozenset[str]]:
    """Papers, faults, and which papers are optdyn's own."""
    found: dict[str, Paper] = {}
    wrong: dict[str, str] = {}
    for entry in _own_entries():
        found[entry.name] = entry.load()
    own = frozenset(found)
    for entry in _others_entries():
        who = f"package {entry.dist.name}" if entry.dist else f"entry point {entry.value}"
        fault = f"its paper {entry.name} has the id of another one: name it otherwise" if entry.name in found else ""
        if not fault:
            try:
                made = entry.load()
                fault = _fault(entry.name, made)
            except (Exception, SystemExit) as error:
                from dynamics.references import why_not

                fault = f"its paper {entry.name} can't be imported: {why_not(error)}"
        if fault:
            wrong.setdefault(entry.name, f"{who}: {fault}.")
            _warn(f"{who}: {fault}; it is left out.")
        else:
            found[entry.name] = made
    order = sorted(found, key=lambda id: (id not in own, not found[id].is_published, id))
    return {id: found[id] for id in order}, wrong, own


def _fault(name: str, made: Any) -> str:
    """What is wrong with what an entry point names, "" for nothing."""
    if not isinstance(made, Paper):
        return f"its entry point {name} names a {type(made).__name__}, and a dynamics.papers.Paper is needed"
    if made.id != name or not name.isidentifier():
        return f"its entry point {name} names the paper {made.id!r}: give both one name that is an identifier"
    for field in ("claims", "figures"):
        if isinstance(getattr(made, field), str):
            return f"{field} of its paper {name} is a text: write a tuple, ({getattr(made, field)!r},)"
    if made.made_for and not _fits(made.made_for):
        ours = ".".join(version().split(".")[:2])
        return (
            f"its paper {name} was made for optdyn {made.made_for}, and this is {version()}: install optdyn "
            f"{made.made_for}, or a {name} that was made for {ours}"
        )
    return ""


def _fits(made_for: str) -> bool:
    """Whether this version has what a package made for another one uses: before 1.0 each minor version may differ."""
    try:
        wanted = [int(part) for part in made_for.split(".")[:2]]
    except ValueError:
        return False
    major, minor = (int(part) for part in version().split(".")[:2])
    if len(wanted) < 2 or major == 0:
        return wanted == [major, minor][: len(wanted)]
    return wanted[0] == major and wanted[1] <= minor


def _own_entries() -> Iterator[importlib.metadata.EntryPoint]:
    """Entry points of optdyn: in a clone, which need not be installed, as its setup.cfg declares them."""
    setup = _clone()
    if setup is None:
        yield from importlib.metadata.distribution("optdyn").entry_points.select(group=GROUP)
        return
    for line in setup["options.entry_points"][GROUP].strip().splitlines():
        name, _, value = (part.strip() for part in line.partition("="))
        yield importlib.metadata.EntryPoint(name, value, GROUP)


def _others_entries() -> Iterator[importlib.metadata.EntryPoint]:
    entries = importlib.metadata.entry_points(group=GROUP)
    foreign = (entry for entry in entries if entry.module.partition(".")[0] != "optdyn")
    yield from sorted(foreign, key=lambda entry: entry.name)


@functools.cache
def _clone() -> configparser.ConfigParser | None:
    """The setup.cfg beside the packages, where this is a clone."""
    setup = configparser.ConfigParser(interpolation=None)
    try:
        setup.read(_ROOT / "setup.cfg", encoding="utf-8")
    except configparser.Error:
        return None
    return setup if setup.get("metadata", "name", fallback="") == "optdyn" else None
