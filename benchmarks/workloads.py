"""What is timed: problems, methods, steps and goals.

A case is a workload in one of its sizes, as a single run or as a sweep. `kind` says which algorithm on which problem it
is; every peer has one function for a kind. A further workload is a further kind, here and in the peers.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from benchmarks.plain_problems import LeastSquares, LeastSquaresInLoops, LogCosh
from dynamics import RSG, SGD, Adam, BarzilaiBorwein, GradientDescent, TrustRegion, initial_point
from synthetic import carmon, linear_net, quadratic, rosenbrock, spectrum

SWEEP = 64  # runs
STARTS = 16  # of a sweep of W6
LOSS_BOUND = 1e20  # past which a run has diverged
GRADIENT_NORM = 1e-8  # at which a run of W6 has converged


@dataclass(frozen=True, eq=False)
class Case:
    """One thing to time, the same for every peer."""

    workload: str
    name: str
    kind: str  # w1, w2, w3_reduced, w3_samples, w4, w5, w6_carmon, w6_rosenbrock, w7, w7_space, …, w8_loops, w8_matrix
    problem: Any
    methods: tuple[Any, ...]  # a setting for each run
    steps: int  # at least; a multiple of record_every
    record_every: int
    goal: float | None = None  # time over C's, at most
    noise: str = "own"  # or "common": the same draws in every run
    threads: int = 1
    starts: Any = None  # shape (runs, d); the problem's own for all unless given

    @property
    def runs(self) -> int:
        """How many runs go side by side."""
        return len(self.methods)

    @property
    def width(self) -> int:
        """Units of work in a step: run-steps, or the points of a row of a surface."""
        return self.problem.tau.size if self.kind == "w5" else self.runs


class Surface(NamedTuple):
    """The grid on which W5 evaluates closed forms; its steps are rows."""

    tau: np.ndarray
    mu: np.ndarray
    beta: float


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def grid(kind: Callable[..., Any], low: float, high: float, runs: int, **others: Any) -> tuple[Any, ...]:
    """Settings of a method whose step sizes are in equal ratios from `low` to `high`; one run takes `high`."""
    sizes = np.geomspace(low, high, runs) if runs > 1 else [high]
    return tuple(kind(step_size=float(size), **others) for size in sizes)


def carmon_case(
    name: str, *, runs: int, samples: int = 500, dimension: int = 30, threads: int = 1, goal: float | None = None
) -> Case:
    """W1: full batch, Barzilai–Borwein steps, every iterate recorded."""
    steps = min(2000, max(20, 2000 * 15_000 // (samples * dimension)))
    problem = carmon(samples=samples, dimension=dimension, batch_size=min(50, samples), rng=0)
    methods = grid(BarzilaiBorwein, 0.3, 1.0, runs, negative="absolute")
    return Case("W1", name, "w1", problem, methods, steps, 1, goal, threads=threads)


def batch_case(name: str, *, runs: int, batch_size: int = 50, goal: float | None = None) -> Case:
    """W2: mini-batches of 50 of 500 samples, SGD, a record each epoch."""
    methods = grid(SGD, 0.02, 0.1, runs)
    problem, epoch = carmon(batch_size=batch_size, rng=0), 500 // batch_size
    steps = -(-5000 // epoch) * epoch
    return Case("W2", name, "w2", problem, methods, steps, epoch, goal, threads=threads_for(runs))


def net_case(name: str, *, runs: int, form: str, goal: float | None = None) -> Case:
    """W3: the linear net, Adam, every iterate recorded."""
    problem = linear_net(maker="svd", condition_number=10.0, reduction="mean", form=form, rng=0)
    methods = grid(Adam, 1e-3, 1e-2, runs)
    return Case("W3", name, f"w3_{form}", problem, methods, 2000, 1, goal, threads=threads_for(runs))


def noisy_case(
    name: str, *, runs: int, dimension: int, noise: str = "own", goal: float | None = None, threads: int | None = None
) -> Case:
    """W4: a quadratic under isotropic Gaussian gradient noise, RSG, a record every 1000 steps at most."""
    condition_number = 100.0 if dimension > 1 else 1.0
    eigenvalues = spectrum("logarithmic", dimension=dimension, condition_number=condition_number)
    problem = quadratic(eigenvalues=eigenvalues, noise=0.1)
    methods = grid(RSG, 0.1, 1.0, runs)
    steps = 100_000 if dimension <= 10 else max(10, min(10_000, 10**7 // dimension))
    every = min(1000, steps)
    return Case("W4", name, "w4", problem, methods, steps, every, goal, noise, threads or threads_for(runs))


def surface_case(name: str, *, points: int, goal: float | None = None) -> Case:
    """W5: gain factor and variance limit on a grid that reaches past the convergence region."""
    surface = Surface(np.linspace(0.01, 25.0, points), np.linspace(0.0, 0.9, points), 0.999)
    return Case("W5", name, "w5", surface, (), points, 1, goal, threads=cores())


def newton_case(name: str, problem: Any, *, runs: int = 1, goal: float | None = None) -> Case:
    """W6: trust region with Steihaug and Toint's conjugate gradients, and SciPy's radii and tolerance, to the end.

    A sweep begins at points near the problem's own start, one a run, and goes on one thread.
    """
    method = TrustRegion(
        radius=1.0,
        max_radius=1000.0,
        eta1=0.15,
        eta2=0.75,
        increase=2.0,
        decrease=4.0,
        kappa=0.5,
        theta=0.5,
        max_inner=1000,
    )
    start = initial_point(problem)
    starts = start + 0.1 * np.random.default_rng(0).standard_normal((runs, start.size)) if runs > 1 else start[None]
    kind = f"w6_{type(problem).__name__.lower()}"
    return Case("W6", name, kind, problem, (method,) * runs, 1000, 1, goal, starts=starts)


def short_case(name: str, *, settings: int, seeds: int, goal: float | None = None) -> Case:
    """W7: very many short runs, RSG on a noisy 2-D quadratic, of which only the ends are kept."""
    problem = quadratic(eigenvalues=[1.0, 0.3], noise=0.1)
    methods = tuple(method for method in grid(RSG, 0.01, 0.5, settings, beta=0.9) for _ in range(seeds))
    return Case("W7", name, "w7", problem, methods, 100, 100, goal, threads=cores())


def many_case(name: str, kind: str, problem: Any, methods: tuple[Any, ...], *, steps: int, goal: float) -> Case:
    """W7 in other sizes: many runs, of which only the ends are kept."""
    return Case("W7", name, kind, problem, methods, steps, steps, goal, threads=cores())


def many_cases() -> Iterator[Case]:
    """W7 in other sizes, which C runs in the loops of W2, W3 and W4."""
    eigenvalues = spectrum("logarithmic", dimension=100, condition_number=100.0)
    noisy = quadratic(eigenvalues=eigenvalues, noise=0.1)
    sizes = tuple(method for method in grid(RSG, 0.1, 1.0, 40) for _ in range(50))
    yield many_case("2,000 runs, 100-D, 1,000 steps", "w7_space", noisy, sizes, steps=1000, goal=1.1)
    batches = grid(SGD, 0.02, 0.1, 4096)
    yield many_case(
        "Carmon in mini-batches, 4,096 settings, an epoch", "w7_batches", carmon(rng=0), batches, steps=10, goal=1.1
    )
    net = linear_net(maker="svd", condition_number=10.0, reduction="mean", form="reduced", rng=0)
    adams = grid(Adam, 1e-3, 1e-2, 4096)
    yield many_case("linear net, Adam, 4,096 settings, 500 steps", "w7_net", net, adams, steps=500, goal=1.1)


def plain_case(name: str, problem: Any, *, step_size: float, goal: float | None = None) -> Case:
    """W8: gradient descent on a user's own problem, a record every 100 steps."""
    kind = "w8_loops" if isinstance(problem, LogCosh) else "w8_matrix"
    return Case("W8", name, kind, problem, (GradientDescent(step_size),), 1000, 100, goal)


