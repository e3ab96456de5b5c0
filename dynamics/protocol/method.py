"""What the driver asks of a method: its memory, its update, and what the update reads.

A method is a `NamedTuple` of hyper-parameters. `update` is all that it must have. It sees the problem only through an
oracle (`Full` or `Sampled` in `dynamics.protocol.full_and_sampled`), and finds the gradient at the current iterate in
`point.gradient`.
"""

from typing import Any, NamedTuple

import numpy as np

from dynamics.checks import Refusal
from dynamics.kernels.generic import Generic, Implementation, generic
from dynamics.protocol.blocks import Block
from dynamics.protocol.oracle import value_and_gradient
from dynamics.protocol.status import Status

# Whether the loss and the gradient of a point are those of its iterate, and whether the calls have been counted. The
# driver counts an evaluation when it is used, so that a run which stops to look at its end can go on unchanged.
STALE, PAID, UNPAID = 0, 1, 2


class Point(NamedTuple):
    """Where a run stands: arrays, so that an update can write to them.

    Examples
    --------
    >>> Point._fields[:4]
    ('x', 'gradient', 'loss', 'step_size')
    """

    x: np.ndarray  # the iterate, shape (d,)
    gradient: np.ndarray  # the oracle's gradient at x, shape (d,)
    loss: np.ndarray  # the oracle's value at x where the method or the driver reads it, shape (1,)
    step_size: np.ndarray  # the scalar step in force, NaN where there is none, shape (1,)
    fresh: np.ndarray  # STALE; PAID by an update that evaluated x itself; or UNPAID, shape (1,)
    status: np.ndarray  # a Status by which an update ends the run, shape (1,)

    def check(self) -> None:
        """Refuse codes that are none, as somebody else's file may hold them."""
        Status(self.status[0])
        if self.fresh[0] not in (STALE, PAID, UNPAID):
            raise Refusal(f"fresh = {self.fresh[0]} is no state of an evaluation")


class NoMemory(NamedTuple):
    """The memory of a method that keeps nothing from step to step."""


@generic(former={"problem": "oracle"})
def update(method, oracle, point, memory, k):
    """Move `point.x` from iterate k (counted from 0) to iterate k + 1.

    The oracle, `Full` or `Sampled`, answers as a problem does, and counts what it is asked.

    Examples
    --------
    >>> from dynamics import RSG
    >>> update.has(RSG)
    True
    """


@generic(default=None)
def before_draw(method, problem, sample, k):
    """Change the sampling before the sample of step k is drawn, by `resize` for one.

    Examples
    --------
    >>> from dynamics import SGD, ImplicitGraduatedSGD
    >>> before_draw.has(SGD), before_draw.has(ImplicitGraduatedSGD)
    (False, True)
    """


@generic(default=False)
def uses_loss(method):
    """Return whether `update` reads `point.loss`: a stochastic value is computed, and any value counted, only then.

    Examples
    --------
    >>> from dynamics import GradientDescent, Polyak
    >>> uses_loss(GradientDescent(0.1)), uses_loss(Polyak())
    (False, True)
    """


@generic(default=True)
def uses_gradient(method):
    """Return whether `update` reads `point.gradient`, the gradient at the iterate, and is charged for it.

    A method that evaluates elsewhere says no. It asks the oracle where it wants to, is charged for that alone, and what
    is recorded is the loss at `point.x`, the iterate that it reports, evaluated for the record.

    Examples
    --------
    >>> from dynamics import GradientDescent, StepTunedSGD
    >>> uses_gradient(GradientDescent(0.1)), uses_gradient(StepTunedSGD(0.1))
    (True, True)
    """


@generic(default=False)
def uses_rng(method):
    """Return whether `update` draws random numbers, from `oracle.rng`: the run's own generator.

    Examples
    --------
    >>> from dynamics import GradientDescent
    >>> uses_rng(GradientDescent(0.1))
    False
    """


@generic(default=NoMemory())
def new_memory(method, dimension):
    """Return the method's memory before the first step: a NamedTuple of arrays (in Python, once a run).

    Examples
    --------
    >>> from dynamics import Adam
    >>> len(new_memory(Adam(0.1), 3)[0])
    3
    """


@generic()
def memory_of_blocks(method, blocks):
    """Return what `new_memory` does, given the parameters' blocks, a tuple of `Block`, in place of their number.

    Examples
    --------
    >>> memory_of_blocks.arguments
    ('method', 'blocks')
    """


@generic(default=(value_and_gradient,))
def requires(method):
    """Return the functions of the oracle protocol that `update` calls (in Python, before anything compiles).

    Examples
    --------
    >>> from dynamics import TrustRegion
    >>> [needed.name for needed in requires(TrustRegion())]
    ['value', 'sampled_hessian_product']
    """


@generic()
def preconditioner(method, memory, k):
    """Return the diagonal by which update k - 1 divided its step, shape (d,) (in Python; `memory` is that after it).

    Along a direction of step s the iterate then moves by -step size · s / diagonal.

    Examples
    --------
    >>> from dynamics import SGD, Adam
    >>> preconditioner.has(SGD), preconditioner.has(Adam)
    (False, True)
    """


@generic(default=False)
def full_batch_only(method):
    """Return whether the method is defined for exact gradients alone: it then ignores a problem's sampling law.

    Examples
    --------
    >>> from dynamics import SGD, GradientDescent
    >>> full_batch_only(GradientDescent(0.1)), full_batch_only(SGD(0.1))
    (True, False)
    """


@generic(default=False)
def runs_in_lanes(thing):
    """Return whether the kernels of a method or a problem take no decision that differs between runs.

    Several runs can then share each call: the numbers of a run become vectors with one entry a run.

    Examples
    --------
    >>> from dynamics import RSG, TrustRegion
    >>> runs_in_lanes(RSG(0.1)), runs_in_lanes(TrustRegion())
    (True, False)
    """


def memory_for(method: Any, blocks: tuple[Block, ...]) -> Any:
    """The first memory of any method, given the parameters' blocks: by `memory_of_blocks` or else `new_memory`.

    What a method around another one asks for it, so that the one inside may know matrices or not.

    Examples
    --------
    >>> from dynamics import Adam, Block
    >>> memory_for(Adam(0.1), (Block(0, 2, 1, (2,)),)).mean
    array([0., 0.])
    """
    if memory_of_blocks.has(type(method)):
        return memory_of_blocks(method, blocks)
    return new_memory(method, sum(block.rows * block.columns for block in blocks))


def memory_maker(kind: type) -> Implementation:
    """What makes the memory of the methods of a class."""
    return (memory_of_blocks if memory_of_blocks.has(kind) else new_memory).implementation(kind)


def names(functions: tuple[Generic, ...]) -> str:
    """The names of generic functions as a list in words."""
    return ", ".join(function.name for function in functions)


@generic(default=False)
def samples_in_lanes(problem):
    """Return whether a problem that runs in lanes does so with a drawn sample too, of each run or of all.

    Examples
    --------
    >>> from synthetic import quadratic
    >>> samples_in_lanes(quadratic(eigenvalues=[1.0], noise=0.1))
    True
    """


Memory = Any
