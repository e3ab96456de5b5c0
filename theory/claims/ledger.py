"""What the ledger holds: a claim, its hypotheses, and the evidence that a check returns.

A claim reads forwards: `statement` stands above the check as a decorator and makes a `Claim` of the two.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from fractions import Fraction
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Level = Literal["quick", "full"]
LEVELS: tuple[Level, ...] = ("quick", "full")
Seed = int | np.random.SeedSequence | np.random.Generator | None


class Verdict(StrEnum):
    """What a check concludes about a claim.

    Examples
    --------
    >>> [str(verdict) for verdict in Verdict]
    ['proved', 'supported', 'refuted', 'conditional', 'undecided']
    """

    PROVED = "proved"
    SUPPORTED = "supported"
    REFUTED = "refuted"
    CONDITIONAL = "conditional"
    UNDECIDED = "undecided"


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """The outcome of one check: a verdict and what it rests on.

    Parameters
    ----------
    verdict : Verdict
    margin : float, optional
        The least room that the statement had, in the units named in `text`; negative where it failed.
    tightness : float, optional
        Bound divided by the value that it bounds, at the tightest case: 1 is a sharp bound.
    trials : int
        Cases tried that met every hypothesis.
    counterexample : mapping, optional
        The case in which the statement fails, or fails without the extra hypothesis, complete enough to
        be computed again.
    text : str
        The finding in words, with its numbers. Line breaks and indentation of a triple-quoted text are folded.
    error_level : float, optional
        Probability with which a statistical check may accuse a true statement, or pass a false one as
        `text` says; None where no chance is involved.
    void_trials : int
        Cases drawn that broke a hypothesis. They count for nothing.
    hypothesis : str, optional
        What has to be added for the statement to hold.
    data : mapping
        Numbers worth showing, by name.

    Raises
    ------
    ValueError
        If the verdict lacks what it rests on: a refutation its counterexample, a condition its hypothesis
        and the case that makes it necessary, support its trials.

    Examples
    --------
    >>> Evidence(verdict=Verdict.SUPPORTED, trials=40, error_level=0.01, text="40 draws agree").trials
    40
    """

    verdict: Verdict
    margin: float | None = None
    tightness: float | None = None
    trials: int = 0
    counterexample: Mapping[str, Any] | None = None
    text: str
    error_level: float | None = None
    void_trials: int = 0
    hypothesis: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _fold(self, "text", "hypothesis")
        if not self.text:
            raise ValueError("evidence has no text: say in a sentence what was found")
        if self.verdict in (Verdict.REFUTED, Verdict.CONDITIONAL) and not self.counterexample:
            raise ValueError(f"a verdict '{self.verdict}' needs a counterexample that can be computed again")
        if self.verdict is Verdict.CONDITIONAL and not self.hypothesis:
            raise ValueError("a verdict 'conditional' has to name the hypothesis that it adds")
        if self.verdict is Verdict.SUPPORTED and self.trials < 1:
            raise ValueError("a verdict 'supported' needs at least one trial that met the hypotheses")

    def to_json(self) -> dict[str, Any]:
        """Return the evidence as values that `json.dumps` writes with `allow_nan=False`.

        Returns
        -------
        dict
            One entry per field; fractions become text, infinities and NaN too.

        Examples
        --------
        >>> Evidence(verdict=Verdict.UNDECIDED, margin=float("inf"), text="not reached").to_json()["margin"]
        'inf'
        """
        return {entry.name: _plain(getattr(self, entry.name)) for entry in fields(self)}


def folded(text: str) -> str:
    """Turn every run of white space into one space, as a paragraph is read.

    Examples
    --------
    >>> folded("  The slope  vanishes at the minimum.  ")
    'The slope vanishes at the minimum.'
    """
    return " ".join(text.split())


def _fold(entry: Evidence | Claim, *names: str) -> None:
    """Fold texts of a frozen dataclass while it is made."""
    for name in names:
        if (text := getattr(entry, name)) is not None:
            object.__setattr__(entry, name, folded(text))


def _plain(value: Any) -> Any:
    """Reduce numpy scalars, arrays, fractions and nested containers to JSON's own types."""
    match value:
        case StrEnum() | Fraction():
            return str(value)
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case np.ndarray() | np.generic():
            return _plain(value.tolist())
        case Mapping():
            return {str(key): _plain(entry) for key, entry in value.items()}
        case list() | tuple():
            return [_plain(entry) for entry in value]
    raise TypeError(f"evidence holds a {type(value).__name__}, which JSON cannot carry: turn it into numbers or text")


Check = Callable[[Level, np.random.Generator], Evidence]
Picture = Callable[[Mapping[str, Any]], "Figure"]


