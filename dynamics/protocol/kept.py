"""Canonical forms of late, kept: what a call has checked once can't have changed where it can't be changed.

A NamedTuple and the numbers in it stay as they are; an array may be written to between two calls, and is looked at
again each time.
"""

import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from dynamics.kernels.origins import OURS
from dynamics.kernels.reloading import current

MOST = 64  # forms, or things that are kept with one
LARGEST = 2**20  # bytes of the arrays in one: to look at more takes longer than all else
SHORT = 2**10  # bytes of an array that is compared with what it held: sooner done than to look for infinities
_UNCHANGING = frozenset({float, int, bool, str})


class Lately(dict[Any, Any]):
    """Things by their keys, None for others; what was asked for lately stays where there is no room for all.

    A thing is found without a call of a Python function, but for one that was not asked for of late.

    Examples
    --------
    >>> lately = Lately(asked=1)
    >>> for key in range(3 * MOST):
    ...     lately.make_room()
    ...     lately[key] = found = lately["asked"]
    >>> found, lately[0], len(lately.everything()) <= MOST
    (1, None, True)
    """

    older: Mapping[Any, Any] = MappingProxyType({})

    def __missing__(self, key: Any) -> Any:
        found = self.older.get(key)
        if found is not None:
            self.make_room()
            self[key] = found
        return found

    def make_room(self) -> None:
        """Forget what nobody has asked for lately, if two more would be too many."""
        if len(self) > MOST // 2 - 2:
            self.older = dict(self)
            self.clear()

    def everything(self) -> dict[Any, Any]:
        """All that is there."""
        return {**self.older, **self}


class Seen(NamedTuple):
    """An array as it was."""

    array: np.ndarray
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    scratch: bool  # of which nothing is asked


class Kept(NamedTuple):
    """A thing and its canonical form."""

    given: Any  # itself, so that no other thing is taken for it
    made: Any
    kinds: tuple[tuple[type, str, str], ...]  # the classes in it, their modules and their names there
    arrays: tuple[Seen, ...]  # which both have
    parts: tuple[Any, ...]  # of the form, whose own checks may find something else than they did
    settled: bool  # whether these hang on nothing but the arrays, all of them short: a user's may hang on anything
    contents: list[bytes]  # of the short arrays, when the form was last found to hold
    beside: Lately  # what others keep with the form, by keys of theirs


_forms = Lately()  # by the identity of what they are of


def all_finite(array: np.ndarray) -> bool:
    """Whether there is neither NaN nor infinity in an array, in half the time that `.all()` takes on a short one.

    Examples
    --------
    >>> all_finite(np.zeros(3)), all_finite(np.array([1.0, np.nan])), all_finite(np.array(-np.inf))
    (True, False, False)
    """
    return b"\0" not in np.isfinite(array).tobytes()


def form_of(thing: Any) -> Any:
    """The canonical form of a thing, where it is kept and still that of the thing; else None.

    The parts' own checks refuse what they refuse.
    """
    kept: Kept | None = _forms[id(thing)]
    if kept is None:
        return None
    modules = sys.modules
    for kind, module, name in kept.kinds:
        space = modules.get(module)
        if space is not None and vars(space).get(name, kind) is not kind and current(kind) is not kind:
            return None
    contents, at, news = kept.contents, 0, []
    for array, dtype, shape, scratch in kept.arrays:
        if array.dtype is not dtype or array.shape != shape:
            return None
        if scratch:
            continue
        if not array.flags.carray:
            return None
        if array.nbytes > SHORT:
            if not all_finite(array):
                return None
            continue
        held = array.tobytes()
        if held != contents[at]:
            if not all_finite(array):
                return None
            news.append((at, held))
        at += 1
    if news or not kept.settled:
        for part in kept.parts:
            part.check()
        for at, held in news:  # once the checks have passed
            contents[at] = held
    return kept.made


def beside(form: Any) -> Lately | None:
    """What is kept with a canonical form, or None where the form itself is not kept."""
    kept: Kept | None = _forms[id(form)]
    return kept.beside if kept is not None else None


def keep(thing: Any, made: Any) -> None:
    """Keep the canonical form of a thing, by the thing and by itself, where it has the thing's arrays for its own."""
    kinds: list[type] = []
    arrays: list[Seen] = []
    parts: list[Any] = []
    if not _shares(thing, made, False, kinds, arrays, parts) or sum(s.array.nbytes for s in arrays) > LARGEST:
        return
    known = [seen.array for seen in arrays if not seen.scratch]
    contents = [array.tobytes() for array in known if array.nbytes <= SHORT]
    kept = Kept(
        thing,
        made,
        tuple((kind, kind.__module__, kind.__qualname__) for kind in dict.fromkeys(kinds)),
        tuple(arrays),
        tuple(parts),
        len(contents) == len(known) and all(map(is_ours, kinds)),
        contents,
        Lately(),
    )
    _forms.make_room()
    _forms[id(thing)], _forms[id(made)] = kept, Kept(made, *kept[1:])


def is_ours(kind: type) -> bool:
    """Whether a class is optdyn's own."""
    return kind.__module__.partition(".")[0] in OURS


def _of_shapes(kind: Any) -> bool:
    return getattr(kind.check, "of_shapes", False) is True


def _shares(thing: Any, made: Any, scratch: bool, kinds: list[type], arrays: list[Seen], parts: list[Any]) -> bool:
    """Whether whatever can change in a form is a thing's own array; what there is in it is added to the lists."""
    kind: Any = type(thing)
    if kind is np.ndarray:
        arrays.append(Seen(thing, thing.dtype, thing.shape, scratch))
        return made is thing
    if not isinstance(thing, tuple):
        return kind in _UNCHANGING
    if len(thing) != len(made):  # a sequence that became a schedule
        return False
    before, names = len(arrays), getattr(kind, "_fields", ("",) * len(thing))
    for name, part, other in zip(names, thing, made, strict=True):
        if not _shares(part, other, scratch or name == "work", kinds, arrays, parts):
            return False
    if not hasattr(kind, "_fields"):
        return True
    kinds.append(kind)
    if hasattr(kind, "check") and (len(arrays) > before or not is_ours(kind)) and not _of_shapes(kind):
        parts.append(made)
    return kind is type(made)
