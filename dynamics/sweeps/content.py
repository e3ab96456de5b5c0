"""Random streams of a sweep's runs, by content: what a run draws follows from its seed and its own setting."""

import hashlib
from typing import Any

import numpy as np

from dynamics.protocol.trees import is_named

WORDS = 4  # of 32 bits, by which settings are told apart


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
    """A setting in a few words: a hash of its classes' names and its values, wherever the classes are defined."""
    digest = hashlib.sha256()
    for thing in setting:
        _feed(digest, thing)
    return tuple(np.frombuffer(digest.digest(), dtype="<u4")[:WORDS].tolist())


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
    else:
        # Zero is one number, with either sign.
        digest.update(f"{value + 0.0 if type(value) is float else value!r};".encode())
