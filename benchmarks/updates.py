"""What a first-order method's own update costs, for each parameter and array that it touches, beside SGD's.

A method is timed on a diagonal quadratic, and so is one that makes the same oracle calls and does nothing else; the
difference is the update. At a thousand parameters all arrays lie in the first caches and the arithmetic shows, square
roots and divisions above all: it is held against C there. At four million, reading and writing the arrays does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from benchmarks.harness import older_things_set_aside, seconds_of
from benchmarks.peers.c_reference import aligned, call
from benchmarks.summary import Spread, spread
from dynamics import implements, methods, new_memory, simulate, update
from dynamics.protocol.canonical import canonical
from dynamics.protocol.oracle import gradient, hessian_product, value
from synthetic import quadratic

IN_CACHE, IN_MEMORY = 1000, 4_000_000  # parameters
SIZES = {IN_CACHE: 10_000, IN_MEMORY: 40}  # and steps of a timed run, beside which its page faults are little
GOAL = 2.0  # times SGD's cost for each parameter and array, at most, in memory
C_GOAL = 1.2  # times C, at most, in cache
STEP = 1e-9  # so short that no run comes to rest

# Methods of gradients alone; those on smoothed or on growing samples take the steps of gradient descent and of SGD.
FIRST_ORDER = (
    "sgd", "gradient-descent", "heavy-ball", "nesterov", "rsg", "asgd", "polyak", "barzilai-borwein", "stochastic-gv",
    "exact-gv", "expected-gv", "step-tuned-sgd", "armijo", "first-order-trust-region", "l4-mom", "l4-adam", "l4",
    "adagrad", "rmsprop", "adam", "nadam", "amsgrad", "radam", "ranger", "arsg", "arsgb", "generalized-arsg",
)  # fmt: skip
# The oracle calls that they make besides the driver's, one each.
Call = Literal["nothing", "value", "gradient", "product"]
FURTHER_CALLS: dict[str, Call] = {
    "armijo": "value",
    "expected-gv": "product",
    "first-order-trust-region": "value",
    "step-tuned-sgd": "gradient",
}
NOTHING, VALUE, GRADIENT = range(3)  # further_call
IN_C = ("sgd", "rsg", "adagrad", "rmsprop", "adam", "amsgrad", "barzilai-borwein")  # benchmarks/reference/updates.c


@dataclass(frozen=True)
class Update:
    """The cost of one method's update."""

    method: str
    parameters: int
    arrays: int  # of so many parameters: iterate, gradient and memory
    nanoseconds: float  # for each parameter and array, the median of the rounds
    over_sgd: Spread
    over_c: Spread | None  # of the whole update, in cache, where C has it


def as_json(cost: Update) -> dict[str, Any]:
    """A row as plain dictionaries and numbers."""
    over_c = None if cost.over_c is None else cost.over_c._asdict()
    return vars(cost) | {"over_sgd": cost.over_sgd._asdict(), "over_c": over_c}


class Idle(NamedTuple):
    """A method that stays where it is, and makes a further oracle call if asked to."""

    further_call: Call = "nothing"


class Spare(NamedTuple):
    """Where what nobody reads is written to."""

    out: np.ndarray  # shape (d,)


@implements(update, Idle)
def _(method, oracle, point, memory, k):
    if method.further_call == VALUE:
        memory.out[0] = value(oracle, point.x)
    elif method.further_call == GRADIENT:
        gradient(oracle, point.x, memory.out)
    elif method.further_call != NOTHING:
        hessian_product(oracle, point.x, point.gradient, memory.out)


@implements(new_memory, Idle)
def _(method, dimension):
    return Spare(np.zeros(dimension))


def idle(name: str) -> str:
    """The name under which the idle method is timed that makes the same oracle calls as the method of that name."""
    return f"idle, {FURTHER_CALLS.get(name, 'nothing')}"


def setting(name: str) -> Any:
    """The method of that name with short steps."""
    kind = methods()[name]
    lengths = ("step_size", "short_step", "radius", "max_radius", "alpha", "max_step")
    return kind(**{length: STEP for length in lengths if length in kind._fields})


def touched(method: Any, parameters: int) -> int:
    """How many arrays of so many parameters an update of the method may touch: iterate, gradient and memory."""
    return 2 + sum(array.size == parameters for array in _arrays(new_memory(canonical(method), parameters)))


def _arrays(value: Any) -> list[np.ndarray]:
    if isinstance(value, np.ndarray):
        return [value]
    return [array for part in value for array in _arrays(part)] if isinstance(value, tuple) else []


def costs(
    names: Sequence[str] = FIRST_ORDER, *, rounds: int, sizes: Sequence[int] = tuple(SIZES), with_c: bool = False
) -> list[Update]:
    """Measure the methods of these names, in turns; SGD's is among them."""
    names = tuple(dict.fromkeys(("sgd", *names)))
    made = []
    for parameters in sizes:
        problem = quadratic(eigenvalues=np.linspace(1.0, 2.0, parameters))
        timed: dict[str, Any] = {idle(name): Idle(FURTHER_CALLS.get(name, "nothing")) for name in names}
        timed |= {name: setting(name) for name in names}
        runners = {name: _runner(method, problem) for name, method in timed.items()}
        if with_c and parameters == IN_CACHE:
            runners |= {f"c, {name}": _in_c(name, parameters) for name in names if name in IN_C}
        calls: dict[str, list[float]] = {name: [] for name in runners}  # in which memory is made, too
        runs: dict[str, list[float]] = {name: [] for name in runners}
        with older_things_set_aside():
            for round_ in range(rounds + 1):  # the first one compiles
                for name, runner in runners.items():
                    call, run = (seconds_of(runner, steps) for steps in (1, 1 + SIZES[parameters]))
                    if round_:
                        calls[name].append(call)
                        runs[name].append(run)
        taken = {name: [run - float(np.median(calls[name])) for run in runs[name]] for name in runners}
        arrays = {name: touched(timed[name], parameters) for name in names}
        nothing = {name: float(np.median(taken[idle(name)])) for name in names}
        own = {name: (np.array(taken[name]) - nothing[name]) / (parameters * arrays[name]) for name in names}
        of_sgd = float(np.median(own["sgd"]))
        made += [
            Update(
                name,
                parameters,
                arrays[name],
                1e9 * float(np.median(own[name])) / SIZES[parameters],
                spread([float(cost / of_sgd) for cost in own[name]]),
                _over_c(own[name] * parameters * arrays[name], taken.get(f"c, {name}")),
            )
            for name in names
        ]
    return made


def _over_c(own: np.ndarray, taken: list[float] | None) -> Spread | None:
    return None if taken is None else spread([float(ratio) for ratio in own / np.array(taken)])


def _in_c(name: str, parameters: int) -> Callable[[int], object]:
    """Updates alone; the seconds of an idle step are no part of it."""
    apart = parameters + 64  # as far as optdyn's arrays are, lest reads wait for writes to like addresses
    memory = aligned(np.tile(np.linspace(1.0, 2.0, apart), 5))
    arrays = [memory[i * apart : i * apart + parameters] for i in range(5)]
    function = f"update_{name.replace('-', '_')}"
    return lambda steps: call(function, *arrays, STEP, parameters, steps)


def _runner(method: Any, problem: Any) -> Callable[[int], object]:
    return lambda steps: simulate(method, problem, steps=steps, record_every=steps)
