"""Threads that take the runs of a family through the compiled loop."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import numpy as np

from dynamics.kernels.cache import entry_point
from dynamics.kernels.code import reads_first
from dynamics.protocol.kept import LARGEST, beside
from dynamics.protocol.kernel_errors import explained
from dynamics.protocol.method import memory_maker
from dynamics.protocol.schedules import TABLE, Schedule
from dynamics.protocol.scratch import own_work, scratch_of, with_scratch
from dynamics.protocol.trees import arrays_in, with_arrays
from dynamics.runs.beginnings import stays
from dynamics.runs.chunks import CHUNK_SECONDS, FIRST_CHUNK, in_lanes, limits_of, one_run
from dynamics.runs.driver import Records, advance
from dynamics.runs.lane_runs import lane_shape, side_by_side, with_lane_numbers, with_work_in_lanes
from dynamics.runs.run import comparing, oracle
from dynamics.runs.setup import IDLE
from dynamics.runs.state import exact_at_each
from dynamics.sweeps.content import frame
from dynamics.sweeps.families import Family
from dynamics.sweeps.loop import COMMON, OWN, OWN_COST, UNDRAWN, Place, Runs, Terms, Written, take_runs
from dynamics.sweeps.seeding import POOL, halves, seats
from dynamics.vectors.alignment import aligned_copy, together
from dynamics.vectors.argument_blocks import argument_block
from dynamics.vectors.borrowing import borrowed
from dynamics.vectors.lanes import Lanes, LaneStreams
from dynamics.vectors.streams import Stream

ROWS = 256  # records that a place has room for
METHOD, ORACLE, POINT, GENERATOR, START, RECORDS = 0, 1, 2, 4, 5, 9  # arguments of the driver


class Worker:
    """Takes runs of a family through the compiled loop, at a place of its own."""

    def __init__(self, place: Place, arguments: tuple[Any, ...], state: Any, kept: Any) -> None:
        self.place = place
        self.arguments = arguments  # of the driver
        self.state = state  # of the runs under way
        self.kept = kept  # what the place's memory belongs to
        self.shelf: list[Worker] | None = None  # where it waits for the next family
        self.budget = FIRST_CHUNK  # steps of the next chunk
        self.pace = 0.0  # seconds that a step of a group took, where that is known
        self.kinds: list[tuple[Any, ...]] = []  # of the arguments of the loop
        self.kinds_of_driver: list[tuple[Any, ...]] = []
        self.entry = entry_point(advance, arguments, self.kinds_of_driver)

    def is_current(self) -> bool:
        """Whether the driver's machine code is that of the code as it is now."""
        return entry_point(advance, self.arguments, self.kinds_of_driver) is self.entry

    def begin(self, family: Family) -> None:
        """Turn to another family, like the one that the worker was made for."""
        self.place.key_of[:] = -1
        if reads_first(memory_maker(type(family.first.method))):
            self.place.state[:] = self.place.fresh[0]
            fresh = _fresh(family, self.place.state, self.state, len(self.place.going))
            self.place = self.place._replace(fresh=fresh)

    def end(self) -> None:
        """Wait for the next family."""
        if self.shelf is not None:
            self.shelf.append(self)

    def take(self, runs: Runs, written: Written, terms: Terms, halted: Callable[[float], bool]) -> None:
        """Take the runs that no other worker takes to their ends, or until halted.

        `halted` is told how many seconds all that are left to take may need.
        """
        self.place.under_way[:] = 0
        function = entry_point(take_runs, (self.place, runs, written, terms, self.budget), self.kinds)
        while not halted(self.pace * max(len(runs.members) - runs.tickets[0], 0) * (terms.steps + OWN_COST)):
            began = time.perf_counter()
            left = function(self.place, runs, written, terms, self.budget)
            seconds = time.perf_counter() - began
            self.pace = seconds / max(self.budget - left, 1)
            if left > 0:
                return
            if seconds < CHUNK_SECONDS / 4:
                self.budget *= 4


