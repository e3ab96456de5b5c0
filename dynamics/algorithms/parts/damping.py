"""Damped steps: their memory, the damping after a step, and what thresholds and factors may be."""

from typing import Any, NamedTuple

import numpy as np

from dynamics.algorithms.parts.eigenvalues import GaussNewtonMatrix, Hessian, Spectrum, new_spectrum
from dynamics.algorithms.parts.trial_steps import WholeBatch
from dynamics.checks import Refusal, require_at_least
from dynamics.kernels.policy import kernel


class DampedMemory(NamedTuple):
    """The damping or penalty, and scratch."""

    damping: np.ndarray  # shape (1,)
    moved: np.ndarray  # 1 where the last step was accepted, shape (1,)
    trial: np.ndarray  # shape (d,)
    trial_gradient: np.ndarray  # shape (d,)
    spectrum: Spectrum
    evaluations: WholeBatch


@kernel
def next_damping(method, damping, rho, least):
    """The damping after a step of ratio ρ; one that is NaN is no success."""
    if rho >= method.eta2:
        return max(damping / method.decrease, least)
    return damping if rho >= method.eta1 else damping * method.increase


def new_damped(method: Any, dimension: int, damping: float, matrix: Hessian | GaussNewtonMatrix) -> DampedMemory:
    """The memory of a method whose steps are damped or penalised."""
    spectrum = new_spectrum(method, dimension, matrix)
    moved, scratch = np.ones(1, dtype=np.int64), (np.zeros(dimension), np.zeros(dimension))
    return DampedMemory(np.array([damping]), moved, *scratch, spectrum, WholeBatch())


def check_ratios(method: Any) -> None:
    """Refuse thresholds and factors with which the damping could not settle."""
    if not 0 < method.eta1 <= method.eta2 < 1:
        raise Refusal(
            f"eta1 = {method.eta1} and eta2 = {method.eta2} must satisfy 0 < eta1 <= eta2 < 1 (an accepted step must "
            f"bring some of the decrease foretold, and none is sure to bring all); try 0.01 and 0.75."
        )
    if not 1 < method.increase < np.inf:
        raise Refusal(
            f"increase = {method.increase} must be above 1 and finite (a rejected step would be tried again and "
            f"again); try 10."
        )
    require_at_least("decrease", method.decrease, 1, "success must not damp the steps")
