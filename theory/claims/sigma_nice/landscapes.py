"""Random landscapes with hills of many widths, smoothed in closed form: a trial for ladders of noise levels."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
GRID = np.linspace(-12, 12, 2401)


class Landscapes(NamedTuple):
    """f(x) = bowl x^2/2 + sum_k amplitude_k cos(frequency_k x + phase_k), one row for each landscape."""

    frequency: Array
    amplitude: Array
    phase: Array
    bowl: float = 0.3

    def value(self, x: Array) -> Array:
        """Return f at one point for each landscape."""
        return np.asarray(
            0.5 * self.bowl * x**2 + (self.amplitude * np.cos(self.frequency * x[:, None] + self.phase)).sum(axis=1)
        )

    def minimum(self) -> Array:
        """Return the least value of each landscape, from a grid refined by Newton's method."""
        values = sum(
            self.amplitude[:, [k]] * np.cos(self.frequency[:, [k]] * GRID + self.phase[:, [k]])
            for k in range(self.frequency.shape[1])
        )
        return self.value(
            self.descend(GRID[np.argmin(values + 0.5 * self.bowl * GRID**2, axis=1)], np.zeros(1), steps=400)
        )

    def descend(self, x: Array, levels: Array, *, steps: int) -> Array:
        """Descend the landscapes smoothed over [x - delta, x + delta], `steps` steps in all, shared by the levels."""
        shares = np.diff(np.linspace(0, steps, len(levels) + 1).astype(int))
        for delta, share in zip(levels, shares, strict=True):
            left = self.amplitude * np.sinc(self.frequency * delta / np.pi)
            smoothness = self.bowl + np.abs(left * self.frequency**2).sum(axis=1)
            for _ in range(share):
                slope = (left * self.frequency * np.sin(self.frequency * x[:, None] + self.phase)).sum(axis=1)
                x = x - (self.bowl * x - slope) / smoothness
        return x


def draw_landscapes(count: int, rng: np.random.Generator, waves: int = 6) -> Landscapes:
    """Draw landscapes with waves from 0.15 to 2 per unit of length, amplitudes falling with the frequency."""
    shape = (count, waves)
    frequency = 2 * np.pi * np.geomspace(0.15, 2.0, waves) * rng.uniform(0.8, 1.25, shape)
    amplitude = 2 * rng.exponential(1.0, shape) / frequency
    return Landscapes(frequency, amplitude, rng.uniform(0, 2 * np.pi, shape))
