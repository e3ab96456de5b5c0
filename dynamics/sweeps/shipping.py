"""A sweep's plan on its way to other processes."""

import pickle
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from dynamics.checks import Refusal
from dynamics.kernels.origins import is_users
from dynamics.sweeps.blocks import Block
from dynamics.sweeps.pieces import Piece, piece
from dynamics.sweeps.plan import Plan
from dynamics.sweeps.users import users_things


def shipped(plan: Plan, iteration: np.ndarray) -> bytes:
    """A plan and the recorded iterations in bytes.

    Raises
    ------
    ValueError
        If another process can't make them again.
    """
    try:
        return pickle.dumps((plan, iteration))
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise Refusal(
            f"the sweep can't be sent to another process ({' '.join(str(error).split())}): define methods, problems "
            f"and factories at the top level of a module, or use threads."
        ) from error


def users_modules(plan: Plan) -> Iterator[str]:
    """The modules of a sweep's classes and factories that are not optdyn's."""
    yield from sorted({thing.__module__ for thing in users_things(plan) if is_users(thing.__module__)})


def receive(payload: bytes) -> None:
    """Read a plan in a process that was sent it; once."""
    if _received.get("payload") != payload:
        _received.update(payload=payload, plan=pickle.loads(payload))


def computed(number: int, block: Block) -> tuple[int, Piece]:
    """Compute a block of the plan that was received."""
    plan, iteration = _received["plan"]
    return number, piece(plan, block, iteration, threads=1)


def received_and_computed(payload: bytes, number: int, block: Block) -> tuple[int, Piece]:
    """Compute a block of a plan that comes with it."""
    receive(payload)
    return computed(number, block)


_received: dict[str, Any] = {}


def file_of(module: str) -> str | None:
    """The file of a module, where it is one."""
    return getattr(sys.modules.get(module), "__file__", None)
