"""Where the runs of a store stand: axes that may grow, and blocks in the order in which they were planned."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from dynamics.checks import Refusal
from dynamics.sweeps.description import axis_described, counted, digest, listed_from, unpacked
from dynamics.sweeps.plan import Plan

LEAST, MOST = 512, 8192  # runs of a block
BLOCKS = 32  # that a sweep is cut into where that leaves them as large as allowed
LARGEST = 2**26  # bytes of a block, where it has more than the least runs


@dataclass(frozen=True)
class Generation:
    """What one call has added: places on the store's axes, and among its seeds; runs that were there are left out."""

    places: tuple[tuple[int, ...], ...]  # of each axis, and last of the seeds
    begin: int  # its first block
    runs: int


@dataclass(frozen=True, eq=False)
class Layout:
    """The axes of a store, its seeds, and which runs stand in which block.

    Where quantiles are kept in place of the seeds, one seed stands for all, and a run here is a setting.
    """

    axes: list[dict[str, Any]]  # as described
    seeds: tuple[int, ...]
    generations: tuple[Generation, ...]
    block: int

    @property
    def shape(self) -> tuple[int, ...]:
        """Places along each axis, and last seeds."""
        return (*(len(axis["values"]) for axis in self.axes), len(self.seeds))

    @property
    def blocks(self) -> int:
        """How many blocks there are."""
        return sum(-(-generation.runs // self.block) for generation in self.generations)

    @property
    def runs(self) -> int:
        """How many runs there are."""
        return sum(generation.runs for generation in self.generations)

    def places(self, block: int) -> np.ndarray:
        """The runs of a block, a row each: its place on each axis, and last that of its seed."""
        number = sum(generation.begin <= block for generation in self.generations) - 1
        generation, fresh = self.generations[number], self._fresh[number]
        begin = (block - generation.begin) * self.block
        where = np.arange(begin, min(begin + self.block, generation.runs))
        where = where if fresh is None else fresh[where]
        across = np.unravel_index(where, tuple(map(len, generation.places)))
        columns = [np.array(places)[at] for places, at in zip(generation.places, across, strict=True)]
        return np.stack(columns, axis=1)

    def each(self) -> Iterator[tuple[int, np.ndarray]]:
        """All blocks with the places of their runs."""
        for number in range(self.blocks):
            yield number, self.places(number)

    def grown(self, plan: Plan) -> "Layout":
        """With the runs of a plan that are not there yet, in further blocks."""
        axes, places = [], []
        for ours, asked in zip(self.axes, map(axis_described, plan.axes), strict=True):
            values, where = _joined(ours["values"], asked["values"])
            axes.append(ours | {"values": [(ours["values"] + asked["values"])[i] for i in values]})
            places.append(where)
        asked_seeds = seeds_apart(plan)
        values, where = _joined(list(self.seeds), list(asked_seeds))
        seeds = tuple((self.seeds + asked_seeds)[i] for i in values)
        wanted = Generation((*places, where), self.blocks, 0)
        new = self._new(wanted, self.generations)
        runs = math.prod(map(len, wanted.places)) if new is None else new.size
        kept = (*self.generations, replace(wanted, runs=runs)) if runs else self.generations
        return replace(self, axes=axes, seeds=seeds, generations=kept)

    def asked(self, plan: Plan) -> list[np.ndarray]:
        """Of each axis the places of a plan's values, in its order, and last of its seeds; all of them are there."""
        asked = [*(axis_described(axis)["values"] for axis in plan.axes), list(seeds_apart(plan))]
        there = [*(axis["values"] for axis in self.axes), list(self.seeds)]
        return [np.array(_joined(ours, wanted)[1]) for ours, wanted in zip(there, asked, strict=True)]

    def plan(self, plan: Plan) -> Plan:
        """A plan over all axes of the store as far as they are, with the values of `plan` where it has them."""
        axes = []
        for ours, asked in zip(self.axes, plan.axes, strict=True):
            words = axis_described(asked)["values"]
            known = {shown_once(word): row for word, row in zip(words, asked.values, strict=True)}
            rows = [known.get(shown_once(word)) or tuple(map(unpacked, word)) for word in ours["values"]]
            axes.append(replace(asked, values=rows))
        return replace(plan, axes=axes, seeds=plan.seeds if plan.quantiles else self.seeds)

    def told(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "axes": self.axes,
            "seeds": counted(self.seeds),
            "generations": [
                {"places": [counted(p) for p in g.places], "begin": g.begin, "runs": g.runs} for g in self.generations
            ],
            "block": self.block,
        }

    @cached_property
    def digests(self) -> list[np.ndarray]:
        """Hashes of the values along each axis, and last of the seeds."""
        words = [*(axis["values"] for axis in self.axes), list(self.seeds)]
        return [np.array([np.frombuffer(digest(w)[:16], dtype=np.uint8) for w in column]) for column in words]

    @cached_property
    def _fresh(self) -> list[np.ndarray | None]:
        """Which runs of each generation no earlier one has, counted along its own axes; None where all are new."""
        return [self._new(generation, self.generations[:k]) for k, generation in enumerate(self.generations)]

    def _new(self, generation: Generation, earlier: tuple[Generation, ...]) -> np.ndarray | None:
        if not earlier:
            return None
        old = np.zeros(tuple(map(len, generation.places)), dtype=bool)
        for other in earlier:
            there = np.ones((), dtype=bool)
            for ours, theirs in zip(generation.places, other.places, strict=True):
                there = np.logical_and.outer(there, np.isin(ours, theirs))
            old |= there
        return np.flatnonzero(~old)


def first_layout(plan: Plan, bytes_a_run: int) -> Layout:
    """The layout of a new store."""
    runs, seeds = plan.settings * len(plan.seeds), seeds_apart(plan)
    wanted = 2 ** math.ceil(math.log2(max(runs / BLOCKS, 1)))
    block = max(LEAST, min(MOST, wanted, 2 ** int(math.log2(max(LARGEST / bytes_a_run, 1)))))
    block = max(1, block * len(seeds) // len(plan.seeds))
    whole = tuple(tuple(range(size)) for size in (*plan.shape, len(seeds)))
    generation = Generation(whole, 0, plan.settings * len(seeds))
    return Layout([axis_described(axis) for axis in plan.axes], seeds, (generation,), block)


def seeds_apart(plan: Plan) -> tuple[int, ...]:
    """The seeds that have rows of their own; one stands for all where quantiles are kept in their place."""
    return (0,) if plan.quantiles else plan.seeds


def layout_from(told: Mapping[str, Any]) -> Layout:
    """The layout that was written down."""
    generations = tuple(
        Generation(tuple(map(listed_from, g["places"])), int(g["begin"]), int(g["runs"])) for g in told["generations"]
    )
    return Layout(list(told["axes"]), listed_from(told["seeds"]), generations, int(told["block"]))


def content(layout: Layout, places: np.ndarray) -> bytes:
    """A hash of the values and the seeds of some runs, wherever they stand."""
    columns = [table[places[:, k]] for k, table in enumerate(layout.digests)]
    return np.concatenate(columns, axis=1).tobytes()


def require_same_axes(where: str, layout: Layout, plan: Plan) -> None:
    """Refuse a plan whose axes have other names."""
    ours, asked = [axis["names"] for axis in layout.axes], [list(axis.names) for axis in plan.axes]
    if ours != asked:
        have, want = (", ".join("+".join(names) for names in axes) or "none" for axes in (ours, asked))
        raise Refusal(f"{where} holds a sweep over {have}, and one over {want} is asked for: give another out.")


def _joined(ours: list[Any], asked: list[Any]) -> tuple[list[int], tuple[int, ...]]:
    """Which of both lists stand in the longer list, ours first; and where those that are asked for stand in it."""
    places: dict[str, int] = {}
    kept: list[int] = []
    for i, value in enumerate(ours + asked):
        if shown_once(value) not in places:
            places[shown_once(value)] = len(kept)
            kept.append(i)
    return kept, tuple(places[shown_once(value)] for value in asked)


def shown_once(value: Any) -> str:
    """A value as a key: 1 and 1.0 are one number, as they are in a run."""
    return repr(_plain(value))


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in sorted(value.items())}
    return float(value) if type(value) is int and abs(value) < 2**53 else value
