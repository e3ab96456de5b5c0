"""What a run leaves behind: its records, its end, and all that it takes to go on."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dynamics.checks import as_generator
from dynamics.presentation import described, drawn, table
from dynamics.protocol.oracle import summands
from dynamics.protocol.status import Status
from dynamics.runs import storage
from dynamics.runs.driver import Records
from dynamics.runs.lending import Left
from dynamics.runs.measured import Measured
from dynamics.runs.state import Pair, State

if TYPE_CHECKING:
    import xarray
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False, repr=False)
class Trajectory:
    """One run of a method on a problem.

    Attributes
    ----------
    iteration : ndarray
        Iterates at which the run recorded, shape (records,).
    loss, gradient_norm : ndarray
        Full-batch value and Euclidean gradient norm there.
    step_size : ndarray
        The scalar step size by which the run left the iterate; NaN where the method has none, and at the end.
    values, gradients, hessian_products : ndarray
        Oracle calls made to reach the iterate, in units of one full-batch evaluation; recording is not counted.
    iterates : ndarray, optional
        The iterates themselves, shape (records, d), or None.
    state : State
        All that the run carries.
    status, stopped_at
        How and at which iterate the run ended.
    method, problem : NamedTuple
        As they were given.
    rng_state, record_every
        What `resume` continues with.
    probes : dict of str to Measured
        What the probes measured, by their names: `iteration`, `values` and `products` of each.

    Examples
    --------
    >>> from dynamics import GradientDescent, simulate
    >>> from synthetic import quadratic
    >>> run = simulate(GradientDescent(0.5), quadratic(eigenvalues=[1.0]), steps=2, x0=[4.0])
    >>> run.loss, run.x
    (array([8. , 2. , 0.5]), array([1.]))
    """

    records: Records
    state: State
    status: Status
    stopped_at: int
    given: Pair  # method and problem as the user gave them
    inner: Pair  # the same as kernels saw them
    rng: dict[str, Any] | int  # the generator's state, or its seed where nothing was drawn
    record_every: int
    terms: int  # of the sum, which a full-batch evaluation takes
    probes: Mapping[str, Measured]

    @classmethod
    def of(cls, left: State | Left, **fields: Any) -> "Trajectory":
        """A trajectory whose state is what a run has left: arrays are made of it once somebody asks."""
        made = object.__new__(cls)
        vars(made).update(fields)
        vars(made)["_left" if isinstance(left, Left) else "state"] = left
        return made

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name != "state" or "_left" not in vars(self):
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)
            return vars(self).setdefault("state", self._left.state())  # the same one for two threads

    def __getstate__(self) -> dict[str, Any]:
        """The fields, and no trace of what the state was made of."""
        return {"state": self.state} | {name: value for name, value in vars(self).items() if name != "_left"}

    @property
    def method(self) -> Any:
        """The method, as it was given."""
        return self.given.method

    @property
    def problem(self) -> Any:
        """The problem, as it was given."""
        return self.given.problem

    @property
    def iteration(self) -> np.ndarray:
        """Iterates at which the run recorded, shape (records,)."""
        return self.records.iteration

    @property
    def loss(self) -> np.ndarray:
        """Full-batch value there."""
        return self.records.loss

    @property
    def gradient_norm(self) -> np.ndarray:
        """Full-batch gradient norm there."""
        return self.records.gradient_norm

    @property
    def step_size(self) -> np.ndarray:
        """The step size by which the run left the iterate."""
        return self.records.step_size

    @cached_property
    def iterates(self) -> np.ndarray | None:
        """The iterates themselves, shape (records, d), or None."""
        flat = self.records.iterates
        return flat.reshape(len(self.iteration), -1) if len(flat) else None

    @cached_property
    def _calls(self) -> np.ndarray:
        """Oracle calls in fractions of a full batch, shape (records, 3)."""
        return self.records.calls / self.terms

    @cached_property
    def values(self) -> np.ndarray:
        """Function values taken to reach the iterate, in full-batch evaluations."""
        return self._calls[:, 0]

    @cached_property
    def gradients(self) -> np.ndarray:
        """Gradients taken to reach the iterate, in full-batch evaluations."""
        return self._calls[:, 1]

    @cached_property
    def hessian_products(self) -> np.ndarray:
        """Hessian products taken to reach the iterate, in full-batch evaluations."""
        return self._calls[:, 2]

    @cached_property
    def rng_state(self) -> dict[str, Any]:
        """The state of the generator at the end."""
        return self.rng if isinstance(self.rng, dict) else dict(as_generator(self.rng).bit_generator.state)

    @property
    def x(self) -> np.ndarray:
        """The last iterate, shape (d,)."""
        return self.state.point.x

    def __repr__(self) -> str:
        end = f"loss {self.loss[-1]:.6g}, gradient norm {self.gradient_norm[-1]:.3g}" if self.loss.size else "no record"
        return (
            f"<Trajectory of {described(self.method)} on {type(self.problem).__name__}: "
            f"{self.status.name} at iterate {self.stopped_at}, {end}>"
        )

    def _repr_html_(self) -> str:
        """A small table for notebooks."""
        rows: list[tuple[str, Any]] = [
            ("method", described(self.method)),
            ("problem", described(self.problem)),
            ("ended", f"{self.status.name} at iterate {self.stopped_at}"),
        ]
        if self.loss.size:
            rows += [("loss", f"{self.loss[-1]:.6g}"), ("gradient norm", f"{self.gradient_norm[-1]:.3g}")]
            calls = (self.values[-1], self.gradients[-1], self.hessian_products[-1])
            rows.append(("values, gradients, Hessian products", ", ".join(f"{count:.6g}" for count in calls)))
        return table("Trajectory", rows)

    def plot(self, *, size: str = "page") -> "Figure":
        """Draw the run: loss and gradient norm over iterations, and on a plane the path, where iterates are recorded.

        Parameters
        ----------
        size : {"column", "page", "slide"}
            What the picture is for.

        Returns
        -------
        Figure
            Of Matplotlib; it shows itself in a notebook.

        Examples
        --------
        >>> from dynamics import GradientDescent, simulate
        >>> from synthetic import himmelblau
        >>> picture = simulate(GradientDescent(0.01), himmelblau(), steps=50, record_iterates=True).plot()
        >>> [axes.get_xlabel() for axes in picture.axes]
        ['$x_1$', 'cost, in full-batch gradients']
        """
        return drawn("draw_run", self, size=size)

    def to_dataset(self) -> "xarray.Dataset":
        """The records as an xarray Dataset with the dimension `record`.

        A probe is a variable of its name, over the iterates at which it was taken: the dimension ``NAME_iteration``.
        ``NAME_products`` has its Hessian products, where it took some.
        """
        import xarray

        columns = {
            "loss": (self.loss, "full-batch loss"),
            "gradient_norm": (self.gradient_norm, "full-batch gradient norm"),
            "step_size": (self.step_size, "step size"),
            "values": (self.values, "function values, in full-batch evaluations"),
            "gradients": (self.gradients, "gradients, in full-batch evaluations"),
            "hessian_products": (self.hessian_products, "Hessian products, in full-batch evaluations"),
        }
        dataset = xarray.Dataset(
            {name: ("record", values, {"long_name": words}) for name, (values, words) in columns.items()},
            coords={"iteration": ("record", self.iteration, {"long_name": "iteration"})},
            attrs={
                "method": described(self.method),
                "problem": described(self.problem),
                "status": self.status.name,
                "stopped_at": self.stopped_at,
            },
        )
        if self.iterates is not None:
            dataset["iterates"] = (("record", "parameter"), self.iterates, {"long_name": "iterate"})
        for name, probe in self.probes.items():
            dataset = dataset.assign_coords({f"{name}_iteration": probe.iteration})
            dataset[f"{name}_iteration"].attrs["long_name"] = "iteration"
            dataset[name] = (f"{name}_iteration", probe.values, {"long_name": probe.label or name})
            if probe.products.any():
                words = f"Hessian products of {name}, not charged"
                dataset[f"{name}_products"] = (f"{name}_iteration", probe.products, {"long_name": words})
        return dataset

    def save(self, path: str | Path) -> None:
        """Write the trajectory to one file, from which `Trajectory.load` makes it again.

        The file holds numbers, and names classes by their public names, such as ``dynamics.RSG``.
        """
        storage.save(
            path,
            storage.Parts(
                self.given,
                self.inner,
                self.records,
                self.state,
                self.status,
                self.stopped_at,
                self.rng_state,
                self.record_every,
                self.probes,
            ),
        )

    @staticmethod
    def load(path: str | Path) -> "Trajectory":
        """Read a trajectory that `save` wrote, perhaps somebody else's: nothing in the file is executed.

        Raises
        ------
        ValueError
            If the file is damaged or no trajectory, or names a class that is not optdyn's and has not been imported.
        """
        parts = storage.load(path)
        return Trajectory(
            parts.records,
            parts.state,
            parts.status,
            parts.stopped_at,
            parts.given,
            parts.inner,
            parts.rng_state,
            parts.record_every,
            summands(parts.inner.problem),
            parts.probes,
        )
