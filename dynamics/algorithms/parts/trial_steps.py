"""How a trial step is judged: what the loss does there, exactly or on the mini-batch, beside what the model foretold.

The methods that use it have the field `eta1`; their memories have `trial` and `moved`. Each way to evaluate is a
NamedTuple with an implementation of `judge`, so that a run compiles only the one it uses.
"""

from typing import Any, Literal, NamedTuple

import numpy as np

from dynamics.checks import Refusal
from dynamics.kernels.declarations import always
from dynamics.kernels.generic import Generic, generic, implements
from dynamics.kernels.policy import kernel
from dynamics.protocol.full_and_sampled import whole
from dynamics.protocol.method import PAID
from dynamics.protocol.oracle import (
    gradient,
    hessian_product,
    sampled_hessian_product,
    sampled_value,
    value,
)
from dynamics.protocol.status import Status
from dynamics.words import places

Batch = Literal["full", "sampled"]
EXACT, SAMPLED = places(Batch)  # derivatives, values
LINE_SEARCH_FAILED = int(Status.LINE_SEARCH_FAILED)
NOT_FINITE = int(Status.NOT_FINITE)
ROUNDING = 10.0 * float(np.finfo(np.float64).eps)  # share of a loss below which differences of losses mean nothing


class WholeBatch(NamedTuple):
    """All evaluations are exact; one at an accepted trial is handed on to the next iteration."""


class OnSample(NamedTuple):
    """Derivatives and values are those of a mini-batch, drawn anew for each iteration."""


class SampledDerivatives(NamedTuple):
    """Derivatives are those of a mini-batch, drawn anew for each iteration, and values are exact."""

    loss: np.ndarray  # exact, at the iterate, shape (1,)
    known: np.ndarray  # whether it has been evaluated, shape (1,)


@generic()
def judge(evaluations, method, oracle, point, memory, decrease):
    """Move to `memory.trial` if the loss falls there as foretold; return the ratio ρ of the falls."""


@generic()
def redrawn(evaluations):
    """Return whether each iteration has derivatives of its own, even where the iterate has not moved."""


@generic()
def keep(evaluations, point):
    """Say that the gradient at the iterate, and the loss, are at hand for the next iteration, if they are."""


@kernel
def agreement(loss, trial_loss, decrease):
    """The ratio ρ of the fall of the loss to that of the model, each raised by what rounding hides."""
    rounding = ROUNDING * abs(loss)
    return (loss - trial_loss + rounding) / (decrease + rounding)


@kernel
def accept(method, point, memory, rho):
    """Move to the trial where ρ ≥ η₁; whether it was done. A ratio that is NaN is no success."""
    memory.moved[0] = 0
    if rho >= method.eta1:
        memory.moved[0] = 1
        for j in range(len(point.x)):
            point.x[j] = memory.trial[j]
    return rho >= method.eta1


@kernel
def judge_downhill(method, problem, point, memory, decrease):
    """As `judge` of the whole batch, but a trial whose loss is higher is never taken, be it by rounding.

    Where rounding hides the fall of the loss, its gradients at both ends of the step s tell it, by -s·(g + g₊)/2. The
    run ends where steps that were refused have become so short that they no longer move the iterate.
    """
    x, trial = point.x, memory.trial
    trial_loss = value(problem, trial)
    rho = agreement(point.loss[0], trial_loss, decrease)
    change = abs(point.loss[0] - trial_loss)
    hidden = change == 0.0 or max(decrease, change) <= ROUNDING * abs(point.loss[0])
    if hidden:
        fall = 0.0
        gradient(problem, trial, memory.trial_gradient)
        for j in range(len(x)):
            fall -= 0.5 * (trial[j] - x[j]) * (point.gradient[j] + memory.trial_gradient[j])
        rho = fall / decrease
    if not trial_loss <= point.loss[0]:
        rho = -1.0
    if at_rest(point, memory):
        rho = 1.0
    if accept(method, point, memory, rho):
        point.loss[0] = trial_loss
        if not hidden:
            gradient(problem, x, memory.trial_gradient)
        for j in range(len(x)):
            point.gradient[j] = memory.trial_gradient[j]
    return rho


@kernel
def at_rest(point, memory):
    """Whether the trial is the iterate itself; the run ends where steps were refused until it was."""
    for j in range(len(point.x)):
        if memory.trial[j] != point.x[j]:
            return False
    if not memory.moved[0]:
        point.status[0] = LINE_SEARCH_FAILED
    return True


@kernel
def stay(point, decrease):
    """End a run that nothing will move: the model falls by 0, or by NaN, and yet the gradient is not 0."""
    for j in range(len(point.x)):
        if point.gradient[j] != 0.0:
            point.status[0] = LINE_SEARCH_FAILED if decrease == 0.0 else NOT_FINITE


@implements(judge, WholeBatch)
def _(evaluations, method, oracle, point, memory, decrease):
    at_rest(point, memory)
    trial_loss = value(oracle, memory.trial)
    rho = agreement(point.loss[0], trial_loss, decrease)
    if accept(method, point, memory, rho):
        point.loss[0] = trial_loss
        gradient(oracle, point.x, point.gradient)
    return rho


always(redrawn, WholeBatch, answer=False)


@implements(keep, WholeBatch)
def _(evaluations, point):
    point.fresh[0] = PAID


@implements(judge, OnSample)
def _(evaluations, method, oracle, point, memory, decrease):
    rho = agreement(point.loss[0], value(oracle, memory.trial), decrease)
    accept(method, point, memory, rho)
    return rho


@implements(judge, SampledDerivatives)
def _(evaluations, method, oracle, point, memory, decrease):
    if not evaluations.known[0]:
        evaluations.loss[0] = value(whole(oracle), point.x)
        evaluations.known[0] = 1
    trial_loss = value(whole(oracle), memory.trial)
    rho = agreement(evaluations.loss[0], trial_loss, decrease)
    if accept(method, point, memory, rho):
        evaluations.loss[0] = trial_loss
    return rho


always(redrawn, OnSample, SampledDerivatives)
always(keep, OnSample, SampledDerivatives, answer=None)


def new_evaluations(method: Any) -> WholeBatch | OnSample | SampledDerivatives:
    """How a method with the fields `derivatives` and `values` evaluates."""
    if method.derivatives == EXACT:
        return WholeBatch()
    return OnSample() if method.values == SAMPLED else SampledDerivatives(np.zeros(1), np.zeros(1, dtype=np.int64))


def evaluated(method: Any, curved: bool) -> tuple[Generic, ...]:
    """The functions of the oracle that are called: those of `judge`, and Hessian products where curved."""
    if method.derivatives == EXACT:
        return (value, gradient, hessian_product) if curved else (value, gradient)
    values = sampled_value if method.values == SAMPLED else value
    return (values, sampled_hessian_product) if curved else (values,)


def check_evaluations(method: Any) -> None:
    """Refuse values on a mini-batch that is not drawn."""
    if method.values == SAMPLED and method.derivatives == EXACT:
        raise Refusal(
            "values = 'sampled' with derivatives = 'full': no mini-batch is drawn, so there is none to evaluate on; "
            "try derivatives = 'sampled', or values = 'full'."
        )
