"""Implicit graduated optimisation: SGD whose own noise smooths the loss, less from stage to stage."""

from typing import Literal, NamedTuple

import numpy as np

from dynamics.checks import Refusal, require_at_least, require_positive, require_real
from dynamics.kernels.declarations import always
from dynamics.kernels.generic import generic, implements
from dynamics.kernels.policy import kernel
from dynamics.protocol.full_and_sampled import Full, Sampled
from dynamics.protocol.method import before_draw, requires, update
from dynamics.protocol.oracle import batch_summands, resize, summands, value_and_gradient
from dynamics.protocol.schedules import StepSize, scheduled
from dynamics.words import places

Unit = Literal["updates", "epochs"]
UPDATES, EPOCHS = places(Unit)
LARGEST = 2.0**52  # of a batch before the problem cuts it down to its data; whole numbers are exact as far as that


class ImplicitGraduatedSGD(NamedTuple):
    r"""SGD in stages, of which each shortens the step, enlarges the mini-batch, or both.

    .. math::
        x_{k+1}=x_k-\eta_m\nabla f_{S_k}(x_k),\quad|S_k|=b_m,\qquad
        \eta_{m+1}=\kappa\,\eta_m,\quad b_{m+1}=\lambda\,b_m

    If one sample's gradient has the variance C² (C not depending on x), the noise of a step smooths the loss to the
    degree :math:`\delta_m=\eta_mC/\sqrt{b_m}`, which falls by :math:`\gamma=\kappa/\sqrt\lambda` from stage to stage.

    Parameters
    ----------
    step_size : float, array_like or Schedule
        η₁: a positive number; an array or a schedule is multiplied by the stages' factor.
    batch_size : int
        b₁, samples in a mini-batch of the first stage, at least 1; it takes the place of the problem's own.
    step_factor : float
        κ in (0, 1].
    batch_factor : float
        λ ≥ 1. Batches are rounded, b₁λ^(m-1) to the nearest whole number, and end at the whole data.
    stages : int
        M, at least 1; the last one goes on as long as the run.
    period : int
        Length of a stage, at least 1.
    unit : {"updates", "epochs"}
        "epochs" or "updates", in which a stage's length is counted; an epoch has ⌊N / b⌋ updates, and at least one.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range.
    MissingImplementation
        If the problem has no mini-batches.

    Notes
    -----
    `four_types` gives the four SGD types of the paper, and `theory.sigma_nice.noise_level` the degree of smoothing.
    Without replacement, C² is smaller by (N - b) / (N - 1). A problem that was made with its whole data as mini-batch
    has no noise: there only the step changes, and an update is an epoch.

    References
    ----------
    Sato and Iiduka, arXiv:2311.08745, Algorithm 3 and section 4.1.

    Examples
    --------
    Batches of 10, 20 and 40 out of 100 samples, an epoch each, of 10, 5 and 2 updates:

    >>> from dynamics import simulate
    >>> from synthetic import carmon
    >>> method = ImplicitGraduatedSGD(0.1, batch_size=10, step_factor=1.0, batch_factor=2.0, stages=3, period=1)
    >>> run = simulate(method, carmon(samples=100, batch_size=10, rng=0), steps=17, rng=1, record_every=1)
    >>> run.gradients[[0, 10, 15, 17]].round(6).tolist()
    [0.0, 1.0, 2.0, 2.8]
    """

    step_size: StepSize
    batch_size: int = 32
    step_factor: float = 0.75**0.5
    batch_factor: float = 1.5
    stages: int = 5
    period: int = 40
    unit: Unit = "epochs"

    @property
    def decay_rate(self) -> float:
        """γ = κ/√λ, by which the degree of smoothing falls from stage to stage."""
        return float(self.step_factor / np.sqrt(self.batch_factor))

    def check(self) -> None:
        """Refuse stages without an update, steps that grow and batches that shrink."""
        require_at_least("batch_size", self.batch_size, 1, "an empty batch has no mean")
        require_positive("step_factor", self.step_factor, "a step must go downhill")
        if self.step_factor > 1:
            raise Refusal(f"step_factor = {self.step_factor} must be at most 1 (steps must not grow); try 1.")
        require_at_least("batch_factor", self.batch_factor, 1, "batches must not shrink")
        require_at_least("stages", self.stages, 1, "a run is in some stage")
        require_at_least("period", self.period, 1, "it counts updates or epochs of a stage")


