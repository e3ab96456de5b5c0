"""Runs of a tanh network on the digits, with probes of their sharpness."""

from typing import Any, NamedTuple

import numpy as np

from dynamics import Adam, GradientDescent, PreconditionedEigenvalue, RMSprop, TopEigenvalue, Trajectory, simulate
from synthetic import digits_mlp, info

__all__ = ["SETTINGS", "Setting", "edge_ratios", "network", "probed"]

HIDDEN, EVERY = 6, 15
TOLERANCE = 1e-4  # of the residual of an eigenpair, by the norm of the Hessian


class Setting(NamedTuple):
    """A method, the sharpness by which it is held to be at the edge, and how many steps it needs to come there."""

    method: Any
    threshold: float
    probe: Any
    steps: int


_PLAIN = TopEigenvalue(every=EVERY, tolerance=TOLERANCE)
_PRECONDITIONED = PreconditionedEigenvalue(every=EVERY, tolerance=TOLERANCE)
SETTINGS: dict[str, Setting] = {
    "gradient descent": Setting(GradientDescent(0.8), 2 / 0.8, _PLAIN, 300),
    "RMSprop": Setting(RMSprop(0.003, beta=0.99), 2 / 0.003, _PRECONDITIONED, 600),
    "Adam": Setting(Adam(0.01, beta2=0.99), 38 / 0.01, _PRECONDITIONED, 900),
}


def network(seed: Any) -> Any:
    """The network with its start, all samples in a batch."""
    samples = info(digits_mlp(HIDDEN, rng=0)).samples
    return digits_mlp(HIDDEN, regularisation=0.0, batch_size=samples, rng=seed)


def probed(name: str, seed: Any) -> Trajectory:
    """A run of a setting, with its sharpness as the probe "sharpness"."""
    setting = SETTINGS[name]
    probes = {"sharpness": setting.probe}
    return simulate(setting.method, network(seed), steps=setting.steps, rng=0, record_every=EVERY, probes=probes)


def edge_ratios(name: str, *, seeds: int, rng: np.random.Generator, highest: bool = False) -> np.ndarray:
    """The mean over the last third of each run of its sharpness by the threshold, or the `highest` of the whole run.

    Infinite where a run failed: it counts as one that the edge did not hold.
    """
    found = []
    for _ in range(seeds):
        run = probed(name, int(rng.integers(2**31)))
        values = run.probes["sharpness"].values[1:] / SETTINGS[name].threshold
        whole = len(values) == SETTINGS[name].steps // EVERY and np.isfinite(values).all()
        judged = values.max() if highest else values[-len(values) // 3 :].mean()
        found.append(float(judged) if whole else np.inf)
    return np.array(found)
