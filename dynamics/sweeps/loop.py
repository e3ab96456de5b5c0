"""The loop over the runs of a sweep, as one kernel for all methods and problems.

It knows of a run what lies in memory: the arguments of the driver's machine code, the state, which begins as a copy of
a template, and the generators. Whatever calls it gives each of its threads a place of its own to work at.
"""

from typing import NamedTuple

import numpy as np

from dynamics.kernels.policy import kernel
from dynamics.protocol.status import Status
from dynamics.runs.driver import Records, tested_alone
from dynamics.sweeps.seeding import read_key, take_seat
from dynamics.vectors.argument_blocks import CODE, RESULTS, call_at
from dynamics.vectors.tickets import next_ticket

RUNNING, PARTED, NOT_FINITE = int(Status.RUNNING), int(Status.PARTED), int(Status.NOT_FINITE)
MAX_ITERATIONS, CONVERGED, DIVERGED = int(Status.MAX_ITERATIONS), int(Status.CONVERGED), int(Status.DIVERGED)
UNSETTLED = -1  # the status of a run that Python has to look at: it has raised, or stands where it began
UNDRAWN, OWN, COMMON = 0, 1, 2  # what the runs that go together draw: nothing, each its own, all the same
OWN_COST = 16  # steps that take about as long as a run's beginning and end


class Place(NamedTuple):
    """Where a thread works: on one run at a time, or on one a lane."""

    words: np.ndarray  # the arguments of the driver, in words of 8 bytes
    numbers: np.ndarray  # the same memory as floats
    state: np.ndarray  # of the runs under way, in words
    floats: np.ndarray  # the same memory as floats
    fresh: np.ndarray  # states at the beginning, shape (templates, words)
    # The arrays in the state: first word, words, whether they are on lanes, and whether a run begins with what the
    # template has there; shape (arrays, 4)
    parts: np.ndarray
    seats: np.ndarray  # of the generators, shape (generators, SEAT)
    pool: np.ndarray  # scratch of seeding
    key_of: np.ndarray  # the setting whose key was read, and for seeds of how many words
    shares: np.ndarray  # what that key brings in
    rows: Records  # for the driver to write to; flat on lanes
    number_at: np.ndarray  # where the numbers of the method are
    ends: (
        np.ndarray
    )  # of each lane the loss and the gradient norm of the first and of the last record, shape (width, 4)
    going: np.ndarray  # of each lane whether its run goes on
    under_way: np.ndarray  # the group, the iterate, the rows so far, and whether it has begun
    start_at: int  # where in the arguments the first iterate is, followed by the last one and whether to look at it
    x_at: int  # where in the state the iterate begins
    dimension: int  # of the iterate
    caller: int  # address of what calls the driver
    block: int  # address of the arguments
    low: int  # of the halves of a generator's numbers
    high: int


class Runs(NamedTuple):
    """Runs that share machine code and all of their setting but numbers."""

    tickets: np.ndarray  # the number of the group that a thread takes next, shape (1,)
    members: np.ndarray  # runs that go together by their place in the block, -1 for none, shape (groups, width)
    setting: np.ndarray  # of each run of the block the row in what follows
    seed: np.ndarray  # likewise
    numbers: np.ndarray  # of a setting that the method reads, shape (settings, numbers)
    keys: np.ndarray  # of the settings' streams, shape (settings, words)
    template: np.ndarray  # of each setting the state at its beginning
    seeds: np.ndarray  # words of the seeds, shape (seeds, MOST)
    seed_words: np.ndarray  # how many of them count
    starts: np.ndarray  # first iterates, shape (seeds, d), or (1, d) where all are the same


class Written(NamedTuple):
    """What the runs of a block leave, by their place in it."""

    loss: np.ndarray  # shape (runs, records), like the next two
    gradient_norm: np.ndarray
    step_size: np.ndarray
    calls: np.ndarray  # shape (runs, records, 3)
    status: np.ndarray
    stopped_at: np.ndarray
    x: np.ndarray  # shape (runs, d), or (0, 0) where nobody asks


class Terms(NamedTuple):
    """What holds for all runs."""

    steps: int
    every: int  # steps between records
    last: int  # whether only the last row is kept
    drawing: int
    gradient_norm: float  # the bounds of `Stop`
    loss_bound: float
    iterate_bound: float


