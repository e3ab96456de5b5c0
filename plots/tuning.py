"""One tuning rule for all figures that compare methods: the same grid size, instances and budget for each."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dynamics import Ensemble
from dynamics.checks import Refusal
from plots.budget import PASSES, Weights, final, run_within
from plots.choice import at_edge, best_setting, not_worse
from plots.tuned import Candidate, Tuned

__all__ = ["FINAL_GRADIENT_NORM", "FINAL_LOSS", "Candidate", "Score", "Tuned", "best_setting", "loss_at", "tune"]


class Score(NamedTuple):
    """What a run is judged by: `of(sweep, budget, weights)`, shape (settings, seeds), lower is better, inf failed.

    Examples
    --------
    >>> FINAL_LOSS.words
    'loss when the budget is spent'
    >>> least = Score("least loss on the way", lambda sweep, budget, weights: sweep.loss.min(axis=-1))
    """

    words: str
    of: Callable[[Ensemble, float, Weights], NDArray]


FINAL_LOSS = Score(
    "loss when the budget is spent", lambda sweep, budget, weights: final(sweep, sweep.loss, budget, weights=weights)
)
FINAL_GRADIENT_NORM = Score(
    "gradient norm when the budget is spent",
    lambda sweep, budget, weights: final(sweep, sweep.gradient_norm, budget, weights=weights),
)


def tune(
    candidates: Mapping[str, Candidate],
    problems: Sequence[Any],
    *,
    budget: float,
    seeds: int | Sequence[int] = 1,
    score: Score = FINAL_LOSS,
    weights: Weights = PASSES,
    level: float = 0.95,
    rng: int = 0,
    **options: Any,
) -> Tuned:
    """Choose each method's setting by one rule: equal grids, budgets, instances and seeds, the lowest median score.

    Parameters
    ----------
    candidates : mapping of str to Candidate
        The methods by the names that the figure gives them; their grids have equally many settings.
    problems : sequence
        Instances to tune on. A figure shows the result on others, or says that they are the same.
    budget : float
        Gradient evaluations that a run may spend, counted by `weights`.
    seeds : int or sequence of int
        Streams of the samples, the same for all methods and settings.
    score : Score
        What is compared.
    weights : Weights
        What an oracle call costs.
    level : float
        Confidence at which another setting is worse than the best; see `plots.choice.not_worse`.
    rng : int
        Seed of the bootstrap.
    **options
        Further keywords of `dynamics.ensemble`, such as `x0` or `threads`.

    Returns
    -------
    Tuned
        The choice with its uncertainty, as arrays for the dataset and as sentences for the caption.

    Raises
    ------
    ValueError
        If the grids differ in size or have fewer than three settings, a grid is not increasing, or there are two to
        four trials: one says that nothing is random, a median and its bootstrap take five.

    Examples
    --------
    >>> from dynamics import GradientDescent, HeavyBall
    >>> from synthetic import quadratic
    >>> candidates = {
    ...     "GD": Candidate(GradientDescent, {"step_size": [0.25, 0.5, 1.0]}, default=GradientDescent(0.1)),
    ...     "HB": Candidate(lambda step_size: HeavyBall(step_size, beta=0.5), {"step_size": [0.1, 1.0, 2.9]}),
    ... }
    >>> tuned = tune(candidates, [quadratic(eigenvalues=[1.0, 0.25])], budget=20)
    >>> tuned.method("GD"), tuned.best_at_edge.tolist()
    (GradientDescent(step_size=1.0), [True, False])
    """
    _check(candidates, len(problems))
    scores, defaults = [], []
    for candidate in candidates.values():
        made = [candidate.make(**setting) for setting in candidate.settings]
        grid = made if candidate.default is None else [*made, candidate.default]
        trials, sweep = [], None
        for problem in problems:
            sweep = run_within(grid, problem, budget=budget, seeds=seeds, weights=weights, like=sweep, **options)
            trials.append(score.of(sweep, budget, weights))
        table = np.stack(trials, axis=1)  # (settings, instances, seeds)
        scores.append(table[: len(made)])
        defaults.append(np.full(table.shape[1:], np.nan) if candidate.default is None else table[-1])
    _check_trials(scores[0])
    chosen = [best_setting(table.reshape(len(table), -1)) for table in scores]
    return Tuned(
        candidates=dict(candidates),
        budget=float(budget),
        weights=weights,
        score_words=score.words,
        level=level,
        scores=np.stack(scores),
        default_scores=np.stack(defaults),
        best=np.array(chosen),
        not_worse=np.stack(
            [not_worse(table, best, level=level, rng=rng) for table, best in zip(scores, chosen, strict=True)]
        ),
        best_at_edge=np.array(
            [
                at_edge(best, [len(values) for values in candidate.grid.values()])
                for candidate, best in zip(candidates.values(), chosen, strict=True)
            ]
        ),
    )


def _check(candidates: Mapping[str, Candidate], instances: int) -> None:
    sizes = {name: len(candidate.settings) for name, candidate in candidates.items()}
    if instances < 1 or not sizes:
        raise Refusal(f"{len(sizes)} methods on {instances} instances: tuning needs at least one of each.")
    if len(set(sizes.values())) > 1:
        listed = ", ".join(f"{name} {size}" for name, size in sizes.items())
        raise Refusal(f"the grids have different sizes ({listed}); a fair comparison gives each method as many.")
    if min(sizes.values()) < 3:
        raise Refusal(f"grids of {min(sizes.values())} settings: fewer than 3 cannot tell a best one from an edge.")
    for name, candidate in candidates.items():
        for key, values in candidate.grid.items():
            if np.any(np.diff(np.asarray(values, dtype=float)) <= 0):
                raise Refusal(f"{name}'s values of {key} do not increase, so that edges mean nothing: sort them.")


def _check_trials(table: NDArray) -> None:
    trials = table.shape[1] * table.shape[2]
    if 1 < trials < 5:
        raise Refusal(
            f"{table.shape[1]} instances and {table.shape[2]} seeds make {trials} trials; give 5 or more, "
            f"or one where nothing is random."
        )


def loss_at(sweep: Ensemble, iteration: int) -> NDArray:
    """The loss of each setting at a recorded iteration of a sweep with one seed; infinity where the run had ended.

    Examples
    --------
    >>> from dynamics import GradientDescent, ensemble
    >>> from synthetic import quadratic
    >>> parabola = quadratic(eigenvalues=[1.0])
    >>> sweep = ensemble([GradientDescent(0.5), GradientDescent(3.0)], parabola, steps=9, seeds=1, x0=[1.0])
    >>> loss_at(sweep, 1).tolist()
    [0.125, 2.0]
    """
    loss = sweep.loss[:, 0, int(np.searchsorted(sweep.iteration, iteration))]
    return np.where(np.isfinite(loss), loss, np.inf)
