"""The linear methods, each declared by its step; ``move`` is the step size times the gradient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

from dynamics.checks import require_real
from theory.arsg.asgd import check_asgd
from theory.arsg.checks import momentum_parameters
from theory.linear.method import LinearMethod

SMALL = Fraction(7, 10)  # the constant of ASGD, exact so that symbols stay exact


@dataclass(frozen=True, kw_only=True)
class GradientDescent(LinearMethod):
    """Gradient descent, or SGD without momentum: s ← s - αg.

    Examples
    --------
    >>> print(GradientDescent().spectral_radius([0.5, 2.5]))
    [0.5 1.5]
    """

    states: ClassVar[tuple[str, ...]] = ("s",)

    @staticmethod
    def advance(state: Sequence[Any], move: Any) -> tuple[Any, ...]:
        """Return the next state."""
        (s,) = state
        return (s - move,)


@dataclass(frozen=True, kw_only=True)
class RSG(LinearMethod):
    """Remote stochastic gradient, also quasi-hyperbolic momentum; states are v = αm and s.

    Named like `dynamics.RSG`, which runs the method; here stand the matrices of one of its steps, for any τ = αλ.

    .. math:: v \\leftarrow \\beta v + (1-\\beta)\\alpha g, \\quad s \\leftarrow s - (1-\\mu)v - \\mu\\alpha g

    Parameters
    ----------
    beta : float
        Momentum coefficient β in [0, 1).
    mu : float
        Observation factor μ in [0, 1).

    Raises
    ------
    ValueError
        If β or μ lies outside [0, 1).

    References
    ----------
    Chen et al., arXiv:1905.01422, equations (3) and (10); Ma and Yarats, "Quasi-hyperbolic momentum and Adam for deep
    learning", ICLR 2019, with ν = 1 - μ.

    Examples
    --------
    >>> print(RSG(beta=0.999, mu=0.1).stationary_covariance(0.01)[1, 1].round(12))
    0.002753633578
    """

    states: ClassVar[tuple[str, ...]] = ("v", "s")
    beta: float
    mu: float

    def __post_init__(self) -> None:
        momentum_parameters(require_real("beta", self.beta), require_real("mu", self.mu))

    @staticmethod
    def advance(state: Sequence[Any], move: Any, *, beta: Any, mu: Any) -> tuple[Any, ...]:
        """Return the next state."""
        v, s = state
        v = beta * v + (1 - beta) * move
        return v, s - (1 - mu) * v - mu * move


@dataclass(frozen=True, kw_only=True)
class HeavyBall(LinearMethod):
    """Heavy ball with a moving average: RSG's step with μ = 0; states are v = αm and s.

    Parameters
    ----------
    beta : float
        Momentum coefficient β in [0, 1).

    Raises
    ------
    ValueError
        If β lies outside [0, 1).

    References
    ----------
    Chen et al., arXiv:1905.01422, equation (1).

    Examples
    --------
    >>> print(HeavyBall(beta=0.5).A(1.0))
    [[ 0.5  0.5]
     [-0.5  0.5]]
    """

    states: ClassVar[tuple[str, ...]] = ("v", "s")
    beta: float

    def __post_init__(self) -> None:
        momentum_parameters(require_real("beta", self.beta), 0.0)

    @staticmethod
    def advance(state: Sequence[Any], move: Any, *, beta: Any) -> tuple[Any, ...]:
        """Return the next state."""
        v, s = state
        v = beta * v + (1 - beta) * move
        return v, s - v


@dataclass(frozen=True, kw_only=True)
class TwoStepHeavyBall(LinearMethod):
    """Polyak's heavy ball in two iterates: s ← s - αg + β(s - p), p ← s.

    Parameters
    ----------
    beta : float
        Momentum coefficient β in [0, 1).

    Raises
    ------
    ValueError
        If β lies outside [0, 1).

    References
    ----------
    Polyak, "Some methods of speeding up the convergence of iteration methods", 1964.

    Examples
    --------
    >>> print(TwoStepHeavyBall(beta=0.5).A(1.0))
    [[ 0.   1. ]
     [-0.5  0.5]]
    """

    states: ClassVar[tuple[str, ...]] = ("p", "s")
    beta: float

    def __post_init__(self) -> None:
        momentum_parameters(require_real("beta", self.beta), 0.0)

    @staticmethod
    def advance(state: Sequence[Any], move: Any, *, beta: Any) -> tuple[Any, ...]:
        """Return the next state."""
        previous, s = state
        return s, s - move + beta * (s - previous)


@dataclass(frozen=True, kw_only=True)
class Nesterov(LinearMethod):
    """Nesterov's method in its two sequences: y ← s - αg, then s ← y + β(y - old y).

    Parameters
    ----------
    beta : float
        Momentum coefficient β in [0, 1).

    Raises
    ------
    ValueError
        If β lies outside [0, 1).

    References
    ----------
    Nesterov, "A method of solving a convex programming problem with convergence rate O(1/k²)", 1983.

    Examples
    --------
    >>> print(Nesterov(beta=0.5).A(1.0))
    [[ 0.   0. ]
     [-0.5  0. ]]
    """

    states: ClassVar[tuple[str, ...]] = ("y", "s")
    beta: float

    def __post_init__(self) -> None:
        momentum_parameters(require_real("beta", self.beta), 0.0)

    @staticmethod
    def advance(state: Sequence[Any], move: Any, *, beta: Any) -> tuple[Any, ...]:
        """Return the next state."""
        old, s = state
        y = s - move
        return y, y + beta * (y - old)


@dataclass(frozen=True, kw_only=True)
class ASGD(LinearMethod):
    """Accelerated SGD; the step size is its short step, the states are the average x̄ and the iterate s.

    Parameters
    ----------
    long_step : float
        κ ≥ 1.
    advantage : float
        Ξ in (0, κ].

    Raises
    ------
    ValueError
        If κ < 1 or ξ is outside (0, κ].

    References
    ----------
    Kidambi et al., "On the insufficiency of existing momentum schemes for stochastic optimization", ICLR 2018,
    algorithm 3.

    Examples
    --------
    >>> print(ASGD(long_step=1000.0, advantage=10.0).spectral_radius(0.1).round(6))
    0.943061
    """

    states: ClassVar[tuple[str, ...]] = ("mean", "s")
    long_step: float
    advantage: float

    def __post_init__(self) -> None:
        check_asgd(require_real("long_step", self.long_step), require_real("advantage", self.advantage))

    @staticmethod
    def advance(state: Sequence[Any], move: Any, *, long_step: Any, advantage: Any) -> tuple[Any, ...]:
        """Return the next state."""
        mean, s = state
        share = SMALL * SMALL * advantage / long_step
        mean = (1 - share) * mean + share * (s - long_step / SMALL * move)
        return mean, (SMALL * (s - move) + share * mean) / (SMALL + share)
