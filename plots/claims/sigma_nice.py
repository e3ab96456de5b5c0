"""Pictures of claims about SGD as smoothing, and about graduated optimisation."""

import numpy as np
from matplotlib.axes import Axes

from plots.claims import shows
from plots.claims.marks import gap_to, interval_rows, level, place, room_for_names, slope_line
from theory.sigma_nice import ladder, required_decay_rate, tangent_probability


@shows("sigma_nice.rastrigin_sigma_nice", needs=("noise levels below 2 that meet (ii)",))
def rastrigin(axes: Axes, allowed: list[list[float]]) -> None:
    """Only near zero and in slivers around the zeros of the ripple is the definition met: halving can't stay there."""
    _ripples(axes, allowed)


@shows("sigma_nice.rastrigin_new_sigma_nice", needs=("noise levels below 2 that meet (ii) with dₘ = 1",))
def rastrigin_new(axes: Axes, allowed: list[list[float]]) -> None:
    """Only near zero and in slivers around the zeros of the ripple is the function convex where it has to be."""
    _ripples(axes, allowed)


def _ripples(axes: Axes, allowed: list[list[float]]) -> None:
    delta = np.linspace(0, 2, 801)
    axes.plot(delta, 2 - 40 * np.pi**2 * np.abs(np.sinc(2 * delta)))
    for low, high in allowed:
        axes.axvspan(low, max(high, low + 0.01), color="0.7", linewidth=0)
    level(axes, 0, "convex above", at=0.99)
    axes.set(xlabel="noise level δ (grey: condition (ii) holds)", ylabel="least curvature, smoothed", ylim=(-250, 60))


@shows("sigma_nice.smoothing_distance", "sigma_nice.normal_distance")
def smoothing_distance(axes: Axes) -> None:
    """Smoothed over the ball, ‖x‖ rises at 0 by less than |δ|L_f; under an unscaled normal law by √d times that."""
    from scipy.special import gammaln

    d = np.unique(np.geomspace(1, 300, 40).astype(int))
    axes.plot(d, d / (d + 1), label="uniform in the ball")
    axes.plot(d, np.sqrt(2) * np.exp(gammaln((d + 1) / 2) - gammaln(d / 2)), label="normal, covariance I")
    axes.plot(d, np.sqrt(2 / d) * np.exp(gammaln((d + 1) / 2) - gammaln(d / 2)), label="normal, covariance I/d")
    level(axes, 1, "bound", at=0.99)
    axes.set(xscale="log", yscale="log", xlabel="dimension d", ylabel="|f̂ − f| over |δ|L_f, at 0")
    axes.legend()


@shows("sigma_nice.modulus_at_centre")
def modulus(axes: Axes) -> None:
    """Once the noise reaches beyond the convex ball its share of curvature is lost, the faster the higher d."""
    over = np.linspace(1, 3, 200)
    for d in (1, 2, 10, 100):
        share = over ** (-float(d))
        axes.plot(over, share - 0.5 * (1 - share), label=f"d = {d}")
    level(axes, 0, "", at=0.99)
    axes.set(xlabel="noise level |δ| over the radius r", ylabel="guaranteed curvature over σ")
    axes.legend(title="κ = σ/2", title_fontsize="small")


@shows("sigma_nice.guaranteed_region")
def kept_region(axes: Axes) -> None:
    """A window of width 2|δ| sees convex ground only, as long as it stays inside: the ball loses |δ| on each side."""
    x = np.linspace(-2.2, 2.2, 801)
    curvature = np.where(np.abs(x) < 1.5, 1.0, -0.6)
    smooth = np.convolve(np.pad(curvature, 90, mode="edge"), np.ones(181) / 181, mode="valid")
    axes.plot(x, curvature, label="f″")
    axes.plot(x, smooth, label="f̂″, |δ| = ½")
    axes.axvspan(-1, 1, color="0.9")
    place(axes, 1.0, "r − |δ|", at=0.2, left=True)
    place(axes, 1.5, "r", at=0.2)
    axes.set(xlabel="x − x*", ylabel="curvature", ylim=(-0.8, 1.6))
    axes.legend(loc="upper center", ncols=2)


@shows("sigma_nice.tangent_probability")
def tangents(axes: Axes) -> None:
    """The arc cosine is the probability in the plane; it bounds the higher dimensions, but not the line."""
    a = np.linspace(1, 4, 200)
    axes.plot(a, np.arccos(np.sqrt(a**2 - 1) / a) / np.pi, label="arc cosine (d = 2)")
    for d in (1, 3, 10):
        axes.plot(a, tangent_probability(a, d), label=f"d = {d}")
    axes.set(xlabel="distance a from the centre, in radii", ylabel="probability to meet the ball", ylim=(0, 0.55))
    axes.legend()


