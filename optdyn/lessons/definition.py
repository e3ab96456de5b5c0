"""What a lesson consists of beside its text and its picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from optdyn.lessons.exercises import Exercise
from optdyn.lessons.programs import Program

__all__ = ["Choice", "Control", "Formula", "Lesson"]


class Formula(NamedTuple):
    """A function of plain arithmetic and its arguments' names: the page runs what JavaScript it becomes."""

    function: Callable[..., Any]
    arguments: tuple[str, ...]


class Control(NamedTuple):
    """A slider. On a logarithmic scale its ends are positive."""

    name: str
    label: str
    low: float
    high: float
    value: float
    step: float
    scale: str = "linear"


class Choice(NamedTuple):
    """One of a few options, as pairs of value and words."""

    name: str
    label: str
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """A lesson, whose prose and picture lie in `folder`.

    Parameters
    ----------
    state : mapping
        What the address holds beside the controls: the start, and the value of each choice at first.
    data : callable, optional
        Worked out when the page is built, for what is random or learned: JSON's own types.
    """

    name: str
    title: str
    question: str
    folder: Path
    controls: tuple[Control, ...]
    choices: tuple[Choice, ...] = ()
    state: Mapping[str, float | str] = field(default_factory=dict)
    formulas: Mapping[str, Formula]
    data: Callable[[], Any] | None = None
    exercises: tuple[Exercise | Program, ...]
