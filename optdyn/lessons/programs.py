"""Programming exercises: a student's step in plain Python beside ours, iterate by iterate."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from optdyn.lessons.exercises import Draw, numbers_of

__all__ = ["Program", "Verdict", "compare"]

State = tuple[float, ...]
CLOSE = 1e-9  # relative distance of equal iterates: rounding in another order is no mistake


@dataclass(frozen=True, kw_only=True)
class Program:
    """A step to be programmed; ``step`` is ours.

    Parameters
    ----------
    signature : str
        What a student writes, such as ``step(v, s, gradient, alpha, beta)``.
    start : callable
        Of the numbers: the first state.
    arguments : callable
        Of the state and the numbers: what the step is called with.
    slips : tuple of (step, words)
        Wrong steps that are often written.
    """

    id: str
    title: str
    ask: str
    signature: str
    start: Callable[[Mapping[str, float]], State]
    arguments: Callable[[State, Mapping[str, float]], tuple[float, ...]]
    step: Callable[..., State]
    names: tuple[str, ...]
    numbers: tuple[Draw, ...] = ()
    slips: tuple[tuple[Callable[..., State], str], ...] = ()
    iterates: int = 20
    hint: str = ""
    solution: str = ""


class Verdict(NamedTuple):
    """Whether an answer is right, and what there is to say; as a truth value it is `right`."""

    right: bool
    message: str

    def __bool__(self) -> bool:
        return self.right

    def __repr__(self) -> str:
        return f"{'right' if self.right else 'not yet'}: {self.message}"


def compare(program: Program, theirs: Callable[..., Any], student: str) -> Verdict:
    """Run a student's step and ours from the same start until they part."""
    numbers = numbers_of(program, student)
    state = program.start(numbers)
    for iterate in range(1, program.iterates + 1):
        arguments = program.arguments(state, numbers)
        try:
            given = theirs(*arguments)
        except Exception as error:  # whatever a student's code raises is told to the student
            return Verdict(False, f"at iterate {iterate} your step raised {type(error).__name__}: {error}")
        expected = program.step(*arguments)
        values = _values(given, len(expected))
        if values is None:
            return Verdict(False, f"your step returned {given!r}; it has to return {_wanted(program.names)}.")
        for name, yours, ours in zip(program.names, values, expected, strict=True):
            if not abs(yours - ours) <= CLOSE * max(1.0, abs(ours)):
                told = f"you {_told(yours, ours)}, expected {_told(ours, yours)}."
                slip = _known_slip(program, theirs, numbers)
                return Verdict(False, f"{name} differs first at iterate {iterate}: {told}{slip}")
        state = expected
    return Verdict(True, f"{program.iterates} iterates agree with ours.")


def _values(given: Any, count: int) -> State | None:
    try:
        values = tuple(float(value) for value in (given if count > 1 or isinstance(given, tuple | list) else (given,)))
    except (TypeError, ValueError):
        return None
    return values if len(values) == count else None


def _wanted(names: tuple[str, ...]) -> str:
    return f"a number, the new {names[0]}" if len(names) == 1 else f"{len(names)} numbers, the new {', '.join(names)}"


def _told(value: float, other: float) -> str:
    """As few digits as tell two numbers apart."""
    for digits in (2, 4, 8, 12):
        text = f"{value:.{digits}g}"
        if text != f"{other:.{digits}g}":
            return text
    return repr(value)


def _known_slip(program: Program, theirs: Callable[..., Any], numbers: Mapping[str, float]) -> str:
    """What to say where a student's step is one of those that are often written by mistake."""
    for step, words in program.slips:
        state = program.start(numbers)
        for _ in range(5):
            arguments = program.arguments(state, numbers)
            expected = step(*arguments)
            given = _values(theirs(*arguments), len(expected))
            if given is None or not all(map(_near, given, expected)):
                break
            state = expected
        else:
            return f" {words}"
    return ""


def _near(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=CLOSE, abs_tol=CLOSE)
