"""A linear method on one eigen-direction: its matrices, and what follows from them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dynamics.checks import KindRefusal, Refusal, real_numbers, require_positive, require_whole, shown
from theory.linear.growth import largest_power_norm

if TYPE_CHECKING:
    from sympy import Expr, Matrix, Symbol

FloatArray = NDArray[np.float64]


class Symbols(NamedTuple):
    """A method's matrices as SymPy expressions.

    Attributes
    ----------
    tau : Symbol
        The scaled curvature τ.
    parameters : dict
        The hyper-parameters' symbols, by name.
    A, b : Matrix
        Matrix and noise vector of :class:`LinearMethod`.

    Examples
    --------
    >>> from theory.linear import GradientDescent
    >>> GradientDescent().symbols.A
    Matrix([[1 - tau]])
    """

    tau: Symbol
    parameters: dict[str, Symbol]
    A: Matrix
    b: Matrix


@dataclass(frozen=True, kw_only=True)
class LinearMethod(ABC):
    """A method whose step is linear in its state and the gradient, on an eigen-direction of a quadratic.

    A subclass gives its states and :meth:`advance`; its fields are the hyper-parameters other than the step size.
    The last state is the iterate's deviation s from the minimiser, where the gradient is taken; all states are in its
    unit. With curvature λ, step size α, τ = αλ and gradient noise λδ, one step is

    .. math:: u_{t+1} = A(\\tau)\\,u_t + \\tau\\,\\delta_t\\,b, \\qquad A(\\tau) = A(0) + \\tau\\,b\\,e_s^\\top.

    References
    ----------
    Chen et al., arXiv:1905.01422, equation (10).

    Examples
    --------
    >>> from theory.linear import RSG
    >>> RSG(beta=0.5, mu=0.25).A(2.0)
    array([[ 0.5  ,  1.   ],
           [-0.375, -0.25 ]])
    """

    states: ClassVar[tuple[str, ...]]

    @staticmethod
    @abstractmethod
    def advance(*arguments: Any, **parameters: Any) -> tuple[Any, ...]:
        """Return the next state from the state and the move (step size times gradient), numbers or symbols alike."""

    @property
    def parameters(self) -> dict[str, float]:
        """The hyper-parameters by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def _numbers(self) -> dict[str, float]:
        return {name: float(value) for name, value in self.parameters.items()}

    @property
    def symbols(self) -> Symbols:
        """The matrices with a symbol in place of each hyper-parameter.

        Examples
        --------
        >>> from theory.linear import HeavyBall
        >>> HeavyBall(beta=0.9).symbols.b
        Matrix([
        [1 - beta],
        [beta - 1]])
        """
        return self.symbolic()

    @classmethod
    def symbolic(cls) -> Symbols:
        """Return what ``symbols`` holds, for the class."""
        import sympy as sp

        names = [field.name for field in fields(cls)]
        parameters = {name: sp.Symbol(name, positive=True) for name in names}
        tau = sp.Symbol("tau", positive=True)
        still, noise = _response(cls, parameters)
        b = sp.Matrix(noise).applyfunc(sp.expand)
        A = sp.Matrix(still).T.applyfunc(sp.expand)
        A[:, -1] += tau * b
        return Symbols(tau, parameters, A, b)

    def runs(self, steps: int, *, step_size: float) -> Callable[[Any, Callable[[Any], Any]], Any]:
        """Return so many steps of the method, from rest, as a function of the start and of the gradient.

        Parameters
        ----------
        steps : int
            At least 0.
        step_size : float
            α > 0.

        Returns
        -------
        A function `method(start, gradient)` that returns the last iterate, for vectors of any kind: on coefficients it
        is what `theory.claims.routes.performance_estimation.worst_case` asks for.

        Raises
        ------
        ValueError
            For steps that are no whole number of at least 0, or a step size that is not positive.

        Examples
        --------
        >>> from theory.linear import HeavyBall
        >>> two_steps = HeavyBall(beta=0.5).runs(2, step_size=0.5)
        >>> two_steps(np.array([4.0, 1.0]), lambda x: np.array([1.0, 2.0]) * x)
        array([1.75, 0.  ])
        """
        steps = require_whole("steps", steps, 0, "a method can't go back")
        step_size, resting = require_positive("step_size", step_size), self.at_rest()

        def method(start: Any, gradient: Callable[[Any], Any]) -> Any:
            state = tuple(weight * start for weight in resting)
            for _ in range(steps):
                state = self.advance(state, step_size * gradient(state[-1]), **self._numbers())
            return state[-1]

        return method

    def at_rest(self) -> FloatArray:
        """Return the state that stays as it is without a gradient, where the iterate is 1.

        Returns
        -------
        Array as long as ``states``; its last entry is 1.

        Raises
        ------
        ValueError
            If there is none, so that the method would move without a gradient.

        Examples
        --------
        >>> from theory.linear import HeavyBall, TwoStepHeavyBall
        >>> print(HeavyBall(beta=0.5).at_rest(), TwoStepHeavyBall(beta=0.5).at_rest())
        [0. 1.] [1. 1.]
        """
        moves = self.A(0.0) - np.eye(len(self.states))
        others = np.linalg.lstsq(moves[:, :-1], -moves[:, -1], rcond=None)[0]
        resting = np.append(np.round(others, 12) + 0.0, 1.0)  # no -0
        if np.abs(moves @ resting).max() > 1e-9:
            raise Refusal(
                f"{self!r} has no state of rest: without a gradient its iterate moves on; let advance(state, 0) leave "
                f"some state with s = 1 as it is."
            )
        return resting

    def A(self, tau: ArrayLike) -> FloatArray:
        """Return the matrix that takes the state one step on.

        Parameters
        ----------
        tau : array_like
            Scaled curvature τ (step size times curvature, no unit), any real number and any shape.

        Returns
        -------
        Array of the shape of ``tau`` with two more axes, both as long as ``states``.

        Examples
        --------
        >>> from theory.linear import GradientDescent
        >>> GradientDescent().A([0.5, 1.5])[:, 0, 0]
        array([ 0.5, -0.5])
        """
        still, noise = _response(self, self._numbers())
        tau = real_numbers("tau", tau)[..., None, None]
        observed = np.zeros(len(noise))
        observed[-1] = 1.0
        return np.array(still, dtype=np.float64).T + tau * np.outer(noise, observed)

    def b(self, tau: ArrayLike) -> FloatArray:
        """Return the vector along which the noise τδ enters; none of the declared methods' depends on τ.

        Parameters
        ----------
        tau : array_like
            Scaled curvature τ, any shape.

        Returns
        -------
        Array of the shape of ``tau`` with one more axis, as long as ``states``.

        Examples
        --------
        >>> from theory.linear import RSG
        >>> RSG(beta=0.5, mu=0.25).b(2.0)
        array([ 0.5  , -0.625])
        """
        _, noise = _response(self, self._numbers())
        return np.broadcast_to(np.array(noise, dtype=np.float64), (*real_numbers("tau", tau).shape, len(noise))).copy()

    def spectral_radius(self, tau: ArrayLike) -> FloatArray:
        """Return the factor by which exact gradients multiply the error per step in the long run.

        Parameters
        ----------
        tau : array_like
            Scaled curvature τ, any shape.

        Returns
        -------
        The largest modulus of an eigenvalue of ``A(tau)``, of the shape of ``tau``, NaN where τ is not finite. From
        numerical eigenvalues: where
        two of them meet, half of the digits are lost; ``theory.arsg.gain_factor`` is RSG's closed form.

        Examples
        --------
        >>> from theory.linear import HeavyBall
        >>> print(HeavyBall(beta=0.81).spectral_radius(1.0).round(12))  # complex pair: the root of beta
        0.9
        """
        matrices = self.A(tau)
        finite = np.asarray(np.isfinite(matrices).all(axis=(-2, -1)))
        radii = np.abs(np.linalg.eigvals(np.where(finite[..., None, None], matrices, 0.0))).max(axis=-1)
        return np.where(finite, radii, np.nan)[()]

    def stationary_covariance(self, tau: ArrayLike) -> FloatArray:
        """Return the limit of the state's covariance under noise δ of unit variance.

        Parameters
        ----------
        tau : array_like
            Scaled curvature τ, any shape.

        Returns
        -------
        The solution Σ, of the shape of ``tau`` with two more axes; NaN where the spectral radius is not below 1 and no
        limit exists. Its last entry times σ² is the limit of Var(s).

        Notes
        -----
        The discrete Lyapunov equation as linear equations in the entries of Σ, which hold where A is defective:

        .. math:: \\Sigma = A\\Sigma A^\\top + \\tau^2 b b^\\top.

        References
        ----------
        Chen et al., arXiv:1905.01422, equation (15), which sums over eigenvectors instead.

        Examples
        --------
        >>> from theory.linear import GradientDescent
        >>> print(GradientDescent().stationary_covariance(0.5).round(12))  # tau / (2 - tau)
        [[0.33333333]]
        """
        tau = real_numbers("tau", tau)
        A, b = self.A(tau), tau[..., None] * self.b(tau)
        size = b.shape[-1]
        squared = np.einsum("...ij,...kl->...ikjl", A, A).reshape(*tau.shape, size**2, size**2)
        source = np.einsum("...i,...j->...ij", b, b).reshape(*tau.shape, size**2, 1)
        stable = self.spectral_radius(tau) < 1
        system = np.where(stable[..., None, None], np.eye(size**2) - squared, np.eye(size**2))
        covariance = np.linalg.solve(system, source).reshape(*tau.shape, size, size)
        return np.where(stable[..., None, None], covariance, np.nan)

    def transient_growth(self, tau: ArrayLike) -> FloatArray:
        """Return the largest factor by which exact gradients ever enlarge a state.

        Parameters
        ----------
        tau : array_like
            Scaled curvature τ, any shape.

        Returns
        -------
        max over t ≥ 0 of the spectral norm of A(τ)^t, at least 1, of the shape of ``tau``; infinite where the spectral
        radius exceeds 1, and NaN where it is so close to 1 that a million powers don't settle it.

        Examples
        --------
        >>> from theory.linear import GradientDescent, HeavyBall
        >>> print(GradientDescent().transient_growth(0.5))
        1.0
        >>> print(HeavyBall(beta=0.99).transient_growth(1.0).round(4))
        9.2064
        """
        matrices = self.A(tau)
        radii = self.spectral_radius(tau)
        growth = [
            np.inf if radius > 1 else largest_power_norm(matrix) if radius <= 1 else np.nan
            for matrix, radius in zip(matrices.reshape(-1, *matrices.shape[-2:]), radii.reshape(-1), strict=True)
        ]
        return np.array(growth).reshape(np.shape(tau))[()]


