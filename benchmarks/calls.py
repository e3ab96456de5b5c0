"""What a call of `simulate` costs: runs of one step, of which nearly all is checking, setting up and packing up."""

import statistics
from dataclasses import dataclass
from typing import Any

from benchmarks import harness
from benchmarks.harness import older_things_set_aside
from benchmarks.summary import Spread, spread
from dynamics import RSG, SGD, Adam, BarzilaiBorwein, GradientDescent, HeavyBall, L4Adam, TrustRegion, simulate
from synthetic import carmon, linear_net, quadratic, rosenbrock

CALLS = 100  # of which the median is taken in a round
GOALS = {False: 0.1, True: 0.15}  # milliseconds: pairs that draw nothing, and those that draw
STEP = 1e-3


@dataclass(frozen=True)
class Call:
    """The cost of a call for one pair, in milliseconds."""

    method: str
    problem: str
    draws: bool
    time: Spread  # over the rounds

    @property
    def goal(self) -> float:
        """At most so many milliseconds."""
        return GOALS[self.draws]


def pairs() -> list[tuple[str, Any, Any, bool]]:
    """A problem's name, a method, the problem, and whether the run draws random numbers."""
    plain, noisy = quadratic(eigenvalues=[1.0, 0.1]), quadratic(eigenvalues=[1.0, 0.1], noise=0.1)
    net = linear_net(maker="svd", condition_number=10.0, reduction="mean", form="reduced", rng=0)
    regression = carmon(rng=0)
    return [
        ("quadratic", GradientDescent(STEP), plain, False),
        ("quadratic", HeavyBall(STEP), plain, False),
        ("quadratic", Adam(STEP), plain, False),
        ("quadratic", L4Adam(), plain, False),
        ("linear net, reduced", Adam(STEP), net, False),
        ("Carmon", BarzilaiBorwein(STEP, negative="absolute"), regression, False),
        ("Carmon", TrustRegion(), regression, False),
        ("Rosenbrock-100", TrustRegion(), rosenbrock(100), False),
        ("quadratic, noisy", RSG(STEP), noisy, True),
        ("Carmon in mini-batches", SGD(STEP), regression, True),
        ("Carmon in mini-batches", Adam(STEP), regression, True),
    ]


def calls(*, rounds: int) -> list[Call]:
    """Measure the pairs, in turns."""
    chosen = pairs()
    taken: list[list[float]] = [[] for _ in chosen]
    with older_things_set_aside():
        for round_ in range(rounds + 1):  # the first one compiles
            for (_, method, problem, _), times in zip(chosen, taken, strict=True):
                taking = _milliseconds(method, problem)
                if round_:
                    times.append(taking)
    return [
        Call(type(method).__name__, name, draws, spread(times))
        for (name, method, _, draws), times in zip(chosen, taken, strict=True)
    ]


def _milliseconds(method: Any, problem: Any) -> float:
    """The median over some calls, one after another."""
    taken = []
    for _ in range(CALLS):
        began = harness.clock()
        simulate(method, problem, steps=1, rng=0)
        taken.append(1e3 * (harness.clock() - began))
    return statistics.median(taken)