@dataclass(frozen=True)
class Hypothesis:
    """A condition of a theorem, in words and as a predicate of a trial's named quantities.

    Examples
    --------
    >>> momentum = Hypothesis("0 <= beta < 1", lambda *, beta, **_: 0 <= beta < 1)
    >>> momentum.holds(beta=0.9, mu=0.1)
    True
    """

    name: str
    holds: Callable[..., bool]


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A statement of a paper that a computer can test, and the check that tests it; made by `statement`.

    Parameters
    ----------
    id : str
        `paper.name`, the name under which the command line finds it.
    paper : str
        The source in one line.
    number : str
        Where in the paper: an equation, lemma, theorem or section.
    title : str
    statement_latex, statement_words : str
        The statement as a formula and as a sentence. Line breaks and indentation of the sentence are folded.
    hypotheses : tuple of Hypothesis
    decide : callable
        `decide(level, rng)` returns the evidence; called through `check`.
    picture : callable, optional
        `picture(data)` draws the evidence's `data`, as JSON's own types, into a small matplotlib figure. Where it
        helps: it is shown beside the numbers.

    Examples
    --------
    >>> from theory.claims import claim
    >>> print(claim("step_tuned.curvature_step").check().verdict)
    proved
    """

    id: str
    paper: str
    number: str
    title: str
    statement_latex: str
    statement_words: str
    hypotheses: tuple[Hypothesis, ...] = ()
    decide: Check = field(repr=False, compare=False)
    picture: Picture | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        _fold(self, "title", "statement_words")

    def check(self, level: Level = "quick", rng: Seed = 0) -> Evidence:
        """Test the claim again and return what was found.

        Parameters
        ----------
        level : {"quick", "full"}
            Seconds, or as long as it takes to be thorough.
        rng : int, SeedSequence, Generator or None
            Source of every random draw of the check.

        Returns
        -------
        Evidence

        Raises
        ------
        ValueError
            If `level` is neither of the two.

        Examples
        --------
        >>> from theory.claims import claim
        >>> claim("l4.core_invariance").check(level="quick", rng=0).counterexample is None
        True
        """
        if level not in LEVELS:
            raise ValueError(
                f"level={level!r}: a check runs at level 'quick' or 'full'; use 'quick' for a first answer"
            )
        return self.decide(level, np.random.default_rng(rng))


def statement(
    *,
    id: str,
    paper: str,
    number: str,
    title: str,
    statement_latex: str,
    statement_words: str,
    hypotheses: tuple[Hypothesis, ...] = (),
    picture: Picture | None = None,
) -> Callable[[Check], Claim]:
    """Make a claim of the check that stands below.

    Parameters
    ----------
    id, paper, number, title, statement_latex, statement_words, hypotheses, picture
        As in `Claim`.

    Returns
    -------
    callable
        Decorates `decide(level, rng)`; the name then holds the `Claim`.

    Examples
    --------
    >>> @statement(
    ...     id="arithmetic.sum",
    ...     paper="Any primer",
    ...     number="page 1",
    ...     title="Two and two",
    ...     statement_latex="2+2=4",
    ...     statement_words="Two and two make four.",
    ... )
    ... def sum_of_two(level, rng):
    ...     return Evidence(verdict=Verdict.PROVED if 2 + 2 == 4 else Verdict.UNDECIDED, text="Counted.")
    >>> sum_of_two.id, str(sum_of_two.check().verdict)
    ('arithmetic.sum', 'proved')
    """

    def claim(check: Check) -> Claim:
        return Claim(
            id=id,
            paper=paper,
            number=number,
            title=title,
            statement_latex=statement_latex,
            statement_words=statement_words,
            hypotheses=hypotheses,
            decide=check,
            picture=picture,
        )

    return claim


def claims_in(*modules: ModuleType) -> tuple[Claim, ...]:
    """Return the claims that modules state, in the order in which they stand there.

    Parameters
    ----------
    *modules : module

    Returns
    -------
    tuple of Claim

    Examples
    --------
    >>> from theory.claims.worst_case import smooth_convex
    >>> [claim.id for claim in claims_in(smooth_convex)][:2]
    ['worst_case.gradient_descent', 'worst_case.long_steps']
    """
    return tuple(entry for module in modules for entry in vars(module).values() if isinstance(entry, Claim))


def unmet(hypotheses: tuple[Hypothesis, ...], **trial: Any) -> list[str]:
    """Name the hypotheses that a trial breaks; a trial with any is void.

    Parameters
    ----------
    hypotheses : tuple of Hypothesis
    **trial
        The quantities of the trial, by name.

    Returns
    -------
    list of str

    Examples
    --------
    >>> positive = Hypothesis("step size > 0", lambda *, step_size: step_size > 0)
    >>> unmet((positive,), step_size=-1.0)
    ['step size > 0']
    """
    return [hypothesis.name for hypothesis in hypotheses if not hypothesis.holds(**trial)]
