"""What is known of a problem from a closed form."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from dynamics import initial_point, summands
from dynamics.kernels.generic import generic
from dynamics.presentation import call, listed


@dataclass(frozen=True, kw_only=True, repr=False)
class Information:
    """What is known of a problem; None where nothing is.

    Attributes
    ----------
    dimension : int, optional
        d.
    samples : int, optional
        Terms of the finite sum; None where it is none.
    minimiser : ndarray, optional
        A global minimiser, shape (d,).
    minimum : float, optional
        The lowest value, −∞ where there is none.
    lipschitz_constant : float, optional
        L: the gradient's Lipschitz constant, or an upper bound on it.
    lipschitz_is_exact : bool
        Whether L is the least such constant.
    strong_convexity : float, optional
        μ: the largest constant with f − μ‖x‖²/2 convex, where f is convex; 0 where it is flat in some direction.
    condition_number : float, optional
        κ = L/μ.
    spectrum : ndarray, optional
        Eigenvalues of a constant Hessian in ascending order, shape (d,).
    notes : tuple of str
        Facts that have no number, a sentence each.

    Examples
    --------
    >>> from synthetic import info, quadratic
    >>> info(quadratic(eigenvalues=[1.0, 4.0])).condition_number
    4.0
    """

    dimension: int | None = None
    samples: int | None = None
    minimiser: np.ndarray | None = None
    minimum: float | None = None
    lipschitz_constant: float | None = None
    lipschitz_is_exact: bool = False
    strong_convexity: float | None = None
    condition_number: float | None = None
    spectrum: np.ndarray | None = None
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return call("Information", self._known())

    def _repr_html_(self) -> str:
        """For notebooks: what is known, and each note in a row of its own."""
        notes = [("" if i else "notes", note) for i, note in enumerate(self.notes)]
        known = [(name.replace("_", " "), value) for name, value in self._known() if name != "notes"]
        return listed("Information", [*known, *notes])

    def _known(self) -> list[tuple[str, Any]]:
        given = vars(self).items()
        return [(name, value) for name, value in given if value is not None and value is not False and np.size(value)]


def _from_protocol(problem):
    start, terms = initial_point(problem), summands(problem)
    return Information(dimension=None if start is None else start.size, samples=terms if terms > 1 else None)


@generic(fallback=_from_protocol)
def info(problem):
    """Return what is known of a problem from a closed form, as an `Information`.

    Parameters
    ----------
    problem : NamedTuple
        A problem of this package, or any NamedTuple: `@implements(info, MyProblem)` says what is known of it.

    Examples
    --------
    >>> from synthetic import info, quadratic
    >>> known = info(quadratic(eigenvalues=[0.1, 1.0]))
    >>> known.lipschitz_constant, known.strong_convexity, known.condition_number, known.minimum
    (1.0, 0.1, 10.0, 0.0)
    """


def of_constant_hessian(eigenvalues: np.ndarray, stationary_point: np.ndarray, value: float = 0.0) -> Information:
    """What the spectrum of a constant Hessian says, with the `value` at the stationary point.

    Examples
    --------
    >>> import numpy as np
    >>> known = of_constant_hessian(np.array([-1.0, 3.0]), np.zeros(2))
    >>> known.minimum, known.lipschitz_constant, known.notes[0]
    (-inf, 3.0, 'indefinite: a saddle, unbounded below')
    """
    ordered = np.sort(eigenvalues)
    lowest, largest = float(ordered[0]), float(np.abs(ordered).max())
    if lowest < 0.0:
        kind = "indefinite: a saddle" if ordered[-1] > 0.0 else "nowhere convex: no minimum"
        return Information(
            dimension=ordered.size,
            minimum=-np.inf,
            lipschitz_constant=largest,
            lipschitz_is_exact=True,
            spectrum=ordered,
            notes=(f"{kind}, unbounded below",),
        )
    flat = ("flat in some direction: the minimiser is one of many",) if lowest == 0.0 else ()
    return Information(
        dimension=ordered.size,
        minimiser=stationary_point.copy(),
        minimum=value,
        lipschitz_constant=largest,
        lipschitz_is_exact=True,
        strong_convexity=lowest,
        condition_number=largest / lowest if lowest > 0.0 else np.inf,
        spectrum=ordered,
        notes=flat,
    )
