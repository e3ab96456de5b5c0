"""Pictures of claims about adaptive norms: ellipsoids and their steps, diagonal shares, saddles."""

import numpy as np
from matplotlib.axes import Axes

from plots.claims import shows
from plots.claims.marks import level, place, slope_line
from theory.diagonal_share import ols_share, wigner_share
from theory.trust_region import (
    cauchy_decrease,
    cauchy_point,
    eigen_point,
    eigenpoint_decrease,
    model_decrease,
    model_minimiser,
    steihaug,
    uniform_equivalence_epsilon,
)


@shows(
    "trust_region.preconditioned_step",
    "trust_region.rmsprop_step",
    "trust_region.adagrad_step",
    "trust_region.adam_step",
)
def ellipsoid_step(axes: Axes) -> None:
    """On the ellipse the linear model is lowest where a level line just touches it, along −A⁻¹g and not along −g."""
    metric, slope = np.diag([0.35, 2.0]), np.array([0.7, 1.0])
    angle = np.linspace(0, 2 * np.pi, 200)
    axes.plot(np.cos(angle) / metric[0, 0] ** 0.5, np.sin(angle) / metric[1, 1] ** 0.5)
    step, plain = -slope / metric.diagonal(), -slope
    step, plain = (way / np.sqrt(way @ metric @ way) for way in (step, plain))
    axes.axline((step[0], step[1]), slope=-slope[0] / slope[1], color="0.35", linestyle=":", linewidth=1)
    x, y = np.meshgrid(np.linspace(-2.3, 2.3, 30), np.linspace(-1.3, 1.3, 30))
    axes.contour(x, y, slope[0] * x + slope[1] * y, levels=9, colors="0.8", linewidths=0.7, linestyles="-")
    for end, name, line in ((step, "−A⁻¹g", "-"), (plain, "−g", "--")):
        tip = (float(end[0]), float(end[1]))
        axes.annotate("", tip, (0, 0), arrowprops={"arrowstyle": "->", "linestyle": line})
        axes.annotate(name, tip, xytext=(-4, -9), textcoords="offset points", ha="right", fontsize="small")
    axes.set(xlabel="step s₁", ylabel="step s₂", aspect="equal", xlim=(-2.3, 2.3), ylim=(-1.3, 1.3))


@shows("trust_region.wigner_share")
def wigner(axes: Axes) -> None:
    """The diagonal share of a Wigner matrix falls as 1/d, in the closed form and in drawn matrices."""
    d = np.unique(np.geomspace(2, 300, 40).astype(int))
    axes.plot(d, wigner_share(d), label="closed form")
    rng, some = np.random.default_rng(0), np.array([2, 5, 15, 50, 150])
    axes.plot(some, [_mean_share(np.abs(rng.standard_normal((20, n, n)))) for n in some], "o", label="20 matrices")
    slope_line(axes, d, 0.5, -1, "order 1/d")
    axes.set(xscale="log", yscale="log", xlabel="dimension d", ylabel="diagonal share δ")
    axes.legend()


def _mean_share(sizes: np.ndarray) -> float:
    """The diagonal's share of the mean of matrices of absolute values."""
    mean = sizes.mean(axis=0)
    return float(np.trace(mean) / mean.sum())


@shows(
    "trust_region.least_squares_share",
    "trust_region.gaussian_share",
    "trust_region.rademacher_share",
)
def least_squares(axes: Axes) -> None:
    """With more samples the share keeps to the limit's formula; for any number of samples it decays with d."""
    d = np.unique(np.geomspace(2, 300, 40).astype(int))
    rng = np.random.default_rng(0)
    for samples in (4, 64):
        (line,) = axes.plot(d, ols_share(d, samples, data="gaussian"), label=f"Gaussian, n = {samples}")
        axes.plot(d[::6], ols_share(d[::6], samples, data="rademacher"), "x", color="0.4", label="_signs")
        some = [2, 6, 20, 60]
        drawn = []
        for size in some:
            rows = rng.standard_normal((30, samples, size))
            drawn.append(_mean_share(np.abs(rows.transpose(0, 2, 1) @ rows)))
        axes.plot(some, drawn, "o", color=line.get_color(), linestyle="none")
    axes.plot([], [], "x", color="0.4", label="random signs")
    axes.plot([], [], "o", color="black", label="30 Gaussian draws")
    axes.set(xscale="log", yscale="log", xlabel="dimension d", ylabel="diagonal share δ")
    axes.legend(fontsize="x-small")


@shows("trust_region.decay_in_the_limit")
def limit_of_shares(axes: Axes) -> None:
    """With d held the share tends to 1 as the samples grow; it is at n below d² that it falls with the dimension."""
    samples = np.unique(np.geomspace(1, 1e6, 60).astype(int))
    for d, name in ((10, "d = 10"), (100, "d = 100"), (1000, "d = 1000")):
        (line,) = axes.plot(samples, ols_share(d, samples), label=name)
        axes.plot(d**2, ols_share(d, d**2), "o", color=line.get_color())
    axes.set(xscale="log", xlabel="samples n (dots: n = d²)", ylabel="diagonal share δ", ylim=(0, 1.03))
    axes.legend()


