"""Runs that may spend the same: what an oracle call costs, sweeps up to a budget, and curves over the cost."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dynamics import Ensemble, Status, ensemble
from dynamics.checks import Refusal

__all__ = [
    "FAILURES",
    "PASSES",
    "Weights",
    "cost",
    "curves_within",
    "failed_within",
    "final",
    "last_within",
    "run_within",
    "value_at",
]

FAILURES = (Status.DIVERGED, Status.NOT_FINITE, Status.NEGATIVE_LOSS)
"""Ends with which a run has lost; one that has converged or whose line search is exhausted keeps what it has."""

PILOT = 8  # steps from which the length of the sweep is guessed


class Weights(NamedTuple):
    """What oracle calls cost in gradient evaluations of the full batch.

    The defaults count passes through the model: a value is the forward half of a gradient, and a Hessian product runs
    forward and back twice.

    Examples
    --------
    >>> print(Weights(value=1.0))
    a function value counts 1, a gradient 1, a Hessian product 2
    """

    value: float = 0.5
    gradient: float = 1.0
    hessian_product: float = 2.0

    def __str__(self) -> str:
        return (
            f"a function value counts {self.value:g}, a gradient {self.gradient:g}, "
            f"a Hessian product {self.hessian_product:g}"
        )


PASSES = Weights()


def cost(sweep: Ensemble, weights: Weights = PASSES) -> NDArray:
    """What each run had spent at each record, in gradients, shape (settings, seeds, records); NaN after its end.

    Examples
    --------
    >>> from dynamics import GradientDescent, ensemble
    >>> from synthetic import quadratic
    >>> parabola = quadratic(eigenvalues=[1.0])
    >>> sweep = ensemble([GradientDescent(0.5), GradientDescent(3.0)], parabola, steps=9, seeds=1, x0=[1.0])
    >>> cost(sweep)[0, 0, :3].tolist()
    [0.0, 1.0, 2.0]
    """
    return np.asarray(
        weights.value * sweep.values
        + weights.gradient * sweep.gradients
        + weights.hessian_product * sweep.hessian_products
    )


def run_within(
    methods: Sequence[Any],
    problem: Any,
    *,
    budget: float,
    seeds: int | Sequence[int],
    weights: Weights = PASSES,
    records: int = 200,
    like: Ensemble | None = None,
    **options: Any,
) -> Ensemble:
    """Sweep settings of one method with steps enough that every run spends the budget, or ends before.

    Parameters
    ----------
    methods, problem, seeds
        As in `dynamics.ensemble`. All settings see the same samples for the same seed.
    budget : float
        Gradient evaluations of the full batch that a run may spend.
    weights : Weights
        What an oracle call costs.
    records : int
        Records within the budget, about: what is left of it after the last one is not used.
    like : Ensemble, optional
        What a call with the same budget has returned. Where its steps had one price, it says how many are needed, and
        no runs are made to find out; the result is the same.
    **options
        Further keywords of `dynamics.ensemble`, such as `x0`.

    Raises
    ------
    ValueError
        If the budget is not positive, or the method makes no calls that count.

    Examples
    --------
    >>> from dynamics import GradientDescent
    >>> from synthetic import quadratic
    >>> sweep = run_within([GradientDescent(0.5)], quadratic(eigenvalues=[1.0]), budget=30, seeds=1)
    >>> cost(sweep)[0, 0, -1].item()
    30.0
    """
    if not 0 < budget < np.inf:
        raise Refusal(f"budget is {budget!r}; it counts gradient evaluations and must be positive: try 100.")
    every: dict[str, Any] = {"seeds": seeds, "noise": "common", **options}

    def swept(steps: int) -> Ensemble:
        return ensemble(methods, problem, steps=steps, record_every=max(1, steps // records), **every)

    if like is not None and _has_one_price(like, weights):
        sweep = swept(int(like.iteration[-1]))
        if _has_one_price(sweep, weights) and max(PILOT, _steps(sweep, budget, weights)) == sweep.iteration[-1]:
            return sweep  # a pilot would have found as many steps
    pilot = ensemble(methods, problem, steps=PILOT, record_every=PILOT, **every)  # a record may cost a whole pass
    steps = max(PILOT, _steps(pilot, budget, weights))
    while True:
        sweep = swept(steps)
        unspent = (sweep.status == Status.MAX_ITERATIONS) & (cost(sweep, weights)[..., -1] < budget * (1 - 1e-9))
        if not unspent.any():
            return sweep
        steps = max(steps + steps // 10 + 1, _steps(sweep, budget, weights))


def _has_one_price(sweep: Ensemble, weights: Weights) -> bool:
    """Whether a step costs the same at each record of each run."""
    prices = cost(sweep, weights)[..., 1:] / sweep.iteration[1:]
    prices = prices[np.isfinite(prices)]
    return prices.size > 0 and bool(np.ptp(prices) <= 1e-13 * prices.max())


def _steps(sweep: Ensemble, budget: float, weights: Weights) -> int:
    """Steps in which the thriftiest of the runs that go on spends the budget."""
    going_on = sweep.status == Status.MAX_ITERATIONS
    if not going_on.any():
        return int(sweep.stopped_at.max())
    rate = np.min(cost(sweep, weights)[going_on][:, -1]) / sweep.iteration[-1]
    if not rate > 0:
        kind = type(sweep.methods[0]).__name__
        raise Refusal(f"{kind} makes no oracle calls that count ({weights}): give their weights.")
    return int(np.ceil(budget / rate * (1 - 1e-12)))


def last_within(spent: NDArray, budget: ArrayLike) -> NDArray:
    """Index of the last record at which a run had spent no more than the budget.

    Parameters
    ----------
    spent : ndarray, shape (..., records)
        Cost at each record, increasing from 0; NaN after a run's end.
    budget : array_like
        Number, or shape (points,).

    Returns
    -------
    ndarray of int, shape (...,) or (..., points)

    Examples
    --------
    >>> last_within(np.array([0.0, 2.0, 4.0, np.nan]), 3.0).item()
    1
    """
    within = np.expand_dims(spent, -1) <= np.asarray(budget)[..., np.newaxis, :] if np.ndim(budget) else spent <= budget
    axis = -2 if np.ndim(budget) else -1
    return np.maximum(np.sum(within, axis=axis) - 1, 0)


def failed_within(sweep: Ensemble, spent: NDArray, budget: ArrayLike) -> NDArray:
    """Whether each run had diverged, or broken down, by the time it would have spent the budget.

    A run that fails only after it has spent the budget has not failed within it.

    Examples
    --------
    >>> from dynamics import GradientDescent, ensemble
    >>> from synthetic import quadratic
    >>> parabola = quadratic(eigenvalues=[1.0])
    >>> sweep = ensemble([GradientDescent(0.5), GradientDescent(3.0)], parabola, steps=9, seeds=1, x0=[1.0])
    >>> failed_within(sweep, cost(sweep), 5.0).tolist()
    [[False], [False]]
    """
    lost = np.isin(sweep.status, FAILURES)
    reached = np.nanmax(np.where(np.isnan(spent), 0.0, spent), axis=-1)
    if np.ndim(budget):
        return lost[..., np.newaxis] & (reached[..., np.newaxis] < np.asarray(budget))
    return lost & (reached < budget)


def value_at(sweep: Ensemble, values: NDArray, costs: ArrayLike, *, weights: Weights = PASSES) -> NDArray:
    """A recorded quantity over the cost: what each run had when it had spent this much; NaN where it had failed.

    Parameters
    ----------
    sweep : Ensemble
        What `run_within` returned.
    values : ndarray, shape (settings, seeds, records)
        Such as `sweep.loss`.
    costs : array_like, shape (points,)
        Gradient evaluations.
    weights : Weights
        Those of the sweep.

    Returns
    -------
    ndarray, shape (settings, seeds, points)

    Examples
    --------
    >>> from dynamics import GradientDescent, ensemble
    >>> from synthetic import quadratic
    >>> parabola = quadratic(eigenvalues=[1.0])
    >>> sweep = ensemble([GradientDescent(0.5), GradientDescent(3.0)], parabola, steps=9, seeds=1, x0=[1.0])
    >>> value_at(sweep, sweep.loss, [0, 1])[:, 0].tolist()
    [[0.5, 0.125], [0.5, 2.0]]
    """
    spent, points = cost(sweep, weights), np.atleast_1d(np.asarray(costs, dtype=float))
    taken = np.take_along_axis(values, last_within(spent, points), axis=-1)
    return np.where(failed_within(sweep, spent, points), np.nan, taken)


def curves_within(
    method: Any,
    problems: Sequence[Any],
    *,
    budget: float,
    seeds: int | Sequence[int] = 1,
    costs: ArrayLike,
    columns: Sequence[str] = ("loss", "gradient_norm"),
    weights: Weights = PASSES,
    **options: Any,
) -> dict[str, NDArray]:
    """One method in one setting on the instances that a figure shows, over what it has spent.

    Parameters
    ----------
    method, problems, seeds
        What is run: each seed on each instance.
    budget : float
        Gradient evaluations that a run may spend; that of the tuning, if the method was tuned.
    costs : array_like, shape (points,)
        Gradient evaluations at which the curves are read off, at most the budget.
    columns : sequence of str
        Names of the sweep's records.
    weights : Weights
        What an oracle call costs.
    **options
        Further keywords of `run_within`.

    Returns
    -------
    dict of str to ndarray, shape (instances * seeds, points)
        NaN where a run had failed.

    Examples
    --------
    >>> from dynamics import GradientDescent
    >>> from synthetic import quadratic
    >>> problem = quadratic(eigenvalues=[1.0])
    >>> curves = curves_within(GradientDescent(0.5), [problem], budget=4, costs=[0, 2, 4], x0=[1.0])
    >>> curves["gradient_norm"]
    array([[1.    , 0.25  , 0.0625]])
    """
    points = np.asarray(costs, dtype=float)
    if points.ndim != 1 or points.size < 1 or not np.all((points >= 0) & (points <= budget)):
        raise Refusal(f"costs is {costs!r}; curves are read off from 0 to the budget of {budget:g} gradients.")
    sweeps: list[Ensemble] = []
    for problem in problems:
        like = sweeps[-1] if sweeps else None
        sweeps.append(run_within([method], problem, budget=budget, seeds=seeds, weights=weights, like=like, **options))
    return {
        name: np.concatenate([value_at(sweep, getattr(sweep, name), points, weights=weights)[0] for sweep in sweeps])
        for name in columns
    }


def final(sweep: Ensemble, values: NDArray, budget: float, *, weights: Weights = PASSES) -> NDArray:
    """A recorded quantity when the budget is spent, shape (settings, seeds); infinity where the run had failed.

    Examples
    --------
    >>> from dynamics import GradientDescent, ensemble
    >>> from synthetic import quadratic
    >>> parabola = quadratic(eigenvalues=[1.0])
    >>> sweep = ensemble([GradientDescent(0.5), GradientDescent(3.0)], parabola, steps=9, seeds=1, x0=[1.0])
    >>> final(sweep, sweep.loss, 1.0).tolist()
    [[0.125], [2.0]]
    """
    at_end = value_at(sweep, values, [budget], weights=weights)[..., 0]
    return np.where(np.isnan(at_end), np.inf, at_end)
