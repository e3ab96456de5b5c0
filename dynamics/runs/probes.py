"""Probes: what they measure where a run stands, at a pace of their own, and charged to nobody."""

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar, NamedTuple

import numba
import numpy as np

from dynamics.checks import (
    KindRefusal,
    Refusal,
    real_array,
    require_positive,
    require_whole,
    shown,
    unknown,
)
from dynamics.kernels.cache import compiled
from dynamics.kernels.generic import MissingImplementation
from dynamics.kernels.policy import COUNTING_OPTIONS, as_python, compiles
from dynamics.protocol.compatibility import lacks
from dynamics.protocol.kernel_errors import explained
from dynamics.protocol.method import preconditioner
from dynamics.protocol.oracle import hessian_product, prepare_products, prepared_product
from dynamics.protocol.probe_rehearsal import rehearse_probe
from dynamics.runs.lanczos import Eigenpair, largest_eigenpair


class Seen(NamedTuple):
    """Where a run stands. All but the problem's data are copies, so that nothing done to them reaches the run."""

    method: Any
    problem: Any  # with scratch of its own
    x: np.ndarray  # the iterate, shape (d,)
    step: np.ndarray  # what was added to the iterate before to reach it, shape (d,); NaN at the first one
    memory: Any  # of the method
    k: int


class Probing(ABC):
    """What all probes have: a pace, a check before the run, and what they measure."""

    every: int
    label: ClassVar[str] = ""
    needs_step: ClassVar[bool] = False  # whether it reads `Seen.step`

    @abstractmethod
    def require(self, name: str, seen: Seen) -> None:
        """Refuse a run on which it can't be taken; `seen` is the beginning of the run."""

    @abstractmethod
    def measure(self, seen: Seen) -> tuple[float, int]:
        """The value where a run stands, and the Hessian products that it took."""


@dataclass(frozen=True)
class Probe(Probing):
    """A number that a kernel of yours makes of where a run stands.

    Parameters
    ----------
    kernel : callable
        Returns a number. Its arguments are any of ``problem``, ``x`` (the iterate, shape (d,)), ``step`` (what the
        last update added to the iterate before, shape (d,), NaN at the first iterate), ``method``, ``memory`` (that
        of the method) and ``k``, in any order: it is given those that it names. It is compiled like any kernel, and
        may call what the problem has, such as ``value(problem, x)``.
    every : int
        Steps between values: it is taken at the iterates 0, every, 2 every, ...
    label : str
        What it is, for the axis of a picture.

    Raises
    ------
    ValueError
        When a run starts, for other arguments, or a pace below 1.
    KernelError
        When a run starts, if the kernel fails, changes what it is given, or asks a global random generator.

    Notes
    -----
    The run has the same bytes with probes and without. Between two values it stays in machine code.

    Examples
    --------
    >>> from dynamics import GradientDescent, simulate
    >>> from synthetic import quadratic
    >>> problem, probes = quadratic(eigenvalues=[1.0, 1.0]), {"largest": Probe(lambda x: np.abs(x).max(), every=2)}
    >>> run = simulate(GradientDescent(0.5), problem, steps=5, x0=[1.0, -4.0], probes=probes)
    >>> run.probes["largest"].iteration, run.probes["largest"].values
    (array([0, 2, 4]), array([4.  , 1.  , 0.25]))
    """

    kernel: Callable[..., Any]
    every: int = 1
    label: str = ""  # type: ignore[misc]

    @property
    def needs_step(self) -> bool:  # type: ignore[override]
        """Whether the kernel names the step."""
        return "step" in _arguments(self.kernel)

    def require(self, name: str, seen: Seen) -> None:
        """Refuse arguments that a kernel of a probe does not have, and play it once as plain Python."""
        if not callable(self.kernel):
            raise KindRefusal(
                f"the probe {name} has kernel = {shown(self.kernel)}: give a function, such as lambda x: ..."
            )
        for argument in _arguments(self.kernel):
            if argument not in Seen._fields:
                raise KindRefusal(unknown(f"the probe {name}'s argument", argument, Seen._fields))
        rehearse_probe(name, _function(self.kernel), _given(self.kernel, seen))

    def measure(self, seen: Seen) -> tuple[float, int]:
        """What the kernel returns."""
        function, given = _function(self.kernel), tuple(_given(self.kernel, seen).values())
        with explained(self, seen.problem):
            if compiles():
                function = compiled(_template(function), given)
            return float(function(*given)), 0


