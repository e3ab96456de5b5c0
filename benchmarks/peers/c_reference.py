"""The references in C: data laid out for them, and the calls."""

import ctypes
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.peers.counting import Counting
from benchmarks.reference.build import library
from benchmarks.workloads import GRADIENT_NORM, LOSS_BOUND, Case
from dynamics import initial_point

Result = tuple[np.ndarray, np.ndarray]
MAX_DIMENSION = 1023  # of Carmon's problem: the sums of a gradient are kept on the stack


def aligned(values: Any) -> np.ndarray:
    """A contiguous copy on a 64-byte boundary."""
    given = np.ascontiguousarray(values, dtype=np.float64)
    memory = np.empty(given.nbytes + 64, dtype=np.uint8)
    offset = -memory.ctypes.data % 64
    copy = memory[offset : offset + given.nbytes].view(np.float64).reshape(given.shape)
    copy[...] = given
    return copy


def lanes() -> int:
    """Doubles in a register of the references."""
    return call("lanes")


def call(name: str, *arguments: np.ndarray | float | int) -> int:
    """Call a C function: arrays as pointers, floats as double, ints as long."""
    function = getattr(library(), name)
    function.restype = ctypes.c_long
    return function(*map(_converted, arguments))


def _converted(argument: Any) -> Any:
    if isinstance(argument, np.ndarray):
        return ctypes.c_void_p(argument.ctypes.data)
    return ctypes.c_double(argument) if isinstance(argument, float) else ctypes.c_long(argument)


def step_sizes(case: Case) -> np.ndarray:
    """The step size of each run."""
    return np.array([float(method.step_size) for method in case.methods])


def weights(case: Case) -> tuple[float, float, float]:
    """Adam's, which all runs of a case share."""
    method = case.methods[0]
    return float(method.beta1), float(method.beta2), float(method.eps)