def plain_cases() -> Iterator[Case]:
    """W8: the same problems as `benchmarks/reference/plain.c`."""
    yield plain_case(
        "loops with log, cosh, tanh, d = 1000", LogCosh(np.geomspace(0.3, 1.0, 1000)), step_size=0.5, goal=1.3
    )
    rng = np.random.default_rng(0)
    A, b = rng.standard_normal((1000, 100)), rng.standard_normal(1000)
    yield plain_case("least squares with @, 1000 × 100", LeastSquares(A, b), step_size=0.3, goal=1.3)
    yield plain_case("least squares in loops, 1000 × 100", LeastSquaresInLoops(A, b), step_size=0.3, goal=1.3)


def threads_for(runs: int) -> int:
    """All cores for a sweep, one for a single run."""
    return cores() if runs > 1 else 1


def cases(workloads: list[str]) -> Iterator[Case]:
    """The cases of these workloads with their goals."""
    made = {
        "W1": lambda: (
            carmon_case("single", runs=1, goal=1.0),
            carmon_case("sweep", runs=SWEEP, goal=1.0, threads=cores()),
        ),
        "W2": lambda: (batch_case("single", runs=1, goal=1.1), batch_case("sweep", runs=SWEEP, goal=1.1)),
        "W3": lambda: (
            net_case("reduced, single", runs=1, form="reduced", goal=1.1),
            net_case("reduced, sweep", runs=SWEEP, form="reduced", goal=1.15),
            net_case("samples, single", runs=1, form="samples", goal=1.1),
        ),
        "W4": lambda: (
            noisy_case("2-D, single", runs=1, dimension=2, goal=1.5),
            noisy_case("2-D, sweep, own noise", runs=SWEEP, dimension=2, goal=1.5),
            noisy_case("2-D, sweep, common noise", runs=SWEEP, dimension=2, noise="common", goal=1.3),
            noisy_case("100-D, single", runs=1, dimension=100, goal=1.6),
            noisy_case("100-D, sweep, own noise", runs=SWEEP, dimension=100, goal=1.6),
            noisy_case("100-D, sweep, common noise", runs=SWEEP, dimension=100, noise="common", goal=1.6),
        ),
        "W5": lambda: (surface_case("2000 × 2000", points=2000, goal=1.05),),
        "W6": lambda: (
            newton_case("Carmon 500 × 30", carmon(rng=0), goal=1.0),
            newton_case(f"Carmon 500 × 30, {STARTS} starts", carmon(rng=0), runs=STARTS, goal=1.0),
            newton_case("Rosenbrock-100", rosenbrock(100), goal=1.0),
            newton_case(f"Rosenbrock-100, {STARTS} starts", rosenbrock(100), runs=STARTS, goal=1.0),
        ),
        "W7": lambda: (
            short_case("1,000 runs", settings=40, seeds=25, goal=1.5),
            short_case("40,000 runs", settings=40, seeds=1000, goal=1.5),
            short_case("1,000,000 runs", settings=40, seeds=25_000, goal=1.5),
            *many_cases(),
        ),
        "W8": lambda: tuple(plain_cases()),
    }
    unknown = [name for name in workloads if name not in made]
    if unknown:
        raise ValueError(f"there is no workload {', '.join(unknown)}: there are {', '.join(made)}.")
    for name in workloads or made:
        yield from made[name]()
