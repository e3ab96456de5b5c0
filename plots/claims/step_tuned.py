"""Pictures of claims about steps tuned by curvature."""

import numpy as np
from matplotlib.axes import Axes

from plots.claims import shows
from plots.claims.marks import interval_rows, level, place, room_for_names

EPOCHS = (0, 10, 20, 50)


@shows("step_tuned.curvature_step", "step_tuned.concave_step")
def models(axes: Axes) -> None:
    """Where the curvature along d is positive the model has a lowest point; where it is not, longer is better."""
    step = np.linspace(0, 3, 200)
    for curvature, name in ((1.0, "curvature 1"), (0.0, "curvature 0"), (-0.5, "curvature −½")):
        axes.plot(step, -step + curvature * step**2 / 2, label=name)
    axes.plot(1, -0.5, "o", color="black")
    axes.annotate("γ = −⟨∇J, d⟩/⟨∇²J d, d⟩", (1, -0.5), xytext=(-4, 14), textcoords="offset points", fontsize="small")
    axes.set(xlabel="step length γ, at slope −1", ylabel="model of the loss")
    axes.legend(loc="lower left")


def _quadratic_steps(steps: int) -> np.ndarray:
    """The steps (8) along a run of the method on a quadratic with curvatures from 1/20 to 1."""
    curvatures = np.geomspace(0.05, 1, 12)
    before, now, found = np.ones(12), 1 - curvatures, []
    for _ in range(steps):
        change = now - before
        found.append(float(change @ change / (change @ (curvatures * change))))
        before, now = now, now - found[-1] * curvatures * now
    return np.array(found)


@shows("step_tuned.range_of_steps", "step_tuned.barzilai_borwein")
def range_of_steps(axes: Axes) -> None:
    """On a quadratic the step jumps about, as Barzilai and Borwein's does, but never leaves [1/L, 1/μ]."""
    found = _quadratic_steps(50)
    axes.plot(found, "o-", linewidth=0.7)
    level(axes, 1, "1/L", above=False)
    level(axes, 20, "1/μ")
    axes.set(yscale="log", xlabel="iteration k", ylabel="step γₖ", ylim=(0.6, 35))


@shows("step_tuned.debiasing")
def weights(axes: Axes) -> None:
    """The newest variation weighs most; at every k the weights add up to 1, where without debiasing they do not."""
    for k, mark in ((2, "o"), (5, "s"), (20, "^")):
        lag = np.arange(k + 1)
        axes.plot(lag, 0.1 * 0.9**lag / (1 - 0.9 ** (k + 1)), marker=mark, markersize=3, label=f"k = {k}")
    axes.plot(np.arange(21), 0.1 * 0.9 ** np.arange(21), color="0.35", linestyle=":", label="without debiasing")
    axes.set(xlabel="age of the variation, k − j", ylabel="weight wⱼ at β = 0.9", ylim=(0, None))
    axes.legend()


@shows("step_tuned.averaging_variance")
def averaging(axes: Axes) -> None:
    """The average needs some fifty steps until it keeps no more than a 19th of the variance."""
    k = np.arange(101)
    for beta in (0.5, 0.9, 0.99):
        power = beta ** (k + 1)
        axes.plot(k + 1, (1 - beta) * (1 + power) / ((1 + beta) * (1 - power)), label=f"β = {beta}")
    level(axes, 1 / 19, "1/19", above=False)
    axes.set(xscale="log", yscale="log", xlabel="variations so far, k + 1", ylabel="variance kept")
    axes.legend()


