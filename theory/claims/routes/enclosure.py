"""Inequalities on a box of parameters, proved in ball arithmetic by adaptive subdivision.

Arb's balls enclose every value that a formula takes on a box. Where the enclosure is too wide to decide,
the box is halved along the side that lifts the worst bound most, and the weakest box comes next. Bounds
are rigorous: rounding is inside the balls. Formulas should name each variable once where they can, because
a ball forgets that two of its occurrences are the same number.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from dynamics.checks import Refusal

if TYPE_CHECKING:
    from flint import arb, fmpq

Side = tuple[Fraction, Fraction]
Box = tuple[Side, ...]
_Box = tuple[tuple["fmpq", "fmpq"], ...]  # FLINT halves its own fractions in a tenth of the time of Python's


@dataclass(frozen=True)
class Enclosure:
    """What subdivision found about the least value of a function on a box.

    Parameters
    ----------
    proved : bool
        Whether the function is positive on the whole box.
    lower : float
        A number that the function stays above on the whole box.
    upper : float
        A value that the function attains or undercuts at one of the midpoints tried.
    boxes : int
        Boxes that the proof needed, or that were tried.
    remaining : tuple of Box
        The boxes on which the sign is still open; empty after a proof.
    violation : tuple of Fraction or None
        A point at which the function is certainly not positive.
    """

    proved: bool
    lower: float
    upper: float
    boxes: int
    remaining: tuple[Box, ...]
    violation: tuple[Fraction, ...] | None


def prove_positive(
    function: Callable[..., arb],
    box: Sequence[tuple[Fraction | int, Fraction | int]],
    *,
    max_boxes: int = 20_000,
    relative_gap: float = math.inf,
) -> Enclosure:
    """Prove that a function of balls is positive on a box, or find where it is not.

    Parameters
    ----------
    function : callable
        Takes one `flint.arb` for each side and returns a ball that encloses the value.
    box : sequence of (lower, upper)
        Exact ends of each side.
    max_boxes : int
        Subdivisions before giving up.
    relative_gap : float
        Once positive, go on until `upper - lower <= relative_gap * upper`, for a margin worth quoting.

    Returns
    -------
    Enclosure

    Raises
    ------
    ValueError
        If a side is empty.

    Examples
    --------
    >>> found = prove_positive(lambda x: 1 + x * (x - 1), [(0, 1)])
    >>> found.proved, found.remaining
    (True, ())
    """
    from flint import fmpq

    for low, high in box:
        if not low <= high:
            raise Refusal(f"the side [{low}, {high}] is empty: give its lower end first")
    whole: _Box = tuple(
        (fmpq(low.numerator, low.denominator), fmpq(high.numerator, high.denominator)) for low, high in box
    )
    upper, violation = _at_midpoint(function, whole)
    queue = [(_lower_bound(function(*(_ball(*side) for side in whole))), whole)]
    while violation is None and len(queue) < max_boxes:
        lower = queue[0][0]
        if lower > 0 and upper - lower <= relative_gap * upper:
            break
        _, weakest = heapq.heappop(queue)
        for entry in _best_halving(function, weakest):
            heapq.heappush(queue, entry)
            value, violation = _at_midpoint(function, entry[1])
            upper = min(upper, value)
            if violation is not None:
                break
    remaining = tuple(
        tuple((_fraction(low), _fraction(high)) for low, high in part) for bound, part in queue if not bound > 0
    )
    return Enclosure(not remaining, queue[0][0], upper, len(queue), remaining, violation)


def square_root(ball: arb) -> arb:
    """Enclose sqrt(max(x, 0)) over a ball that may reach below zero.

    Examples
    --------
    >>> from flint import arb
    >>> root = square_root(arb(0, 4))
    >>> root.contains(arb(0)), root.contains(arb(2)), root.contains(arb(3))
    (True, True, False)
    """
    return ball.lower().max(0).sqrt().union(ball.upper().max(0).sqrt())


def _fraction(value: fmpq) -> Fraction:
    return Fraction(int(value.numer()), int(value.denom()))


def _best_halving(function: Callable[..., arb], box: _Box) -> list[tuple[float, _Box]]:
    """Halve the box along the side whose weaker half has the highest lower bound."""
    balls = [_ball(*side) for side in box]
    halvings = [
        [
            (
                _lower_bound(function(*balls[:axis], _ball(*half), *balls[axis + 1 :])),
                (*box[:axis], half, *box[axis + 1 :]),
            )
            for half in ((low, (low + high) / 2), ((low + high) / 2, high))
        ]
        for axis, (low, high) in enumerate(box)
        if low < high
    ]
    if not halvings:
        raise Refusal("the box is a single point at which the ball does not decide the sign")
    return max(halvings, key=lambda parts: min(bound for bound, _ in parts))


def _lower_bound(value: arb) -> float:
    bound = _rounded_down(value.lower())
    return -math.inf if math.isnan(bound) else bound


def _at_midpoint(function: Callable[..., arb], box: _Box) -> tuple[float, tuple[Fraction, ...] | None]:
    point = tuple((low + high) / 2 for low, high in box)
    value = function(*(_ball(coordinate, coordinate) for coordinate in point)).upper()
    # Arb compares as true only what holds for every point of the ball; NaN compares as false.
    return float(value), tuple(map(_fraction, point)) if value <= 0 else None


def _ball(low: fmpq, high: fmpq) -> arb:
    import flint

    ball = flint.arb(low)
    return ball if low == high else ball.union(flint.arb(high))


def _rounded_down(bound: arb) -> float:
    """Turn an exact ball end into a float that does not exceed it."""
    return math.nextafter(float(bound), -math.inf)
