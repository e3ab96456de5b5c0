"""What tuning found: the chosen settings and how sure they are, as arrays for a dataset and words for a caption."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from plots.budget import Weights
from plots.dataset import variable

__all__ = ["Candidate", "Tuned"]


class Candidate(NamedTuple):
    """A method to be tuned.

    Parameters
    ----------
    make : callable
        From the grid's names to a method, such as `lambda step_size: GradientDescent(step_size)`.
    grid : mapping of str to sequence of float
        Values of each hyper-parameter, in order; all combinations are tried.
    default : method, optional
        The setting that the method's authors give, run beside the tuned one.

    Examples
    --------
    >>> from dynamics import GradientDescent
    >>> candidate = Candidate(GradientDescent, {"step_size": [0.1, 1.0]})
    >>> candidate.settings
    [{'step_size': 0.1}, {'step_size': 1.0}]
    """

    make: Callable[..., Any]
    grid: Mapping[str, Sequence[float]]
    default: Any = None

    @property
    def settings(self) -> list[dict[str, float]]:
        """All combinations, the last name running fastest."""
        values = [[float(value) for value in column] for column in self.grid.values()]
        return [dict(zip(self.grid, row, strict=True)) for row in itertools.product(*values)]


@dataclass(frozen=True, eq=False)
class Tuned:
    """What `tune` found.

    Attributes
    ----------
    candidates : dict
        The methods by name, in order.
    budget, weights, score_words, level
        The rule.
    scores : ndarray, shape (methods, settings, instances, seeds)
        Infinite where a run failed.
    default_scores : ndarray, shape (methods, instances, seeds)
        Of the default settings; NaN where there is none.
    best : ndarray of int, shape (methods,)
        Index of the chosen setting.
    not_worse : ndarray of bool, shape (methods, settings)
        Which settings the trials cannot tell from the chosen one.
    best_at_edge : ndarray of bool, shape (methods,)
        Whether the chosen setting lies at an edge of its grid, so that a better one may lie outside.

    Examples
    --------
    >>> from dynamics import GradientDescent
    >>> from plots.tuning import tune
    >>> from synthetic import quadratic
    >>> grid = {"GD": Candidate(GradientDescent, {"step_size": [0.5, 1.0, 1.9]})}
    >>> tuned = tune(grid, [quadratic(eigenvalues=[1.0, 0.5])], budget=10)
    >>> tuned.best.tolist(), tuned.best_at_edge.tolist(), tuned.scores.shape
    ([1], [False], (1, 3, 1, 1))
    """

    candidates: Mapping[str, Candidate]
    budget: float
    weights: Weights
    score_words: str
    level: float
    scores: NDArray
    default_scores: NDArray
    best: NDArray
    not_worse: NDArray
    best_at_edge: NDArray

    def setting(self, name: str) -> dict[str, float]:
        """The chosen values of a method's hyper-parameters."""
        return self.candidates[name].settings[self.best[self._index(name)]]

    def method(self, name: str) -> Any:
        """The method in its chosen setting."""
        return self.candidates[name].make(**self.setting(name))

    def is_at_edge(self, name: str) -> bool:
        """Whether the method's chosen setting lies at an edge of its grid."""
        return bool(self.best_at_edge[self._index(name)])

    def failures(self, name: str) -> NDArray:
        """On how many of the trials each of a method's settings failed, shape (settings,)."""
        count: NDArray = np.isinf(self.scores[self._index(name)]).sum(axis=(1, 2))
        return count

    def _index(self, name: str) -> int:
        return list(self.candidates).index(name)

    def dataset(self) -> xr.Dataset:
        """The rule's outcome as arrays, to be merged into a figure's dataset.

        Dimensions are `method` (with coordinate), `tuning_setting`, `tuning_instance` and `tuning_seed`.
        """
        cells = ("method", "tuning_setting", "tuning_instance", "tuning_seed")
        words = [[_words(setting) for setting in candidate.settings] for candidate in self.candidates.values()]
        return xr.Dataset(
            {
                "tuning_score": variable(cells, self.scores, f"score in tuning: {self.score_words}"),
                "default_score": variable((cells[0], *cells[2:]), self.default_scores, "score of the default setting"),
                "tuned_setting": variable("method", self.best.astype(np.int32), "index of the chosen setting"),
                "not_worse": variable(
                    cells[:2], self.not_worse.astype(np.int8), f"not worse than the chosen one at level {self.level:g}"
                ),
                "at_edge": variable(
                    "method", self.best_at_edge.astype(np.int8), "whether the chosen setting is at an edge of its grid"
                ),
                "setting_words": variable(cells[:2], np.array(words, dtype=str), "setting"),
            },
            coords={"method": variable("method", np.array(list(self.candidates), dtype=str), "method")},
        )

    def sentence(self) -> str:
        """The rule and the choices, for the caption."""
        _, settings, instances, seeds = self.scores.shape
        choices = "; ".join(self._choice(name) for name in self.candidates)
        trials = f"{_counted(instances, 'instance')} and {_counted(seeds, 'seed')}"
        by = "nothing is random" if instances * seeds == 1 else f"median over {trials}"
        failed = any(self.failures(name).any() for name in self.candidates)
        return (
            f"Tuning: {settings} settings a method and {self.budget:g} gradient evaluations a run ({self.weights}); "
            f"lowest {self.score_words}, {by}. Chosen, with the settings that are no worse at level {self.level:g} "
            f"(bootstrap): {choices}."
            + " A run that diverges or breaks down has failed: its score is infinite."
            * failed
        )

    def _choice(self, name: str) -> str:
        index = self._index(name)
        others = [s for s, close in zip(self.candidates[name].settings, self.not_worse[index], strict=True) if close]
        text = f"{name} {_words(self.setting(name))}"
        if len(others) > 1:
            varied = [key for key, values in self.candidates[name].grid.items() if len(values) > 1]
            values = [other[varied[0]] for other in others]
            text += (
                f" ({min(values):.3g} to {max(values):.3g})"
                if len(varied) == 1
                else f" ({len(others)} of {len(self.not_worse[index])} settings)"
            )
        return text + (", at the edge of its grid" if self.is_at_edge(name) else "") + self._failure_words(name)

    def _failure_words(self, name: str) -> str:
        """On how many trials the chosen setting and the default failed, and how many settings are lost."""
        _, _, instances, seeds = self.scores.shape
        trials, index, failures = instances * seeds, self._index(name), self.failures(name)
        of = _counted(trials, "instance" if seeds == 1 else "seed" if instances == 1 else "trial")
        on = (lambda count: f"failed on {count} of {of}") if trials > 1 else (lambda count: "failed")
        lost = int((2 * failures >= trials).sum())
        texts = [on(failures[self.best[index]])] if failures[self.best[index]] else []
        if lost:
            whose = "all settings" if lost == failures.size else _counted(lost, "setting")
            texts.append(f"{whose} of its grid failed" + " on half or more" * (trials > 1))
        default = int(np.isinf(self.default_scores[index]).sum())
        if default:
            texts.append(f"its default {on(default)}")
        return "".join(f", {text}" for text in texts)


def _words(setting: Mapping[str, float]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {value:.3g}" for name, value in setting.items())


def _counted(count: int, word: str) -> str:
    return f"{count} {word}{'s' * (count != 1)}"
