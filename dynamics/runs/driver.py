"""The one driver: evaluate, record, test, update, for every method on every problem.

At iterate k the driver evaluates the oracle once; that one evaluation serves the record, the status test and the
update, and an update that has evaluated its next iterate already hands the result on (`point.fresh`).
"""

from typing import NamedTuple

import numpy as np
from numba.extending import overload

from dynamics.kernels.generic import generic, implements
from dynamics.kernels.policy import GENERIC_OPTIONS, kernel
from dynamics.protocol.apart import Apart, Drawing, take_sample
from dynamics.protocol.full_and_sampled import GRADIENTS, VALUES, Full, Sampled, unit
from dynamics.protocol.method import PAID, STALE, UNPAID, before_draw, update, uses_loss
from dynamics.protocol.oracle import (
    draw,
    sampled_gradient,
    sampled_value_and_gradient,
    value_and_gradient,
)
from dynamics.protocol.status import Status
from dynamics.runs.strides import Striding, StridingFar, stride
from dynamics.vectors.choices import where_positive
from dynamics.vectors.vector import Vector, all_at_most, any_at_most

RUNNING = int(Status.RUNNING)
CONVERGED = int(Status.CONVERGED)
PARTED = int(Status.PARTED)
DIVERGED = int(Status.DIVERGED)
NOT_FINITE = int(Status.NOT_FINITE)
LARGEST = float(np.finfo(np.float64).max)
TINY = 1e-280  # a squared norm below this has lost digits, or vanished
SHIFT = 2.0**600  # which makes squares that vanish, or overflow, numbers with all their digits


def _never(comparison):
    return False


def _never_alike(comparison, loss, norm, x, on_cadence):
    return False


class Records(NamedTuple):
    """The rows that a run writes; row r belongs to iterate `iteration[r]`."""

    iteration: np.ndarray  # shape (rows,)
    loss: np.ndarray  # full batch, shape (rows,)
    gradient_norm: np.ndarray  # full batch, shape (rows,)
    step_size: np.ndarray  # of the step that leaves the iterate, shape (rows,)
    calls: np.ndarray  # made to reach the iterate, shape (rows, 3)
    iterates: np.ndarray  # shape (rows * d,), or (0,) where iterates are not recorded


class NoComparison(NamedTuple):
    """Iterates are not compared with one another: nothing is compiled for it."""


class Comparison(NamedTuple):
    """What an iterate must have in common with others for the run to end."""

    relative_gradient_norm: float
    loss_change: float
    iterate_change: float
    every: bool  # whether each iterate is compared with the one before, or those on the cadence of records alone
    seen: np.ndarray  # the first gradient norm, the last loss and the last iterate, NaN where unknown, shape (2 + d,)


class Limits(NamedTuple):
    """What ends a run before its last step."""

    gradient_norm: float  # full batch
    suspect: float  # squared gradient norm up to which the norm itself is looked at
    loss_bound: float  # of the absolute full-batch loss, finite
    comparison: NoComparison | Comparison


def advance(method, oracle, point, memory, rng, start, stop, last, every, records, full_gradient, limits):
    """Take the steps start, ..., stop - 1; with `last`, look at iterate `stop` too, without leaving it.

    Returns the rows written, the iterate reached, and the status. Where runs part, the last row says where they stand.
    """
    rows = start - start  # a plain integer to numba, where a literal 0 would be a type of its own
    due = (every - start % every) % every  # steps until the next row
    k, end = start, stop + last
    while k < end:
        ahead = stride(oracle, method, point, memory, rng, k, min(due, stop - 1 - k), full_gradient)
        k += ahead
        due -= ahead
        looking = k == stop
        recording = due == 0 or looking
        evaluate(oracle, method, point, rng, k, looking)
        loss, squared_norm, exact = standing(oracle, point, recording, full_gradient)
        sound = within(loss, squared_norm, exact, limits)
        if recording or not sound or (exact and compares(limits.comparison)):
            norm = length(full_gradient if exact and samples(oracle) else point.gradient, squared_norm)
            status = RUNNING if sound else tested(loss, norm, exact, limits)
            if status == RUNNING and exact and alike(limits.comparison, loss, norm, point.x, due == 0):
                status = CONVERGED
            if status == PARTED or (exact and status != NOT_FINITE and (recording or status != RUNNING)):
                write_row(records, rows, k, loss, norm, oracle.calls, point.x)
                rows += 1
            if status != RUNNING or looking:
                return rows, k, status
        pay(oracle, method, point)
        update(method, oracle, point, memory, k)
        if recording:
            records.step_size[rows - 1] = point.step_size[0]
            due = every
        due -= 1
        if point.status[0] != RUNNING:
            return rows, k, point.status[0]
        k += 1
    return rows, stop, RUNNING


