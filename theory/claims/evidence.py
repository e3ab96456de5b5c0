"""What a check returns: a verdict, the numbers and words that it rests on, and the steps of a proof."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from fractions import Fraction
from typing import Any, Literal

import numpy as np

from dynamics.checks import KindRefusal, Refusal, require_whole, require_word, shown
from dynamics.words import words
from theory.claims.prose import typeset
from theory.claims.shown import evidence_card


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


HOLDS = (Verdict.PROVED, Verdict.SUPPORTED, Verdict.CONDITIONAL)

NOT_RUN = "not run, for lack of"  # in the data of a check whose library is missing

Kind = Literal["machine", "argument"]


@dataclass(frozen=True)
class Step:
    """One step of a proof.

    Parameters
    ----------
    kind : {"machine", "argument"}
        Decided exactly by a route (an identity, a positivity, an enclosure, an enumeration, multipliers), or argued in
        words: a theorem that is named, a limit, an induction, a general dimension.
    text : str
    certificate : callable, optional
        Writes what a stranger needs to decide the step again, as `theory.claims.certificates.check` reads it; of a
        machine's step only.

    Examples
    --------
    >>> Step("argument", "a linear function takes its extremes at the ends").kind
    'argument'
    """

    kind: Kind
    text: str
    certificate: Callable[[], list[dict[str, Any]]] | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.kind not in words(Kind):
            raise Refusal(f"kind={self.kind!r}: a step is decided by the 'machine' or rests on an 'argument'")
        if self.certificate is not None and self.kind != "machine":
            raise Refusal("an argued step has no certificate: only what a machine decided can be decided again")
        fold(self, "text")

    def __getstate__(self) -> dict[str, Any]:
        """Leave the certificate behind, which holds formulas and functions of the process that decided the step."""
        return {**self.__dict__, "certificate": None}


def machine(*texts: str) -> tuple[Step, ...]:
    """Return steps that a route decided.

    Examples
    --------
    >>> machine("the two sides agree")
    (Step(kind='machine', text='the two sides agree'),)
    """
    return tuple(Step("machine", text) for text in texts)


def argument(*texts: str) -> tuple[Step, ...]:
    """Return steps that are argued in words.

    Examples
    --------
    >>> argument("by induction over t")
    (Step(kind='argument', text='by induction over t'),)
    """
    return tuple(Step("argument", text) for text in texts)


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
    positive_half : {"proved", "supported"}, optional
        Of a conditional verdict: what is known of the statement under the added hypothesis.
    power : str, optional
        The nearest false variant of the statement that the check was seen, or is bound, to refuse.
    unbroken : str, optional
        Why no false variant of the statement is there for the check to refuse: such evidence is no support.
        `Claim.check` fills it in.
    data : mapping
        Numbers worth showing, by name.
    steps : tuple of Step
        What a proof consists of, all of it.

    Raises
    ------
    ValueError
        If the verdict lacks what it rests on: a refutation its counterexample, a condition its hypothesis
        and the case that makes it necessary, support its trials; or if all of its steps are argued.

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
    positive_half: Verdict | None = None
    power: str | None = None
    unbroken: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()

    def __post_init__(self) -> None:
        fold(self, "text", "hypothesis", "power", "unbroken")
        if not isinstance(self.steps, tuple) or not all(isinstance(step, Step) for step in self.steps):
            raise KindRefusal(f"steps = {shown(self.steps)} must be a tuple of Step: machine(...) and argument(...).")
        object.__setattr__(self, "verdict", Verdict(require_word("verdict", self.verdict, tuple(Verdict))))
        require_whole("trials", self.trials, 0)
        if not self.text:
            raise Refusal("evidence has no text: say in a sentence what was found")
        if self.verdict in (Verdict.REFUTED, Verdict.CONDITIONAL) and not self.counterexample:
            raise Refusal(f"a verdict '{self.verdict}' needs a counterexample that can be computed again")
        if self.verdict is Verdict.CONDITIONAL and not self.hypothesis:
            raise Refusal("a verdict 'conditional' has to name the hypothesis that it adds")
        if self.positive_half is not None and (
            not isinstance(self.positive_half, str) or self.positive_half not in (Verdict.PROVED, Verdict.SUPPORTED)
        ):
            given = shown(self.positive_half)
            raise Refusal(f"positive_half={given}: under its hypothesis a statement is proved or supported")
        if self.steps and not any(step.kind == "machine" for step in self.steps):
            raise Refusal("steps without one that a machine decided are no check: say what was computed")
        if self.verdict is Verdict.SUPPORTED and self.trials < 1:
            raise Refusal("a verdict 'supported' needs at least one trial that met the hypotheses")

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

    def _repr_html_(self) -> str:
        """For notebooks."""
        return evidence_card(self.to_json())


def folded(text: str) -> str:
    """Turn every run of white space into one space, as a paragraph is read.

    Examples
    --------
    >>> folded("  The slope  vanishes at the minimum.  ")
    'The slope vanishes at the minimum.'
    """
    return " ".join(text.split())


def fold(entry: Any, *names: str, mathematics: bool = True) -> None:
    """Fold texts of a frozen dataclass while it is made, and write their mathematics in Unicode."""
    for name in names:
        if not isinstance(getattr(entry, name), str | None):
            raise KindRefusal(f"{name} = {shown(getattr(entry, name))} must be a sentence.")
        if (text := getattr(entry, name)) is not None:
            object.__setattr__(entry, name, typeset(folded(text)) if mathematics else folded(text))


def _plain(value: Any) -> Any:
    """Reduce numpy scalars, arrays, fractions and nested containers to JSON's own types."""
    match value:
        case StrEnum() | Fraction():
            return str(value)
        case None | bool() | int() | str():
            return value
        case float():
            return float(value) if math.isfinite(value) else str(value)  # NumPy's floats are Python's too
        case np.ndarray() | np.generic():
            return _plain(value.tolist())
        case Step():
            return {"kind": value.kind, "text": value.text}
        case Mapping():
            return {typeset(str(key)): _plain(entry) for key, entry in value.items()}
        case list() | tuple():
            return [_plain(entry) for entry in value]
    raise KindRefusal(f"evidence holds a {type(value).__name__}, which JSON cannot carry: turn it into numbers or text")
