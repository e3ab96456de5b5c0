"""A short grid search for the step size of any method."""

import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from dynamics.checks import Refusal, as_generator, is_number, require_memory, require_whole, shown
from dynamics.protocol.schedules import StepSize
from dynamics.protocol.status import SOUND
from dynamics.runs.simulate import simulate


class StepSearch(NamedTuple):
    """What a grid search found: the method with the best step size, the grid, and the loss of each of its settings.

    Examples
    --------
    >>> from dynamics import GradientDescent, search_step_size
    >>> from synthetic import quadratic
    >>> problem = quadratic(eigenvalues=[1.0])
    >>> found = search_step_size(GradientDescent(1.0), problem, step_sizes=[0.1, 1.0, 10.0], steps=20, x0=[1.0])
    >>> found.method.step_size
    1.0
    """

    method: Any
    step_sizes: tuple[StepSize, ...]
    losses: np.ndarray  # shape (step sizes,); infinite where a run diverged


def search_step_size(
    method: Any,
    problem: Any,
    *,
    step_sizes: Sequence[StepSize],
    steps: int,
    runs: int = 1,
    x0: Any = None,
    rng: Any = None,
) -> StepSearch:
    """Run a method with each step size, and take the one with the lowest full-batch loss at the end.

    Parameters
    ----------
    method : NamedTuple
        A method with a field `step_size`, whose value is of no matter.
    problem : NamedTuple
        What it runs on.
    step_sizes : sequence
        The grid, in ascending order: numbers, arrays or schedules.
    steps : int
        Steps of each run.
    runs : int
        Runs a setting, over which the losses are averaged; all settings see the same samples.
    x0 : array_like, optional
        Where to start, shape (d,); the problem's own initial point unless given.
    rng : int, SeedSequence, Generator or None
        An int, a SeedSequence, a Generator or None.

    Returns
    -------
    StepSearch
        A run that ends before its last step (diverged, not finite) counts as infinite, except where it converged.

    Raises
    ------
    ValueError
        If the grid is empty, the method has no step size, or no run came to its end.

    Warns
    -----
    UserWarning
        If the best step size lies at an end of the grid: a wider one may hold a better.

    Examples
    --------
    Gradient descent on curvature 1 goes furthest with steps near 1:

    >>> from dynamics import GradientDescent
    >>> from synthetic import quadratic
    >>> grid = [0.01, 0.1, 1.1, 10.0]
    >>> found = search_step_size(
    ...     GradientDescent(1.0), quadratic(eigenvalues=[1.0]), step_sizes=grid, steps=20, x0=[1.0]
    ... )
    >>> found.method.step_size, found.losses.argmin()
    (1.1, np.int64(2))
    """
    runs = require_whole("runs", runs, 1, "a mean needs a run")
    if "step_size" not in getattr(type(method), "_fields", ()):
        raise Refusal(f"{shown(method)} has no step_size to search for; give a method such as ARSG(0.1).")
    if is_number(step_sizes):
        raise Refusal(f"step_sizes = {shown(step_sizes)} must be several, such as [0.001, 0.01, 0.1].")
    step_sizes = list(step_sizes)
    require_memory(f"runs = {runs}", 2.0 * runs, "try fewer")
    if not step_sizes:
        raise Refusal("step_sizes is empty: give a few to choose from, such as [0.001, 0.01, 0.1].")
    seeds = [int(seed) for seed in as_generator(rng).integers(2**63, size=runs)]

    def loss(step_size: StepSize) -> float:
        tried = method._replace(step_size=step_size)
        return float(np.mean([_end(simulate(tried, problem, steps=steps, x0=x0, rng=seed)) for seed in seeds]))

    losses = np.array([loss(step_size) for step_size in step_sizes])
    best = int(losses.argmin())
    if not losses[best] < np.inf:
        raise Refusal(f"no run on {type(problem).__name__} came to its end: try smaller step sizes.")
    if len(losses) > 1 and best in (0, len(losses) - 1):
        warnings.warn(
            f"the best step size, {step_sizes[best]}, is at an end of the grid: a wider one may hold a better.",
            stacklevel=2,
        )
    return StepSearch(method._replace(step_size=step_sizes[best]), tuple(step_sizes), losses)


def _end(run: Any) -> float:
    return float(run.loss[-1]) if run.status in SOUND else np.inf
