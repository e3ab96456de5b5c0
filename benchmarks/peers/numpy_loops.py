"""NumPy, a Python loop over steps: runs side by side are rows of one array."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from benchmarks.workloads import Case

Array = np.ndarray
Result = tuple[Array, Array]
NOISE_BLOCK = 1000  # steps whose noise is drawn at once


class Rows:
    """The records of a run or of runs side by side."""

    def __init__(self) -> None:
        self.loss: list[Any] = []
        self.norm: list[Any] = []

    def add(self, loss: Any, gradient: Array) -> None:
        """Record an iterate."""
        self.loss.append(loss)
        self.norm.append(np.sqrt((gradient * gradient).sum(-1)))

    def result(self) -> Result:
        """All records, shape (runs, rows)."""
        return np.atleast_2d(np.array(self.loss).T), np.atleast_2d(np.array(self.norm).T)


def carmon_value_and_gradient(A: Array, b: Array, x: Array) -> tuple[Any, Array]:
    """The full-batch loss and gradient at x, shape (d,) or (runs, d)."""
    t = x @ A.T - b
    w = 1.0 / (1.0 + t * t)
    return (t * t * w).mean(-1), (2.0 * t * w * w) @ A / len(b)


def starts(case: Case, start: Array) -> tuple[Array, Any]:
    """The first iterates and the step sizes: shapes (d,) and () for one run, (runs, d) and (runs, 1) for more."""
    sizes = np.array([float(method.step_size) for method in case.methods])
    if case.runs == 1:
        return start.copy(), float(sizes[0])
    return np.tile(start, (case.runs, 1)), sizes[:, None]


def barzilai_borwein(case: Case) -> Callable[[int], Result]:
    """W1."""
    A, b, nu = case.problem.A, case.problem.b, case.methods[0].nu

    def run(steps: int) -> Result:
        x, step = starts(case, np.zeros(A.shape[1]))
        rows, gamma, last, last_gradient = Rows(), 1.0, x, x
        for k in range(steps + 1):
            loss, gradient = carmon_value_and_gradient(A, b, x)
            if k % case.record_every == 0 or k == steps:
                rows.add(loss, gradient)
            if k > 0:
                s, y = x - last, gradient - last_gradient
                curvature = np.abs((s * y).sum(-1, keepdims=True))
                positive = np.where(curvature > 0, curvature, 1.0)
                gamma = np.where(curvature > 0, (s * s).sum(-1, keepdims=True) / positive, nu)
            last, last_gradient, x = x, gradient, x - step * gamma * gradient
        return rows.result()

    return run


def subsets(case: Case) -> Iterator[Array]:
    """Mini-batches, uniform without replacement, for each run its own."""
    rng, samples, size = np.random.default_rng(0), len(case.problem.b), case.problem.batch_size
    while True:
        if case.runs == 1:
            yield rng.choice(samples, size, replace=False, shuffle=False)
        else:
            yield np.argpartition(rng.random((case.runs, samples)), size - 1)[:, :size]


def mini_batches(case: Case, draws: Callable[[Case], Iterator[Array]] = subsets) -> Callable[[int], Result]:
    """W2."""
    A, b = case.problem.A, case.problem.b

    def run(steps: int) -> Result:
        x, step = starts(case, np.zeros(A.shape[1]))
        rows, batches = Rows(), draws(case)
        for k in range(steps + 1):
            if k % case.record_every == 0 or k == steps:
                rows.add(*carmon_value_and_gradient(A, b, x))
            batch = next(batches)
            chosen = A[batch]
            t = (chosen @ x[..., None])[..., 0] - b[batch]
            w = 1.0 / (1.0 + t * t)
            x = x - step * ((2.0 * t * w * w)[..., None, :] @ chosen)[..., 0, :] / batch.shape[-1]
        return rows.result()

    return run


def net_reduced(case: Case) -> Callable[[int], Result]:
    """W3, reduced form."""
    A, S, weight = case.problem.A, case.problem.S, case.problem.weight

    def value_and_slope(W: Array) -> tuple[Any, Array]:
        error = W - A
        slope = 2.0 * weight * error @ S
        return 0.5 * (error * slope).sum((-2, -1)), slope

    return adam(case, value_and_slope)


def net_samples(case: Case) -> Callable[[int], Result]:
    """W3 over samples."""
    X, Y, weight = case.problem.X, case.problem.Y, case.problem.weight

    def value_and_slope(W: Array) -> tuple[Any, Array]:
        error = W @ X.T - Y.T
        return weight * (error * error).sum((-2, -1)), 2.0 * weight * error @ X

    return adam(case, value_and_slope)


def adam(case: Case, value_and_slope: Callable[[Array], tuple[Any, Array]]) -> Callable[[int], Result]:
    """Adam on W1·W2, given the loss and its derivative as functions of the product."""
    method, (m, k) = case.methods[0], case.problem.A.shape
    beta1, beta2, eps = method.beta1, method.beta2, method.eps

    def value_and_gradient(x: Array) -> tuple[Any, Array]:
        first, second = x[..., : m * k].reshape(*x.shape[:-1], m, k), x[..., m * k :].reshape(*x.shape[:-1], k, k)
        loss, slope = value_and_slope(first @ second)
        gradient = np.empty_like(x)
        gradient[..., : m * k] = (slope @ second.swapaxes(-1, -2)).reshape(*x.shape[:-1], -1)
        gradient[..., m * k :] = (first.swapaxes(-1, -2) @ slope).reshape(*x.shape[:-1], -1)
        return loss, gradient

    def run(steps: int) -> Result:
        x, step = starts(case, case.problem.start)
        rows, mean, square = Rows(), np.zeros_like(x), np.zeros_like(x)
        for t in range(steps + 1):
            loss, gradient = value_and_gradient(x)
            if t % case.record_every == 0 or t == steps:
                rows.add(loss, gradient)
            mean = beta1 * mean + (1.0 - beta1) * gradient
            square = beta2 * square + (1.0 - beta2) * gradient * gradient
            root = np.sqrt(square / (1.0 - beta2 ** (t + 1))) + eps
            x = x - step * (mean / (1.0 - beta1 ** (t + 1))) / root
        return rows.result()

    return run


def noise_of(case: Case, deviation: float, dimension: int) -> Iterator[Array]:
    """Noise vectors, one for each run, or one for all under common noise."""
    rng = np.random.default_rng(0)
    shape = (dimension,) if case.runs == 1 else (1 if case.noise == "common" else case.runs, dimension)
    while True:
        yield from deviation * rng.standard_normal((NOISE_BLOCK, *shape))


def noisy_quadratic(
    case: Case, draws: Callable[[Case, float, int], Iterator[Array]] = noise_of
) -> Callable[[int], Result]:
    """W4."""
    exact = getattr(case.problem, "problem", case.problem)
    deviation = float(case.problem.noise.deviation[0]) if exact is not case.problem else 0.0
    curvature, centre, method = exact.eigenvalues, exact.minimiser, case.methods[0]
    beta, mu = method.beta, method.mu

    def run(steps: int) -> Result:
        x, step = starts(case, centre + 1.0)
        rows, average, noise = Rows(), np.zeros_like(x), draws(case, deviation, len(centre))
        for k in range(steps + 1):
            away = x - centre
            slope = curvature * away
            if k % case.record_every == 0 or k == steps:
                rows.add(0.5 * (slope * away).sum(-1), slope)
            gradient = slope + next(noise)
            average = beta * average + (1.0 - beta) * gradient
            x = x - step * ((1.0 - mu) * average + mu * gradient)
        return rows.result()

    return run


def short_runs(case: Case) -> Callable[[int], Result]:
    """W7: a row a run, and the end alone."""
    exact, deviation, method = case.problem.problem, float(case.problem.noise.deviation[0]), case.methods[0]
    curvature, beta, mu = exact.eigenvalues, method.beta, method.mu
    step = starts(case, exact.minimiser)[1]

    def run(steps: int) -> Result:
        rng = np.random.default_rng(0)
        away = np.ones((case.runs, len(curvature)))
        average = np.zeros_like(away)
        for _ in range(steps):
            gradient = curvature * away + deviation * rng.standard_normal(away.shape)
            average = beta * average + (1.0 - beta) * gradient
            away -= step * ((1.0 - mu) * average + mu * gradient)
        slope = curvature * away
        return 0.5 * (slope * away).sum(-1, keepdims=True), np.sqrt((slope * slope).sum(-1, keepdims=True))

    return run


def surfaces(case: Case) -> Callable[[int], Result]:
    """W5, by the eigenvalues of the 2 × 2 systems and the variance's closed form, without optdyn's."""
    tau, mu, beta = case.problem

    def evaluate(rows: int) -> Result:
        column = mu[:rows, None]
        trace = 1.0 + beta - tau * (1.0 - beta * (1.0 - column))
        root = np.sqrt(trace * trace - 4.0 * beta * (1.0 - column * tau) + 0j)
        gain = np.maximum(np.abs(trace + root), np.abs(trace - root)) / 2.0
        seen, width = beta * column, 1.0 - beta + 2.0 * beta * column
        margin = 2.0 * (1.0 + beta) - tau * width
        limit = tau * ((1.0 - beta**2) + seen * tau * width) / ((1.0 - beta + seen * tau) * margin)
        return gain, np.where((tau > 0) & (margin > 0), limit, np.nan)

    return evaluate


RUNNERS = {
    "w1": barzilai_borwein,
    "w2": mini_batches,
    "w3_reduced": net_reduced,
    "w3_samples": net_samples,
    "w4": noisy_quadratic,
    "w7": short_runs,
    "w5": surfaces,
}
