"""Room for the rows that a run writes."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from dynamics.runs.driver import Records
from dynamics.vectors.alignment import aligned_empty

BLOCK = 2**20  # numbers that are moderate to ask for at once
FEW = 1002  # rows that are lent: those of a run of a thousand steps


class LentRows(NamedTuple):
    """Room for a few rows, without iterates, that run after run fills."""

    block: Records
    numbers: np.ndarray  # where three of its columns lie, one after the other, shape (3 * FEW,)
    integers: np.ndarray  # where its iterations lie, then its calls, shape (4 * FEW,)

    def copied(self, rows: int) -> Records:
        """The first rows, in memory of their own; NumPy is soonest done with flat stretches."""
        iteration, calls = self.integers[:rows].copy(), self.integers[FEW : FEW + 3 * rows].copy()
        loss, gradient_norm, step_size = (self.numbers[at : at + rows].copy() for at in (0, FEW, 2 * FEW))
        return Records(iteration, loss, gradient_norm, step_size, calls.reshape(rows, 3), np.empty(0))


def lent_rows(room: Callable[[int], np.ndarray]) -> LentRows:
    """Room for a few rows, by what makes new arrays for numbers."""
    numbers, integers = room(3 * FEW), np.empty(4 * FEW, dtype=np.int64)
    return LentRows(_block(numbers, integers, FEW, room(0)), numbers, integers)


class RecordBlocks:
    """The rows of a run: in one block, to which nothing is added and from which nothing is copied, if it is moderate.

    Parameters
    ----------
    room
        What makes new arrays for numbers, by length.
    every
        Steps between rows.
    numbers
        Of an iterate, 0 where iterates are not recorded.
    lent
        Where the first rows go; they are copied once there are more than it has room for, or at the end.
    """

    def __init__(
        self, room: Callable[[int], np.ndarray], every: int, numbers: int, lent: LentRows | None = None
    ) -> None:
        self.room, self.every, self.numbers, self.lent = room, every, numbers, lent
        self.full: list[Records] = []
        self.block: Records | None = lent.block if lent is not None else None
        self.rows = 0  # written to the block

    def ahead(self, steps: int, left: int) -> Records:
        """Room for the rows of the next `steps` steps, of `left` to the end of the run."""
        needed = steps // self.every + 2  # at most: the rows on the cadence and that of the end
        if self.block is None or self.rows + needed > len(self.block.iteration):
            # Of the run's chunks together one more, where they begin off the cadence.
            wanted = max(needed, min(left // self.every + 3, BLOCK // (7 + self.numbers)))
            if self.lent is None:
                self.full = self.blocks() if self.rows else self.full
                self.block, self.rows = self._new(wanted), 0
            else:  # so that the rows of a moderate run are one block in the end
                self.block, self.lent = self._after(self.lent.block, wanted), None
        return rows_between(self.block, self.rows, len(self.block.iteration), self.numbers) if self.rows else self.block

    def wrote(self, rows: int) -> None:
        """So many rows of the room have been written."""
        self.rows += rows

    def blocks(self) -> list[Records]:
        """All rows; a block that is mostly empty is copied, and its room freed."""
        if self.block is None:
            return self.full
        if self.lent is not None:
            return [self.lent.copied(self.rows)]
        written = rows_between(self.block, 0, self.rows, self.numbers)
        if 2 * self.rows < len(self.block.iteration):
            written = Records(*(column.copy() for column in written))
        return [*self.full, written]

    def _after(self, block: Records, rows: int) -> Records:
        """A new block for further rows, with those of another block before them."""
        made = self._new(self.rows + rows)
        for column, written in zip(made, block, strict=True):
            column[: self.rows] = written[: self.rows]
        return made

    def _new(self, rows: int) -> Records:
        """A block in one piece of memory: malloc keeps what is freed as long as it isn't larger than any piece was."""
        kind, numbers = self.room(0), rows * (3 + self.numbers)
        end = numbers * math.prod(kind.shape[1:])  # on lanes each number stands for several
        memory = aligned_empty(end + 4 * rows)
        floats = memory[:end].reshape(numbers, *kind.shape[1:]).view(type(kind))
        return _block(floats, memory[end:].view(np.int64), rows, floats[3 * rows :])


def _block(numbers: np.ndarray, integers: np.ndarray, rows: int, iterates: np.ndarray) -> Records:
    """A block of new rows in given memory."""
    return Records(
        iteration=integers[:rows],
        loss=numbers[:rows],
        gradient_norm=numbers[rows : 2 * rows],
        step_size=numbers[2 * rows : 3 * rows],
        calls=integers[rows:].reshape(rows, 3),
        iterates=iterates,
    )


def rows_between(records: Records, begin: int, end: int, numbers: int) -> Records:
    """The rows begin, ..., end - 1, where an iterate has so many numbers."""
    iteration, loss, gradient_norm, step_size, calls, iterates = records
    return Records(
        iteration[begin:end],
        loss[begin:end],
        gradient_norm[begin:end],
        step_size[begin:end],
        calls[begin:end],
        iterates[begin * numbers : end * numbers],
    )


def joined(blocks: list[Records]) -> Records:
    """The rows of all blocks."""
    if len(blocks) == 1:
        return blocks[0]
    # numpy joins lanes to a plain array
    return Records(*(np.concatenate(parts).view(type(parts[0])) for parts in zip(*blocks, strict=True)))
