"""Pictures of claims about RSG on one eigen-direction: where it converges, how fast, and with how much noise."""

import numpy as np
from matplotlib.axes import Axes

from plots.claims import shows
from plots.claims.marks import level, place, slope_line
from theory.arsg import boost_factor, critical_points, gain_factor, variance_limit

GAIN = "gain factor r_g"
CURVATURE = r"curvature τ = αλ"
VARIANCE = r"variance limit l_Var"


@shows("arsg.eigenvalues")
def eigenvalues(axes: Axes) -> None:
    """As the curvature grows, the two eigenvalues meet, go round as a complex pair and part again on the other side."""
    beta, mu = 0.8, 0.1
    tau = np.geomspace(1e-3, critical_points(beta=beta, mu=mu).tau_rb, 4000)
    trace, determinant = 1 + beta - tau * (1 - beta * (1 - mu)), beta * (1 - mu * tau)
    root = np.sqrt((trace**2 - 4 * determinant).astype(complex))
    for sign, name in ((1, "r₁"), (-1, "r₂")):
        value = (trace + sign * root) / 2
        axes.plot(value.real, value.imag, label=name)
    angle = np.linspace(0, 2 * np.pi, 200)
    axes.plot(np.cos(angle), np.sin(angle), color="0.35", linestyle=":", linewidth=1, label="|r| = 1")
    axes.set(xlabel="real part", ylabel="imaginary part", aspect="equal", xlim=(-1.3, 2.6))
    axes.legend(loc="right", title="β = 0.8, μ = 0.1", title_fontsize="small")


@shows("arsg.convergence_region")
def convergence_region(axes: Axes) -> None:
    """RSG contracts, with a gain factor below 1, for curvatures up to τ_rb and for none beyond."""
    for mu in (0.1, 0.4):
        tau = np.linspace(0, 16, 801)
        (line,) = axes.plot(tau, gain_factor(tau, beta=0.9, mu=mu), label=f"μ = {mu}")
        end = critical_points(beta=0.9, mu=mu).tau_rb
        axes.plot(end, 1, "o", color=line.get_color())
        axes.annotate("τ_rb", (end, 1), xytext=(-4, 4), textcoords="offset points", ha="right")
    level(axes, 1, "above: diverges", at=0.7)
    axes.set(xlabel=CURVATURE, ylabel=GAIN, ylim=(0.4, 1.6))
    axes.legend(loc="lower right", title="β = 0.9", title_fontsize="small")


@shows("arsg.convergence_domain")
def convergence_domain(axes: Axes) -> None:
    """The domain of convergence ends at 2 without momentum and ever farther out the larger β is."""
    beta = 1 - np.geomspace(1, 1e-3, 200)
    for mu in (0, 0.1, 0.4):
        axes.plot(1 - beta, critical_points(beta=beta, mu=mu).tau_rb, label=f"μ = {mu}")
    level(axes, 2, "SGD: 2", above=False)
    axes.set(xscale="log", yscale="log", xlabel="1 − β (more momentum to the left)", ylabel="end τ_rb")
    axes.legend()


@shows("arsg.critical_points", "arsg.best_curvature")
def critical_curvatures(axes: Axes) -> None:
    """Between τ_cb1 and τ_cb2 the pair is complex; where it turns real again, at τ_cb2, the gain factor is least."""
    points = [float(point) for point in critical_points(beta=0.5, mu=0.2)]
    _, _, first, second = points
    tau = np.linspace(0, 5, 1501)
    axes.axvspan(first, second, color="0.92")
    axes.plot(tau, gain_factor(tau, beta=0.5, mu=0.2))
    for value, name in zip(points, ("rb", "sym", "cb1", "cb2"), strict=True):
        place(axes, value, f"τ_{name}", at=0.12, left=name == "cb2")
    level(axes, 1, "", at=0.01)
    axes.set(xlabel=CURVATURE, ylabel=GAIN, ylim=(0, 1.4))
    axes.set_title("β = 0.5, μ = 0.2; grey: complex pair", fontsize="small")


@shows("arsg.touching_point")
def touching_point(axes: Axes) -> None:
    """At τ_cb1 one less the gain factor is c_β/(2√κ); what is left out falls faster, like 1/κ."""
    kappa = np.geomspace(1e1, 1e7, 60)
    beta, mu = 1 - 1 / np.sqrt(kappa), 1 / np.sqrt(kappa)
    tau = critical_points(beta=beta, mu=mu).tau_cb1
    room = 1 - np.sqrt(beta * (1 - mu * tau))
    axes.plot(kappa, room, label="1 − r_g at τ_cb1")
    axes.plot(kappa, np.abs(room - 0.5 / np.sqrt(kappa)), label="left out")
    slope_line(axes, kappa, 0.5 / np.sqrt(kappa[0]), -0.5, "c_β/(2√κ)")
    axes.set(xscale="log", yscale="log", xlabel="condition number κ", ylabel="distance from 1")
    axes.legend()


