"""The share of a network's loss that the flows explain, before and after the edge is reached."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dynamics import GradientDescent, TopEigenvalue, initial_point, simulate
from edge_of_stability.central_flow import Flow, central_flow
from edge_of_stability.networks import network

__all__ = ["Explained", "explained"]

Array = NDArray[np.float64]
STEP, SMALL = 0.8, 0.3  # the step size, and the factor of the start, which begins below the edge
SUBSTEPS, TOLERANCE = 2, 1e-3
EVERY = 5


class Explained(NamedTuple):
    """A run of gradient descent with its two flows.

    Attributes
    ----------
    loss, central, flow : ndarray
        Of the run, of the central flow with its oscillation, of gradient flow; shape (steps + 1,).
    sharpness : ndarray
        Of the run by the threshold, every fifth step.
    edges : ndarray
        Sharpness of central and gradient flow by the threshold, shape (2, steps + 1).
    onset : int
        The first step at which the central flow is at the edge.
    """

    loss: Array
    central: Array
    flow: Array
    sharpness: Array
    edges: Array
    onset: int

    def shares(self) -> Array:
        """What the central flow explains before and after the onset, and gradient flow: shape (2, 2).

        One minus the sum of all distances from the run's loss, by the sum of its losses.
        """
        parts = (slice(0, self.onset), slice(self.onset, None))
        return np.array(
            [
                [1 - np.abs(told[part] - self.loss[part]).sum() / self.loss[part].sum() for part in parts]
                for told in (self.central, self.flow)
            ]
        )


def explained(seed: Any, steps: int, *, both: bool = True) -> Explained:
    """Run gradient descent and its flows on the tanh network from a small start.

    Parameters
    ----------
    seed : int
        Of the start.
    steps : int
        Length of the run.
    both : bool
        Whether gradient flow is followed too; NaN else.

    Raises
    ------
    ValueError
        If the edge is not reached.
    """
    problem = network(seed)
    start = SMALL * initial_point(problem)
    probes = {"sharpness": TopEigenvalue(every=EVERY, tolerance=TOLERANCE)}
    run = simulate(GradientDescent(STEP), problem, steps=steps, x0=start, rng=0, record_every=1, probes=probes)
    central = _followed(problem, start, steps, oscillates=True)
    at_edge = np.flatnonzero(central.sharpness >= 2 / STEP)
    if not len(at_edge):
        raise ValueError(f"in {steps} steps the sharpness does not come to 2/eta; give it more.")
    nothing = np.full(steps + 1, np.nan)
    free = _followed(problem, start, steps, oscillates=False) if both else Flow(nothing, nothing, nothing, nothing)
    return Explained(
        loss=run.loss,
        central=central.expected_loss,
        flow=free.loss,
        sharpness=run.probes["sharpness"].values * STEP / 2,
        edges=np.array([central.sharpness, free.sharpness]) * STEP / 2,
        onset=int(at_edge[0]),
    )


def _followed(problem: Any, start: Array, steps: int, *, oscillates: bool) -> Flow:
    return central_flow(problem, STEP, start, steps, oscillates=oscillates, substeps=SUBSTEPS, tolerance=TOLERANCE)