@dataclass(frozen=True)
class TopEigenvalue(Probing):
    r"""The largest eigenvalue of the Hessian at the iterate: its sharpness.

    Parameters
    ----------
    every : int
        Steps between values.
    tolerance : float
        Of the residual of the eigenpair: :math:`\|Hv-\theta v\|\le\text{tolerance}\cdot\|H\|`, positive.
    most : int
        Hessian products at most for a value, which is NaN if the tolerance is not met by then.

    Raises
    ------
    MissingImplementation
        When a run starts, if the problem has no Hessian products.

    Notes
    -----
    Lanczos' method from the same vector each time, with products of the full batch. They are in
    ``run.probes[name].products``, and the run is not charged for them.

    References
    ----------
    Cohen et al.: Gradient descent on neural networks typically occurs at the edge of stability, arXiv:2103.00065.

    Examples
    --------
    >>> from dynamics import GradientDescent, simulate
    >>> from synthetic import rosenbrock
    >>> probes = {"sharpness": TopEigenvalue(every=50)}
    >>> run = simulate(GradientDescent(1e-3), rosenbrock(2), steps=100, x0=[-1.0, 1.0], probes=probes)
    >>> run.probes["sharpness"].values.round(3), run.probes["sharpness"].products
    (array([1001.601,  929.775,  865.405]), array([2, 2, 2]))
    >>> print(run.hessian_products[-1])
    0.0
    """

    every: int = 1
    tolerance: float = 1e-6
    most: int = 1000
    label: ClassVar[str] = "largest eigenvalue of the Hessian"

    def require(self, name: str, seen: Seen) -> None:
        """Refuse tolerances that are none, and problems without Hessian products."""
        _require_products(name, self.tolerance, self.most, seen)

    def measure(self, seen: Seen) -> tuple[float, int]:
        """The eigenvalue, and the products."""
        pair = _top(seen, np.ones(len(seen.x)), self.tolerance, self.most)
        return pair.value, pair.products


@dataclass(frozen=True)
class PreconditionedEigenvalue(Probing):
    r"""The largest eigenvalue of :math:`P^{-1}H`, where P is the diagonal by which the method divides its step.

    Parameters
    ----------
    every : int
        Steps between values.
    tolerance : float
        As for :class:`TopEigenvalue`, of the symmetric :math:`P^{-1/2}HP^{-1/2}`, positive.
    most : int
        Hessian products at most for a value.

    Raises
    ------
    MissingImplementation
        When a run starts, if the problem has no Hessian products, or the method does not say what P is by
        ``preconditioner``.

    Notes
    -----
    P is that of the last update, by which the run reached the iterate; before the first one the value is NaN.

    References
    ----------
    Cohen et al.: Adaptive gradient methods at the edge of stability, arXiv:2207.14484.

    Examples
    --------
    >>> from dynamics import RMSprop, simulate
    >>> from synthetic import quadratic
    >>> problem, probes = quadratic(eigenvalues=[1.0, 4.0]), {"top": PreconditionedEigenvalue()}
    >>> run = simulate(RMSprop(0.1, beta=0.75, eps=0.0), problem, steps=1, x0=[1.0, 1.0], probes=probes)
    >>> run.probes["top"].values  # P = diag(1, 4)/2
    array([nan,  2.])
    """

    every: int = 1
    tolerance: float = 1e-6
    most: int = 1000
    label: ClassVar[str] = "largest eigenvalue of the preconditioned Hessian"

    def require(self, name: str, seen: Seen) -> None:
        """Refuse methods that don't say what P is."""
        _require_products(name, self.tolerance, self.most, seen)
        kind = type(seen.method)
        if not preconditioner.has(kind):
            raise MissingImplementation(
                f"the probe {name} needs preconditioner of {kind.__name__}, which is not there: write "
                f"@implements(preconditioner, {kind.__name__}) with the arguments "
                f"({', '.join(preconditioner.arguments)})."
            )

    def measure(self, seen: Seen) -> tuple[float, int]:
        """The eigenvalue, and the products."""
        if seen.k == 0:
            return np.nan, 0
        with as_python():
            diagonal = np.asarray(preconditioner(seen.method, seen.memory, seen.k), dtype=np.float64)
        if not (diagonal > 0.0).all():
            return np.nan, 0
        pair = _top(seen, 1.0 / np.sqrt(diagonal), self.tolerance, self.most)
        return pair.value, pair.products


@dataclass(frozen=True)
class Distance(Probing):
    """The Euclidean distance of the iterate to a point, such as the minimiser.

    Parameters
    ----------
    to : array_like
        The point, shape (d,), such as ``synthetic.info(problem).minimiser``.
    every : int
        Steps between values.

    Raises
    ------
    ValueError
        When a run starts, if the point is none of the problem's space.

    Examples
    --------
    >>> from dynamics import GradientDescent, simulate
    >>> from synthetic import info, quadratic
    >>> problem = quadratic(eigenvalues=[1.0, 1.0])
    >>> probes = {"distance": Distance(info(problem).minimiser)}
    >>> simulate(GradientDescent(0.5), problem, steps=2, x0=[3.0, 4.0], probes=probes).probes["distance"].values
    array([5.  , 2.5 , 1.25])
    """

    to: Any = field(repr=False)
    every: int = 1
    label: ClassVar[str] = "distance to the minimiser"

    def require(self, name: str, seen: Seen) -> None:
        """Refuse a point of another dimension."""
        point = real_array(f"the probe {name}'s to", self.to, 1)
        if point.shape != seen.x.shape:
            raise Refusal(f"the probe {name} has to of shape {point.shape}, and the iterates have {seen.x.shape}.")

    def measure(self, seen: Seen) -> tuple[float, int]:
        """The distance."""
        return float(np.linalg.norm(seen.x - np.asarray(self.to, dtype=np.float64))), 0