def _response(
    method: LinearMethod | type[LinearMethod], parameters: dict[str, Any]
) -> tuple[list[tuple[Any, ...]], tuple[Any, ...]]:
    """Return where a step takes each unit state without a gradient, and the zero state under a unit move."""
    size = len(method.states)
    units = [tuple(int(j == k) for j in range(size)) for k in range(size)]
    still = [method.advance(unit, 0, **parameters) for unit in units]
    return still, method.advance((0,) * size, 1, **parameters)


def transfer_function(A: Matrix, b: Matrix, tau: Symbol, z: Symbol) -> Expr:
    """Return the z-transform of the iterates over that of the moves (step size times gradient), for a start at rest.

    Two methods take the same iterates for every sequence of gradients exactly if these functions agree.

    Examples
    --------
    >>> import sympy as sp
    >>> from theory.linear import GradientDescent
    >>> symbols, z = GradientDescent().symbols, sp.Symbol("z")
    >>> transfer_function(symbols.A, symbols.b, symbols.tau, z)
    -1/(z - 1)
    """
    import sympy as sp

    for name, value, kind in (
        ("A", A, sp.MatrixBase),
        ("b", b, sp.MatrixBase),
        ("tau", tau, sp.Expr),
        ("z", z, sp.Expr),
    ):
        if not isinstance(value, kind):
            raise KindRefusal(f"{name} = {shown(value)} must be of sympy, a {kind.__name__}.")
    still = A.subs(tau, 0)
    return sp.factor(sp.cancel((z * sp.eye(A.rows) - still).LUsolve(b)[A.rows - 1]))