@shows("sigma_nice.region_factor")
def region_factor(axes: Axes) -> None:
    """For a shift of length 1 the factor from noise level to convex region lies between the two curves."""
    a = np.linspace(1.03, 4, 300)
    gap_to(axes, a, a / np.sqrt(a**2 - 1), a / (a - 1), "range of dₘ")
    axes.plot(a, a / (a - 1), label="aₘ/(aₘ − 1)")
    axes.plot(a, a / np.sqrt(a**2 - 1), label="aₘ/√(aₘ² − 1)")
    axes.set(xlabel="enlargement aₘ of the ball", ylabel="factor dₘ", ylim=(0.8, 8))
    axes.legend()


@shows("sigma_nice.ladder_rates")
def ladder_rates(axes: Axes) -> None:
    """Decay rates start close to 1 and fall from stage to stage, faster for a larger power."""
    for power, mark in ((0.5, "o"), (1.0, "s"), (2.0, "^")):
        levels = ladder(1.0, 20, power)
        axes.plot(np.arange(1, 20), levels[1:20] / levels[:19], marker=mark, label=f"p = {power:g}")
    axes.set(xlabel="stage m of M = 20", ylabel="decay rate γₘ", ylim=(0, 1.02))
    axes.legend(loc="lower left")


@shows("sigma_nice.power_speeds_up")
def rounds(axes: Axes) -> None:
    """The number of stages falls with the power of the decay."""
    power = np.linspace(0.2, 2, 200)
    for accuracy, name in ((1e-1, "α₀ε = 10⁻¹"), (1e-2, "α₀ε = 10⁻²"), (1e-3, "α₀ε = 10⁻³")):
        axes.plot(power, accuracy ** (-1 / power), label=name)
    axes.set(yscale="log", xlabel="power p of the decay", ylabel="number of stages M")
    axes.legend()


@shows("sigma_nice.halving_excluded", "sigma_nice.decay_condition")
def required_rate(axes: Axes) -> None:
    """The larger the noise, the closer to 1 the decay rate has to be; above |δ| = r a half is never enough."""
    delta = np.geomspace(0.05, 50, 300)
    lenient, strict = required_decay_rate(delta, 1.0)
    gap_to(axes, delta, lenient, strict, "range of 1/dₘ₊₁")
    axes.plot(delta, strict, label="strict end of (8)")
    axes.plot(delta, lenient, label="lenient end of (8)")
    level(axes, 0.5, "halving", at=0.99, above=False)
    place(axes, 1, "|δ| = r", at=0.1)
    axes.set(xscale="log", xlabel="noise level |δₘ₊₁| over r", ylabel="least decay rate γₘ", ylim=(0, 1.03))
    axes.legend(loc="upper left")


@shows("sigma_nice.only_small_powers", needs=("least r/δ₁ (lenient, strict)",))
def schedules(axes: Axes, found: dict[str, list[float]]) -> None:
    """How large the convex region has to be for each schedule: powers of 8 and of 0.1 ask for the same."""
    low, high = np.array(list(found.values())).T
    interval_rows(axes, list(found), low, high)
    axes.tick_params(axis="y", labelsize="x-small")
    axes.set(xscale="log", xlabel="r/δ₁, between the two ends of (8)")


@shows("sigma_nice.threshold_sharp", needs=("d, γ",))
def threshold(axes: Axes, cases: list[list[str]]) -> None:
    """Each dot below 1/d is a function, in exact fractions, on which graduated optimisation misses the minimum."""
    from fractions import Fraction

    d = np.linspace(1.02, 3.2, 200)
    axes.plot(d, 1 / d, label="threshold 1/d")
    axes.fill_between(d, 1 / d, 1, color="0.9", linewidth=0)
    axes.annotate("the next region is reached", (2.2, 0.75), ha="center", fontsize="small")
    found = np.array([[float(Fraction(value)) for value in case] for case in cases])
    axes.plot(*found.T, "x", linestyle="none", label="counterexample")
    axes.set(xlabel="factor d from noise level to convex region", ylabel="decay rate γ", ylim=(0, 1))
    axes.legend(loc="lower left")


