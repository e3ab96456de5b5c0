"""Random streams of a sweep's runs, by content: what a run draws follows from its seed and its own setting.

A setting is read in two parts: its frame, which is all but the floats (classes by name, whole numbers, arrays), and the
floats in order. The frame goes into the key of a stream as a digest, the floats as they are: the keys of many settings
that differ in floats alone are an array.
"""

import hashlib
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np

from dynamics.protocol.trees import is_named

Noise = Literal["own", "common"]  # whether a setting has a stream of its own for a seed, or all have the same

WORDS = 4  # of 32 bits, by which frames are told apart


def stream(seed: int, *setting: Any) -> np.random.SeedSequence:
    """The stream of the run with this seed and setting: canonical NamedTuples; none where all settings share it.

    Examples
    --------
    >>> from dynamics import SGD
    >>> from dynamics.protocol.canonical import canonical
    >>> one, other = (canonical(SGD(step)) for step in (0.1, 0.2))
    >>> stream(7, one).spawn_key == stream(7, one).spawn_key, stream(7, one).spawn_key == stream(7, other).spawn_key
    (True, False)
    """
    return np.random.SeedSequence(seed, spawn_key=key(*setting) if setting else ())


def key(*setting: Any) -> tuple[int, ...]:
    """A setting in words of 32 bits, wherever its classes are defined."""
    return tuple(int(word) for word in keys(frame(*setting), np.array([list(floats(setting))]))[0])


def keys(words: tuple[int, ...], numbers: np.ndarray) -> np.ndarray:
    """The keys of settings of one frame, shape (settings, words), with their floats, shape (settings, floats).

    Examples
    --------
    >>> keys((1, 2), np.array([[1.0], [-0.0]])).tolist()
    [[1, 2, 0, 1072693248], [1, 2, 0, 0]]
    """
    unsigned = np.ascontiguousarray(numbers + 0.0, dtype="<f8")  # zero is one number, with either sign
    bits = unsigned.view("<u4").reshape(len(numbers), -1)
    made = np.empty((len(numbers), len(words) + bits.shape[1]), dtype=np.uint32)
    made[:, : len(words)], made[:, len(words) :] = words, bits
    return made


def frame(*setting: Any) -> tuple[int, ...]:
    """A hash of all but the floats of a setting."""
    digest = hashlib.sha256()
    for thing in setting:
        _feed(digest, thing)
    return tuple(np.frombuffer(digest.digest(), dtype="<u4")[:WORDS].tolist())


def floats(value: Any) -> Iterator[float]:
    """The floats in a tree of tuples, from left to right; scratch not counted.

    Examples
    --------
    >>> list(floats((1.0, 2, (np.ones(2), 3.0))))
    [1.0, 3.0]
    """
    if isinstance(value, float):
        yield value
    elif is_named(value):
        for name, part in zip(type(value)._fields, value, strict=True):
            if name != "work":
                yield from floats(part)
    elif isinstance(value, tuple):
        for part in value:
            yield from floats(part)


def _feed(digest: Any, value: Any) -> None:
    if is_named(value):
        digest.update(f"({type(value).__name__}".encode())
        for name, part in zip(type(value)._fields, value, strict=True):
            if name != "work":  # scratch
                digest.update(f",{name}=".encode())
                _feed(digest, part)
        digest.update(b")")
    elif isinstance(value, tuple):
        digest.update(b"[")
        for part in value:
            _feed(digest, part)
        digest.update(b"]")
    elif isinstance(value, np.ndarray):
        digest.update(f"{value.dtype.str}{value.shape}".encode())
        digest.update((value + value.dtype.type(0)).tobytes())
    elif isinstance(value, float):
        digest.update(b"float;")
    else:
        digest.update(f"{value!r};".encode())
