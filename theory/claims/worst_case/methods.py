"""The methods whose worst cases are computed, and how these are judged."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from theory.claims.ledger import Evidence, Verdict
from theory.claims.routes.performance_estimation import Gradient, Method

ROUNDING = 1e-6  # of the solver, relative to the bound


def gradient_descent(step_size: float, steps: int) -> Method:
    """Return gradient descent with a fixed number of steps."""

    def method(x: np.ndarray, gradient: Gradient) -> np.ndarray:
        for _ in range(steps):
            x = x - step_size * gradient(x)
        return x

    return method


def accelerated(steps: int) -> Method:
    """Return Nesterov's method for smooth convex functions as Beck and Teboulle state it, with step size 1/L = 1."""

    def method(x: np.ndarray, gradient: Gradient) -> np.ndarray:
        ahead, weight = x, 1.0
        for _ in range(steps):
            stepped, heavier = ahead - gradient(ahead), (1 + math.sqrt(1 + 4 * weight**2)) / 2
            ahead = stepped + (weight - 1) / heavier * (stepped - x)
            x, weight = stepped, heavier
        return x

    return method


def remote_gradient(step_size: float, beta: float, mu: float, steps: int, last_step: float = 0.0) -> Method:
    """Return RSG with exact gradients, and a plain gradient step of size `last_step` after the last."""

    def method(x: np.ndarray, gradient: Gradient) -> np.ndarray:
        average = np.zeros_like(x)
        for _ in range(steps):
            newest = gradient(x)
            average = beta * average + (1 - beta) * newest
            x = x - step_size * ((1 - mu) * average + mu * newest)
        return x - last_step * gradient(x) if last_step else x

    return method


def raised(value: float, power: float) -> float:
    """Return a power of a number that is not negative; infinity where 0 is raised to less than 0."""
    return value**power if value or power >= 0 else math.inf


def over(value: float, bound: float) -> float:
    """By what share a value exceeds a bound; infinite where the bound is not positive."""
    return value / bound - 1 if bound > 0 else math.inf


def within(
    excess: list[float], *, gap: float, cases: list[dict[str, Any]], said: str, data: Mapping[str, Any] | None = None
) -> Evidence:
    """Judge worst cases by how far they exceed their bounds, relative to these."""
    worst = max(range(len(excess)), key=excess.__getitem__)
    tightness = 1 / (1 + excess[worst])
    numbers = f"value/bound lies between {1 + min(excess):.6f} and {1 + excess[worst]:.6f}"
    if excess[worst] > ROUNDING:
        return Evidence(
            verdict=Verdict.REFUTED,
            margin=-excess[worst],
            tightness=tightness,
            trials=len(cases),
            counterexample=cases[worst] | {"value/bound": 1 + excess[worst]},
            text=f"{said}: {numbers}; the function that the semidefinite program finds there exceeds the bound.",
        )
    return Evidence(
        verdict=Verdict.SUPPORTED,
        margin=-excess[worst],
        tightness=tightness,
        power=f"the bound times {max(1 + excess[worst], 0):.4g} or less is refused",
        trials=len(cases),
        data=data or {},
        text=f"""
            {said} as semidefinite programs, each the worst over all functions of the class in all dimensions, in
            floating point: {numbers}, with at most {gap:.0e} between primal and dual value.
        """,
    )
