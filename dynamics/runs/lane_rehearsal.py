"""A user's kernels that say that they run in lanes, called once on several runs as plain Python."""

from typing import Any

import numpy as np

from dynamics.kernels.generic import Generic
from dynamics.kernels.origins import OURS
from dynamics.kernels.policy import as_python
from dynamics.protocol.faults import KernelError, at, in_words, place_of
from dynamics.protocol.full_and_sampled import Full
from dynamics.protocol.method import update
from dynamics.protocol.oracle import value_and_gradient
from dynamics.protocol.rehearsal import Bowl
from dynamics.protocol.scratch import own_work
from dynamics.runs.lane_runs import side_by_side, with_lane_numbers, with_work_in_lanes
from dynamics.runs.setup import Setup
from dynamics.vectors.lanes import WIDTH

_rehearsed: set[Any] = set()


def rehearse_lanes(setup: Setup) -> None:
    """Take a step of several runs at once, of a user's method on a bowl and of a user's problem by itself.

    Raises
    ------
    KernelError
        Where a kernel decides by a number that differs between runs, with its line.
    """
    method, problem = setup.method, setup.problem
    asked = [(f, type(thing)) for f, thing in ((update, method), (value_and_gradient, problem)) if _is_users(thing)]
    key = tuple((kind, getattr(function.table.get(kind), "__code__", None)) for function, kind in asked)
    if not asked or key in _rehearsed:
        return
    lanes = side_by_side([setup.state] * WIDTH)
    if _is_users(problem):
        together(value_and_gradient, with_work_in_lanes(own_work(problem), WIDTH), lanes.point.x, lanes.point.gradient)
    if _is_users(method):
        bowl = Full(Bowl(), np.zeros(3, dtype=np.int64), 1)
        lanes.point.loss[0] = value_and_gradient(bowl.problem, lanes.point.x, lanes.point.gradient)
        together(update, with_lane_numbers([method] * WIDTH), bowl, lanes.point, lanes.memory, 0)
    _rehearsed.add(key)


def together(function: Generic, *arguments: Any) -> Any:
    """What a kernel returns for several runs at once, as plain Python."""
    try:
        with np.errstate(all="ignore"), as_python():
            return function(*arguments)
    except Exception as error:
        kernel, where = f"{function.name} of {type(arguments[0]).__name__}", at(*place_of(error))
        if "truth value of an array" in str(error):
            raise KernelError(
                f"{kernel} says that it runs in lanes, and decides by a number that differs between runs{where}: "
                f"choose by where_positive(condition, a, b), or leave runs_in_lanes out."
            ) from error
        raise KernelError(
            f"{kernel} fails with the numbers of several runs at once: {type(error).__name__}: "
            f"{in_words(error, arguments)}{where}; mend it, or leave runs_in_lanes out."
        ) from error


def _is_users(thing: Any) -> bool:
    return type(thing).__module__.partition(".")[0] not in OURS
