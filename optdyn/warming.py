"""Machine code made before it is needed: pairs of a method and a problem, in processes side by side."""

import traceback
from collections.abc import Iterable, Sequence
from contextlib import closing
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from optdyn.names import matching
from optdyn.progress import work_visibly
from optdyn.refusals import BadInput, is_refusal, sentence
from optdyn.workers import Lost

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["COMMON_METHODS", "COMMON_PROBLEMS", "Pair", "Warmed", "pairs", "warm", "warm_up"]

COMMON_METHODS = (
    "adam", "arsg", "gradient-descent", "heavy-ball", "l4-adam", "nesterov", "sgd", "step-tuned-sgd", "trust-region",
)  # fmt: skip
COMMON_PROBLEMS = ("carmon", "digits-logistic", "linear-net", "quadratic", "rosenbrock")


class Pair(NamedTuple):
    """A method and a problem by their names."""

    method: str
    problem: str

    @property
    def words(self) -> str:
        """The pair as people say it."""
        return f"{self.method} on {self.problem}"


class Warmed(NamedTuple):
    """How it went: all empty where the pair can run from now on."""

    refusal: str = ""  # why the two don't go together
    traceback: str = ""


def pairs(patterns: Iterable[str], *, every: bool) -> tuple[Pair, ...]:
    """The pairs that are meant.

    Parameters
    ----------
    patterns : iterable of str
        Names of methods and of problems, or shell patterns.
    every : bool
        Whether all methods, or problems, are meant where no pattern fits one; else the common ones.

    Raises
    ------
    ValueError
        If a pattern fits neither a method nor a problem.

    Examples
    --------
    >>> pairs(["rsg", "asgd", "beale"], every=False)
    (Pair(method='asgd', problem='beale'), Pair(method='rsg', problem='beale'))
    >>> pairs(["gd", "beale"], every=False)
    (Pair(method='gradient-descent', problem='beale'),)
    >>> len(pairs(["rsg"], every=False)) == len(COMMON_PROBLEMS)
    True
    """
    from dynamics import methods
    from dynamics.checks import unknown
    from dynamics.references import is_reference
    from optdyn.chosen import SHORT
    from synthetic import problems

    names = {"method": tuple(methods()), "problem": tuple(problems())}
    found: dict[str, tuple[str, ...]] = {"method": (), "problem": ()}
    given = tuple(SHORT.get(word.lower(), word) for word in patterns)
    for kind, known in names.items():
        fitting = [word for word in given if any(fnmatchcase(name, word.lower().replace("_", "-")) for name in known)]
        if fitting:
            found[kind] = matching(kind, fitting, known)
        given = tuple(word for word in given if word not in fitting)
    for word in given:
        if is_reference(word):
            kind = _kind_of(word)
            found[kind] = (*found[kind], word)
    given = tuple(word for word in given if not is_reference(word))
    if given:
        raise BadInput(unknown("method or problem", given[0], (*names["method"], *names["problem"])))
    chosen = {
        "method": found["method"] or (names["method"] if every else COMMON_METHODS),
        "problem": found["problem"] or (names["problem"] if every else COMMON_PROBLEMS),
    }
    return tuple(Pair(method, problem) for problem in chosen["problem"] for method in chosen["method"])


def _kind_of(place: str) -> str:
    """Whether a place in Python has a method or a problem."""
    from optdyn.chosen import chosen_method, chosen_problem

    try:
        chosen_problem(place)  # a function may make either, and more of them make problems
        return "problem"
    except ValueError:
        chosen_method(place)
        return "method"


def warm(pair: Pair) -> Warmed:
    """Take one step, so that what takes it is compiled and kept."""
    from dynamics import simulate
    from optdyn.runs import start

    try:
        plan = start(pair.problem, pair.method, (), seed=0)
        simulate(plan.method, plan.problem, steps=1, rng=0)
    except Exception as error:
        return Warmed(refusal=sentence(error)) if is_refusal(error) else Warmed(traceback=traceback.format_exc())
    return Warmed()


def warm_up(chosen: Sequence[Pair], *, jobs: int, console: "Console") -> tuple[dict[Pair, Warmed], bool]:
    """Compile pairs in worker processes, with progress.

    Returns
    -------
    dict of Pair to Warmed
        Those that were come to.
    bool
        Whether Ctrl-C ended it; what was compiled until then is kept.
    """
    found: dict[Pair, Warmed] = {}
    names = [pair.words for pair in chosen]
    work = work_visibly(warm, chosen, names=names, seconds=[None] * len(chosen), jobs=jobs, console=console)
    try:
        with closing(work) as outcomes:
            for index, outcome in outcomes:
                lost = isinstance(outcome, Lost)
                found[chosen[index]] = Warmed(traceback=outcome.reason) if lost else outcome
    except KeyboardInterrupt:
        return found, True
    return found, False
