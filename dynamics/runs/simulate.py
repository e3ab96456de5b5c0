"""One run of one method on one problem."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from dynamics.checks import Refusal, require_whole
from dynamics.protocol.status import Status, Stop
from dynamics.runs.interruption import bar, interruption
from dynamics.runs.run import as_trajectory, run
from dynamics.runs.setup import begun, resumed
from dynamics.runs.trajectory import Trajectory

if TYPE_CHECKING:
    from dynamics.runs.probes import Probing


def simulate(
    method: Any,
    problem: Any,
    *,
    steps: int,
    x0: Any = None,
    rng: Any = None,
    record_every: int | None = None,
    record_iterates: bool = False,
    stop: Stop | None = None,
    progress: bool | Callable[[int], None] = False,
    resume: Trajectory | None = None,
    probes: Mapping[str, "Probing"] | None = None,
    threads: int | None = None,
) -> Trajectory:
    """Run a method on a problem.

    Parameters
    ----------
    method : NamedTuple
        Hyper-parameters, such as ``RSG(step_size=0.1)``.
    problem : NamedTuple
        Data, such as ``carmon(rng=0)``, or any NamedTuple with the kernels of the oracle protocol.
    steps : int
        Steps to take; with `resume`, further steps.
    x0 : array_like, optional
        Where to start, shape (d,); the problem's own initial point unless given.
    rng : int, SeedSequence, Generator or None
        An int, a SeedSequence, a Generator or None; feeds the samples of stochastic gradients, and methods
        that draw random numbers themselves.
    record_every : int, optional
        Steps between records; one epoch for mini-batches and 1 otherwise unless given. The end is always recorded.
    record_iterates : bool
        Whether to record the iterates too.
    stop : Stop, optional
        What ends the run early.
    progress : bool or callable
        Whether to show a progress bar; or a function that is told, from time to time, how many steps have been taken.
    resume : Trajectory, optional
        A trajectory of the same method on the same problem, to be continued bit for bit. `x0`, `rng`, `record_every`
        and `record_iterates` are then taken from it.
    probes : mapping of str to probe, optional
        What to measure along the run, each at its own pace and charged to nobody, such as
        ``{"sharpness": TopEigenvalue(every=10)}``; they change no byte of the run. With `resume`, those that shall go
        on are given again.
    threads : int, optional
        Threads that share the full-batch sums of large data, from 10⁷ numbers on; one for each core unless given. They
        change no byte.

    Returns
    -------
    Trajectory
        The records from the very start, resumed part included.

    Raises
    ------
    ValueError
        For bad numbers, shapes and names, before anything is compiled; for a loss that is negative at the start under
        a method that needs a non-negative one.
    MissingImplementation
        If the problem lacks a kernel that the method needs.

    Notes
    -----
    Ctrl-C ends a run in the main thread at the next chunk with the status INTERRUPTED; a second Ctrl-C raises
    KeyboardInterrupt at once. SIGTERM and SIGHUP, which end a process where it does not handle them, do so at the next
    chunk. To save a run then, let a handler make Ctrl-C of them:
    ``signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))``.

    Examples
    --------
    >>> from dynamics import GradientDescent, simulate
    >>> from synthetic import quadratic
    >>> run = simulate(GradientDescent(0.5), quadratic(eigenvalues=[1.0, 0.5]), steps=50, x0=[1.0, 1.0])
    >>> run.status.name, bool(run.loss[-1] < 1e-10)
    ('MAX_ITERATIONS', True)
    """
    steps = require_whole("steps", steps, 0, "a run can't go back")
    workers = None if threads is None else require_whole("threads", threads, 1, "a run needs one")
    if resume is None:
        setup = begun(
            method,
            problem,
            x0=x0,
            rng=rng,
            record_every=record_every,
            record_iterates=record_iterates,
            stop=stop,
            probes=probes,
        )
    else:
        given = {"x0": x0, "rng": rng, "record_every": record_every, "record_iterates": record_iterates or None}
        setup = resumed(method, problem, resume, refused=given, stop=stop, probes=probes)
    with interruption() as interrupted, bar(progress, steps, type(method).__name__) as tick:
        outcome = run(setup, steps, interrupted=interrupted, tick=tick, threads=workers)
    if outcome.status == Status.NEGATIVE_LOSS and outcome.stopped_at == 0:
        raise Refusal(
            f"{type(method).__name__} needs a loss that is never negative, and it is "
            f"{outcome.state.point.loss[0]:.6g} at the start: add a constant to the problem, or take another method."
        )
    return as_trajectory(outcome)
