"""Batch echoing: another method that takes several steps on each mini-batch before the next one is drawn."""

from typing import Any, NamedTuple

from dynamics.checks import Refusal, require_at_least
from dynamics.kernels.declarations import wraps
from dynamics.kernels.generic import implements
from dynamics.kernels.policy import kernel
from dynamics.protocol.method import (
    STALE,
    before_draw,
    full_batch_only,
    memory_for,
    memory_of_blocks,
    names,
    requires,
    update,
    uses_gradient,
    uses_loss,
    uses_rng,
)
from dynamics.protocol.oracle import gradient, value, value_and_gradient
from dynamics.protocol.status import Status

RUNNING = int(Status.RUNNING)


class Echo(NamedTuple):
    r"""Another method's steps, several in a row on each mini-batch.

    With r repeats and mini-batches :math:`B_0,B_1,\dots`, step j of the method inside sees
    :math:`B_{\lfloor j/r\rfloor}`, where it stands then:

    .. math:: g_j=\nabla J_{B_{\lfloor j/r\rfloor}}(x_j),\qquad j=0,1,2,\dots

    Parameters
    ----------
    inner : NamedTuple
        The method inside, such as ``Adam(0.01)``.
    repeats : int
        r ≥ 1, the steps on a mini-batch; 1 is the method alone, 2 draws mini-batches as `StepTunedSGD` does.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range or the method inside asks for more than gradients.

    Notes
    -----
    One update is one mini-batch, r gradients and r steps of the method inside, whose schedules and bias corrections
    count its own steps. The recorded step size is that of the last of them. Of exact gradients, n updates are r·n steps
    of the method inside.

    References
    ----------
    Castera, Bolte, Févotte, Pauwels, arXiv:2103.03570, section 5.1, second experiment.
    Choi, Passos, Shallue, Dahl: Faster neural network training with data echoing, arXiv:1907.05550: batch echoing.

    Examples
    --------
    Two halvings to an update:

    >>> from dynamics import SGD, simulate
    >>> from synthetic import quadratic
    >>> run = simulate(Echo(SGD(0.5)), quadratic(eigenvalues=[1.0]), steps=2, x0=[16.0])
    >>> run.x, run.gradients[-1]
    (array([1.]), np.float64(4.0))
    """

    inner: Any
    repeats: int = 2

    def check(self) -> None:
        """Refuse something that is no method of gradients, and less than one step on a mini-batch."""
        if not update.has(type(self.inner)):
            raise Refusal(f"inner = {self.inner!r} is no method with an update; give one such as Adam(0.01).")
        beyond = set(requires(self.inner)) - {value_and_gradient, value, gradient}
        if beyond:
            raise Refusal(
                f"inner = {type(self.inner).__name__} reads {names(tuple(beyond))}, and an echo repeats values and "
                f"gradients only; give a method of gradients such as Adam(0.01)."
            )
        require_at_least("repeats", self.repeats, 1, "it counts the steps on a mini-batch")


@kernel
def evaluate_again(method, oracle, point):
    """Make `point` fresh on the mini-batch in hand, unless the step before has done so."""
    if point.fresh[0] == STALE:
        if uses_loss(method):
            point.loss[0] = value_and_gradient(oracle, point.x, point.gradient)
        else:
            gradient(oracle, point.x, point.gradient)
    point.fresh[0] = STALE


@implements(update, Echo)
def _(method, oracle, point, memory, k):
    update(method.inner, oracle, point, memory, k * method.repeats)
    for i in range(1, method.repeats):
        if point.status[0] != RUNNING:
            return
        evaluate_again(method.inner, oracle, point)
        update(method.inner, oracle, point, memory, k * method.repeats + i)


@implements(requires, Echo)
def _(method):
    return (*requires(method.inner), gradient)


@implements(memory_of_blocks, Echo)
def _(method, blocks):
    return memory_for(method.inner, blocks)


wraps(Echo, inside="inner", hands_on=(uses_loss, uses_gradient, uses_rng, full_batch_only, before_draw))