def terms_of(family: Family, steps: int, *, last: bool, common_noise: bool) -> Terms:
    """What holds for all runs of a family."""
    setup = family.first
    drawing = OWN if setup.state.draws else UNDRAWN
    if family.of_one_seed(common_noise):
        drawing = COMMON
    stop = setup.stop
    bounds = (stop.gradient_norm, limits_of(stop).loss_bound, stop.iterate_bound)
    return Terms(steps, setup.record_every, int(last), drawing, *bounds)


def worker_for(family: Family, terms: Terms, width: int) -> Worker | None:
    """A worker for a family, new or of late one for another like it; None where its runs have to go through Python."""
    shelf = _shelf(family, terms, width)
    with explained(family.first.method, family.first.problem):
        with suppress(IndexError):  # other threads take some too
            if shelf and (waiting := shelf.pop()).is_current():
                waiting.begin(family)
                return waiting
        worker = new_worker(family, terms, width)
    if worker is not None and worker.place.state.nbytes <= LARGEST:
        worker.shelf = shelf
    return worker


def _shelf(family: Family, terms: Terms, width: int) -> list[Worker] | None:
    """Where workers wait for a family: it differs in no more than numbers from those that they were made for.

    None where memory or samples are a user's, or where the method has arrays, which may change.
    """
    setup = family.first
    method, kept = setup.method, beside(setup.problem)
    if kept is None or _has_table(method) or not stays(method, setup.problem):
        return None
    fixed = lane_shape(setup) if family.on_lanes else frame(method)
    sizes = (width, _room(terms), family.numbers.shape[1], family.keys.shape[1], setup.state.point.x.size)
    key: Any = (type(method), fixed, terms[1:], setup.stop, sizes)
    shelf: list[Worker] | None = kept[key]
    if shelf is None:
        kept.make_room()
        kept[key] = shelf = []
    return shelf


def _has_table(tree: tuple[Any, ...]) -> bool:
    """Whether a method has a schedule that is an array."""
    return any(
        part.kind == TABLE if isinstance(part, Schedule) else isinstance(part, tuple) and _has_table(part)
        for part in tree
    )


