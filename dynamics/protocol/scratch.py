"""Scratch: arrays in fields named `work`, at any depth, to which kernels write as they like; every run has its own."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from dynamics.protocol.trees import arrays_in, is_named, with_arrays
from dynamics.vectors.alignment import Layout, layout_of


def own_work(thing: Any) -> Any:
    """A copy of `thing` with scratch arrays of its own."""
    return scratch_in(thing).owned_by(thing)


class Scratch(NamedTuple):
    """The scratch in a thing, laid out."""

    tree: tuple[Any, ...]  # the fields
    layout: Layout

    def owned_by(self, thing: Any) -> Any:
        """A copy of this thing, or of one like it, with scratch arrays of its own."""
        return self.lying_in(self.room(), thing) if self.tree else thing

    def room(self) -> list[np.ndarray]:
        """Memory for scratch arrays, of zeros: what fills up registers could be slow denormals."""
        return self.layout.room(np.zeros)

    def lying_in(self, rooms: list[np.ndarray], thing: Any) -> Any:
        """A copy of this thing with scratch arrays that lie in such memory."""
        return with_scratch(thing, iter(with_arrays(self.tree, iter(self.layout.arrays_in(rooms)))))


def scratch_in(thing: Any) -> Scratch:
    """The scratch in a thing."""
    tree = tuple(scratch_of(thing))
    return Scratch(tree, layout_of(arrays_in(tree)))


def scratch_of(thing: Any) -> Iterator[Any]:
    """The fields named `work`."""
    for name, value in zip(thing._fields, thing, strict=True):
        if name == "work":
            yield value
        elif isinstance(value, tuple) and is_named(value):
            yield from scratch_of(value)


def with_scratch(thing: Any, scratch: Iterator[Any]) -> Any:
    """`thing` with other fields named `work`, in the order of `scratch_of`."""
    parts = []
    for name, value in zip(thing._fields, thing, strict=True):
        if name == "work":
            parts.append(next(scratch))
        else:
            parts.append(with_scratch(value, scratch) if is_named(value) else value)
    return tuple.__new__(type(thing), parts)