@kernel
def write_row(records, row, k, loss, norm, calls, x):
    """Record iterate k; the step that leaves it is not known yet."""
    records.iteration[row] = k
    records.loss[row] = loss
    records.gradient_norm[row] = norm
    records.step_size[row] = np.nan
    for j in range(3):
        records.calls[row, j] = calls[j]
    if len(records.iterates) > 0:
        for j in range(len(x)):
            records.iterates[row * len(x) + j] = x[j]


@kernel
def pay(oracle, method, point):
    """Count the evaluation that the next update uses, unless an update before it has been charged for it."""
    if point.fresh[0] == UNPAID:
        oracle.calls[GRADIENTS] += unit(oracle)
        if uses_loss(method):
            oracle.calls[VALUES] += unit(oracle)
    point.fresh[0] = STALE


@kernel
def within(loss, squared_norm, exact, limits):
    """Whether the numbers at an iterate, of one run or of each of several, are such as end no run."""
    return (
        all_at_most(abs(loss), limits.loss_bound)
        and all_at_most(squared_norm, LARGEST)
        and not (exact and any_at_most(squared_norm, limits.suspect))
    )


def tested(loss, norm, exact, limits):
    """The status of a run, or of runs that go through the kernel together, at an iterate."""
    together = isinstance(loss, np.ndarray)
    return (_tested_together if together else tested_alone)(loss, norm, exact, limits)


@overload(tested, jit_options=GENERIC_OPTIONS)
def _(loss, norm, exact, limits):
    return _tested_together if isinstance(loss, Vector) else tested_alone


def _tested_together(loss, norm, exact, limits):
    """RUNNING where that is the status of each run; else PARTED, and each is tested by itself."""
    if not (all_at_most(abs(loss), limits.loss_bound) and all_at_most(norm, LARGEST)):
        return PARTED
    return PARTED if exact and any_at_most(norm, limits.gradient_norm) else RUNNING


def tested_alone(loss, norm, exact, limits):
    """The status of one run; NaN passes no test."""
    if not (abs(loss) < np.inf and norm < np.inf):
        return NOT_FINITE
    if not (abs(loss) <= limits.loss_bound):
        return DIVERGED
    return CONVERGED if exact and norm <= limits.gradient_norm else RUNNING


@generic(fallback=_never)
def compares(comparison):
    """Return whether iterates are compared with one another."""


@generic(fallback=_never_alike)
def alike(comparison, loss, norm, x, on_cadence):
    """Return whether an iterate meets a tolerance that compares it with the first, or with the one before."""


@implements(compares, Comparison)
def _(comparison):
    return True


@implements(alike, Comparison)
def _(comparison, loss, norm, x, on_cadence):
    if not (comparison.every or on_cadence):
        return False
    seen, step, size = comparison.seen, 0.0, 0.0
    for j in range(len(x)):
        step = max(step, abs(x[j] - seen[2 + j]))
        size = max(size, abs(x[j]))
        seen[2 + j] = x[j]
    change = abs(loss - seen[1])
    seen[1] = loss
    if not seen[0] >= 0.0:
        seen[0] = norm
    small_norm = comparison.relative_gradient_norm >= 0.0 and norm <= comparison.relative_gradient_norm * seen[0]
    small_change = comparison.loss_change >= 0.0 and change <= comparison.loss_change * abs(loss)
    # At the first iterate all changes are NaN, and none is small.
    return small_norm or (step > 0.0 and (small_change or step <= comparison.iterate_change * size))