@dataclass(frozen=True)
class Alignment(Probing):
    r"""How far the last step lies along the Hessian's top eigenvector: :math:`|\langle v,s\rangle|/\|s\|`, in [0, 1].

    Parameters
    ----------
    every : int
        Steps between values.
    tolerance : float
        As for :class:`TopEigenvalue`; the vector is off by about this much times the norm over the gap to the next
        eigenvalue.
    most : int
        Hessian products at most for a value.

    Raises
    ------
    MissingImplementation
        When a run starts, if the problem has no Hessian products.

    Notes
    -----
    v is that at the iterate, s the step by which the run came there. NaN at the first iterate, and where s is 0.

    Examples
    --------
    >>> from dynamics import GradientDescent, simulate
    >>> from synthetic import quadratic
    >>> problem = quadratic(eigenvalues=[4.0, 3.0])
    >>> run = simulate(GradientDescent(0.1), problem, steps=1, x0=[1.0, 1.0], probes={"alignment": Alignment()})
    >>> run.probes["alignment"].values.round(12)  # the step is -(0.4, 0.3)
    array([nan, 0.8])
    """

    every: int = 1
    tolerance: float = 1e-6
    most: int = 1000
    label: ClassVar[str] = "alignment of the step with the top eigenvector"
    needs_step: ClassVar[bool] = True

    def require(self, name: str, seen: Seen) -> None:
        """Refuse tolerances that are none, and problems without Hessian products."""
        _require_products(name, self.tolerance, self.most, seen)

    def measure(self, seen: Seen) -> tuple[float, int]:
        """The cosine, and the products."""
        length = float(np.linalg.norm(seen.step))
        if not length > 0.0:
            return np.nan, 0
        pair = _top(seen, np.ones(len(seen.x)), self.tolerance, self.most)
        cosine = abs(float(pair.vector @ seen.step)) / length
        return (min(cosine, 1.0) if pair.value == pair.value else np.nan), pair.products


def _require_products(name: str, tolerance: Any, most: Any, seen: Seen) -> None:
    require_positive(f"the probe {name}'s tolerance", tolerance, "Lanczos' method ends where the residual is below it")
    require_whole(f"the probe {name}'s most", most, 1, "it counts Hessian products")
    lacking = lacks(hessian_product, seen.problem)
    if lacking:
        function, kind = lacking[0]
        raise MissingImplementation(
            f"the probe {name} needs {function.name} of {kind.__name__}, which is not there: write "
            f"@implements({function.name}, {kind.__name__}) with the arguments ({', '.join(function.arguments)})."
        )


def _top(seen: Seen, scale: np.ndarray, tolerance: float, most: int) -> Eigenpair:
    """The largest eigenvalue of S H S with S = diag(scale), and its vector."""
    x, out = seen.x, np.empty_like(seen.x)
    arguments = (seen.problem, x, x, out, 0)
    with explained(seen.method, seen.problem):
        function = compiled(_product, arguments)
    prepared = 0

    def product(v: np.ndarray) -> np.ndarray:
        nonlocal prepared
        function(seen.problem, x, scale * v, out, prepared)
        prepared = 1
        return scale * out

    return largest_eigenpair(product, len(x), tolerance=tolerance, most=most)


def _product(problem, x, v, out, prepared):
    if prepared == 0:
        prepare_products(problem, x)
    prepared_product(problem, x, v, out)


def _function(kernel: Any) -> Any:
    """The plain function of a kernel, decorated or not."""
    return getattr(kernel, "py_func", kernel)


def _arguments(kernel: Any) -> tuple[str, ...]:
    return tuple(inspect.signature(_function(kernel)).parameters)


def _given(kernel: Any, seen: Seen) -> dict[str, Any]:
    """What a kernel names of where a run stands, in its order."""
    return {name: getattr(seen, name) for name in _arguments(kernel)}


@cache
def _template(function: Any) -> Any:
    """A kernel that calls a user's, which may make arrays: those have to be counted, and a template counts none."""
    words = ", ".join(inspect.signature(function).parameters)
    space = {"__name__": function.__module__, "measured": numba.njit(**COUNTING_OPTIONS)(function)}
    return eval(f"lambda {words}: measured({words})", space)