@shows("sigma_nice.threshold_required", "sigma_nice.minimisers_stay_near", "sigma_nice.other_centre")
def two_thresholds(axes: Axes) -> None:
    """Above the upper curve the next minimiser lies in the region around x*; above the lower one in its own."""
    d = np.linspace(1, 4, 200)
    axes.plot(d, 1 / d, label="1/d: regions around x*")
    axes.plot(d, 1 / (1 + d), label="1/(1 + d): around x*_δ")
    axes.fill_between(d, 1 / d, 1, color="0.85", linewidth=0)
    axes.fill_between(d, 1 / (1 + d), 1 / d, color="0.94", linewidth=0)
    axes.set(xlabel="factor d from noise level to convex region", ylabel="decay rate γ", ylim=(0, 1))
    axes.legend(loc="lower left")


@shows("sigma_nice.inexact_stages")
def inexact(axes: Axes) -> None:
    """A stage that ends short of its minimum raises the threshold; above 1 no decay rate is left."""
    share = np.linspace(0, 0.6, 200)
    for d in (1.2, 1.5, 2.0):
        axes.plot(share, (1 + np.sqrt(2 * share)) / d, label=f"d = {d}")
    level(axes, 1, "no rate is left above", at=0.99)
    axes.set(xlabel="c: the stage ends within cσδ²", ylabel="threshold on γ", ylim=(0.4, 1.6))
    axes.legend(loc="lower right")


@shows("sigma_nice.explicit_rounds", needs=("exponent of the rounds in 1/ε",))
def exponents(axes: Axes, found: dict[str, float]) -> None:
    """The rounds that runs needed grow with the exponent 1/p in 1/ε, as the theorem says."""
    power = np.array([float(name) for name in found])
    along = np.linspace(0.2, 1.1, 100)
    axes.plot(along, 1 / along, label="1/p")
    axes.plot(power, list(found.values()), "o", linestyle="none", label="fitted to runs")
    axes.set(xlabel="power p of the decay", ylabel="exponent of the rounds in 1/ε", ylim=(0, 5))
    axes.legend()


GAUSSIAN = "d: (W₂ to sphere, W₂ to ball, P outside the ball, total variation at least)"


@shows("sigma_nice.gaussian_near_ball", needs=(GAUSSIAN,))
def near_ball(axes: Axes, found: dict[str, list[float]]) -> None:
    """The laws come near each other in distance, but half of the normal law stays outside the ball in any dimension."""
    d = np.array([float(name) for name in found])
    _, ball, outside, apart = np.array(list(found.values())).T
    axes.plot(d, ball, marker="o", label="Wasserstein distance")
    axes.plot(d, outside, marker="s", label="normal law outside the ball")
    axes.plot(d, apart, marker="^", label="total variation, at least")
    slope_line(axes, d, 1 / np.sqrt(2), -0.5, "1/√(2d)")
    axes.set(xscale="log", yscale="log", xlabel="dimension d", ylabel="distance, probability")
    axes.legend(fontsize="x-small")


@shows("sigma_nice.halving_step_size")
def same_noise(axes: Axes) -> None:
    """Half the step size and four times the batch end on one line of equal smoothing, but not at one step size."""
    batch = np.geomspace(8, 2048, 60)
    for degree, name in ((0.01, "δ = 0.01 C"), (0.02, "δ = 0.02 C"), (0.04, "δ = 0.04 C")):
        axes.plot(batch, degree * np.sqrt(batch), label=name)
    axes.plot([32, 32, 128], [0.02 * 32**0.5, 0.01 * 32**0.5, 0.02 * 128**0.5], "o", color="black")
    axes.annotate("η/2", (32, 0.0566), xytext=(5, 0), textcoords="offset points", fontsize="small")
    axes.annotate("4b", (128, 0.226), xytext=(5, -8), textcoords="offset points", fontsize="small")
    axes.set(xscale="log", yscale="log", xlabel="batch size b", ylabel="step size η")
    axes.legend()


@shows("sigma_nice.same_ladder")
def one_ladder(axes: Axes) -> None:
    """Three ways to less noise, smaller steps, larger batches or both, go down the same levels."""
    stage = np.arange(8)
    ways = (
        ("step size ÷ √2", 0.5**0.5, 1.0, "o", 9),
        ("batch × 2", 1.0, 2.0, "s", 6),
        ("both", 0.75**0.5, 1.5, "^", 3),
    )
    for name, kappa, growth, mark, size in ways:
        axes.plot(stage, (kappa / growth**0.5) ** stage, marker=mark, markersize=size, label=name)
    axes.set(yscale="log", xlabel="stage m", ylabel="noise level δₘ/δ₁")
    axes.legend()