@shows("arsg.sgd_largest_step")
def largest_step(axes: Axes) -> None:
    """The error on the steepest direction shrinks with every step of size below 2/λₘₐₓ and grows with one above."""
    steps = np.arange(13)
    for product, mark in ((1.8, "o"), (2.0, "s"), (2.1, "^")):
        axes.plot(steps, (1 - product) ** steps, marker=mark, label=f"αλₘₐₓ = {product}")
    axes.set(xlabel="steps t", ylabel="error xₜ/x₀", ylim=(-3.4, 5.6))
    axes.legend(loc="upper left", ncols=3, fontsize="x-small", handlelength=2)


@shows("arsg.variance_limit")
def simulated_variance(axes: Axes) -> None:
    """The closed form (curves) runs through the variances of simulated errors (points)."""
    rng = np.random.default_rng(0)
    for mu in (0.05, 0.4):
        tau = np.linspace(0.01, 0.97, 300) * critical_points(beta=0.9, mu=mu).tau_rb
        (line,) = axes.plot(tau, variance_limit(tau, beta=0.9, mu=mu), label=f"μ = {mu}")
        some = tau[20::40]
        v, s, squares, steps = np.zeros((some.size, 400)), np.zeros((some.size, 400)), 0.0, 500
        for step in range(steps):
            gradient = s + rng.standard_normal(s.shape)
            v = 0.9 * v + 0.1 * gradient
            s = s - some[:, None] * ((1 - mu) * v + mu * gradient)
            squares = squares + (s**2).mean(axis=1) * (step >= steps // 2)
        axes.plot(some, squares / (steps // 2), "o", color=line.get_color(), linestyle="none")
    axes.set(yscale="log", xlabel=CURVATURE, ylabel=VARIANCE)
    axes.legend(title="β = 0.9", title_fontsize="small")


@shows("arsg.variance_increases")
def variance_increases(axes: Axes) -> None:
    """Over the whole convergence region the limit of the error variance grows with the curvature."""
    for beta, mu in ((0, 0), (0.9, 0), (0.9, 0.1), (0.999, 0.1)):
        share = np.geomspace(1e-4, 0.999, 300)
        tau = share * critical_points(beta=beta, mu=mu).tau_rb
        axes.plot(share, variance_limit(tau, beta=beta, mu=mu), label=f"β = {beta}, μ = {mu}")
    axes.set(xscale="log", yscale="log", xlabel="share τ/τ_rb of the region", ylabel=VARIANCE)
    axes.legend(fontsize="x-small")


@shows("arsg.accelerated_noise")
def accelerated_noise(axes: Axes) -> None:
    """RSG's fast step has √κ times the variance of SGD along the flattest direction, not along the steepest."""
    kappa = np.geomspace(10, 1e6, 60)
    root = np.sqrt(kappa)
    fast = {"beta": 1 - 1 / root, "mu": 1 / root}
    for name, scale in (("at λₘᵢₙ", 1 / kappa), ("at λₘₐₓ", 1.0)):
        plain = variance_limit(1.0 * scale, beta=0.0, mu=0.0)
        axes.plot(kappa, variance_limit(root * scale, **fast) / plain, label=name)
    slope_line(axes, kappa, root[0], 0.5, "√κ")
    axes.set(xscale="log", yscale="log", xlabel="condition number κ", ylabel="variance, RSG over SGD")
    axes.legend()


@shows("arsg.observation_range")
def observation_range(axes: Axes) -> None:
    """On the shaded range of curvatures the observation factor lowers gain factor and error variance at once."""
    tau = np.geomspace(1e-3, 10, 1500)
    gain = gain_factor(tau, beta=0.9, mu=0.1) / gain_factor(tau, beta=0.9, mu=0)
    noise = variance_limit(tau, beta=0.9, mu=0.1) / variance_limit(tau, beta=0.9, mu=0)
    axes.plot(tau, gain, label="gain factor")
    axes.plot(tau, noise, label="variance limit")
    both = (gain < 1) & (noise < 1)
    axes.fill_between(tau, 0, 1, where=both.tolist(), color="0.9", linewidth=0, label="both lower")
    level(axes, 1, "heavy ball", at=0.01)
    axes.set(xscale="log", xlabel=CURVATURE, ylabel="μ = 0.1 over μ = 0", ylim=(0, 1.35))
    axes.legend(loc="lower left", title="β = 0.9", title_fontsize="small")


@shows("arsg.figure1_variances", needs=("crossings",))
def crossing_variances(axes: Axes, crossings: dict[str, float]) -> None:
    """Above 1 a μ is worse than 0.1: a small one up to the first dot, a large one from the other dot on."""
    tau = np.geomspace(1e-3, 19, 800)
    reference = variance_limit(tau, beta=0.999, mu=0.1)
    for mu in (0.001, 0.4):
        kept = tau[tau < critical_points(beta=0.999, mu=mu).tau_rb]
        ratio = variance_limit(kept, beta=0.999, mu=mu) / reference[: kept.size]
        (line,) = axes.plot(kept, ratio, label=f"μ = {mu}")
        axes.plot(crossings[f"{mu} and 0.1"], 1, "o", color=line.get_color())
    level(axes, 1, "", at=0.01)
    axes.set(xscale="log", yscale="log", xlabel=CURVATURE, ylabel="l_Var over that of μ = 0.1", ylim=(0.3, 30))
    axes.legend(title="β = 0.999", title_fontsize="small")


@shows("arsg.negative_curvature")
def negative_curvature(axes: Axes) -> None:
    """Along negative curvature every curve rises with μ: the larger it is, the faster the escape."""
    mu = np.linspace(0, 0.99, 200)
    for tau in (-0.01, -0.1, -0.5):
        axes.plot(mu, gain_factor(tau, beta=0.9, mu=mu), label=f"τ = −{-tau}")
    axes.set(xlabel="observation factor μ", ylabel=GAIN + " (above 1: escape)")
    axes.legend(title="β = 0.9", title_fontsize="small")


@shows("arsg.small_observation_divergence")
def small_observation(axes: Axes) -> None:
    """Tiny negative curvatures: four times the step speeds the escape four times, half the μ is not even seen."""
    tau = np.geomspace(1e-6, 3e-3, 200)
    for name, mu, longer in (("μ = 0.05, step 4α", 0.05, 4), ("μ = 0.1, step α", 0.1, 1)):
        axes.plot(tau, gain_factor(-longer * tau, beta=0.999, mu=mu) - 1, label=name)
    axes.plot(tau, gain_factor(-tau, beta=0.999, mu=0.05) - 1, label="μ = 0.05, step α")
    axes.set(xscale="log", yscale="log", xlabel="negative curvature −τ", ylabel="r_g − 1: growth a step")
    axes.legend(title="β = 0.999", title_fontsize="small")


@shows("arsg.boost")
def boost(axes: Axes) -> None:
    """Doubling μ divides the step size by four only where the momentum is large."""
    spare = np.geomspace(1e-4, 0.3, 200)
    for mu in (0.05, 0.1, 0.2):
        axes.plot(spare, boost_factor(beta=1 - spare, mu=mu), label=f"μ = {mu} → {2 * mu:g}")
    level(axes, 0.25, "1/4", above=False)
    axes.set(xscale="log", xlabel="1 − β (more momentum to the left)", ylabel="new over old step size", ylim=(0, 1))
    axes.legend()


@shows("arsg.small_curvature")
def small_curvature(axes: Axes) -> None:
    """For small curvatures the gain factor is 1 − τ whatever μ is; the curves part at the second order only."""
    tau = np.geomspace(1e-4, 1e-2, 200)
    for mu in (0, 0.1, 0.4):
        axes.plot(tau, (1 - gain_factor(tau, beta=0.9, mu=mu)) / tau, label=f"μ = {mu}")
    level(axes, 1, "r_g = 1 − τ", above=False, at=0.3)
    axes.set(xscale="log", xlabel=CURVATURE, ylabel="(1 − r_g)/τ", ylim=(0.98, None))
    axes.legend(title="β = 0.9", title_fontsize="small")


@shows("arsg.least_gain")
def least_gain(axes: Axes) -> None:
    """The least gain over all curvatures falls as μ falls towards Nesterov's 1 − β."""
    for beta in (0.9, 0.99, 0.999):
        mu = 1 - beta + beta * np.geomspace(1e-4, 0.98, 300)
        k = np.sqrt(beta * (1 - mu))
        (line,) = axes.plot(mu, (beta - k) / (1 - k), label=f"β = {beta}")
        axes.plot(1 - beta, 0, "o", color=line.get_color(), clip_on=False)
    axes.set(xscale="log", xlabel="observation factor μ (dots: 1 − β)", ylabel="least r_g over τ", ylim=(0, 1))
    axes.legend(loc="lower right")
