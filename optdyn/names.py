"""Names as people type them: any case, dashes or underscores; a wrong one gets the closest that exists."""

import fnmatch
from collections.abc import Iterable
from pathlib import Path

import typer

from optdyn.refusals import BadInput

__all__ = ["matching", "resolve", "typed_path"]


def resolve(kind: str, given: str, allowed: Iterable[str]) -> str:
    """The name in `allowed` that was meant.

    Parameters
    ----------
    kind : str
        What is named, for the sentence: "method", "figure", …
    given : str
        What was typed.
    allowed : iterable of str
        The names that exist.

    Raises
    ------
    ValueError
        If there is no such name; the message says which comes closest.

    Examples
    --------
    >>> resolve("method", "Heavy_Ball", ["heavy-ball", "rsg"])
    'heavy-ball'
    >>> resolve("method", "rgs", ["heavy-ball", "rsg"])
    Traceback (most recent call last):
    optdyn.refusals.BadInput: unknown method 'rgs'; did you mean 'rsg'? Allowed: heavy-ball, rsg.
    """
    names = {_plain(name): name for name in allowed}
    if _plain(given) not in names:
        from dynamics.checks import unknown  # only now: help needs no numerics

        raise BadInput(unknown(kind, given, names.values()))
    return names[_plain(given)]


def matching(kind: str, patterns: Iterable[str], allowed: Iterable[str]) -> tuple[str, ...]:
    """The names that fit any of the patterns, in their own order; all of them where there is no pattern.

    A pattern is a name, the part of names before a dot, or a shell pattern with `*` and `?`.

    Raises
    ------
    ValueError
        If a pattern fits nothing.

    Examples
    --------
    >>> matching("claim", ["arsg", "*.angle"], ["l4.angle", "l4.polyak", "arsg.3"])
    ('l4.angle', 'arsg.3')
    """
    names = tuple(allowed)
    chosen: set[str] = set()
    patterns = tuple(patterns)
    for pattern in patterns:
        plain = _plain(pattern)
        found = {
            name for name in names if fnmatch.fnmatchcase(_plain(name), plain) or _plain(name).startswith(f"{plain}.")
        }
        if not found:
            from dynamics.checks import unknown  # only now: help needs no numerics

            raise BadInput(unknown(kind, pattern, names))
        chosen |= found
    return tuple(name for name in names if name in chosen or not patterns)


def typed_path(text: str | Path) -> Path:
    """The path that was typed; an empty one, as a variable without a value leaves it, would mean this folder.

    Examples
    --------
    >>> typed_path("figures").name
    'figures'
    """
    if not str(text).strip():
        raise typer.BadParameter("the path is empty; give a name, or . for this folder.")
    return Path(text)


def _plain(name: str) -> str:
    return name.strip().lower().replace("_", "-")
