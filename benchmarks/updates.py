"""What a first-order method's own update costs, for each parameter and array that it touches, beside SGD's.

A method is timed on a diagonal quadratic, and right before or after it one that makes the same oracle calls and does
nothing else; the difference is the update. At a thousand parameters all arrays lie in the first caches and the
arithmetic shows, square roots and divisions above all: it is held against C there. At four million, reading and writing
the arrays does. Where a machine changes its speed between the two, the difference may be anything: one that is shorter
than it takes to read and write the numbers is no cost, and gets no ratio.
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
SIZES = {IN_CACHE: 10_000, IN_MEMORY: 20}  # and steps of a timed run
GOAL = 2.0  # times SGD's cost for each parameter and array, at most, in memory
C_GOAL = 1.2  # times C, at most, in cache
NEAR = 0.5  # of the iterate and the gradient in memory, what the caches may keep from the evaluation to the update
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
    over_sgd: Spread | None  # none where its time or SGD's is shorter than that of reading and writing
    over_c: Spread | None  # of the whole update, in cache, where C has it


def as_json(cost: Update) -> dict[str, Any]:
    """A row as plain dictionaries and numbers."""
    over_sgd, over_c = (None if over is None else over._asdict() for over in (cost.over_sgd, cost.over_c))
    return vars(cost) | {"over_sgd": over_sgd, "over_c": over_c}


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
    """Measure the methods of these names; SGD's is among them."""
    names = tuple(dict.fromkeys(("sgd", *names)))
    return [cost for size in sizes for cost in _costs(names, size, rounds, with_c and size == IN_CACHE)]


def _costs(names: Sequence[str], parameters: int, rounds: int, with_c: bool) -> list[Update]:
    problem = quadratic(eigenvalues=np.linspace(1.0, 2.0, parameters))
    settings = {name: setting(name) for name in names}
    runners = {name: _runner(method, problem) for name, method in settings.items()}
    runners |= {idle(name): _runner(Idle(FURTHER_CALLS.get(name, "nothing")), problem) for name in names}
    runners |= {f"c, {name}": _in_c(name, parameters) for name in names if with_c and name in IN_C}
    runners["numpy"] = _moved(parameters)
    own: dict[str, list[float]] = {name: [] for name in names}
    beside: dict[str, list[float]] = {"numpy": []} | {name: [] for name in runners if name.startswith("c, ")}
    with older_things_set_aside():
        for round_ in range(rounds + 1):  # the first one compiles
            for name in names:
                turn = [idle(name), name, *(each for each in (f"c, {name}",) if each in beside)]
                turn += ["numpy"] if name == "sgd" else []
                # The other way round in every other round, so that a drift counts once for and once against.
                taken = {each: _of_steps(runners[each], parameters) for each in turn[:: -1 if round_ % 2 else 1]}
                if round_:
                    own[name].append(taken[name] - taken[idle(name)])
                    for each in beside.keys() & taken.keys():
                        beside[each].append(taken[each])
    least = NEAR * float(np.median(beside["numpy"])) if parameters == IN_MEMORY else 0.0
    rounds_of = {name: Rounds(touched(settings[name], parameters), own[name]) for name in names}
    return [
        cost_of(name, parameters, rounds_of[name], rounds_of["sgd"], beside.get(f"c, {name}"), least) for name in names
    ]


class Rounds(NamedTuple):
    """The updates of a method in a timed run, round by round."""

    arrays: int  # that an update touches
    seconds: list[float]

    @property
    def of_an_array(self) -> np.ndarray:
        """Seconds for each array."""
        return np.array(self.seconds) / self.arrays


def cost_of(name: str, parameters: int, own: Rounds, of_sgd: Rounds, in_c: list[float] | None, least: float) -> Update:
    """The row of a method; so many updates take `least` seconds at least."""
    sound = min(float(np.median(each.seconds)) for each in (own, of_sgd)) >= least
    ratios = own.of_an_array / np.median(of_sgd.of_an_array)
    return Update(
        name,
        parameters,
        own.arrays,
        1e9 * float(np.median(own.of_an_array)) / (parameters * SIZES[parameters]),
        spread([float(ratio) for ratio in ratios]) if sound else None,
        None if in_c is None else spread([float(ratio) for ratio in np.array(own.seconds) / np.array(in_c)]),
    )


def _of_steps(runner: Callable[[int], object], parameters: int) -> float:
    """Seconds of the steps of a timed run without its call, in which memory is made, too."""
    call, run = (seconds_of(runner, steps) for steps in (1, 1 + SIZES[parameters]))
    return run - call


def _moved(parameters: int) -> Callable[[int], object]:
    """What no update can do without, by NumPy: to read iterate and gradient, and to write the iterate."""
    x, g = np.ones(parameters), np.full(parameters, STEP)

    def move(steps: int) -> None:
        for _ in range(steps):
            np.subtract(x, g, out=x)

    return move


def _in_c(name: str, parameters: int) -> Callable[[int], object]:
    """Updates alone; the seconds of an idle step are no part of it."""
    apart = parameters + 64  # as far as optdyn's arrays are, lest reads wait for writes to like addresses
    memory = aligned(np.tile(np.linspace(1.0, 2.0, apart), 5))
    arrays = [memory[i * apart : i * apart + parameters] for i in range(5)]
    function = f"update_{name.replace('-', '_')}"
    return lambda steps: call(function, *arrays, STEP, parameters, steps)


def _runner(method: Any, problem: Any) -> Callable[[int], object]:
    return lambda steps: simulate(method, problem, steps=steps, record_every=steps)
