"""Things by their place in Python: `package.module:Name`, `path/to/file.py:Name`, or a whole module or file."""

import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from inspect import isfunction
from pathlib import Path
from types import ModuleType
from typing import Any

__all__ = ["is_reference", "is_there", "load", "load_module", "look_in", "members", "why_not"]


def is_reference(text: Any) -> bool:
    """Whether a text names something in a module or a file, or a whole file, and no registered thing.

    Examples
    --------
    >>> is_reference("mylab:Lion"), is_reference("mine.py"), is_reference("heavy-ball")
    (True, True, False)
    """
    return isinstance(text, str) and (":" in text or text.endswith(".py"))


def load(
    reference: str, kind: str, fits: Callable[[Any], bool], told: Callable[[Any], str] | None = None
) -> tuple[str, Any]:
    """The thing that a reference names, of the kind that is needed; of a whole module, the only one of that kind.

    Parameters
    ----------
    reference : str
        `package.module:Name`, `path/to/file.py:Name`, or a module or file that has one such thing.
    kind : str
        What is needed, for the sentence: "method", "problem", …
    fits : callable
        Whether a thing is of that kind.
    told : callable, optional
        What a thing is, in words with an article.

    Returns
    -------
    str, object
        The reference with its name, and the thing.

    Raises
    ------
    ValueError
        If there is no such module, file or name, the module can't be imported, or the thing is of another kind.

    Examples
    --------
    >>> load("math:tau", "number", lambda thing: isinstance(thing, float))
    ('math:tau', 6.283185307179586)
    >>> load("math:tou", "number", lambda thing: isinstance(thing, float))
    Traceback (most recent call last):
    dynamics.checks.Refusal: unknown number in math 'tou'; did you mean 'tau'? Allowed: e, inf, nan, pi, tau.
    """
    from dynamics.checks import KindRefusal, Refusal, unknown

    place, name = _split(reference)
    module = load_module(place)
    found = members(module, fits)
    found = {key: thing for key, thing in found.items() if not isfunction(thing)} or found
    if not name:
        if len(found) != 1:
            named = f"it has {', '.join(found)}: write {place}:{next(iter(found))}" if found else "it has none"
            raise Refusal(f"{place} is a module, and one {kind} is needed; {named}.")
        name = next(iter(found))
    thing = _attribute(module, name)
    if thing is None:
        raise Refusal(
            unknown(f"{kind} in {place}", name, found) if found else f"{place} has no {kind}, {name} neither."
        )
    if not fits(thing):
        an = "an" if kind[0] in "aeiou" else "a"
        raise KindRefusal(f"{reference} is {(told or _told)(thing)}, and {an} {kind} is needed.")
    return f"{place}:{name}", thing


def members(module: ModuleType, fits: Callable[[Any], bool]) -> dict[str, Any]:
    """The things of a kind in a module by name, but classes and functions that it imports from elsewhere.

    Examples
    --------
    >>> import calendar
    >>> list(members(calendar, lambda thing: isinstance(thing, type) and issubclass(thing, ValueError)))
    ['IllegalMonthError', 'IllegalWeekdayError']
    """

    def is_its(thing: Any) -> bool:
        defined = isinstance(thing, type) or isfunction(thing)
        return not defined or f"{thing.__module__}.".startswith(f"{module.__name__}.")

    named = {name: thing for name, thing in vars(module).items() if not name.startswith("_")}
    return {name: thing for name, thing in named.items() if is_its(thing) and fits(thing)}


def load_module(place: str) -> ModuleType:
    """Import a module by its name or its file, from where optdyn is called too.

    A file is imported by the name that it has in its folder, or in its package, so that other processes find it.

    Raises
    ------
    ValueError
        If it is not there, another module has its name, or it can't be imported.

    Examples
    --------
    >>> load_module("nowhere/at_all.py")
    Traceback (most recent call last):
    dynamics.checks.Refusal: nowhere/at_all.py: there is no such file; give the path to it from here.
    """
    from dynamics.checks import Refusal

    name = _name_of_file(place) if place.endswith(".py") else place
    if not all(name.split(".")):
        raise Refusal(f"{place!r} is no name of a module: write package.module:Name, or path/to/file.py:Name.")
    is_there(name)
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        missing = isinstance(error, ModuleNotFoundError) and error.name and f"{name}.".startswith(f"{error.name}.")
        if missing:
            raise Refusal(
                f"there is no module {name}, neither installed nor in this folder; give its file, as in "
                f"path/to/{name.rpartition('.')[2]}.py:Name."
            ) from error
        raise Refusal(f"{place} can't be imported: {why_not(error)}.") from error