def _models(trials: int, *, convex: bool) -> list[tuple[np.ndarray, np.ndarray, np.ndarray, float]]:
    """Random norms A, slopes g, curvatures B and radii in four dimensions."""
    rng, found = np.random.default_rng(0), []
    for _ in range(trials):
        root, form = rng.standard_normal((2, 4, 4))
        metric = root @ root.T + 0.1 * np.eye(4)
        curvature = form @ form.T * 0.3 if convex else (form + form.T) / 2
        found.append((metric, rng.standard_normal(4), curvature, float(10 ** rng.uniform(-1.5, 1))))
    return found


def _histogram(axes: Axes, ratios: list[float], bound: float, name: str) -> None:
    top = max(3.0, float(np.quantile(ratios, 0.9)))
    axes.hist(np.minimum(ratios, top), bins=np.linspace(0, top, 31).tolist(), color="0.6")
    place(axes, bound, name, at=0.97, left=True)
    axes.set(ylabel="random models")


@shows("trust_region.cauchy_decrease")
def cauchy(axes: Axes) -> None:
    """In no random ellipsoid does the Cauchy point gain less than the lemma states."""
    models = _models(150, convex=False)
    gains = [float(model_decrease(g, B, cauchy_point(A, g, B, radius))) for A, g, B, radius in models]
    _histogram(axes, [gain / cauchy_decrease(*model) for gain, model in zip(gains, models, strict=True)], 1, "stated")
    axes.set(xlabel="decrease at the Cauchy point over the stated amount")


@shows("trust_region.eigenpoint_decrease")
def eigenpoint(axes: Axes) -> None:
    """In no random ellipsoid does the eigenpoint gain less than the lemma states."""
    ratios = []
    for A, g, B, radius in _models(150, convex=False):
        step = eigen_point(A, g, B, radius)
        if step.any():
            u = step / np.linalg.norm(step)
            ratios.append(float(model_decrease(g, B, step)) / eigenpoint_decrease(A, B, u, radius))
    _histogram(axes, ratios, 1, "stated")
    axes.set(xlabel="decrease at the eigenpoint over the stated amount")


@shows("trust_region.steihaug_half")
def half(axes: Axes) -> None:
    """On convex models conjugate gradients gain half of the best decrease or more, mostly nearly all of it."""
    ratios = []
    for A, g, B, radius in _models(150, convex=True):
        gained = float(model_decrease(g, B, steihaug(A, g, B, radius, kappa=0.0).step))
        ratios.append(gained / float(model_decrease(g, B, model_minimiser(A, g, B, radius))))
    axes.hist(ratios, bins=np.linspace(0.4, 1, 31).tolist(), color="0.6")
    place(axes, 0.5, "½", at=0.97)
    axes.set(xlabel="decrease over the best possible one", ylabel="random models", xlim=(0.4, 1.01))


@shows("trust_region.half_under_early_stop")
def stopped_early(axes: Axes) -> None:
    """Rule (52) stops after one step, where the residual is small: nearly all of the decrease was still to come."""
    A, g, B = np.eye(2), np.array([1, 0.05]), np.diag([1, 1e-4])
    gains = [float(model_decrease(g, B, s)) for s in steihaug(A, g, B, 1000.0, kappa=0.0).iterates]
    axes.plot(gains, marker="o")
    level(axes, gains[-1] / 2, "half of the best", at=0.01)
    axes.annotate(
        "stops here", (1, gains[1]), xytext=(0, 10), textcoords="offset points", ha="center", fontsize="small"
    )
    axes.set(xlabel="inner steps of conjugate gradients", ylabel="decrease of the model", xticks=[0, 1, 2])


@shows("trust_region.steihaug_monotone")
def monotone(axes: Axes) -> None:
    """From one inner step to the next the norm grows and the model falls."""
    rng = np.random.default_rng(3)
    form = rng.standard_normal((12, 12))
    B, A, g = form @ form.T / 12 + 0.02 * np.eye(12), np.diag(np.geomspace(0.3, 3, 12)), rng.standard_normal(12)
    iterates = steihaug(A, g, B, 1e6, kappa=1e-6).iterates
    norms = [float(np.sqrt(s @ A @ s)) for s in iterates]
    values = [-float(model_decrease(g, B, s)) for s in iterates]
    axes.plot(np.array(norms) / norms[-1], marker="o", label="norm ‖s‖_A")
    axes.plot(np.array(values) / abs(values[-1]), marker="s", label="model m(s)")
    axes.set(xlabel="inner step", ylabel="share of the last one's size")
    axes.legend(loc="center right")


