"""Figure arsg.saturation: the loss at which RSG flattens under gradient noise, predicted and simulated."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import NullFormatter

from dynamics import RSG, ensemble
from dynamics.checks import Refusal, require_whole
from plots.dataset import describe, recorded, variable
from plots.seeds import seed_band
from plots.style import finish, new_figure, style
from synthetic import quadratic
from theory import arsg, linear

__all__ = ["compute", "draw", "expected_loss"]

TITLE = "Saturation loss of RSG under gradient noise, predicted and simulated"
CLAIMS = ("arsg.saturation_loss", "arsg.accelerated_noise", "arsg.variance_limit")
QUICK = {"copies": 64, "seeds": 6, "steps": 1500}

CURVATURES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
MARKERS = ("o", "s", "^", "D", "v")
ERROR_LEVEL = 0.01


@recorded
def compute(
    *,
    beta: float = 0.97,
    mu: Sequence[float] = (0.0, 0.1, 0.4),
    step_size: float = 0.6,
    noise: float = 0.1,
    curvatures: Sequence[float] = CURVATURES,
    steps: int = 3000,
    copies: int = 256,
    seeds: int = 16,
    rng: int = 0,
) -> xr.Dataset:
    """Loss of RSG on a noisy quadratic over time, and where it ends on each eigen-direction.

    Parameters
    ----------
    beta : float
        Momentum coefficient, in [0, 1).
    mu : sequence of float
        Observation factors, one to five, each in [0, 1).
    step_size : float
        Step size, positive; it must keep every curvature inside the convergence region.
    noise : float
        Standard deviation of the gradient noise on each direction, positive.
    curvatures : sequence of float
        Eigenvalues, increasing and positive, at least two.
    steps : int
        Steps of a run, at least 100.
    copies : int
        Independent directions of each curvature in one run, at least 10.
    seeds : int
        Runs, at least 5.
    rng : int
        Seed, 0 or more.

    Returns
    -------
    Dataset
        `loss` over (mu, seed, iteration) per copy of the spectrum, its expectation `expected_loss` over (mu, step) and
        its limit `saturation`; over (mu, curvature), on one direction at the last step, `final_loss` with the ends
        `final_low` and `final_high` of its interval, `predicted_final`, and the limit ½λσ²l_Var as `limit_final`.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or a step is too long to converge.
    """
    factors, spectrum = _check(beta, mu, step_size, noise, curvatures)
    require_whole("steps", steps, 100, "the loss has to flatten")
    require_whole("copies", copies, 10, "the intervals rest on them")
    require_whole("seeds", seeds, 5, "a band over fewer says little")
    require_whole("rng", rng, 0, "a figure keeps its seed as a whole number")
    problem = quadratic(eigenvalues=np.repeat(spectrum, copies), noise=noise)
    streams = np.random.SeedSequence(rng).generate_state(seeds)
    sweep = ensemble(
        [RSG(step_size, beta=beta, mu=factor) for factor in factors],
        problem,
        steps=steps,
        seeds=streams.tolist(),
        record_every=max(1, steps // 750),
    )
    deviations = sweep.x.reshape(factors.size, seeds, spectrum.size, copies).swapaxes(1, 2)
    ends = 0.5 * spectrum[:, np.newaxis] * deviations.reshape(factors.size, spectrum.size, seeds * copies) ** 2
    low, high = _intervals(ends)
    expected = np.array([expected_loss(beta, factor, step_size, noise, spectrum, steps) for factor in factors])
    limit = arsg.variance_limit(step_size * spectrum, beta=beta, mu=factors[:, np.newaxis])
    saturation = 0.5 * noise**2 / spectrum * limit
    cells, per = ("mu", "curvature"), "loss on one direction"
    dataset = xr.Dataset(
        {
            "loss": variable(("mu", "seed", "iteration"), sweep.loss / copies, "loss"),
            "expected_loss": variable(("mu", "step"), expected.sum(axis=1), "expected loss"),
            "saturation": variable("mu", saturation.sum(axis=1), "limit of the expected loss"),
            "final_loss": variable(cells, ends.mean(axis=-1), f"{per}, mean of the runs"),
            "final_low": variable(cells, low, f"{per}, lower end of the interval"),
            "final_high": variable(cells, high, f"{per}, upper end of the interval"),
            "predicted_final": variable(cells, expected[..., -1], f"{per}, expected at the last step"),
            "limit_final": variable(cells, saturation, f"{per}, limit"),
        },
        coords={
            "mu": variable("mu", factors, "observation factor"),
            "curvature": variable("curvature", spectrum, "curvature"),
            "seed": variable("seed", np.arange(seeds, dtype=np.int32), "run"),
            "iteration": variable("iteration", sweep.iteration.astype(np.int32), "iteration"),
            "step": variable("step", np.arange(steps + 1, dtype=np.int32), "iteration"),
        },
    )
    return describe(
        dataset,
        "arsg.saturation",
        message="""Under noise the loss levels off where the closed form says (dotted), on every direction within
            the error bars.""",
        caption=f"""RSG with β = {beta:g} and step size {step_size:g} on a quadratic with {spectrum.size} curvatures,
            {copies} independent directions each, start at 1 on each, gradient noise N(0, {noise:g}²). (a) Loss per
            copy of the spectrum; marks and bands: median and central 80 % of {seeds} runs, seed {rng}; lines:
            expectation by the recursion of the covariance; dotted: Σ ½λσ²l_Var. (b) Loss after {steps} steps on one
            direction, simulated over ½λσ²l_Var; exact chi-squared intervals from {seeds * copies} directions, which
            miss a true value anywhere in the picture with probability {ERROR_LEVEL:g} at most. Equal step sizes, no
            tuning.""",
        seeds=(rng,),
    )


def _check(
    beta: float, mu: Sequence[float], step_size: float, noise: float, curvatures: Sequence[float]
) -> tuple[np.ndarray, np.ndarray]:
    factors, spectrum = np.asarray(mu, dtype=float), np.asarray(curvatures, dtype=float)
    if factors.ndim != 1 or not 1 <= factors.size <= len(MARKERS):
        raise Refusal(f"mu is {mu!r}; the figure draws one to {len(MARKERS)} observation factors.")
    if spectrum.ndim != 1 or spectrum.size < 2 or not spectrum[0] > 0 or np.any(np.diff(spectrum) <= 0):
        raise Refusal(f"curvatures is {curvatures!r}; the figure needs 2 or more increasing positive numbers.")
    for name, value in (("step_size", step_size), ("noise", noise)):
        if not 0 < value < np.inf:
            raise Refusal(f"{name} is {value!r}; it must be positive.")
    end = float(np.min(arsg.critical_points(beta=beta, mu=factors).tau_rb))
    if not step_size * spectrum[-1] < end:
        raise Refusal(
            f"step_size is {step_size!r}: times the largest curvature {spectrum[-1]:g} it must stay below τ_rb = "
            f"{end:.4g}, where convergence ends; take a step below {end / spectrum[-1]:.3g}."
        )
    return factors, spectrum


def expected_loss(
    beta: float, mu: float, step_size: float, noise: float, curvatures: np.ndarray, steps: int
) -> np.ndarray:
    """Expected loss on each direction from s = 1 at rest, shape (curvatures, steps + 1).

    The second moment of (v, s) obeys M ← A M Aᵀ + (τσ)² b bᵀ with σ the noise over the curvature.
    """
    method, tau = linear.RSG(beta=beta, mu=mu), step_size * curvatures
    matrix, entry = method.A(tau), (step_size * noise) * method.b(tau)
    source = entry[:, :, np.newaxis] * entry[:, np.newaxis]
    moment = np.zeros((curvatures.size, 2, 2))
    moment[:, 1, 1] = 1.0
    second = np.empty((curvatures.size, steps + 1))
    for k in range(steps + 1):
        second[:, k] = moment[:, 1, 1]
        moment = matrix @ moment @ matrix.swapaxes(1, 2) + source
    return 0.5 * curvatures[:, np.newaxis] * second


def _intervals(ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Intervals for the means of multiples of chi-squared variables, with Bonferroni's correction over all of them."""
    from scipy.stats import chi2

    cells, size = ends[..., 0].size, ends.shape[-1]
    total = ends.sum(axis=-1)
    tail = 0.5 * ERROR_LEVEL / cells
    return total / chi2.isf(tail, size), total / chi2.ppf(tail, size)


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw the loss over the iterations, and the final loss on each direction over its prediction."""
    with style(size) as sheet:
        narrow = size == "column"
        figure = new_figure(sheet, height={"column": 5.4, "page": 3.4}.get(size))
        over_time, ratios = figure.subplots(*((2, 1) if narrow else (1, 2)))
        count = dataset.sizes["mu"]
        for place, factor in enumerate(dataset["mu"].values):
            part = dataset.isel(mu=place)
            iteration = part["iteration"].values[1:]
            low, median, high = seed_band(part["loss"].values[:, 1:])
            (curve,) = over_time.plot(
                part["step"].values[1:], part["expected_loss"].values[1:], label=rf"$\mu={factor:g}$"
            )
            color = curve.get_color()
            over_time.fill_between(iteration, low, high, color=color, alpha=0.3, linewidth=0)
            sparse = np.unique(np.geomspace(1, iteration.size, 15).astype(int)) - 1
            over_time.plot(iteration[sparse], median[sparse], color=color, marker=MARKERS[place], linestyle="none")
            over_time.axhline(float(part["saturation"]), color=color, linestyle=(0, (1, 1)), linewidth=0.8)
            scale = part["limit_final"].values
            middle = part["final_loss"].values / scale
            reach = [middle - part["final_low"].values / scale, part["final_high"].values / scale - middle]
            shift = 1.12 ** (place - (count - 1) / 2)  # side by side, so that no interval hides another
            ratios.errorbar(
                part["curvature"].values * shift, middle, reach, color=color, marker=MARKERS[place], linestyle="none",
                capsize=2,
            )  # fmt: skip
        over_time.set(title="(a)", xlabel="iteration $t$", xscale="log", yscale="log", ylabel="loss")
        ratios.axhline(1.0, color="0.45", linestyle="-", zorder=1)
        ratios.set(title="(b)", xlabel=r"curvature $\lambda$", xscale="log")
        ratios.set_ylabel(r"final loss over $\frac{1}{2}\lambda\sigma^2 l_{\mathrm{Var}}$")
        over_time.yaxis.set_minor_formatter(NullFormatter())
        figure.legend(handles=_key(over_time.get_lines()), loc="outside upper center", ncols=3)
        return finish(figure)


def _key(lines: Sequence[Line2D]) -> list[Line2D | Patch]:
    expected: list[Line2D | Patch] = [
        Line2D([], [], color=line.get_color(), linestyle=line.get_linestyle(), marker=marker, label=line.get_label())
        for line, marker in zip(lines[::3], MARKERS, strict=False)
    ]
    return [
        *expected,
        Patch(color="0.5", alpha=0.3, linewidth=0, label="central 80 %"),
        Line2D([], [], color="0.3", linestyle=(0, (1, 1)), linewidth=0.8, label="predicted limit"),
    ]