def take_runs(place, runs, written, terms, budget):
    """Go on with the groups of runs for about `budget` steps; return how many steps are left once no group is."""
    width, room = len(place.going), len(place.rows.iteration)
    while budget > 0:
        if place.under_way[3] == 0:
            place.under_way[0] = next_ticket(runs.tickets)
            if place.under_way[0] >= len(runs.members):
                break
            begin(place, runs, runs.members[place.under_way[0]], terms.drawing)
            budget -= OWN_COST
        members = runs.members[place.under_way[0]]
        k, row = place.under_way[1], place.under_way[2]
        end = min(terms.steps, k + max(min(budget, (room - 2) * terms.every), 1))
        place.words[place.start_at] = k
        place.words[place.start_at + 1] = end
        place.words[place.start_at + 2] = 1 if end == terms.steps else 0
        call_at(place.caller, place.block)
        rows, reached, code = place.words[RESULTS], place.words[RESULTS + 1], place.words[RESULTS + 2]
        budget -= reached - k
        if place.words[CODE] != 0:  # it raised
            for lane in range(width):
                if place.going[lane] != 0:
                    written.status[members[lane]] = UNSETTLED
            go_on(place)
            continue
        whole = rows - 1 if code == PARTED else rows
        kept = row
        for lane in range(width):
            if place.going[lane] != 0 and whole > 0:
                kept = keep(place, written, terms, members[lane], lane, 0, whole, row)
        place.under_way[1], place.under_way[2] = reached, row + whole
        if code == PARTED:
            exact = terms.drawing == UNDRAWN or reached == terms.steps or reached % terms.every == 0
            for lane in range(width):
                if place.going[lane] != 0:
                    at = whole * width + lane
                    loss, norm = place.rows.loss[at], place.rows.gradient_norm[at]
                    own = tested_by_itself(loss, norm, exact, terms)
                    if own != RUNNING:
                        own_kept = kept
                        if exact and own != NOT_FINITE:
                            own_kept = keep(place, written, terms, members[lane], lane, whole, whole + 1, row + whole)
                        finish(place, written, terms, members[lane], lane, reached, own, own_kept)
            if not take_over(place, terms.drawing):
                go_on(place)
        elif code != RUNNING or end == terms.steps:
            for lane in range(width):
                if place.going[lane] != 0:
                    ended = code if code != RUNNING else MAX_ITERATIONS
                    finish(place, written, terms, members[lane], lane, reached, ended, kept)
            go_on(place)
    return budget


tested_by_itself = kernel(tested_alone)


@kernel
def begin(place, runs, members, drawing):
    """Put the runs of a group at their beginning; lanes to spare repeat the last run."""
    width = len(members)
    first = runs.setting[members[0]]
    fresh = place.fresh[runs.template[first]]
    for part in range(len(place.parts)):
        if place.parts[part, 3] == 0:
            continue
        begins, ends = place.parts[part, 0], place.parts[part, 0] + place.parts[part, 1]
        state, beginning = place.state[begins:ends], fresh[begins:ends]
        for i in range(len(state)):  # from 0 on, so that it is compiled to whole registers
            state[i] = beginning[i]
    for lane in range(width):
        place.going[lane] = 1 if members[lane] >= 0 else 0
    for lane in range(width):
        source = lane
        while members[source] < 0:
            source -= 1
        run = members[source]
        setting, seed = runs.setting[run], runs.seed[run]
        start = seed if len(runs.starts) > 1 else 0
        for j in range(runs.starts.shape[1]):
            place.floats[place.x_at + j * width + lane] = runs.starts[start, j]
        for j in range(len(place.number_at)):
            place.numbers[place.number_at[j] + lane] = runs.numbers[setting, j]
        if drawing == OWN or (drawing == COMMON and lane == 0):
            seed_words, key_words = runs.seed_words[seed], runs.keys.shape[1]
            if place.key_of[0] != setting or place.key_of[1] != seed_words:
                read_key(runs.keys[setting], seed_words, place.shares)
                place.key_of[0], place.key_of[1] = setting, seed_words
            seat, words = place.seats[lane], runs.seeds[seed]
            take_seat(seat, place.pool, words, seed_words, place.shares, key_words, place.low, place.high)
    place.under_way[1] = 0
    place.under_way[2] = 0
    place.under_way[3] = 1


