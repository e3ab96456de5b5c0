"""Numbers with their gradients and Hessians, many at once: derivatives of a formula that are exact to rounding."""

from typing import Any

import numpy as np


class Jet:
    """Values of shape (m,) of functions of n variables, with gradients (m, n) and Hessians (m, n, n)."""

    __array_ufunc__ = None  # arrays leave arithmetic with jets to jets

    def __init__(self, value: np.ndarray, gradient: np.ndarray, hessian: np.ndarray) -> None:
        self.value, self.gradient, self.hessian = value, gradient, hessian

    def through(self, f0: Any, f1: Any, f2: Any) -> "Jet":
        """A function of the values, given by itself and its two derivatives there."""
        outer = self.gradient[:, :, None] * self.gradient[:, None, :]
        return Jet(f0, f1[:, None] * self.gradient, f1[:, None, None] * self.hessian + f2[:, None, None] * outer)

    def __add__(self, other: Any) -> "Jet":
        if isinstance(other, Jet):
            return Jet(self.value + other.value, self.gradient + other.gradient, self.hessian + other.hessian)
        return Jet(self.value + other, self.gradient, self.hessian)

    def __mul__(self, other: Any) -> "Jet":
        if not isinstance(other, Jet):
            factor = np.atleast_1d(np.asarray(other, dtype=float))
            return Jet(self.value * factor, self.gradient * factor[:, None], self.hessian * factor[:, None, None])
        crossed = self.gradient[:, :, None] * other.gradient[:, None, :]
        a, b = self.value[:, None], other.value[:, None]
        hessian = a[:, None] * other.hessian + b[:, None] * self.hessian + crossed + crossed.swapaxes(1, 2)
        return Jet(self.value * other.value, a * other.gradient + b * self.gradient, hessian)

    def __pow__(self, power: float) -> "Jet":
        v = self.value
        return self.through(v**power, power * v ** (power - 1), power * (power - 1) * v ** (power - 2))

    def __neg__(self) -> "Jet":
        return self * -1.0

    def __sub__(self, other: Any) -> "Jet":
        return self + (-other)

    def __rsub__(self, other: Any) -> "Jet":
        return -self + other

    def __truediv__(self, other: Any) -> "Jet":
        return self * (other**-1.0 if isinstance(other, Jet) else 1.0 / other)

    def __rtruediv__(self, other: Any) -> "Jet":
        return self**-1.0 * other

    __radd__, __rmul__ = __add__, __mul__


def variables(x: np.ndarray) -> list[Jet]:
    """The coordinates of x as jets."""
    n = len(x)
    return [Jet(x[j : j + 1].copy(), np.eye(n)[j : j + 1], np.zeros((1, n, n))) for j in range(n)]


def exp(t: Jet) -> Jet:
    """The exponential."""
    e = np.exp(t.value)
    return t.through(e, e, e)


def sin(t: Jet) -> Jet:
    """The sine."""
    return t.through(np.sin(t.value), np.cos(t.value), -np.sin(t.value))


def cos(t: Jet) -> Jet:
    """The cosine."""
    return t.through(np.cos(t.value), -np.sin(t.value), -np.cos(t.value))


def angle(y: Jet, x: Jet) -> Jet:
    """The angle of the point (x, y), as `atan2` has it."""
    q = y / x
    slope = 1.0 / (1.0 + q.value**2)
    return q.through(np.arctan2(y.value, x.value), slope, -2.0 * q.value * slope**2)
