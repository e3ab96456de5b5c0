"""SGD on the digits network, as the figures of the graduated-optimisation paper need it."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dynamics import Trajectory, simulate
from dynamics.algorithms.graduated_sgd import ImplicitGraduatedSGD
from dynamics.kernels.policy import threads_at_hand
from synthetic import TanhNet, accuracy, digits_mlp

__all__ = [
    "accuracies",
    "gradient_variance",
    "network",
    "plain_sgd",
    "ranking",
    "sample_gradients",
    "simulate_all",
    "starts",
]


def network(hidden: int, regularisation: float, rng: int) -> TanhNet:
    """The network; the seed says which images are held out. The batch size is left to the method."""
    return digits_mlp(hidden, regularisation=regularisation, batch_size=16, rng=rng)


def starts(problem: TanhNet, seeds: range, rng: int) -> NDArray:
    """Initial weights drawn as the network's own are, one row a seed, shape (seeds, d)."""
    streams = [np.random.SeedSequence(rng, spawn_key=(seed,)) for seed in seeds]
    return np.array([digits_mlp(problem.hidden, rng=stream).start for stream in streams])


def plain_sgd(step_size: Any, batch_size: int) -> ImplicitGraduatedSGD:
    """SGD whose batch size stays; of one class with the staged methods, so that kernels are shared."""
    return ImplicitGraduatedSGD(step_size, batch_size, step_factor=1.0, batch_factor=1.0, stages=1)


def sample_gradients(problem: TanhNet, x: NDArray) -> NDArray:
    """The gradient of each training image's loss, penalty included, shape (N, d)."""
    data, hidden = problem.data, problem.hidden
    split = hidden * data.inputs.shape[1]
    first, second = x[:split].reshape(hidden, -1), x[split:].reshape(data.classes, -1)
    activity = np.tanh(data.inputs @ first.T)
    scores = activity @ second[:, :-1].T + second[:, -1]
    residual = np.exp(scores - scores.max(axis=1, keepdims=True))
    residual /= residual.sum(axis=1, keepdims=True)
    residual[np.arange(len(data.labels)), data.labels] -= 1.0
    back = residual @ second[:, :-1] * (1.0 - activity**2)
    extended = np.column_stack([activity, np.ones(len(activity))])
    parts = [np.einsum("ni,nj->nij", *pair) for pair in ((back, data.inputs), (residual, extended))]
    return np.concatenate([part.reshape(len(part), -1) for part in parts], axis=1) + problem.regularisation * x


def gradient_variance(gradients: NDArray) -> float:
    """C², the mean squared distance of one sample's gradient from the mean."""
    return float(((gradients - gradients.mean(axis=0)) ** 2).sum(axis=1).mean())


def accuracies(problem: TanhNet, points: NDArray) -> NDArray:
    """Accuracy on the held-out images at points of shape (..., d); NaN where a point is not finite."""
    flat = points.reshape(-1, points.shape[-1])
    found = [accuracy(problem, x) if np.isfinite(x).all() else np.nan for x in flat]
    return np.array(found).reshape(points.shape[:-1])


def ranking(names: Iterable[str], loss: ArrayLike, accuracy: ArrayLike) -> str:
    """Median losses and accuracies for the caption, the lowest loss first and what failed last.

    Examples
    --------
    >>> ranking(["a", "b"], np.array([np.inf, 0.5]), np.array([-np.inf, 0.9]))
    'b 0.5 (90.0 %), a failed'
    """
    words = [
        f"{name} {end:.4g} ({100 * share:.1f} %)" if np.isfinite(end) else f"{name} failed"
        for name, end, share in zip(names, np.asarray(loss), np.asarray(accuracy), strict=True)
    ]
    return ", ".join(words[k] for k in np.argsort(np.asarray(loss)))


def simulate_all(runs: list[dict[str, Any]]) -> list[Trajectory]:
    """Independent runs on all cores, iterates recorded, in the order in which they are given."""
    with ThreadPoolExecutor(threads_at_hand()) as pool:
        return list(pool.map(lambda run: simulate(**run, record_iterates=True), runs))