@shows("trust_region.uniform_equivalence", "trust_region.usual_epsilon", "trust_region.smaller_epsilon")
def epsilon(axes: Axes) -> None:
    """The constant 1/ε serves gradients up to about 1/√ε: the usual ε those up to 10⁴."""
    bound = np.geomspace(1e-2, 1e6, 200)
    axes.plot(bound, uniform_equivalence_epsilon(bound), label="largest ε of Lemma 2")
    slope_line(axes, bound[bound > 1], 1.0, -2, "1/L_H²")
    level(axes, 1e-8, "usual ε = 10⁻⁸", above=False, at=0.3)
    place(axes, 1e4, "10⁴", at=0.97)
    axes.set(xscale="log", yscale="log", xlabel="bound L_H on the gradients", ylabel="ε")
    axes.legend(loc="lower left")


@shows("trust_region.complexity", needs=("median iterations and bounds",))
def complexity(axes: Axes, found: dict[str, list[float]]) -> None:
    """Random runs need some five iterations where the bound allows 10¹⁰; on the loss described it bites within 1/9."""
    accuracy = np.array([float(name) for name in found])
    iterations, bounds = np.array(list(found.values())).T
    axes.plot(accuracy, bounds, marker="s", label="bound of Theorem 1")
    axes.plot(accuracy, iterations, marker="o", label="iterations (median)")
    axes.set(xscale="log", yscale="log", xlabel="accuracy ε_g", ylabel="iterations", ylim=(1, None))
    axes.legend(loc="center right")


@shows("trust_region.newton_rate")
def newton_rate(axes: Axes) -> None:
    """Every Newton step squares the distance, as far as the bound allows: the number of digits doubles."""
    x, distances = 0.6, [0.6]
    for _ in range(5):  # f = x - log(1 + x)
        x = x - (x / (1 + x)) * (1 + x) ** 2
        distances.append(abs(x))
    seen = np.array([one for one in distances if one > 1e-16])
    axes.plot(seen, marker="o", label="distance |x − x*|")
    axes.plot(np.arange(1, seen.size), seen[:-1] ** 2, marker="x", label="square of the one before")
    axes.set(yscale="log", xlabel="Newton steps on x − log(1 + x)", ylabel="distance")
    axes.legend()


@shows("trust_region.newton_attracted")
def newton_saddle(axes: Axes) -> None:
    """From every side Newton's steps lead to the saddle; the gradient's (grey) lead past it."""
    x, y = np.meshgrid(np.linspace(-1.4, 1.4, 13), np.linspace(-1.4, 1.4, 13))
    axes.streamplot(x, y, -x, y, color="0.75", density=0.5, linewidth=0.7, arrowsize=0.6)
    for angle in np.arange(8) * np.pi / 4 + 0.3:
        start = 1.2 * np.array([np.cos(angle), np.sin(angle)])
        axes.annotate("", (0.15 * start[0], 0.15 * start[1]), (start[0], start[1]), arrowprops={"arrowstyle": "->"})
    axes.plot(0, 0, "o", color="black")
    axes.set(xlabel="x₁ (convex direction)", ylabel="x₂ (concave direction)", aspect="equal")
    axes.set_title("f = (x₁² − x₂²)/2", fontsize="small")


@shows("trust_region.newton_ascends")
def newton_ascends(axes: Axes) -> None:
    """From x = y = ½ on (xy − 1)²/2 the loss rises along Newton's step, and falls along the negative gradient."""
    share = np.linspace(0, 1, 100)
    for name, direction in (("Newton's step", -1.5), ("negative gradient", 0.375)):
        axes.plot(share, ((0.5 + share * direction) ** 2 - 1) ** 2 / 2, label=name)
    axes.set(xlabel="share of the step", ylabel="loss (xy − 1)²/2")
    axes.legend()


SADDLE = "distances from the saddle of (x₀ x₁ − 1)²/2, from (1, 0.5)/1000, damping 1"


@shows("trust_region.gauss_newton_saddles", needs=(SADDLE,))
def escape(axes: Axes, distances: list[float]) -> None:
    """Beside the saddle damped Gauss-Newton, which sees no negative curvature, doubles its distance at every step."""
    axes.plot(np.arange(1, len(distances) + 1), distances, marker="o")
    axes.set(yscale="log", xlabel="steps", ylabel="distance from the saddle")


@shows("trust_region.subsampled_gradient")
def sub_sample(axes: Axes) -> None:
    """The probability to miss the accuracy falls below any level before the sub-sample is the whole."""
    rng = np.random.default_rng(0)
    values = rng.standard_normal(60)
    values = (values - values.mean()) / values.std()
    sizes = np.arange(1, 61)
    misses = []
    for size in sizes:
        means = rng.permuted(np.tile(values, (300, 1)), axis=1)[:, :size].mean(axis=1)
        misses.append((np.abs(means) > 0.4).mean())
    axes.plot(sizes, np.minimum(1, (60 - sizes) / (59 * sizes * 0.16)), label="bound")
    axes.plot(sizes, misses, label="300 draws")
    axes.set(xlabel="size b of the sub-sample, out of N = 60", ylabel="P(accuracy missed)", ylim=(-0.02, 1.05))
    axes.legend(title="δ_g = 0.4 σ", title_fontsize="small")
