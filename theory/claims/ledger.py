"""What the ledger holds: a claim, its hypotheses, and the evidence that a check returns.

A claim reads forwards: `statement` stands above the check as a decorator and makes a `Claim` of the two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial, update_wrapper
from inspect import signature
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from dynamics.checks import Refusal, as_generator, require_word
from theory.claims.constants import Constant, filled_in, turned
from theory.claims.evidence import HOLDS, Evidence, Step, Verdict, argument, fold, folded, machine
from theory.claims.prose import typeset
from theory.claims.recorded import recorded_verdicts
from theory.claims.shown import claim_card
from theory.claims.symbols import symbols_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "LEVELS",
    "Check",
    "Claim",
    "Evidence",
    "Hypothesis",
    "Level",
    "Origin",
    "Picture",
    "Seed",
    "Step",
    "Verdict",
    "argument",
    "claims_in",
    "folded",
    "machine",
    "statement",
    "unmet",
]

Level = Literal["quick", "full"]
LEVELS: tuple[Level, ...] = get_args(Level)
Seed = int | np.random.SeedSequence | np.random.Generator | None

Origin = Literal["paper", "ours", "slip"]
ORIGINS: tuple[Origin, ...] = get_args(Origin)
Check = Callable[[Level, np.random.Generator], Evidence]
Picture = Callable[[Mapping[str, Any]], "Figure"]


@dataclass(frozen=True)
class Hypothesis:
    """A condition of a theorem, in words and as a predicate of a trial's named quantities.

    Parameters
    ----------
    name : str
        Mathematics is written in Unicode: "beta <= 1" reads "β ≤ 1".
    holds : callable

    Examples
    --------
    >>> momentum = Hypothesis("0 <= beta < 1", lambda *, beta, **_: 0 <= beta < 1)
    >>> momentum.holds(beta=0.9, mu=0.1)
    True
    """

    name: str
    holds: Callable[..., bool]

    def __post_init__(self) -> None:
        fold(self, "name")


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
        The statement as a formula and as a sentence. Line breaks and indentation of the sentence are folded, and its
        mathematics is written in Unicode.
    hypotheses : tuple of Hypothesis
    origin : {"paper", "ours", "slip"}
        Whether the paper makes the statement; or we do (a question of ours, or a reading of what the paper leaves
        open); or it is a formula of the paper with a slip of the pen that nothing hangs on.
    quote : str
        The paper's own words, where a refutation rests on them.
    constants : mapping of str to Constant
        The numbers that formula, sentence and check are made of.
    also_true : mapping of str to str
        Variants of the statement that are true as well, by the names that `theory.claims.mutants` gives them, and why.
    not_told_apart : mapping of str to str
        Variants that the check cannot tell from the statement, and why: what they leave out is not supported.
    nothing_to_turn : str
        Why the statement has neither a number nor a hypothesis that could be turned, where that is so.
    uses_hypotheses : bool
        Whether the check sorts its trials by the hypotheses that it is given.
    vary : callable, optional
        `vary(constants, hypotheses)` returns the claim with other ones; sentence and check follow.
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
    origin: Origin = "paper"
    quote: str = ""
    constants: Mapping[str, Constant] = field(default_factory=dict)
    also_true: Mapping[str, str] = field(default_factory=dict)
    not_told_apart: Mapping[str, str] = field(default_factory=dict)
    nothing_to_turn: str = ""
    uses_hypotheses: bool = False
    vary: Callable[..., Claim] | None = field(default=None, repr=False, compare=False)
    decide: Check = field(repr=False, compare=False)
    picture: Picture | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        fold(self, "title", "statement_words", "nothing_to_turn")
        fold(self, "quote", mathematics=False)
        for name in ("also_true", "not_told_apart"):
            object.__setattr__(self, name, {variant: typeset(why) for variant, why in getattr(self, name).items()})
        require_word("origin", self.origin, ORIGINS)

    @property
    def symbols(self) -> dict[str, str]:
        """What the letters of the formula stand for.

        Examples
        --------
        >>> from theory.claims import claim
        >>> claim("problems.carmon_curvature").symbols
        {'φ': 'scalar loss', 't': 'residual, or time'}
        """
        return symbols_of(self.id, self.statement_latex)

    @property
    def variants(self) -> tuple[str, ...]:
        """The names of the statement's variants: a constant turned, or a hypothesis dropped that the check uses or
        that is known to be needless.

        Examples
        --------
        >>> from theory.claims import claim
        >>> claim("problems.carmon_curvature").variants[:2]
        ('least * 2', 'least / 2')
        """
        constants = (told for name, constant in self.constants.items() for told in turned(name, constant))
        hypotheses = (f"without {each.name}" for each in self.hypotheses)
        return (*constants, *(told for told in hypotheses if self.uses_hypotheses or told in self.also_true))

    @property
    def false_variants(self) -> tuple[str, ...]:
        """Those that are false and that the check has to refuse; without any it was never seen to fail.

        Examples
        --------
        >>> from theory.claims import claim
        >>> claim("problems.carmon_curvature").false_variants[:2]
        ('least / 2', '-least')
        """
        return tuple(told for told in self.variants if told not in {**self.also_true, **self.not_told_apart})

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
        if not isinstance(level, str) or level not in LEVELS:
            raise Refusal(f"level={level!r}: a check runs at level 'quick' or 'full'; use 'quick' for a first answer")
        evidence = self.decide(level, as_generator(rng))
        if evidence.verdict not in HOLDS or self.false_variants:
            return evidence
        why = self.nothing_to_turn or "No number and no hypothesis of the statement is turned against the check."
        return replace(evidence, unbroken=why)

    def _repr_html_(self) -> str:
        """For notebooks, with the verdict on file."""
        words = {"hypotheses": [hypothesis.name for hypothesis in self.hypotheses]}
        return claim_card({**vars(self), **words, "symbols": self.symbols}, recorded_verdicts().get(self.id))


def statement(
    *,
    statement_latex: str,
    statement_words: str,
    hypotheses: tuple[Hypothesis, ...] = (),
    constants: Mapping[str, Constant] | None = None,
    **details: Any,
) -> Callable[[Callable[..., Evidence]], Claim]:
    """Make a claim of the check that stands below.

    Parameters
    ----------
    statement_latex, statement_words : str
        As in `Claim`; `$name` stands for a constant.
    hypotheses : tuple of Hypothesis
        As in `Claim`; a check with a parameter of that name receives them.
    constants : mapping of str to Constant, optional
        Passed to the check by their names, as Fractions.
    **details : object
        The other fields of `Claim`.

    Returns
    -------
    callable
        Decorates `decide(level, rng, ...)`; the name then holds the `Claim`.

    Examples
    --------
    >>> from theory.claims.constants import number
    >>> @statement(
    ...     id="arithmetic.sum",
    ...     paper="Any primer",
    ...     number="page 1",
    ...     title="Two and two",
    ...     statement_latex="2+2=$total",
    ...     statement_words="Two and two make $total.",
    ...     constants={"total": number(4)},
    ... )
    ... def sum_of_two(level, rng, *, total):
    ...     return Evidence(verdict=Verdict.PROVED if 2 + 2 == total else Verdict.UNDECIDED, text="Counted.")
    >>> sum_of_two.statement_words, str(sum_of_two.check().verdict)
    ('Two and two make 4.', 'proved')
    >>> other = sum_of_two.vary({"total": number(5)}, ())
    >>> other.statement_words, str(other.check().verdict)
    ('Two and two make 5.', 'undecided')
    """

    def claim(check: Callable[..., Evidence]) -> Claim:
        asks_for_hypotheses = "hypotheses" in signature(check).parameters

        def vary(constants: Mapping[str, Constant], hypotheses: tuple[Hypothesis, ...]) -> Claim:
            given: dict[str, Any] = {name: constant.value for name, constant in constants.items()}
            if asks_for_hypotheses:
                given["hypotheses"] = hypotheses
            return Claim(
                statement_latex=filled_in(statement_latex, constants, latex=True),
                statement_words=filled_in(statement_words, constants),
                hypotheses=hypotheses,
                constants=constants,
                uses_hypotheses=asks_for_hypotheses,
                vary=vary,
                decide=update_wrapper(partial(check, **given), check) if given else check,
                **details,
            )

        return vary(constants or {}, hypotheses)

    return claim


def claims_in(*modules: ModuleType) -> tuple[Claim, ...]:
    """Return the claims that modules state, in the order in which they stand there.

    Parameters
    ----------
    *modules : ModuleType
        Module.

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
    **trial : object
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
