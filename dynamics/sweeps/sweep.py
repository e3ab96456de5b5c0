"""Sweeps over named parameters of a method and of a problem."""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from dynamics.checks import Refusal, require_memory, require_whole, require_word
from dynamics.kernels.policy import threads_at_hand
from dynamics.protocol.status import Status, Stop
from dynamics.runs.interruption import bar, interruption
from dynamics.runs.probes import Probing
from dynamics.sweeps.blocks import blocks, table_of
from dynamics.sweeps.content import Noise
from dynamics.sweeps.dataset import dataset_of
from dynamics.sweeps.ensemble import seeds_of, tell_missing
from dynamics.sweeps.filling import sweep_into
from dynamics.sweeps.gathered import gathered
from dynamics.sweeps.measuring import measure_sweep, require_probes
from dynamics.sweeps.plan import planned
from dynamics.sweeps.reduction import reduction_of
from dynamics.sweeps.settings import terms_of
from dynamics.words import words

if TYPE_CHECKING:
    import xarray

RUN_BYTES = 100  # of a run, at least


def sweep(
    method: Any,
    problem: Any,
    *,
    over: Mapping[Any, Any],
    fixed: Mapping[Any, Any] | None = None,
    seeds: int | Sequence[int] = 1,
    steps: int,
    noise: Noise = "own",
    x0: Any = None,
    reduce: Literal["last"] | Mapping[str, Any] | None = None,
    record_every: int | None = None,
    stop: Stop | None = None,
    out: str | os.PathLike[str] | None = None,
    backend: Any = None,
    threads: int | None = None,
    progress: bool = False,
    probes: Mapping[str, Probing] | None = None,
) -> "xarray.Dataset":
    """Run a method on a problem at each combination of some of their parameters, with each seed.

    Parameters
    ----------
    method
        A class or a factory such as `RSG`, a ready method, or a list of these, of any classes.
    problem
        A factory such as `quadratic`, a ready problem, or a list of these. A factory's `rng` is 0 unless given.
    over
        By the name of a parameter of the method or of the problem the values that it takes: a dimension each.
        `method.x` and `problem.x` say whose x is meant where both have one; a tuple of names for a key, with tuples
        for values, changes several together. One of several methods or problems for a key, with a dict of axes for
        its value, gives it axes of its own: {SGD: {"step_size": [0.1]}, Adam: {"beta2": [0.9, 0.99]}}. All settings of
        several methods then stand along one dimension, `setting`, with `method` and their parameters as coordinates,
        NaN where a method has none (of problems, `instance`): `made.isel(setting=made.method == "Adam")`.
    fixed
        Further parameters of either, the same for all runs; of one of several, likewise.
    seeds
        Non-negative ints, or how many of them, counted from 0.
    steps, x0, record_every, stop
        As in `simulate`.
    noise
        "own": a run draws what its seed, its method and, where that varies, its problem determine. "common": all
        settings see the same samples for the same seed.
    reduce
        "last": keep one record a run, that of its end; NaN where the run failed. {"iteration": [10, 100]}: the rows at
        these iterations. {"gradients": [1.0, 5.0]}, or `values` or `hessian_products`: the last row within each of
        these costs, in full-batch evaluations. {"below": 1e-3}: the first row whose loss is at most this.
        {"quantiles": [0.1, 0.5, 0.9]}, alone for the last row or beside one of these: over seeds, as `sweep_quantiles`
        has it, and nothing of single runs; all seeds of a setting are one block, so that memory holds one block's runs.
    out
        A folder, such as "runs.zarr", into which each block of runs is written once it is done. The same call goes on
        where an earlier one was ended, however that was; longer axes and further seeds add to it. Needs the extra
        `store`.
    backend
        Where blocks of runs are computed, which does not change a byte: "threads" of this process, the default;
        "processes" on this machine; the workers of a dask cluster, given by a client or its scheduler's address such as
        "tcp://127.0.0.1:8786" (extra `cluster`); "claims", with `out`: this process and any others that make the same
        call share the blocks among them.
    threads
        Threads or processes to use; all cores unless given. The result does not depend on it.
    progress
        Whether to show a progress bar.
    probes
        What to measure along each run, as for `simulate`: a variable each, over the axes, `seed` and
        ``NAME_iteration``, or with reduce="last" its last value. Each run is taken once more for it, by
        `measure_sweep`, which does the same for a store (`out`).

    Returns
    -------
    xarray.Dataset
        `loss`, `gradient_norm`, `step_size`, `values`, `gradients` and `hessian_products` over the axes, then `seed`,
        then `record`; `status` and `stopped_at` over the axes and `seed`. A run that ended early has NaN after its end.
        Where an axis has the name of one of these, such as `step_size`, the variable is `recorded_step_size`. Ctrl-C
        leaves the runs that are done, with a warning: the others have NaN and the status RUNNING. With `out` it raises
        KeyboardInterrupt, and the same call goes on.

    Raises
    ------
    ValueError, TypeError
        For names that neither method nor problem has, values that one of them refuses (named by axis and index), and
        whatever `simulate` refuses, before anything starts.

    Examples
    --------
    >>> from dynamics import RSG, replay, sweep
    >>> from synthetic import quadratic
    >>> made = sweep(
    ...     RSG,
    ...     quadratic,
    ...     over={"step_size": [0.1, 0.5, 1.0], "mu": [0.1, 0.2]},
    ...     fixed={"beta": 0.9, "eigenvalues": [1.0, 0.1], "noise": 0.01},
    ...     seeds=2,
    ...     steps=20,
    ...     x0=[1.0, 1.0],
    ... )
    >>> dict(made.loss.sizes)
    {'step_size': 3, 'mu': 2, 'seed': 2, 'record': 21}
    >>> run = replay(made, step_size=0.5, mu=0.1, seed=1)
    >>> bool(run.loss[-1] == made.loss.sel(step_size=0.5, mu=0.1, seed=1)[-1])
    True
    """
    require_word("noise", noise, words(Noise))
    steps = require_whole("steps", steps, 0, "a run can't go back")
    workers = threads_at_hand() if threads is None else require_whole("threads", threads, 1, "a run needs one")
    if record_every is not None:
        record_every = require_whole("record_every", record_every, 1, "it counts steps between records")
    common = {"seeds": seeds_of(seeds), "noise": noise, "x0": x0, "record_every": record_every, "stop": stop}
    kept = reduction_of(reduce, steps, record_every)
    plan = planned(method, problem, over, fixed, steps=steps, reduce=kept, **common)
    if probes:
        require_probes(plan, probes)
        if out is not None or (isinstance(kept, dict) and "quantiles" in kept):
            raise Refusal(
                "probes are neither stored nor reduced to quantiles: sweep without them, and give the Dataset to "
                "measure_sweep(dataset, probes)."
            )
        plain = sweep(
            method, problem, over=over, fixed=fixed, seeds=seeds, steps=steps, noise=noise, x0=x0, reduce=reduce,
            record_every=record_every, stop=stop, backend=backend, threads=threads, progress=progress,
        )  # fmt: skip
        return measure_sweep(plain, probes, reduce="last" if reduce == "last" else None, progress=progress)
    if out is not None:
        return sweep_into(plan, out, backend=backend, workers=workers, progress=progress)
    if isinstance(kept, dict) or backend is not None:
        return gathered(plan, backend=backend, workers=workers, progress=progress)
    runs = plan.settings * len(plan.seeds)
    require_memory(f"a sweep of {runs} runs", RUN_BYTES * runs, "leave out settings or seeds")
    (everything,) = blocks(plan, runs)
    with interruption() as interrupted, bar(progress, runs, "runs") as tick:
        table, settings = table_of(
            plan, everything, iterates=False, threads=workers, interrupted=interrupted, tick=tick, partial=True
        )
    tell_missing(int(np.count_nonzero(table.columns.status == Status.RUNNING)), runs)
    if table.raised and len(table.errors) == runs:
        raise table.raised
    return dataset_of(plan, table, terms_of(settings))