@shows("sigma_nice.escape_times", needs=("δ", "median steps"))
def escapes(axes: Axes, degrees: list[float], steps: list[float]) -> None:
    """At one step size, twice the degree of smoothing gets SGD out of a well some twenty times sooner."""
    axes.plot(degrees, steps, marker="o")
    axes.set(yscale="log", xlabel="degree of smoothing δ = ηC/√b", ylabel="steps until it leaves (median)")


@shows("sigma_nice.slow_decay", needs=("rates",))
def slow_decay(axes: Axes, rates: dict[str, float]) -> None:
    """Share of landscapes on which a run ends at the global minimum: too slow a decay is as bad as none."""
    names = list(rates)[::-1]
    room_for_names(axes)
    axes.barh(names, [rates[name] for name in names], color="0.6", height=0.6)
    axes.tick_params(axis="y", labelsize="x-small")
    axes.set(xlabel="share that ends at the global minimum", xlim=(0, 1))


@shows("sigma_nice.inner_loop_rate")
def inner_loop(axes: Axes) -> None:
    """The bound falls as 1/T down to a floor that is proportional to the step size."""
    steps = np.geomspace(1, 1e5, 100)
    for step, name in ((1e-1, "η = 10⁻¹"), (1e-2, "η = 10⁻²"), (1e-3, "η = 10⁻³")):
        axes.plot(steps, 0.5 / (step * steps) + 0.5 * step, label=name)
    axes.set(xscale="log", yscale="log", xlabel="steps T", ylabel="bound on the gap")
    axes.legend(title="X₁ = C = 1", title_fontsize="small")


@shows("sigma_nice.argmin_jump")
def jump(axes: Axes) -> None:
    """Between two levels hardly apart the lowest point of the smoothed function goes from one well to the other."""
    from fractions import Fraction

    from theory.claims.sigma_nice.minimisers import two_wells

    x = [Fraction(k, 80) for k in range(-80, 361)]
    for delta, name in (("1/1000", "f"), ("1/10", "δ = 1/10"), ("2/13", "δ = 2/13"), ("2/5", "δ = 2/5")):
        axes.plot([float(at) for at in x], [float(two_wells(at, Fraction(delta))) for at in x], label=name)
    axes.set(xlabel="x", ylabel="smoothed function")
    axes.legend()


@shows("sigma_nice.always_reaches")
def stops_short(axes: Axes) -> None:
    """The last smoothed minimiser lies beyond a local minimum of f, in which descent on f itself stops."""
    from fractions import Fraction

    from theory.claims.sigma_nice.reaching import Bumpy

    f, x = Bumpy(), np.linspace(-0.02, 1.2, 400)
    axes.plot(x, [float(f.value(Fraction(float(at)))) for at in x], label="f")
    place(axes, float(f.minimiser(Fraction(9, 10))), "last stage ends", left=True)
    place(axes, 0.5, "descent on f ends", left=True, at=0.8)
    axes.set(xlabel="x/s (the optimum is 0)", ylabel="f/s", ylim=(-0.05, 1.3))


@shows("sigma_nice.batch_growth")
def batch_growth(axes: Axes) -> None:
    """Where the curvature lets noise decide a growing batch ends lower, and higher where the start is not forgotten."""
    from theory.claims.sigma_nice.experiments import losses

    curvature = np.geomspace(1e-5, 1, 200)
    both = {method: losses(method, curvature, np.full(200, 1e-4))[0] for method in (2, 3, 4)}
    axes.plot(curvature, both[3] / both[2], label="doubled batch")
    axes.plot(curvature, both[4] / both[2], label="smaller step, larger batch")
    level(axes, 1, "smaller step", at=0.99)
    axes.set(xscale="log", yscale="log", xlabel="curvature λ (C² = 10⁻⁴)", ylabel="final loss, over smaller steps'")
    axes.legend()


@shows("sigma_nice.schedule_ranking", needs=("E f at curvature 1, by p",))
def ranking(axes: Axes, found: dict[str, float]) -> None:
    """With noise neither the slowest nor the fastest decay ends lowest."""
    axes.plot([float(power) for power in found], list(found.values()), marker="o")
    axes.set(xscale="log", yscale="log", xlabel="power p of the decay", ylabel="final loss, curvature 1, variance 1")


@shows("sigma_nice.sharpness_digits", needs=("median of the largest eigenvalue",))
def sharpness(axes: Axes, found: dict[str, float]) -> None:
    """Larger steps and smaller batches end where the loss is flatter."""
    names = list(found)[::-1]
    room_for_names(axes)
    axes.barh(names, [found[name] for name in names], color="0.6", height=0.6)
    axes.tick_params(axis="y", labelsize="x-small")
    axes.set(xlabel="largest eigenvalue of the Hessian (median)")
