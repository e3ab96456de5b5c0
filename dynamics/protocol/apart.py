"""Oracles of methods that evaluate at points of their own, or draw random numbers inside `update`."""

from typing import Any, NamedTuple

import numpy as np

from dynamics.kernels.declarations import wraps
from dynamics.kernels.generic import generic, implements
from dynamics.protocol.full_and_sampled import Full, Sampled, unit, whole
from dynamics.protocol.method import before_draw, uses_gradient, uses_rng
from dynamics.protocol.oracle import PROTOCOL, draw
from dynamics.vectors.borrowing import borrowed


class Apart(NamedTuple):
    """An oracle from which nothing is asked at the iterate but for the record: the method asks where it wants to."""

    oracle: Any  # Full or Sampled: what answers, and counts
    problem: Any  # that of the oracle, and so on
    calls: np.ndarray


class Drawing(NamedTuple):
    """An oracle with the run's generator of random numbers."""

    oracle: Any  # Full, Sampled or Apart
    problem: Any
    calls: np.ndarray
    rng: Any


wraps(Apart, inside="oracle", hands_on=(*PROTOCOL, unit, whole))
wraps(Drawing, inside="oracle", hands_on=(*PROTOCOL, unit, whole))


@generic()
def take_sample(oracle, method, rng, k):
    """Draw the sample of step k, where the oracle has samples."""


@implements(take_sample, Full)
def _(oracle, method, rng, k):
    pass


@implements(take_sample, Sampled)
def _(oracle, method, rng, k):
    before_draw(method, oracle.problem, oracle.sample, k)
    draw(oracle.problem, rng, oracle.sample)


def seen_by(method: Any, oracle: Full | Sampled, rng: np.random.Generator) -> Any:
    """An oracle as a method and the driver see it, with the generator of the run where the method draws."""
    seen = asked_by(method, oracle)
    return Drawing(seen, oracle.problem, oracle.calls, borrowed(rng)) if uses_rng(method) else seen


def asked_by(method: Any, oracle: Full | Sampled) -> Any:
    """An oracle as the driver asks it for a method: at the iterate, or for the record alone."""
    return oracle if uses_gradient(method) else Apart(oracle, oracle.problem, oracle.calls)
