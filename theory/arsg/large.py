"""Closed forms over large arrays: the formulas of small ones as machine code, in blocks that all cores share."""

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numba
import numpy as np
from numba.core import types
from numba.extending import overload

from dynamics.kernels.cache import compiled
from dynamics.kernels.policy import COUNTING_OPTIONS, threads_at_hand
from theory.arsg.checks import FloatArray
from theory.arsg.formulas import Formula, gain_formula, select, variance_formula

# Points that a thread takes at a time: 2 MiB of results, so that two threads seldom touch one huge page first.
BLOCK = 2**18

# No product is fused and no sum reordered: each operation rounds as in NumPy, so that the results agree in every bit.
# What returns a part of an array counts references.
STRICT_OPTIONS: dict[str, Any] = COUNTING_OPTIONS | {"fastmath": False}

FORMULAS = (gain_formula, variance_formula)
_gain, _variance = (numba.njit(**STRICT_OPTIONS)(formula) for formula in FORMULAS)


def over_threads(
    formula: Formula, tau: FloatArray, beta: FloatArray, mu: FloatArray, threads: int | None = None
) -> FloatArray:
    """Return one of ``FORMULAS`` at all points of the broadcast shape, the same bits for any number of threads."""
    shape: tuple[int, ...] = np.broadcast_shapes(tau.shape, beta.shape, mu.shape)
    out = np.empty(shape)
    if all(argument.size in (1, out.size) for argument in (tau, beta, mu)):  # then all points can be in one row
        shape, (tau, beta, mu) = (1, out.size), (argument.reshape(-1) for argument in (tau, beta, mu))
    arguments = (
        FORMULAS.index(formula),
        *(_by_rows(argument, shape) for argument in (tau, beta, mu)),
        out.reshape(-1, shape[-1]),
    )
    evaluate = compiled(_evaluate, (*arguments, 0, 0))
    starts = iter(range(0, out.size, BLOCK))

    def work() -> None:
        with np.errstate(all="ignore"):  # without numba's compiler the kernel is NumPy's arithmetic on numbers
            for start in starts:
                evaluate(*arguments, start, min(start + BLOCK, out.size))

    helpers = min(threads or threads_at_hand(), -(-out.size // BLOCK)) - 1
    helping = [_pool().submit(work) for _ in range(helpers)]
    work()
    for helper in helping:
        if not helper.cancel():  # one that hasn't begun has nothing left to do
            helper.result()
    return out


@cache
def _pool() -> ThreadPoolExecutor:
    """Threads that wait for the next surface: to start them costs a tenth of the time of one of 2000 × 2000."""
    return ThreadPoolExecutor(threads_at_hand(), thread_name_prefix="surface")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.cache_clear)  # threads don't survive a fork


def _by_rows(array: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """The numbers that go with 1 or all rows, or a matrix of 1 or all rows; all but the last axis count as rows."""
    array = array.reshape((1,) * (len(shape) - array.ndim) + array.shape)
    columns = array.shape[-1]
    if array.size > columns:
        array = np.broadcast_to(array, (*shape[:-1], columns))
    array = array.reshape(-1, columns) if columns > 1 else array.reshape(-1)
    return np.require(array, requirements=["C", "A", "W"])


def _evaluate(formula, tau, beta, mu, out, start, stop):
    """Fill `out` from the point `start` up to `stop`, counted along its rows."""
    columns = out.shape[1]
    while start < stop:
        row, first = divmod(start, columns)
        last = min(columns, first + stop - start)
        t, b, m = _part(tau, row, first, last), _part(beta, row, first, last), _part(mu, row, first, last)
        values = out[row, first:last]
        if formula == 0:
            for j in range(len(values)):
                values[j] = _gain(_at(t, j), _at(b, j), _at(m, j))
        else:
            for j in range(len(values)):
                values[j] = _variance(_at(t, j), _at(b, j), _at(m, j))
        start += last - first


def _part(argument, row, first, last):
    """What goes with a part of a row: one number, or an array."""
    values = argument[min(row, len(argument) - 1)]
    return values[first:last] if argument.ndim > 1 else values


def _at(part, j):
    """What goes with point j of a part of a row."""
    return part[j] if np.ndim(part) else part


@overload(_part, jit_options=STRICT_OPTIONS)
def _part_by_type(argument, row, first, last):
    if argument.ndim > 1:
        return lambda argument, row, first, last: argument[min(row, len(argument) - 1), first:last]
    return lambda argument, row, first, last: argument[min(row, len(argument) - 1)]


@overload(_at, jit_options=STRICT_OPTIONS)
def _at_by_type(part, j):
    if isinstance(part, types.Array):
        return lambda part, j: part[j]
    return lambda part, j: part


@overload(select, jit_options=STRICT_OPTIONS)
def _select_number(condition, chosen, otherwise):
    return lambda condition, chosen, otherwise: chosen if condition else otherwise