def four_types(
    step_size: StepSize,
    *,
    batch_size: int = 32,
    decay_rate: float = 0.5**0.5,
    stages: int = 5,
    period: int = 40,
    unit: Unit = "epochs",
) -> dict[str, ImplicitGraduatedSGD]:
    r"""The four SGD types: constant, falling step, growing batch, both.

    The last three share the decay rate γ of the degree of smoothing: with :math:`(\kappa,\lambda)` as
    :math:`(\gamma,1)`, :math:`(1,\gamma^{-2})` and :math:`(\gamma\sqrt\lambda,\lambda)` with
    :math:`\lambda=(1+\gamma^{-2})/2`. The paper has γ = 1/√2, so that λ is 1, 2 and 3/2.

    Parameters
    ----------
    step_size, batch_size, stages, period, unit
        As in `ImplicitGraduatedSGD`.
    decay_rate : float
        γ in (0, 1].

    Raises
    ------
    ValueError
        If γ is outside (0, 1].

    References
    ----------
    Sato and Iiduka, arXiv:2311.08745, section 4.1.

    Examples
    --------
    >>> {name: round(method.decay_rate, 4) for name, method in four_types(0.1).items()}
    {'constant': 1.0, 'falling step': 0.7071, 'growing batch': 0.7071, 'both': 0.7071}
    """
    decay_rate = require_real("decay_rate", decay_rate)
    if not 1e-100 <= decay_rate <= 1:
        raise Refusal(f"decay_rate = {decay_rate} must lie in (0, 1] (the smoothing must not grow); try 0.7.")
    growth = decay_rate**-2.0
    both = 0.5 * (1.0 + growth)
    factors = {
        "constant": (1.0, 1.0),
        "falling step": (decay_rate, 1.0),
        "growing batch": (1.0, growth),
        "both": (decay_rate * both**0.5, both),
    }
    return {
        name: ImplicitGraduatedSGD(step_size, batch_size, kappa, growth, stages, period, unit)
        for name, (kappa, growth) in factors.items()
    }


@kernel
def batch_of(method, stage):
    """The batch size of a stage, counted from 0."""
    return int(min(method.batch_size * method.batch_factor**stage + 0.5, LARGEST))


@kernel
def updates_of(method, problem, sample):
    """How many updates a stage of the sample's size has."""
    if method.unit == UPDATES:
        return method.period
    return method.period * max(1, summands(problem) // batch_summands(problem, sample))


@kernel
def enter_stage(method, problem, sample, k):
    """Give the mini-batch the size that it has at update k, and return the stage, counted from 0."""
    stage, end = 0, 0
    resize(problem, sample, batch_of(method, stage))
    while stage < method.stages - 1:
        end += updates_of(method, problem, sample)
        if k < end:
            break
        stage += 1
        resize(problem, sample, batch_of(method, stage))
    return stage


@implements(before_draw, ImplicitGraduatedSGD)
def _(method, problem, sample, k):
    enter_stage(method, problem, sample, k)


@generic()
def stage_at(oracle, method, k):
    """Return the stage of update k, counted from 0."""


@implements(stage_at, Full)
def _(oracle, method, k):
    return min(k // method.period, method.stages - 1)


@implements(stage_at, Sampled)
def _(oracle, method, k):
    return enter_stage(method, oracle.problem, oracle.sample, k)  # once more, which leaves the size as it is


@implements(update, ImplicitGraduatedSGD)
def _(method, oracle, point, memory, k):
    step = scheduled(method.step_size, k) * method.step_factor ** stage_at(oracle, method, k)
    point.step_size[0] = step
    x, g = point.x, point.gradient
    for j in range(len(x)):
        x[j] -= step * g[j]


always(requires, ImplicitGraduatedSGD, answer=(value_and_gradient, resize))