@shows("step_tuned.epoch_decay")
def epoch_decay(axes: Axes) -> None:
    """A step size that decays once an epoch stays within a factor of the one that decays at each step."""
    k = np.arange(400)
    axes.plot(k, (k // 40 + 1.0) ** -0.6, label="once an epoch")
    axes.plot(k, (k + 1.0) ** -0.6, label="at each step")
    axes.plot(k, ((k + 1.0) / 40) ** -0.6, label="at each step, times K⁰·⁶")
    axes.set(yscale="log", xlabel="step k, epochs of K = 40", ylabel="step size aₖ", ylim=(0.01, 3))
    axes.legend(fontsize="x-small")


@shows("step_tuned.independent_step", needs=("Algorithm 2", "Exact-GV", "Expected-GV", "Stochastic-GV"))
def independent(axes: Axes, *changes: float) -> None:
    """Another k-th mini-batch changes the k-th step of one method only."""
    names = ("Algorithm 2", "Exact-GV", "Expected-GV", "Stochastic-GV")
    room_for_names(axes)
    axes.barh(names[::-1], [100 * change for change in changes[::-1]], color="0.6", height=0.6)
    for row, change in enumerate(changes[::-1]):
        axes.annotate(
            f"{100 * change:.0f} %", (100 * change, row), xytext=(3, 0), textcoords="offset points", va="center"
        )
    axes.set(xlabel="largest change of the k-th step, in per cent", xlim=(0, 118))


@shows("step_tuned.theorem1", needs=("fitted exponents", "promised exponents"))
def rate_exponents(axes: Axes, fitted: dict[str, float], promised: list[float]) -> None:
    """The bound promises an exponent of ½ − δ; on the regressions the gradients fall much faster than that."""
    delta = [float(name) for name in fitted]
    axes.plot(delta, list(fitted.values()), marker="o", label="fitted to runs")
    axes.plot(delta, promised, marker="s", label="promised, ½ − δ")
    axes.set(xlabel="δ: how much faster than 1/√k the step decays", ylabel="exponent of 1/k", ylim=(0, None))
    axes.legend(loc="center right")


RIVALS = ("|BB| / Algorithm 1", "Armijo / Algorithm 1", "gradient descent / Algorithm 1")


@shows("step_tuned.much_faster", needs=RIVALS)
def much_faster(axes: Axes, *intervals: list[float]) -> None:
    """Iterations of each rival over those of Algorithm 1: an interval that reaches over 1 decides nothing."""
    low, high = np.array(intervals).T
    interval_rows(axes, [name.removesuffix(" / Algorithm 1") for name in RIVALS], low, high)
    place(axes, 1, "as many", at=0.99)
    axes.set(xscale="log", xlabel="times as many iterations as Algorithm 1")


def _epochs(rival: str, epochs: tuple[int, ...]) -> tuple[str, ...]:
    bounds = ("defaults", "wide")
    return tuple(f"{bound}: {name} at epochs {list(epochs)}" for bound in bounds for name in (rival, "Exact-GV"))


def _race(axes: Axes, rival: str, epochs: tuple[int, ...], losses: tuple[list[float], ...]) -> None:
    names = [f"{name}, {bounds}" for bounds in ("default bounds", "wide bounds") for name in (rival, "Exact-GV")]
    for name, values, mark in zip(names, losses, "sosD", strict=True):
        axes.plot(epochs, values, marker=mark, label=name)
    axes.set(xlabel="epochs", ylabel="loss, mean over problems")
    axes.legend(fontsize="x-small")


@shows("step_tuned.stochastic_gv", needs=_epochs("Stochastic-GV", EPOCHS))
def stochastic(axes: Axes, *losses: list[float]) -> None:
    """With the default bounds the two methods are alike; with wide ones the stochastic variation loses nearly all."""
    _race(axes, "Stochastic-GV", EPOCHS, losses)


@shows("step_tuned.expected_gv", needs=_epochs("Expected-GV", EPOCHS))
def expected(axes: Axes, *losses: list[float]) -> None:
    """The expected gradient variation does as well as the exact one, and better with wide bounds."""
    _race(axes, "Expected-GV", EPOCHS, losses)


@shows("step_tuned.sgd_in_the_end", needs=_epochs("SGD", (*EPOCHS, 250)))
def sgd(axes: Axes, *losses: list[float]) -> None:
    """After many epochs SGD and Exact-GV with default bounds are within a few hundredths of each other."""
    _race(axes, "SGD", (*EPOCHS, 250), losses)