def why_not(error: BaseException) -> str:
    """Why an import failed, with the line of the innermost file that is no part of Python.

    Examples
    --------
    >>> why_not(NameError("name 'np' is not defined"))
    "NameError: name 'np' is not defined"
    """
    import traceback

    if isinstance(error, SyntaxError):
        place = f" ({Path(error.filename or '?').name}, line {error.lineno})"
        return f"{type(error).__name__}: {error.msg}{place}"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith("<frozen")]
    place = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if len(frames) > 1 else ""
    return f"{type(error).__name__}: {' '.join(str(error).split()) or 'no message'}{place}"


def _split(reference: str) -> tuple[str, str]:
    """Module or file, and the name in it, "" for all of it."""
    from dynamics.checks import Refusal

    if reference.endswith(".py"):
        return reference, ""
    place, colon, name = reference.rpartition(":")
    if colon and not (place and name and all(part.isidentifier() for part in name.split("."))):
        raise Refusal(f"{reference!r} names nothing: write package.module:Name, or path/to/file.py:Name.")
    return (place, name) if colon else (name, "")


def _files_beside(path: Path) -> str:
    """Which files of Python are in the folder where one was looked for, the most alike first."""
    try:
        beside = sorted(one.name for one in path.parent.glob("*.py") if not one.name.startswith("_"))
    except (OSError, ValueError):
        return ""
    nearest = [*get_close_matches(path.name, beside, n=3, cutoff=0.6), *beside]
    return f"; there is {', '.join(list(dict.fromkeys(nearest))[:3])}" if beside else "; give the path to it from here"


def _name_of_file(place: str) -> str:
    """The name by which a file is imported, once its folder is looked in."""
    from dynamics.checks import Refusal, shown

    path = Path(place)
    try:
        there = path.is_file()
    except (OSError, ValueError):  # too long, or with a null byte
        there = False
    if not there:
        raise Refusal(f"{place if len(place) < 200 else shown(place)}: there is no such file{_files_beside(path)}.")
    path = path.resolve()
    parts, folder = ([] if path.name == "__init__.py" else [path.stem]), path.parent
    while (folder / "__init__.py").is_file():
        parts, folder = [folder.name, *parts], folder.parent
    look_in(folder)
    name = ".".join(parts)
    try:
        found = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        found = None
    if found is None or not found.origin or Path(found.origin).resolve() != path:
        other = f"and {found.origin or 'Python itself'} has it already" if found else "which can't be a module's"
        raise Refusal(f"{place} would be imported by the name {name}, {other}: give the file another name.")
    return name


def look_in(folder: Path) -> None:
    """Find modules in a folder too, after all others, so that none of them is shadowed.

    Examples
    --------
    >>> look_in(Path.cwd())
    >>> str(Path.cwd()) in sys.path
    True
    """
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    importlib.invalidate_caches()


def _attribute(module: ModuleType, name: str) -> Any:
    """What a module calls so, or its submodule; None for neither."""
    thing: Any = module
    for part in name.split("."):
        thing = getattr(thing, part, None)
    if thing is None and hasattr(module, "__path__"):
        full = f"{module.__name__}.{name}"
        if _is_found(full):
            return load_module(full)
    return thing


def is_there(name: str) -> bool:
    """Whether there is a module, installed or in the current folder, in which all later imports look then too.

    Only where it is nowhere else: a folder of the current one, without any module in it, would hide a package that is
    installed as editable.

    Examples
    --------
    >>> is_there("json"), is_there("nowhere.to_be_found")
    (True, False)
    """
    if not _is_found(name):
        look_in(Path.cwd())
    return _is_found(name)


def _is_found(name: str) -> bool:
    try:
        spec = importlib.util.find_spec(name)
    except (ModuleNotFoundError, ValueError):
        return False
    except (Exception, SystemExit):  # of a package around it, which is told of once it is imported
        return True
    return spec is not None and spec.origin is not None


def _told(thing: Any) -> str:
    kinds: Iterable[tuple[type, str]] = ((ModuleType, "a module"), (type, "a class"))
    for kind, words in kinds:
        if isinstance(thing, kind):
            return words
    word = "function" if callable(thing) and hasattr(thing, "__code__") else type(thing).__name__
    return f"{'an' if word[0] in 'aeiouAEIOU' else 'a'} {word}"