def runs(name: str, before: tuple, start: np.ndarray, case: Case, seeds: np.ndarray | None = None):
    """A runner of a function whose arguments end as those of all trajectories do."""
    extra = () if seeds is None else (seeds,)
    if name == "w4":
        extra = (*extra, int(case.noise == "common"))

    def run(steps: int) -> Result:
        rows = -(-steps // case.record_every) + 1
        loss, norm = np.empty((case.runs, rows)), np.empty((case.runs, rows))
        x, stopped_at = np.tile(start, (case.runs, 1)), np.empty(case.runs, dtype=np.int64)
        limits = (case.runs, steps, case.record_every, LOSS_BOUND, case.threads)
        call(name, *before, *extra, *limits, x, rows, loss, norm, stopped_at)
        return without_rest(loss, norm, stopped_at, steps, case.record_every)

    return run


def without_rest(loss: np.ndarray, norm: np.ndarray, stopped_at: np.ndarray, steps: int, every: int) -> Result:
    """The records, NaN after the end of runs that broke off."""
    for run in np.flatnonzero(stopped_at < steps):
        loss[run, stopped_at[run] // every + 1 :] = np.nan
        norm[run, stopped_at[run] // every + 1 :] = np.nan
    return loss, norm


def blocks(A: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows and targets in blocks of eight registers, parameter by parameter within a block; zeros fill the last."""
    samples, dimension = A.shape
    block = 8 * lanes()
    count = -(-samples // block)
    rows, targets = np.zeros((count * block, dimension)), np.zeros(count * block)
    rows[:samples], targets[:samples] = A, b
    return aligned(rows.reshape(count, block, dimension).transpose(0, 2, 1)), aligned(targets)


def padded_rows(A: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Rows of whole vectors, the target after the sample's entries, and a row of zeros at the end."""
    samples, dimension = A.shape
    rows = np.zeros((samples + 1, (dimension + lanes()) // lanes() * lanes()))
    rows[:samples, :dimension], rows[:samples, dimension] = A, b
    return aligned(rows)


def seeds_of(case: Case) -> np.ndarray:
    """A seed for each run; under common noise all are the same."""
    return np.zeros(case.runs, np.uint64) if case.noise == "common" else np.arange(case.runs, dtype=np.uint64)


def barzilai_borwein(case: Case) -> Callable[[int], Result] | None:
    """W1."""
    samples, dimension = case.problem.A.shape
    if dimension > MAX_DIMENSION:
        return None
    before = (*blocks(case.problem.A, case.problem.b), samples, dimension, step_sizes(case), float(case.methods[0].nu))
    return runs("w1", before, np.zeros(dimension), case)


def mini_batches(case: Case) -> Callable[[int], Result] | None:
    """W2."""
    A, b, size = case.problem.A, case.problem.b, case.problem.batch_size
    if A.shape[1] > MAX_DIMENSION:
        return None
    before = (*blocks(A, b), padded_rows(A, b), *A.shape, step_sizes(case), size)
    return runs("w2", before, np.zeros(A.shape[1]), case, seeds_of(case))


def net_reduced(case: Case) -> Callable[[int], Result]:
    """W3, reduced form."""
    net = case.problem
    before = (aligned(net.A), aligned(net.S), float(net.weight), step_sizes(case), *weights(case))
    return runs("w3_reduced", before, net.start, case)


def net_samples(case: Case) -> Callable[[int], Result] | None:
    """W3 over samples: a single run."""
    if case.runs > 1:
        return None
    net = case.problem
    filling = [(0, 0), (0, -len(net.X) % lanes())]
    X, Y = aligned(np.pad(net.X.T, filling)), aligned(np.pad(net.Y.T, filling))
    before = (X, Y, X.shape[1], float(net.weight), *step_sizes(case), *weights(case))

    def run(steps: int) -> Result:
        rows = -(-steps // case.record_every) + 1
        loss, norm, x = np.empty((1, rows)), np.empty((1, rows)), aligned(net.start)
        end = call("w3_samples", *before, steps, case.record_every, LOSS_BOUND, x, loss, norm)
        return without_rest(loss, norm, np.array([end]), steps, case.record_every)

    return run


def noisy_quadratic(case: Case) -> Callable[[int], Result]:
    """W4."""
    exact = getattr(case.problem, "problem", case.problem)
    deviation = float(case.problem.noise.deviation[0]) if exact is not case.problem else 0.0
    d, method = len(exact.eigenvalues), case.methods[0]
    before = (exact.eigenvalues, exact.minimiser, d, deviation, step_sizes(case), float(method.beta), float(method.mu))
    return runs("w4", before, exact.minimiser + 1.0, case, seeds_of(case))


def surfaces(case: Case) -> Callable[[int], Result]:
    """W5."""
    tau, mu, beta = case.problem

    def evaluate(rows: int) -> Result:
        gain, limit = np.empty((rows, tau.size)), np.empty((rows, tau.size))
        call("w5", tau, tau.size, mu, rows, beta, np.nan, case.threads, gain, limit)
        return gain, limit

    return evaluate


def newton(case: Case) -> Callable[[int], Result] | None:
    """W6: runs to the end."""
    method, problem, dimension = case.methods[0], case.problem, case.starts.shape[1]
    carmon = case.kind == "w6_carmon"
    if dimension > MAX_DIMENSION:
        return None
    before = (*blocks(problem.A, problem.b), *problem.A.shape) if carmon else (dimension,)
    names = ("radius", "max_radius", "eta1", "eta2", "increase", "decrease", "kappa", "theta")
    numbers = np.array([getattr(method, name) for name in names])

    def run(steps: int) -> tuple[Result, Callable[[], int]]:
        loss, norm = np.full((2, case.runs, steps + 1), np.nan)
        ends, products = [], np.empty(case.runs, dtype=np.int64)
        for i, start in enumerate(case.starts):
            rows = (aligned(start), loss[i], norm[i], products[i : i + 1])
            ends.append(call(case.kind, *before, numbers, method.max_inner, steps, GRADIENT_NORM, *rows))
        return (loss[:, : max(ends) + 1], norm[:, : max(ends) + 1]), lambda: int(products.sum())

    return Counting(run)


def plain(case: Case) -> Callable[[int], Result]:
    """W8: a user's problem, a single run."""
    problem, step_size = case.problem, float(case.methods[0].step_size)
    loops = case.kind == "w8_loops"
    before = (problem.scale, problem.scale.size) if loops else (problem.A, problem.b, *problem.A.shape)
    start = initial_point(problem)

    def run(steps: int) -> Result:
        rows = -(-steps // case.record_every) + 1
        loss, norm, x = np.empty((1, rows)), np.empty((1, rows)), start.copy()
        end = call(case.kind, *before, step_size, steps, case.record_every, LOSS_BOUND, x, loss, norm)
        return without_rest(loss, norm, np.array([end]), steps, case.record_every)

    return run


RUNNERS = {
    "w1": barzilai_borwein,
    "w2": mini_batches,
    "w3_reduced": net_reduced,
    "w3_samples": net_samples,
    "w4": noisy_quadratic,
    "w7": noisy_quadratic,
    "w7_space": noisy_quadratic,
    "w7_batches": mini_batches,
    "w7_net": net_reduced,
    "w5": surfaces,
    "w8_loops": plain,
    "w8_matrix": plain,
    "w6_carmon": newton,
    "w6_rosenbrock": newton,
}


def batches(samples: int, size: int, *, seed: int, count: int) -> np.ndarray:
    """The mini-batches that W2 draws for a seed, shape (count, size)."""
    out = np.empty((count, size), dtype=np.int32)
    call("batches", samples, size, seed, count, out)
    return out


def normals(*, seed: int, count: int) -> np.ndarray:
    """The first standard normals of the stream of a single run of W4, `count` a multiple of 512."""
    out = aligned(np.empty(count))
    call("standard_normals", seed, count, out)
    return out