@kernel
def length(v, squared):
    """The Euclidean norm of a vector, shape (d,), or of each of several, though its square overflows or vanishes."""
    root = np.sqrt(squared)
    if all_at_most(-squared, -TINY) and all_at_most(squared, LARGEST):
        return root
    shift = where_positive(squared - TINY, 1.0 / SHIFT, SHIFT)
    total = 0.0
    j = 0
    while j < len(v) and any_at_most(total, LARGEST):  # a loop with an exit is not unrolled, and compiles sooner
        total += (shift * v[j]) * (shift * v[j])
        j += 1
    shifted = np.sqrt(total) / shift
    return where_positive(squared - TINY, where_positive(LARGEST - squared, root, shifted), shifted)


@kernel
def squared_length(v):
    """The squared Euclidean norm of a vector, shape (d,)."""
    total = 0.0
    for j in range(len(v)):
        total += v[j] * v[j]
    return total


@generic()
def samples(oracle):
    """Return whether the oracle's gradient is that of a sample."""


@generic()
def evaluate(oracle, method, point, rng, k, looking):
    """Make `point.gradient` (and `point.loss` where it is read) the oracle's at `point.x`, unless they are already.

    When only looking, at the end of a run, no sample is drawn.
    """


@generic()
def standing(oracle, point, recording, full_gradient):
    """Return a loss, a squared gradient norm, and whether these are the full-batch ones."""


@implements(samples, Full)
def _(oracle):
    return False


@implements(samples, Apart)
@implements(samples, Sampled)
@implements(samples, Striding)
@implements(samples, StridingFar)
def _(oracle):
    return True


@implements(evaluate, Full)
def _(oracle, method, point, rng, k, looking):
    if point.fresh[0] == STALE:
        point.loss[0] = value_and_gradient(oracle.problem, point.x, point.gradient)
        point.fresh[0] = UNPAID


@implements(standing, Full)
def _(oracle, point, recording, full_gradient):
    return point.loss[0], squared_length(point.gradient), True


@implements(evaluate, Sampled)
@implements(evaluate, Striding)
@implements(evaluate, StridingFar)
def _(oracle, method, point, rng, k, looking):
    if looking or point.fresh[0] != STALE:
        return
    before_draw(method, oracle.problem, oracle.sample, k)
    draw(oracle.problem, rng, oracle.sample)
    if uses_loss(method):
        point.loss[0] = sampled_value_and_gradient(oracle.problem, point.x, oracle.sample, point.gradient)
    else:
        sampled_gradient(oracle.problem, point.x, oracle.sample, point.gradient)
    point.fresh[0] = UNPAID


@implements(evaluate, Apart)
def _(oracle, method, point, rng, k, looking):
    if looking or point.fresh[0] != STALE:
        return
    take_sample(oracle.oracle, method, rng, k)
    point.fresh[0] = PAID  # the method is charged for what it asks


@implements(standing, Apart)
@implements(standing, Sampled)
@implements(standing, Striding)
@implements(standing, StridingFar)
def _(oracle, point, recording, full_gradient):
    if recording:
        loss = value_and_gradient(oracle.problem, point.x, full_gradient)
        return loss, squared_length(full_gradient), True
    return point.loss[0], squared_length(point.gradient), False


@implements(samples, Drawing)
def _(oracle):
    return samples(oracle.oracle)


@implements(evaluate, Drawing)
def _(oracle, method, point, rng, k, looking):
    evaluate(oracle.oracle, method, point, rng, k, looking)


@implements(standing, Drawing)
def _(oracle, point, recording, full_gradient):
    return standing(oracle.oracle, point, recording, full_gradient)
