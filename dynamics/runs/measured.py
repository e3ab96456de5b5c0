"""What a probe leaves behind."""

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)
class Measured:
    """The values of a probe along a run.

    As an array it is its values: ``numpy.asarray(run.probes["sharpness"])``.

    Attributes
    ----------
    iteration : ndarray
        Iterates at which it was taken, shape (n,): the multiples of its pace that the run has reached.
    values : ndarray
        Its values there, shape (n,); NaN where it has none.
    products : ndarray
        Hessian products that each value took, shape (n,). The run is not charged for them.
    label : str
        What it is, for the axis of a picture.

    Examples
    --------
    >>> from dynamics import Distance, GradientDescent, simulate
    >>> from synthetic import quadratic
    >>> measured = {"distance": Distance([0.0])}
    >>> run = simulate(GradientDescent(0.5), quadratic(eigenvalues=[1.0]), steps=2, x0=[4.0], probes=measured)
    >>> run.probes["distance"].values
    array([4., 2., 1.])
    """

    iteration: np.ndarray
    values: np.ndarray
    products: np.ndarray
    label: str = ""

    def followed_by(self, later: "Measured") -> "Measured":
        """These values and those of the same probe that were taken later."""
        return Measured(
            np.concatenate([self.iteration, later.iteration]),
            np.concatenate([self.values, later.values]),
            np.concatenate([self.products, later.products]),
            later.label,
        )

    def __repr__(self) -> str:
        last = f", the last one {self.values[-1]:.6g} at iterate {self.iteration[-1]}" if len(self) else ""
        return f"<Measured: {len(self)} values of the {self.label or 'probe'}{last}>"

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, index: Any) -> Any:
        return self.values[index]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.values, dtype=dtype, copy=copy)
