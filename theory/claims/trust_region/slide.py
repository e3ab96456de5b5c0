"""A loss of one variable on which Algorithm 1 takes as many iterations as curvature alone can make it take.

At its iterates the slope is next to 0 and the curvature just below -epsilon_H, and the loss falls by hardly more than
eta_1 of what the model promises: each step is accepted, and the radius neither grows nor shrinks.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

STRETCH = 1.22  # a quarter of the period over epsilon_H/L_H: rho = (STRETCH - 1/STRETCH)/4, just above 0.1
SLOPE = 1e-9  # of the largest slope: it tells the two directions apart


class Slide(NamedTuple):
    """A loss whose second derivative is a triangle wave, with a drift, and a straight line after the last period."""

    curvature: float  # epsilon_H: at the iterates the second derivative is its negative
    lipschitz: float  # L_H
    periods: int

    @property
    def start(self) -> float:
        """The first iterate, counted from a point where the slope is largest."""
        return self.curvature / self.lipschitz

    @property
    def period(self) -> float:
        """The length of a period, and of each step."""
        return 4 * STRETCH * self.start

    @property
    def curvature_bound(self) -> float:
        """Bound on the second derivative."""
        return STRETCH * self.curvature

    @property
    def drift(self) -> float:
        """What is taken from the wave's slope: at the iterates hardly more than all of it is left."""
        quarter = self.period / 4
        return 0.5 * self.lipschitz * ((quarter**2 - self.start**2) + SLOPE * quarter**2)

    def _wave(self, u: float) -> tuple[float, float, float]:
        """Return the wave's integral, the wave and its derivative, the wave being largest at 0."""
        quarter, steep = self.period / 4, self.lipschitz
        u = u - self.period * math.floor(u / self.period + 0.25)  # from -1/4 to 3/4 of the period
        sign, v = (1, u) if u <= quarter else (-1, u - self.period / 2)
        return (
            sign * 0.5 * steep * (quarter**2 * v - v**3 / 3),
            sign * 0.5 * steep * (quarter**2 - v**2),
            -sign * steep * v,
        )

    def derivatives(self, x: float) -> tuple[float, float, float]:
        """Return loss, slope and curvature at a point."""
        end = self.periods * self.period
        value, slope, curvature = self._wave(min(x, end))
        value, slope = value - self.drift * min(x, end), slope - self.drift
        return (value, slope, curvature) if x <= end else (value + slope * (x - end), slope, 0.0)

    @property
    def gap(self) -> float:
        """The loss at the start less its least value, at the last minimum before the straight line."""
        flat = math.sqrt(self.start**2 - SLOPE * (self.period / 4) ** 2)
        return self.derivatives(self.start)[0] - self.derivatives(self.periods * self.period - flat)[0]


def run(
    loss: Slide,
    *,
    gradient_accuracy: float,
    eta1: float,
    eta2: float,
    increase: float,
    decrease: float,
    limit: int,
    metric: Callable[[int], float] = lambda k: 1.0,
) -> tuple[int | None, float]:
    """Run Algorithm 1 with exact derivatives and steps from the first radius `period`, in one dimension.

    Returns
    -------
    int or None, float
        The iterations until both accuracies are met, None where `limit` did not suffice or no step moves the iterate;
        and the least radius.
    """
    x, radius, least = loss.start, loss.period, loss.period
    for k in range(limit):
        value, slope, curvature = loss.derivatives(x)
        if abs(slope) <= gradient_accuracy and curvature >= -loss.curvature * (1 - 1e-6):
            return k, least
        inside = abs(slope) / curvature if curvature > 0 else math.inf
        step = -math.copysign(min(inside, radius / math.sqrt(metric(k))), slope)
        if x + step == x:
            return None, least
        promised = -(slope * step + curvature * step**2 / 2)
        rho = (value - loss.derivatives(x + step)[0]) / promised
        x = x + step if rho >= eta1 else x
        radius = increase * radius if rho >= eta2 else radius if rho >= eta1 else radius / decrease
        least = min(least, radius)
    return None, least
