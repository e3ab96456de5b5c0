"""What a sweep leaves behind."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from dynamics.presentation import described, drawn, table
from dynamics.protocol.full_and_sampled import GRADIENTS, PRODUCTS, VALUES
from dynamics.protocol.status import Status
from dynamics.sweeps.quantiles import ranked

if TYPE_CHECKING:
    import xarray
    from matplotlib.figure import Figure


ROWS = 10  # settings that a table shows


@dataclass(frozen=True, eq=False, repr=False)
class Ensemble:
    """Runs of one method over settings and seeds; a run that ended early has NaN after its end.

    Attributes
    ----------
    iteration
        Iterates at which the runs recorded, shape (records,).
    loss, gradient_norm, step_size, values, gradients, hessian_products
        As in Trajectory, shape (settings, seeds, records).
    x
        Last iterates, shape (settings, seeds, d).
    calls
        Values, gradients and Hessian products that each run has asked for, in terms of the sum, shape (settings, seeds,
        records, 3); -1 after a run's end.
    status, stopped_at
        How and where each run ended, shape (settings, seeds).
    errors
        What runs that RAISED an exception said, by their coordinates.
    methods, seeds, problem, noise
        What was run, as it was given.
    summands
        Terms of the sum that a full-batch evaluation takes.

    Examples
    --------
    >>> from dynamics import GradientDescent, ensemble
    >>> from synthetic import quadratic
    >>> methods = [GradientDescent(a) for a in (0.5, 1.0)]
    >>> ensemble(methods, quadratic(eigenvalues=[1.0, 0.5]), steps=1, seeds=1, x0=[4.0, 0.0]).loss[:, 0]
    array([[8., 2.],
           [8., 0.]])
    """

    iteration: np.ndarray
    loss: np.ndarray
    gradient_norm: np.ndarray
    step_size: np.ndarray
    x: np.ndarray
    status: np.ndarray
    stopped_at: np.ndarray
    methods: tuple[Any, ...]
    seeds: tuple[int, ...]
    problem: Any
    noise: str
    summands: int
    calls: np.ndarray
    errors: dict[tuple[int, int], str]

    @cached_property
    def values(self) -> np.ndarray:
        """Function values, in full-batch evaluations; made when it is asked for."""
        return self._in_full_batches(VALUES)

    @cached_property
    def gradients(self) -> np.ndarray:
        """Gradients, in full-batch evaluations."""
        return self._in_full_batches(GRADIENTS)

    @cached_property
    def hessian_products(self) -> np.ndarray:
        """Hessian products, in full-batch evaluations."""
        return self._in_full_batches(PRODUCTS)

    def _in_full_batches(self, kind: int) -> np.ndarray:
        return in_full_batches(self.calls, kind, self.summands)

    def __repr__(self) -> str:
        return (
            f"<Ensemble of {len(self.methods)} settings of {type(self.methods[0]).__name__} and {len(self.seeds)} "
            f"seeds on {type(self.problem).__name__}: {_ends(self.status)}>"
        )

    def _repr_html_(self) -> str:
        """A small table for notebooks: a row a setting, ten at most."""
        last = self.loss[..., -1]
        shown = list(zip(self.methods, self.status, last, strict=True))[:ROWS]
        rows: list[tuple[str, ...]] = [
            (described(method), _ends(status), _median(losses)) for method, status, losses in shown
        ]
        if len(self.methods) > ROWS:
            rows.append((f"… and {len(self.methods) - ROWS} more settings", "", ""))
        title = f"Ensemble on {described(self.problem)}, {len(self.seeds)} seeds, {self.noise} noise"
        return table(title, rows, ("setting", "ended", "median of the last loss"))

    def plot(self, *, size: str = "page") -> "Figure":
        """Draw the loss over the cost, a curve a setting: median and band from 5 seeds on, else each run.

        Parameters
        ----------
        size : {"column", "page", "slide"}
            What the picture is for.

        Raises
        ------
        ValueError
            If there are more settings than a picture tells apart.
        """
        return drawn("draw_ensemble", self, size=size)

    def to_dataset(self) -> "xarray.Dataset":
        """The records as an xarray Dataset with the dimensions `setting`, `seed` and `record`."""
        import xarray

        columns = ("loss", "gradient_norm", "step_size", "values", "gradients", "hessian_products")
        ends = ("status", "stopped_at")
        return xarray.Dataset(
            {name: (("setting", "seed", "record"), getattr(self, name)) for name in columns}
            | {name: (("setting", "seed"), getattr(self, name)) for name in ends},
            coords={"iteration": ("record", self.iteration), "seed": list(self.seeds)},
            attrs={"methods": "; ".join(map(described, self.methods)), "problem": described(self.problem)},
        )


def in_full_batches(calls: np.ndarray, kind: int, terms: Any) -> np.ndarray:
    """Calls of one kind, shape (..., 3) with -1 where there is no record, over the terms of the sum.

    Examples
    --------
    >>> in_full_batches(np.array([[0, 6, 0], [-1, -1, -1]]), GRADIENTS, 4)
    array([1.5, nan])
    """
    counted = calls[..., kind]
    made = np.asarray(counted / terms)
    np.copyto(made, np.nan, where=counted < 0)
    return made


def _median(losses: np.ndarray) -> str:
    median = float(ranked(losses, [0.5], axis=0)[0])
    return f"{median:.6g}" if np.isfinite(median) else "failed"


def _ends(status: np.ndarray) -> str:
    kinds, counts = np.unique(status, return_counts=True)
    return ", ".join(f"{count} {Status(kind).name}" for kind, count in zip(kinds, counts, strict=True))
