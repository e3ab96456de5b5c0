"""optdyn through its public calls alone: `simulate` and `ensemble`, and the functions of `theory.arsg`."""

from collections.abc import Callable

import numpy as np

from benchmarks.peers.counting import Counting
from benchmarks.workloads import GRADIENT_NORM, Case
from dynamics import Stop, ensemble, simulate, sweep
from theory.arsg import gain_factor, variance_limit

Result = tuple[np.ndarray, np.ndarray]


def trajectories(case: Case) -> Callable[[int], Result]:
    """A single run or a sweep of the case."""

    def single(steps: int) -> Result:
        run = simulate(case.methods[0], case.problem, steps=steps, record_every=case.record_every, rng=0)
        return run.loss[None], run.gradient_norm[None]

    def sweep(steps: int) -> Result:
        made = ensemble(
            case.methods,
            case.problem,
            steps=steps,
            seeds=1,
            noise="common" if case.noise == "common" else "own",
            record_every=case.record_every,
            threads=case.threads,
        )
        return made.loss[:, 0], made.gradient_norm[:, 0]

    return single if case.runs == 1 else sweep


def newton(case: Case) -> Callable[[int], Result]:
    """W6: runs to the end."""
    method, problem, starts = case.methods[0], case.problem, case.starts
    stop = Stop(gradient_norm=GRADIENT_NORM)

    def single(steps: int) -> tuple[Result, Callable[[], int]]:
        made = simulate(method, problem, steps=steps, x0=starts[0], stop=stop)
        return (made.loss[None], made.gradient_norm[None]), lambda: round(made.hessian_products[-1])

    def sweep(steps: int) -> tuple[Result, Callable[[], int]]:
        made = ensemble([method], problem, steps=steps, seeds=case.runs, x0=starts, stop=stop, threads=case.threads)
        return (made.loss[0], made.gradient_norm[0]), lambda: round(np.nanmax(made.hessian_products[0], axis=-1).sum())

    return Counting(single if case.runs == 1 else sweep)


def surfaces(case: Case) -> Callable[[int], Result]:
    """The two closed forms on the first rows of a grid."""
    tau, mu, beta = case.problem

    def evaluate(rows: int) -> Result:
        column = mu[:rows, None]
        return gain_factor(tau, beta=beta, mu=column), variance_limit(tau, beta=beta, mu=column)

    return evaluate


def short_runs(case: Case) -> Callable[[int], Result]:
    """W7: a sweep of step sizes and seeds, of which the last rows are kept."""
    sizes = sorted({float(method.step_size) for method in case.methods})
    fixed = case.methods[0]._asdict()
    del fixed["step_size"]

    def ends(steps: int) -> Result:
        made = sweep(
            type(case.methods[0]),
            case.problem,
            over={"step_size": sizes},
            fixed=fixed,
            seeds=case.runs // len(sizes),
            steps=steps,
            reduce="last",
            threads=case.threads,
        )
        return made.loss.values.reshape(-1, 1), made.gradient_norm.values.reshape(-1, 1)

    return ends


RUNNERS = {
    **dict.fromkeys(("w1", "w2", "w3_reduced", "w3_samples", "w4", "w8_loops", "w8_matrix"), trajectories),
    "w5": surfaces,
    **dict.fromkeys(("w7", "w7_space", "w7_batches", "w7_net"), short_runs),
    **dict.fromkeys(("w6_carmon", "w6_rosenbrock"), newton),
}