def _room(terms: Terms) -> int:
    """Rows of records that a place has room for."""
    return min(ROWS, terms.steps // terms.every + 3)


def new_worker(family: Family, terms: Terms, width: int) -> Worker | None:
    """A worker for a family; None where its runs have to go through Python."""
    sides = halves()
    if sides is None:
        return None
    setup = family.first
    shares = terms.drawing != OWN  # on lanes: one generator or none
    state, problem = comparing(setup), own_work(setup.problem)
    method: Any = setup.method
    generator: Any = IDLE
    if family.on_lanes:
        state = side_by_side([state] * width)
        if terms.drawing == COMMON:
            state = state._replace(sample=setup.state.sample)  # one sample serves all
        problem = with_work_in_lanes(problem, width)
        method = with_lane_numbers([method] * width)
        generator = borrowed(IDLE) if terms.drawing == COMMON else LaneStreams((IDLE,) * width)
    buffer: list[np.ndarray] = []
    state, problem = _in_one_piece(state, problem, buffer)
    seen = oracle(setup.method, problem, state, IDLE)
    carrier = (in_lanes if family.on_lanes else one_run)(method, seen, state, generator)
    rows = _rows(carrier.room, _room(terms))
    full_gradient = carrier.room(len(carrier.point.x))
    limits = limits_of(setup.stop, state.seen, every=exact_at_each(setup.method, state))
    arguments = (*carrier[:5], 0, 1, 1, terms.every, rows, full_gradient, limits)
    block = argument_block(advance, arguments)
    if block is None:
        return None
    own_seats = seats(1 if shares else width)
    for argument in (GENERATOR, ORACLE):  # an oracle has the generator of a method that draws
        for i, place in enumerate(block.places_of(argument, "state")):
            block.words[place] = own_seats[min(i // 2, len(own_seats) - 1)].ctypes.data
    number_at = np.array(block.places_of(METHOD, "vector" if family.on_lanes else "number"), dtype=np.int64)
    if len(number_at) != family.numbers.shape[1]:
        return None
    memory = buffer[0].view(np.int64)
    ahead = set(map(id, _drawn_ahead(state)))
    parts = [
        (*_part(array, buffer[0]), int(id(array) not in ahead))
        for array in arrays_in((state, tuple(scratch_of(problem))))
    ]
    fresh = _fresh(family, memory, state, width)
    low, high = sides
    made = Place(
        words=block.words,
        numbers=block.numbers,
        state=memory,
        floats=memory.view(np.float64),
        fresh=fresh,
        parts=np.array(parts, dtype=np.int64),
        seats=own_seats,
        pool=np.zeros(3 * POOL, dtype=np.uint64),
        key_of=np.full(2, -1),
        shares=np.zeros(POOL * family.keys.shape[1], dtype=np.uint64),
        rows=Records(*map(_flat, rows)),
        number_at=number_at,
        ends=np.zeros((width, 4)),
        going=np.zeros(width, dtype=np.int64),
        under_way=np.zeros(4, dtype=np.int64),
        start_at=block.places_of(START, "word")[0],
        x_at=parts[0][0],
        dimension=len(carrier.point.x),
        caller=block.address,
        block=block.words.ctypes.data,
        low=low,
        high=high,
    )
    return Worker(made, arguments, state, (block, carrier, rows, full_gradient))


def _in_one_piece(state: Any, problem: Any, buffer: list[np.ndarray]) -> tuple[Any, Any]:
    """A state and a problem whose changing arrays lie in one piece of memory, which is added to `buffer`."""

    def memory(words: int) -> np.ndarray:
        buffer.append(aligned_copy(np.zeros(words, dtype=np.int64)))
        return buffer[0].view(np.float64)

    tree = (state, tuple(scratch_of(problem)))
    arrays = arrays_in(tree)
    own = together(arrays, memory)
    for mine, array in zip(own, arrays, strict=True):
        mine[...] = array
    state, scratch = with_arrays(tree, iter(own))
    return state, with_scratch(problem, iter(scratch))


def _drawn_ahead(tree: tuple[Any, ...]) -> Iterator[np.ndarray]:
    """The blocks of random numbers in a state, of which a run that begins reads none before it has made them."""
    if isinstance(tree, Stream) and tree.used[0] == len(tree.numbers):
        yield tree.numbers
        return
    for part in tree:
        if isinstance(part, tuple):
            yield from _drawn_ahead(part)


def _part(array: np.ndarray, buffer: np.ndarray) -> tuple[int, int, int]:
    first = (array.__array_interface__["data"][0] - buffer.ctypes.data) // 8
    return first, -(-array.nbytes // 8), int(isinstance(array, Lanes))


def _fresh(family: Family, memory: np.ndarray, state: Any, width: int) -> np.ndarray:
    """The states at the beginning with each memory of the method that there is."""
    templates = []
    for own in family.memories:
        beginning = side_by_side([own] * width) if family.on_lanes else own
        for array, number in zip(arrays_in(state.memory), arrays_in(beginning), strict=True):
            array[...] = number
        templates.append(memory.copy())
    return np.array(templates)


def _rows(room: Callable[[int], np.ndarray], rows: int) -> Records:
    """Room for records, of no iterates."""
    whole = np.zeros(rows, dtype=np.int64)
    return Records(whole, room(rows), room(rows), room(rows), np.zeros((rows, 3), dtype=np.int64), room(0))


def _flat(column: np.ndarray) -> np.ndarray:
    return column if column.dtype == np.int64 else np.asarray(column).reshape(-1)
