"""Several steps at a time: where no coordinate minds the others, some of them stay in registers while they go ahead.

A step by the driver goes from iterate through noise, gradient and update to the next iterate through memory; in few
dimensions that is what it takes, in very many the memory itself. Between two records nobody looks at an iterate but the
test that its gradient is finite. So a stride leaves the iterate where the driver's own steps would have, bit for bit,
or, where a number on the way was not finite, where it was.
"""

from typing import Any, NamedTuple

import numpy as np

from dynamics.kernels.generic import generic, implements
from dynamics.kernels.policy import kernel
from dynamics.protocol.coordinates import (
    goes_by_coordinates,
    moved,
    slope,
    steady_step,
)
from dynamics.protocol.full_and_sampled import GRADIENTS, Full, Sampled, unit
from dynamics.protocol.method import STALE
from dynamics.runs.state import State
from dynamics.vectors.blocks import block_of, blocks_of_all, put_block_of, put_blocks_of_all
from dynamics.vectors.random_vectors import normals
from dynamics.vectors.registers import store
from dynamics.vectors.streams import next_block, pairs_made
from dynamics.vectors.vector import REGISTER, all_at_most, filled

MODEST = 1e140  # the norm of so small a gradient has a square in any dimension; of others the driver takes the norm
SHORTEST = 4  # steps: a shorter stride costs more than it saves
LONGEST = 32  # steps of a vector that is longer than a block of normal numbers: enough for memory to keep up


class Striding(NamedTuple):
    """What `Sampled` is where problem and method go by coordinates, and a block of normal numbers is for some steps."""

    problem: Any
    calls: np.ndarray
    summands: int
    sample: Any


class StridingFar(NamedTuple):
    """The same of so many coordinates that a block has the normal numbers of one step."""

    problem: Any
    calls: np.ndarray
    summands: int
    sample: Any


def seen_whole_or_in_samples(method: Any, problem: Any, state: State, terms: int) -> Any:
    """The oracle of a problem in a run of that state, whose full-batch value takes so many terms."""
    if state.sample is None:
        return Full(problem, state.calls, terms)
    kind: Any = Sampled
    if goes_by_coordinates(method, problem, state.point.x):
        kind = Striding if 2 * state.point.x.size <= state.sample.stream.numbers.size else StridingFar
    return kind(problem, state.calls, terms, state.sample)


@implements(unit, Striding)
@implements(unit, StridingFar)
def _(oracle):
    return 1


@generic(default=0)
def stride(oracle, method, point, memory, rng, k, most, room):
    """Take at most so many steps from iterate k on, and return how many; `room` is for d numbers."""


@implements(stride, Striding)
def _(oracle, method, point, memory, rng, k, most, room):
    stream, d, step = oracle.sample.stream, len(point.x), steady_step(method)
    taken, steps = 0, 1 if most >= SHORTEST and point.fresh[0] == STALE and step > 0.0 else 0
    while taken < most and steps > 0:
        begin, before, sound = begun(stream, rng, d), keep(point, memory, room), False
        steps = min(most - taken, (len(stream.numbers) - begin) // d)
        while not sound:  # without a step all is
            sound = walked(oracle.problem, method, step, room, before, point.x, memory, stream, steps, begin)
            steps = steps if sound else steps // 2
        stream.used[0] = begin + steps * d
        taken += steps
    oracle.calls[GRADIENTS] += taken
    return taken


@implements(stride, StridingFar)
def _(oracle, method, point, memory, rng, k, most, room):
    stream, d, step = oracle.sample.stream, len(point.x), steady_step(method)
    taken, steps = 0, 1 if most >= SHORTEST and point.fresh[0] == STALE and step > 0.0 else 0
    while taken < most and steps > 0:
        stream.used[0] = begun(stream, rng, d)
        steps, before, sound = min(most - taken, LONGEST), keep(point, memory, room), False
        while not sound:
            sound = walked_far(oracle.problem, method, step, room, before, point.x, memory, stream, steps)
            steps = steps if sound else steps // 2
        if steps > 0:
            stream.place[0] += (steps - 1) * len(stream.numbers)
            stream.used[0] = d
        taken += steps
    oracle.calls[GRADIENTS] += taken
    return taken


@kernel
def begun(stream, rng, count):
    """Where in a stream's block the next `count` numbers begin: in a new one if this one has not as many left."""
    begin = stream.used[0]
    return next_block(stream, rng) if begin + count > len(stream.numbers) else begin


@kernel
def keep(point, memory, room):
    """Write down where a stride begins, in arrays that the step after it overwrites; return that of the memory."""
    d, before = len(room), (point.gradient,)
    for j in range(0, d, REGISTER):
        put_block_of(room, j, d, block_of(point.x, j, d))
        put_blocks_of_all(before, j, d, blocks_of_all(memory, memory, j, d))
    return before


@kernel
def walked(problem, method, step, x, before, out, memory, stream, steps, begin):
    """Take steps from x with a block of normal numbers to `out`, and return whether all gradients were modest.

    Some normal numbers are made when they are needed, while the processor waits for the steps before.
    """
    d, numbers, sound = len(x), stream.numbers, True
    key, first, half, made = stream.key[0], stream.place[0], len(numbers) // 2, pairs_made(numbers, begin)
    enough = pairs_made(numbers, begin + steps * d)  # as many as the steps one by one make
    for j in range(0, d, REGISTER):
        here, its, slopes = block_of(x, j, d), blocks_of_all(before, memory, j, d), filled(0.0, REGISTER)
        s, place = 0, begin
        while s < steps or made < enough:
            needed = min(place + d, half) if s < steps else enough
            while made < needed:
                one, two = normals(key, first + made, first + made + half)
                store(numbers, made, one)
                store(numbers, made + half, two)
                made += REGISTER
            until = steps if made >= half else min(steps, (made - begin) // d)
            while s < until:
                gradient = slope(problem, here, block_of(numbers, place + j, place + d), j)
                slopes += abs(gradient)
                here, its = moved(method, step, here, gradient, its)
                s += 1
                place += d
        put_block_of(out, j, d, here)
        put_blocks_of_all(memory, j, d, its)
        sound = sound and all_at_most(slopes, MODEST)
    return sound


@kernel
def walked_far(problem, method, step, x, before, out, memory, stream, steps):
    """The same where each step has a block: both numbers of a pair are used as they are made, and never stored."""
    d, key, sound = len(x), stream.key[0], True
    size, half = len(stream.numbers), len(stream.numbers) // 2
    for i in range(0, half, REGISTER):
        j, slopes = i + half, filled(0.0, REGISTER)
        here, its = block_of(x, i, d), blocks_of_all(before, memory, i, d)
        other, others = block_of(x, j, d), blocks_of_all(before, memory, j, d)
        for s in range(steps):
            place = stream.place[0] + s * size
            one, two = normals(key, place + i, place + j)
            gradient, other_gradient = slope(problem, here, one, i), slope(problem, other, two, j)
            slopes += abs(gradient) + abs(other_gradient)
            here, its = moved(method, step, here, gradient, its)
            other, others = moved(method, step, other, other_gradient, others)
        put_block_of(out, i, d, here)
        put_blocks_of_all(memory, i, d, its)
        put_block_of(out, j, d, other)
        put_blocks_of_all(memory, j, d, others)
        sound = sound and all_at_most(slopes, MODEST)
    return sound
