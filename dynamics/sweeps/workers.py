"""Threads that take the runs of a family through the compiled loop."""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from dynamics.kernels.cache import entry_point
from dynamics.protocol.kernel_errors import explained
from dynamics.protocol.scratch import own_work, scratch_of, with_scratch
from dynamics.protocol.trees import arrays_in, with_arrays
from dynamics.runs.chunks import CHUNK_SECONDS, FIRST_CHUNK, in_lanes, limits_of, one_run
from dynamics.runs.driver import Records, advance
from dynamics.runs.lane_runs import side_by_side, with_lane_numbers, with_work_in_lanes
from dynamics.runs.run import IDLE, comparing, oracle
from dynamics.runs.state import exact_at_each
from dynamics.sweeps.families import Family
from dynamics.sweeps.loop import COMMON, OWN, UNDRAWN, Place, Runs, Terms, Written, take_runs
from dynamics.sweeps.seeding import POOL, halves, seats
from dynamics.vectors.alignment import aligned_copy, together
from dynamics.vectors.argument_blocks import argument_block
from dynamics.vectors.borrowing import borrowed
from dynamics.vectors.lanes import Lanes, LaneStreams

ROWS = 256  # records that a place has room for
METHOD, ORACLE, POINT, GENERATOR, START, RECORDS = 0, 1, 2, 4, 5, 9  # arguments of the driver


class Worker(NamedTuple):
    """A place, and what its memory belongs to."""

    place: Place
    kept: Any


def terms_of(family: Family, steps: int, *, last: bool, common_noise: bool) -> Terms:
    """What holds for all runs of a family."""
    setup = family.first
    drawing = OWN if setup.state.draws else UNDRAWN
    if family.of_one_seed(common_noise):
        drawing = COMMON
    stop = setup.stop
    bounds = (stop.gradient_norm, limits_of(stop).loss_bound, stop.iterate_bound)
    return Terms(steps, setup.record_every, int(last), drawing, *bounds)


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
    rows = _rows(carrier.room, min(ROWS, terms.steps // terms.every + 3))
    full_gradient = carrier.room(len(carrier.point.x))
    limits = limits_of(setup.stop, state.seen, every=exact_at_each(setup.method, state))
    arguments = (*carrier[:5], 0, 1, 1, terms.every, rows, full_gradient, limits)
    with explained(setup.method, setup.problem):
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
    parts = [_part(array, buffer[0]) for array in arrays_in((state, tuple(scratch_of(problem))))]
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
    return Worker(made, (block, carrier, rows, full_gradient))


def work_through(worker: Worker, runs: Runs, written: Written, terms: Terms, interrupted: Callable[[], bool]) -> None:
    """Take the runs to their ends, or until interrupted."""
    worker.place.under_way[:] = 0
    budget = FIRST_CHUNK
    function = None
    while True:
        arguments = (worker.place, runs, written, terms, budget)
        function = function or entry_point(take_runs, arguments)
        began = time.perf_counter()
        if function(*arguments) == len(runs.members) or interrupted():
            return
        if time.perf_counter() - began < CHUNK_SECONDS / 4:
            budget *= 4


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
