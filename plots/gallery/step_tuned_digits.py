"""What figures step_tuned.4 and step_tuned.5 share: the network on the digits, the methods, and runs by epochs."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dynamics import SGD, Adam, RMSprop, StepTunedSGD, Trajectory, simulate
from dynamics.algorithms.echo import Echo
from dynamics.checks import Refusal, require_whole
from dynamics.protocol.schedules import step_tuned_decay
from plots.tuning import Candidate, Tuned, tune
from synthetic import accuracy, digits_mlp

__all__ = [
    "ONCE",
    "TUNED",
    "TWICE",
    "Setting",
    "by_epoch",
    "candidate",
    "draw_instances",
    "held_out_accuracy",
    "run",
    "tuned",
    "updates_an_epoch",
]

GRID = tuple(10.0 ** np.arange(-3.0, 1.01, 0.5))
ONCE = ("SGD", "RMSprop", "Adam")
TWICE = tuple(f"{name}, batches twice" for name in ONCE)
TUNED = "Step-Tuned SGD"


class Setting(NamedTuple):
    """The network, its training, and how many instances are trained to be shown and to be tuned on."""

    hidden: int
    batch_size: int
    regularisation: float
    test_fraction: float
    epochs: int
    tuned_at: int
    instances: int
    tuning_instances: int
    rng: int

    def check(self) -> None:
        """Refuse what makes no figure; the problem itself refuses the rest."""
        require_whole("epochs", self.epochs, 2, "a curve needs two points")
        require_whole("instances", self.instances, 5, "a band over fewer says little")
        require_whole("tuning_instances", self.tuning_instances, 5, "a choice on fewer says little")
        require_whole("rng", self.rng, 0, "a figure keeps its seed as a whole number")
        if not 1 <= self.tuned_at <= self.epochs:
            raise Refusal(f"tuned_at is {self.tuned_at!r}; it must lie from 1 to epochs = {self.epochs}.")

    def words(self) -> str:
        """The problem, for the caption."""
        return (
            f"tanh network with {self.hidden} hidden units on the 8×8 digits, cross-entropy with the penalty "
            f"{self.regularisation:g}/2 times the squared weights, "
            f"{1 - self.test_fraction:.0%} of the images to train on, mini-batches of "
            f"{self.batch_size}, a permutation an epoch. Lines and bands: median and central 80 % of {self.instances} "
            f"instances (split, start and batches), seed {self.rng}."
        )


def draw_instances(setting: Setting) -> tuple[list[Any], list[Any]]:
    """The problems that are shown, and the others, for tuning."""
    streams = np.random.SeedSequence(setting.rng).spawn(setting.instances + setting.tuning_instances)
    problems = [
        digits_mlp(
            setting.hidden,
            regularisation=setting.regularisation,
            test_fraction=setting.test_fraction,
            batch_size=setting.batch_size,
            sampling="epoch",
            rng=stream,
        )
        for stream in streams
    ]
    if batches_an_epoch(problems[0]) < 2:
        raise Refusal(f"batch_size is {setting.batch_size!r}; an epoch needs two batches at least: try 50.")
    return problems[: setting.instances], problems[setting.instances :]


def batches_an_epoch(problem: Any) -> int:
    """Mini-batches in a pass over the training images, rounded down to an even number: half of them is whole."""
    return len(problem.data.labels) // problem.batch_size // 2 * 2


def candidate(name: str, batches: int) -> Candidate:
    """A method with its grid. SGD and Step-Tuned SGD decay once an epoch, as in the paper; the others do not decay."""
    if name == TUNED:
        # A pass over half of the batches takes an epoch's gradients, and one update has two.
        return Candidate(lambda step_size: StepTunedSGD(step_size, period=batches // 2), {"step_size": GRID})
    kind = {"SGD": SGD, "RMSprop": RMSprop, "Adam": Adam}[name.removesuffix(", batches twice")]

    def make(step_size: float) -> Any:
        inner = kind(step_tuned_decay(step_size, period=batches)) if kind is SGD else kind(step_size)
        return Echo(inner) if name in TWICE else inner

    return Candidate(make, {"step_size": GRID})


def tuned(names: tuple[str, ...], problems: list[Any], setting: Setting) -> Tuned:
    """The step sizes with the lowest training loss after `tuned_at` epochs of gradients."""
    batches = batches_an_epoch(problems[0])
    return tune(
        {name: candidate(name, batches) for name in names},
        problems,
        budget=setting.tuned_at * batches * setting.batch_size / len(problems[0].data.labels),
        rng=setting.rng,
        records=setting.tuned_at,
    )


def updates_an_epoch(method: Any, problem: Any) -> int:
    """Updates that take an epoch's gradients: one a batch, or one for two gradients on half of the batches."""
    return batches_an_epoch(problem) // (2 if isinstance(method, StepTunedSGD | Echo) else 1)


def run(method: Any, problem: Any, epochs: int) -> Trajectory:
    """A run that records each epoch of gradients, with the iterates."""
    updates = updates_an_epoch(method, problem)
    return simulate(method, problem, steps=epochs * updates, rng=0, record_every=updates, record_iterates=True)


def by_epoch(trajectory: Trajectory, values: NDArray, epochs: int) -> NDArray:
    """Recorded values at epochs 0, 1, ...; NaN from where the run had ended."""
    kept = trajectory.iteration % trajectory.record_every == 0
    found = np.full(epochs + 1, np.nan)
    found[trajectory.iteration[kept] // trajectory.record_every] = values[kept]
    return found


def held_out_accuracy(trajectory: Trajectory, problem: Any) -> NDArray:
    """Share of the held-out images that each recorded iterate classifies right."""
    iterates: NDArray = trajectory.iterates  # type: ignore[assignment]  # recorded by `run`
    return np.array([accuracy(problem, x) for x in iterates])
