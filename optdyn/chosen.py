"""What the words of a command name: what papers announce, and what is in a user's own modules and files."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from optdyn.names import matching, resolve
from optdyn.refusals import BadInput

__all__ = ["chosen_claims", "chosen_figures", "chosen_method", "chosen_parts", "chosen_problem", "told"]

SHORT = {"gd": "gradient-descent", "hb": "heavy-ball", "nag": "nesterov"}


def chosen_method(given: str) -> tuple[str, Callable[..., Any]]:
    """A method's name and what makes it: a class, a function, or a ready method's class with its fields as defaults.

    Parameters
    ----------
    given : str
        A name of `dynamics.methods()` in any spelling, `package.module:Name`, or `path/to/file.py:Name`.

    Raises
    ------
    ValueError
        If there is no such thing, or it is no method.

    Examples
    --------
    >>> chosen_method("Heavy_Ball")[0], chosen_method("dynamics:RSG")[1].__name__
    ('heavy-ball', 'RSG')
    >>> chosen_method("synthetic:carmon_")
    Traceback (most recent call last):
    dynamics.checks.Refusal: unknown method in synthetic 'carmon_'; ...
    """
    from dynamics import methods
    from dynamics.catalogue import makes_method

    return _chosen("method", SHORT.get(given.strip().lower(), given), methods(), makes_method)


def chosen_problem(given: str) -> tuple[str, Callable[..., Any]]:
    """A problem's name and what makes it, as `chosen_method` does for methods.

    Examples
    --------
    >>> chosen_problem("synthetic:rosenbrock")[0]
    'synthetic:rosenbrock'
    """
    from dynamics import methods
    from synthetic import problems
    from synthetic.catalogue import makes_problem

    if given in methods() and given not in problems():
        raise BadInput(f"{given} is a method, and the problem comes first, as in: quadratic {given}.")
    return _chosen("problem", given, problems(), makes_problem)


def chosen_figures(patterns: Iterable[str]) -> dict[str, str]:
    """The ids of figures, all without patterns, and the module or file of each, "" where a paper announces it.

    Parameters
    ----------
    patterns : iterable of str
        Ids, papers, shell patterns; modules, files, and names in them.

    Raises
    ------
    ValueError
        If a pattern fits nothing.

    Examples
    --------
    >>> chosen_figures(["l4", "plots.gallery:arsg_1"])
    {'arsg.1': '', 'l4.1': '', 'l4.2': '', 'l4.3': ''}
    """
    from plots.registry import FIGURES, adopt_figures

    return _all("figure", patterns, FIGURES, adopt_figures)


def chosen_claims(patterns: Iterable[str]) -> dict[str, str]:
    """The ids of claims, as `chosen_figures` does for figures.

    Examples
    --------
    >>> chosen_claims(["l4.angle", "theory.claims.problems:condition_number"])
    {'l4.angle': '', 'problems.condition_number': ''}
    """
    from theory.claims import claims
    from theory.claims.collection import adopt_claims, place_of

    known = [entry.id for entry in claims()]
    found = _all("claim", patterns, known, lambda reference: [entry.id for entry in adopt_claims(reference)])
    return {id: place_of(id) for id in found}


def chosen_parts(patterns: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
    """The figures and the claims that words fit, with the place of each; a word fits one kind at least.

    Examples
    --------
    >>> figures, claims = chosen_parts(["l4"])
    >>> list(figures)[0], list(claims)[0]
    ('l4.1', 'l4.core_invariance')
    """
    patterns = tuple(patterns)
    if not patterns:
        return chosen_figures(()), chosen_claims(())
    found: tuple[dict[str, str], dict[str, str]] = ({}, {})
    for pattern in patterns:
        refusals = []
        for chosen, into in ((chosen_figures, found[0]), (chosen_claims, found[1])):
            try:
                into |= chosen([pattern])
            except ValueError as error:
                refusals.append(error)
        if len(refusals) == 2:
            raise refusals[0] if _names_module(pattern) else BadInput(_unknown_part(pattern))
    return found


def _unknown_part(pattern: str) -> str:
    """A sentence for a word that fits no paper, figure or claim; a paper beside us may only have to be installed."""
    from dynamics.checks import unknown
    from dynamics.papers import papers
    from plots.registry import FIGURES
    from theory.claims import claims

    if (Path(pattern) / "pyproject.toml").is_file():
        return f"{pattern} is a package in this folder that isn't installed: python -m pip install -e {pattern}"
    return unknown("paper, figure or claim", pattern, [*papers(), *FIGURES, *(entry.id for entry in claims())])


def _names_module(pattern: str) -> bool:
    """Whether a word names a module or file, or a paper that is broken: what was said against these is the sentence."""
    from dynamics.papers import faults
    from dynamics.references import is_reference, is_there

    return is_reference(pattern) or pattern.partition(".")[0] in faults() or is_there(pattern)


def _chosen(
    kind: str, given: str, makers: Mapping[str, Any], makes: Callable[[Any], bool]
) -> tuple[str, Callable[..., Any]]:
    from dynamics.references import is_reference, load

    if is_reference(given):
        name, thing = load(given, kind, makes, told)
    else:
        name = resolve(kind, given, makers)
        thing = makers[name]
    if isinstance(thing, type) or inspect.isfunction(thing):
        return name, thing
    maker: Callable[..., Any] = type(thing)
    return name, partial(maker, **thing._asdict())  # a ready one


def told(thing: Any) -> str:
    """What a thing is, in words.

    Examples
    --------
    >>> import theory.claims
    >>> told(theory.claims.claim("l4.angle")), told(theory.claims)
    ('a claim', 'a module')
    """
    from types import ModuleType

    from dynamics.catalogue import makes_method
    from synthetic.catalogue import makes_problem
    from theory.claims import Claim

    if inspect.isfunction(thing):
        return "a function"
    if makes_method(thing):
        return "a method"
    if makes_problem(thing):
        return "a problem"
    if isinstance(thing, type):
        lacks = " without update or value_and_gradient" if hasattr(thing, "_fields") else ""
        return f"a class{lacks}"
    kinds = ((Claim, "a claim"), (ModuleType, "a module"))
    return next((words for one, words in kinds if isinstance(thing, one)), f"of class {type(thing).__name__}")


def _all(
    kind: str, patterns: Iterable[str], known: Iterable[str], adopt: Callable[[str], Iterable[str]]
) -> dict[str, str]:
    known, patterns = tuple(known), tuple(patterns)
    announced, own = set(known if not patterns else ()), {}
    for pattern in patterns:
        if _is_module(pattern, kind, known):
            for id in adopt(pattern):
                if id in known:
                    announced.add(id)
                else:
                    own[id] = pattern
        else:
            announced.update(matching(kind, [pattern], known))
    return {id: "" for id in known if id in announced} | own


def _is_module(pattern: str, kind: str, known: Iterable[str]) -> bool:
    """Whether a word names no announced thing, but a module or a file; a paper that is broken is told of."""
    from dynamics.papers import faults
    from dynamics.references import is_reference, is_there

    if is_reference(pattern):
        return True
    try:
        matching(kind, [pattern], known)
        return False
    except BadInput:
        if pattern.partition(".")[0] in faults():
            raise BadInput(faults()[pattern.partition(".")[0]]) from None
        return all(part.isidentifier() for part in pattern.split(".")) and is_there(pattern)