@kernel
def go_on(place):
    """The next group."""
    place.under_way[3] = 0


@kernel
def keep(place, written, terms, run, lane, begin, end, row):
    """Keep rows begin, ..., end - 1 of what a lane has recorded, which are those of number `row` and on.

    One off the cadence, where a run has ended, is none of them. Returns the number of the record after the last kept.
    """
    width, rows, ends = len(place.going), place.rows, place.ends[lane]
    at = (end - 1) * width + lane
    if row == 0:
        ends[0], ends[1] = rows.loss[lane], rows.gradient_norm[lane]
    ends[2], ends[3] = rows.loss[at], rows.gradient_norm[at]
    if terms.last != 0:
        begin, record = end - 1, 0
    else:
        record = row
        last = row + end - 1 - begin
        if last >= written.loss.shape[1] or rows.iteration[end - 1] != min(last * terms.every, terms.steps):
            end -= 1
    own, kept = slice(begin * width + lane, end * width, width), slice(record, record + end - begin)
    copy(rows.loss[own], written.loss[run, kept])
    copy(rows.gradient_norm[own], written.gradient_norm[run, kept])
    copy(rows.step_size[own], written.step_size[run, kept])
    calls = written.calls[run, kept]
    for i in range(len(calls)):
        for j in range(3):
            calls[i, j] = rows.calls[begin + i, j]
    return record + end - begin


@kernel
def copy(numbers, out):
    """Write numbers to `out`, which has room for as many."""
    for i in range(len(out)):
        out[i] = numbers[i]


@kernel
def finish(place, written, terms, run, lane, k, code, kept):
    """Write down how a run has ended, and that its records end before number `kept`; a failed run has no last row."""
    width = len(place.going)
    place.going[lane] = 0
    written.status[run] = code
    written.stopped_at[run] = k
    if len(written.x) > 0:
        for j in range(written.x.shape[1]):
            written.x[run, j] = place.floats[place.x_at + j * width + lane]
    sound = code in (MAX_ITERATIONS, CONVERGED)
    if code == CONVERGED:
        for j in range(place.dimension):
            if not abs(place.floats[place.x_at + j * width + lane]) <= terms.iterate_bound:
                written.status[run] = DIVERGED
                sound = False
    if sound and never_moved(place, lane, k, code):
        written.status[run] = UNSETTLED
    first = kept if terms.last == 0 or sound else 0
    for record in range(first, written.loss.shape[1]):
        written.loss[run, record] = np.nan
        written.gradient_norm[run, record] = np.nan
        written.step_size[run, record] = np.nan
        for j in range(3):
            written.calls[run, record, j] = -1


@kernel
def never_moved(place, lane, k, code):
    """Whether a run may be at a saddle on which it began: `dynamics.runs.endings` looks closer."""
    loss, norm, last_loss, last_norm = (
        place.ends[lane, 0],
        place.ends[lane, 1],
        place.ends[lane, 2],
        place.ends[lane, 3],
    )
    return (code == CONVERGED and k == 0) or (norm == 0.0 and last_norm == 0.0 and loss == last_loss)


@kernel
def take_over(place, drawing):
    """Let all lanes whose runs have ended repeat one that goes on; return whether there is one."""
    width = len(place.going)
    survivor = 0
    while survivor < width and place.going[survivor] == 0:
        survivor += 1
    if survivor < width:
        for lane in range(width):
            if place.going[lane] == 0:
                for part in range(len(place.parts)):
                    if place.parts[part, 2] != 0:
                        first = place.parts[part, 0]
                        for i in range(first, first + place.parts[part, 1], width):
                            place.state[i + lane] = place.state[i + survivor]
                for j in range(len(place.number_at)):
                    place.numbers[place.number_at[j] + lane] = place.numbers[place.number_at[j] + survivor]
                if drawing == OWN:
                    for i in range(1, place.seats.shape[1]):
                        place.seats[lane, i] = place.seats[survivor, i]
    return survivor < width
