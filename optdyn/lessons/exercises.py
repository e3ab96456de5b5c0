"""Exercises: one definition that the page and Python check alike, with numbers of each student's own."""

from __future__ import annotations

import inspect
import math
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from optdyn.lessons.expressions import Unreadable, evaluate
from optdyn.refusals import BadInput

__all__ = [
    "Draw", "Exercise", "Found", "Part", "Slip", "formula", "grid", "judge", "number", "numbers_of", "shown", "value_of"
]  # fmt: skip

POINTS = 24  # where two formulas are compared
Answer = Callable[..., float]
SAME = 1e-9  # relative distance up to which they agree there


class Draw(NamedTuple):
    """A number of an exercise: (first + k step) / scale for a k below size that the student's name decides."""

    name: str
    first: int
    step: int
    size: int
    scale: int

    def value(self, k: int) -> float:
        """The k-th of the numbers, the same double in every language."""
        return (self.first + self.step * k) / self.scale


def grid(name: str, low: str, high: str, step: str) -> Draw:
    """A number that is drawn from evenly spaced decimals, both ends included.

    Examples
    --------
    >>> draw = grid("beta", "0.50", "0.95", "0.05")
    >>> draw.size, draw.value(0), draw.value(9)
    (10, 0.5, 0.95)
    """
    numbers = [Decimal(text) for text in (low, high, step)]
    places = max(-int(number.as_tuple().exponent) for number in numbers)
    first, last, width = (int(number.scaleb(places)) for number in numbers)
    return Draw(name, first, width, (last - first) // width + 1, 10**places)


class Slip(NamedTuple):
    """A mistake that is often made: the answer that it leads to, and what to say then."""

    answer: Answer
    words: str


@dataclass(frozen=True, kw_only=True)
class Part:
    """One question with one answer: a number, or a formula.

    Parameters
    ----------
    ask : str
        HTML; ``[[beta]]`` stands for a number of the exercise.
    answer : callable, optional
        Of those of the exercise's numbers that it names, by plain arithmetic.
    within : float
        Relative distance from the answer that is accepted.
    formula : str, optional
        In place of a number: the answer in `variables`, which are given by the range to compare over.
    slips : tuple of Slip
    """

    ask: str
    answer: Answer | None = None
    within: float = 0.01
    formula: str = ""
    variables: Mapping[str, tuple[float, float]] | None = None
    slips: tuple[Slip, ...] = ()


def number(
    ask: str, answer: Callable[..., float], *slips: tuple[Callable[..., float], str], within: float = 0.01
) -> Part:
    """A part that asks for a number: the question, the answer, and slips as pairs of an answer and words.

    Examples
    --------
    >>> part = number("How long is the step?", lambda eta, slope: eta * slope, (lambda slope: slope, "times η."))
    >>> value_of(part.answer, {"eta": 0.5, "slope": 3.0, "x": 1.0}), part.slips[0].words
    (1.5, 'times η.')
    """
    return Part(ask=ask, answer=answer, within=within, slips=tuple(Slip(*slip) for slip in slips))


def formula(ask: str, answer: str, variables: Mapping[str, tuple[float, float]]) -> Part:
    """A part that asks for a formula in variables, each with the range over which formulas are compared."""
    return Part(ask=ask, formula=answer, variables=variables)


def value_of(function: Callable[..., Any], numbers: Mapping[str, Any]) -> Any:
    """What a function of some of an exercise's numbers gives: its arguments name those that it needs."""
    return function(**{name: numbers[name] for name in inspect.signature(function).parameters})


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """Questions about the same numbers. Texts are HTML with ``[[name]]`` for numbers and ``[[a]]``, … for answers."""

    id: str
    title: str
    ask: str
    numbers: tuple[Draw, ...] = ()
    parts: tuple[Part, ...]
    hint: str
    solution: str

    def __post_init__(self) -> None:
        known = {draw.name for draw in self.numbers}
        for part in self.parts:
            for function in (part.answer, *(slip.answer for slip in part.slips)):
                if function and (strange := set(inspect.signature(function).parameters) - known):
                    raise BadInput(
                        f"{self.id}: an answer takes {', '.join(sorted(strange))}, which is no number of the exercise: "
                        f"it has {', '.join(sorted(known)) or 'none'}. An answer's arguments are named as the numbers."
                    )

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of the parts: a, b, …"""
        return tuple("abcdefgh"[: len(self.parts)])


class Found(NamedTuple):
    """What came of one part: right, wrong, unanswered or unreadable, and the words for it."""

    kind: str
    message: str


def numbers_of(exercise: Any, student: str) -> dict[str, float]:
    """The numbers that a student gets in an exercise.

    Examples
    --------
    >>> from optdyn.lessons import exercise
    >>> one = exercise("momentum.1")
    >>> numbers_of(one, "Ada Lovelace") == numbers_of(one, " ada  lovelace")
    True
    """
    of_name = _fnv(plain_name(student))
    return {
        draw.name: draw.value(_mix(of_name ^ _mix(_fnv(f"{exercise.id}/{draw.name}"))) % draw.size)
        for draw in exercise.numbers
    }


def plain_name(student: str) -> str:
    """A name without what two ways of writing it may differ in."""
    return " ".join(unicodedata.normalize("NFC", student).lower().split())


def judge(exercise: Exercise, answers: Mapping[str, str], student: str) -> dict[str, Found]:
    """Hold the answers to an exercise against ours, part by part; an empty one is no mistake."""
    numbers = numbers_of(exercise, student)
    return {
        key: _judge(part, answers.get(key, ""), numbers)
        for key, part in zip(exercise.keys, exercise.parts, strict=True)
    }


def _judge(part: Part, text: str, numbers: Mapping[str, float]) -> Found:
    if not text.strip():
        return Found("unanswered", "not answered yet.")
    try:
        if part.formula:
            same = all(_agree(evaluate(text, point), evaluate(part.formula, point)) for point in points_of(part))
            return Found("right", "right.") if same else Found("wrong", "not the same function.")
        given = evaluate(text)
    except Unreadable as reason:
        return Found("unreadable", str(reason))
    assert part.answer is not None
    answer = float(value_of(part.answer, numbers))
    room = part.within * abs(answer)
    if abs(given - answer) <= room:
        return Found("right", f"right: anything from {shown(answer - room)} to {shown(answer + room)} is accepted.")
    for slip in part.slips:
        value = float(value_of(slip.answer, numbers))
        if abs(given - value) <= part.within * abs(value):
            return Found("wrong", slip.words)
    return Found("wrong", "not yet.")


def points_of(part: Part) -> list[dict[str, float]]:
    """Where formulas are compared: fractions of multiples of irrational numbers fill the ranges evenly."""
    steps = (0.6180339887498949, 0.41421356237309515, 0.7320508075688772, 0.2360679774997898)
    ranges = list((part.variables or {}).items())
    return [
        {
            name: low + (high - low) * ((k * step) % 1.0)
            for (name, (low, high)), step in zip(ranges, steps, strict=False)
        }
        for k in range(1, POINTS + 1)
    ]


def _agree(one: float, other: float) -> bool:
    return math.isfinite(one) and abs(one - other) <= SAME * max(abs(one), abs(other))


def shown(value: float) -> str:
    """A number with four digits, as the page shows it.

    Examples
    --------
    >>> shown(18.99999), shown(0.5), shown(1234567.0), shown(0.00001234)
    ('19', '0.5', '1.235e+6', '0.00001234')
    """
    if not math.isfinite(value):
        return str(value)
    rounded = float(f"{value:.4g}")
    size = abs(rounded)
    if size != 0 and not 1e-6 <= size < 1e6:
        mantissa, _, exponent = f"{rounded:.3e}".partition("e")
        mantissa = mantissa.rstrip("0").rstrip(".")
        return f"{mantissa}e{'-' if exponent.startswith('-') else '+'}{exponent[1:].lstrip('0')}"
    return f"{rounded:.12f}".rstrip("0").rstrip(".")


def _fnv(text: str) -> int:
    value = 0x811C9DC5
    for byte in text.encode():
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


def _mix(value: int) -> int:
    value = (value ^ value >> 16) * 0x85EBCA6B & 0xFFFFFFFF
    value = (value ^ value >> 13) * 0xC2B2AE35 & 0xFFFFFFFF
    return value ^ value >> 16
