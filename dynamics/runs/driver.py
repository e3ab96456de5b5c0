"""The one driver: evaluate, record, test, update, for every method on every problem.

At iterate k the driver evaluates the oracle once; that one evaluation serves the record, the status test and the
update, and an update that has evaluated its next iterate already hands the result on (`point.fresh`).
"""

from typing import NamedTuple

import numpy as np
from numba.extending import overload

from dynamics.kernels.generic import generic, implements
from dynamics.kernels.policy import GENERIC_OPTIONS, kernel
from dynamics.protocol.method import STALE, UNPAID, before_draw, update, uses_loss
from dynamics.protocol.oracle import (
    GRADIENTS,
    VALUES,
    Full,
    Sampled,
    draw,
    sampled_gradient,
    sampled_value_and_gradient,
    unit,
    value_and_gradient,
)
from dynamics.protocol.status import Status
from dynamics.vectors.vector import Vector, all_at_most, any_at_most

RUNNING = int(Status.RUNNING)
CONVERGED = int(Status.CONVERGED)
PARTED = int(Status.PARTED)
DIVERGED = int(Status.DIVERGED)
NOT_FINITE = int(Status.NOT_FINITE)
LARGEST = float(np.finfo(np.float64).max)


class Records(NamedTuple):
    """The rows that a run writes; row r belongs to iterate `iteration[r]`."""

    iteration: np.ndarray  # shape (rows,)
    loss: np.ndarray  # full batch, shape (rows,)
    gradient_norm: np.ndarray  # full batch, shape (rows,)
    step_size: np.ndarray  # of the step that leaves the iterate, shape (rows,)
    calls: np.ndarray  # made to reach the iterate, shape (rows, 3)
    iterates: np.ndarray  # shape (rows * d,), or (0,) where iterates are not recorded


class Limits(NamedTuple):
    """What ends a run before its last step."""

    squared_tolerance: float  # of the full-batch gradient norm
    loss_bound: float  # of the absolute full-batch loss


def advance(method, oracle, point, memory, rng, start, stop, last, every, records, full_gradient, limits):
    """Take the steps start, ..., stop - 1; with `last`, look at iterate `stop` too, without leaving it.

    Returns the rows written, the iterate reached, and the status. Where runs part, the last row says where they stand.
    """
    rows = start - start  # a plain integer to numba, where a literal 0 would be a type of its own
    due = (every - start % every) % every  # steps until the next row
    for k in range(start, stop + last):
        looking = k == stop
        recording = due == 0 or looking
        evaluate(oracle, method, point, rng, k, looking)
        loss, squared_norm, exact = standing(oracle, point, recording, full_gradient)
        status = tested(loss, squared_norm, exact, limits)
        if status == PARTED:
            write_row(records, rows, k, loss, squared_norm, oracle.calls, point.x)
            records.step_size[rows] = squared_norm  # not its root: by this each run is tested
            return rows + 1, k, status
        if exact and status != NOT_FINITE and (recording or status != RUNNING):
            write_row(records, rows, k, loss, squared_norm, oracle.calls, point.x)
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
    return rows, stop, RUNNING


@kernel
def write_row(records, row, k, loss, squared_norm, calls, x):
    """Record iterate k; the step that leaves it is not known yet."""
    records.iteration[row] = k
    records.loss[row] = loss
    records.gradient_norm[row] = np.sqrt(squared_norm)
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


def tested(loss, squared_norm, exact, limits):
    """The status of a run, or of runs that go through the kernel together, at an iterate."""
    together = isinstance(loss, np.ndarray)
    return (_tested_together if together else tested_alone)(loss, squared_norm, exact, limits)


@overload(tested, jit_options=GENERIC_OPTIONS)
def _(loss, squared_norm, exact, limits):
    return _tested_together if isinstance(loss, Vector) else tested_alone


def _tested_together(loss, squared_norm, exact, limits):
    """RUNNING where that is the status of each run; else PARTED, and each is tested by itself."""
    if not (all_at_most(abs(loss), min(limits.loss_bound, LARGEST)) and all_at_most(squared_norm, LARGEST)):
        return PARTED
    if exact and any_at_most(squared_norm, limits.squared_tolerance):
        return PARTED
    return RUNNING


def tested_alone(loss, squared_norm, exact, limits):
    """The status of one run; NaN passes no test."""
    if not (abs(loss) < np.inf and squared_norm < np.inf):
        return NOT_FINITE
    if not (abs(loss) <= limits.loss_bound):
        return DIVERGED
    if exact and squared_norm <= limits.squared_tolerance:
        return CONVERGED
    return RUNNING


@kernel
def squared_length(v):
    """The squared Euclidean norm of a vector, shape (d,)."""
    total = 0.0
    for j in range(len(v)):
        total += v[j] * v[j]
    return total


@generic()
def evaluate(oracle, method, point, rng, k, looking):
    """Make `point.gradient` (and `point.loss` where it is read) the oracle's at `point.x`, unless they are already.

    When only looking, at the end of a run, no sample is drawn.
    """


@generic()
def standing(oracle, point, recording, full_gradient):
    """Return a loss, a squared gradient norm, and whether these are the full-batch ones."""


@implements(evaluate, Full)
def _(oracle, method, point, rng, k, looking):
    if point.fresh[0] == STALE:
        point.loss[0] = value_and_gradient(oracle.problem, point.x, point.gradient)
        point.fresh[0] = UNPAID


@implements(standing, Full)
def _(oracle, point, recording, full_gradient):
    return point.loss[0], squared_length(point.gradient), True


@implements(evaluate, Sampled)
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


@implements(standing, Sampled)
def _(oracle, point, recording, full_gradient):
    if recording:
        loss = value_and_gradient(oracle.problem, point.x, full_gradient)
        return loss, squared_length(full_gradient), True
    return point.loss[0], squared_length(point.gradient), False
