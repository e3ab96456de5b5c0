"""Figure sigma_nice.1: two rippled functions, smoothed over longer and longer intervals."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray
from scipy.optimize import brentq

from dynamics.checks import require_whole
from plots.dataset import describe, recorded, variable
from plots.gallery.parameter_checks import require_increasing
from plots.style import finish, new_figure, style
from synthetic import drop_wave, gradient, hessian_product, rastrigin, value
from synthetic.smoothing.factor import Smoothing
from theory.sigma_nice import attenuation

__all__ = ["ball_mean", "compute", "convex_half_width", "draw"]

TITLE = "Two rippled functions, smoothed over longer and longer intervals"
SOURCE = "Figure 1"
CLAIMS = (
    "sigma_nice.smoothing_distance",
    "sigma_nice.rastrigin_sigma_nice",
    "sigma_nice.rastrigin_new_sigma_nice",
    "sigma_nice.interchange",
)

LEVELS = (0.2, 0.35, 0.5, 0.7)
PROBLEMS: dict[str, tuple[Any, float, float]] = {  # wavelength of the ripple, half-width of the window
    "Rastrigin": (rastrigin(), 1.0, 2.2),
    "drop wave": (drop_wave(), 1.0 / 6.0, 2.2 / 6.0),
}
LAWS: dict[str, tuple[int, Smoothing]] = {
    "ball, d = 1": (1, "ball"),
    "ball, d = 2": (2, "ball"),
    "ball, d = 10": (10, "ball"),
    "normal": (1, "gaussian"),
}
NODES, WEIGHTS = np.polynomial.legendre.leggauss(60)  # exact to rounding for the ripples of one interval


@recorded
def compute(*, levels: Sequence[float] = LEVELS, points: int = 401) -> xr.Dataset:
    """Values of the smoothed functions, where they are convex, and what smoothing leaves of a ripple.

    Parameters
    ----------
    levels : sequence of float
        Noise levels in wavelengths of the ripple, 2 or more, increasing, above 0; the function itself is added.
    points : int
        Abscissae, at least 101.

    Returns
    -------
    Dataset
        `value` over (problem, level, x), x in wavelengths and the least value taken off; `minimiser`, not negative, and
        `convex_half_width` (0 where the function is not convex at 0) over (problem, level), in wavelengths;
        `attenuation` over (law, displacement).

    Raises
    ------
    ValueError
        If a parameter is outside its range.
    """
    ladder = np.append(0.0, require_increasing("levels", levels, count=2, above=0, reason="each is a row"))
    require_whole("points", points, 101, "a ripple takes about twenty to look smooth")
    unit = np.linspace(-1.0, 1.0, points)
    shape = (len(PROBLEMS), ladder.size)
    values, minimiser, width = np.empty((*shape, points)), np.empty(shape), np.empty(shape)
    for i, (problem, wavelength, window) in enumerate(PROBLEMS.values()):
        x = window * unit
        for j, delta in enumerate(wavelength * ladder):
            smoothed = ball_mean(lambda points, f=problem: value(f, points), x, delta)
            values[i, j] = smoothed - smoothed.min()
            minimiser[i, j] = abs(x[np.argmin(smoothed)]) / wavelength
            width[i, j] = convex_half_width(problem, delta, wavelength) / wavelength
    displacement = np.linspace(0.0, 1.0, 301)
    left = [_attenuation(displacement, *law) for law in LAWS.values()]
    dataset = xr.Dataset(
        {
            "value": variable(("problem", "level", "x"), values, "smoothed function, less its least value"),
            "minimiser": variable(("problem", "level"), minimiser, "minimiser, not negative, in wavelengths"),
            "convex_half_width": variable(
                ("problem", "level"), width, "half-width of the convex region about 0, in wavelengths"
            ),
            "attenuation": variable(("law", "displacement"), np.array(left), "factor that is left of the ripple"),
        },
        coords={
            "problem": variable("problem", np.array(list(PROBLEMS), dtype=str), "function"),
            "level": variable("level", ladder, "noise level, in wavelengths of the ripple"),
            "x": variable("x", PROBLEMS["Rastrigin"][2] * unit, "abscissa, in wavelengths of the ripple"),
            "law": variable("law", np.array(list(LAWS), dtype=str), "law of the smoothing noise"),
            "displacement": variable(
                "displacement", displacement, "root mean square displacement along the wave, in wavelengths"
            ),
        },
    )
    wide = dataset.isel(level=slice(1, None))
    met = (wide["convex_half_width"] > wide["level"]).sum("level").values
    return describe(
        dataset,
        "sigma_nice.1",
        message="""Smoothing irons the ripple out where the interval is one wavelength long (δ = 1/2); a little
            more turns it over, and the minimiser is lost.""",
        caption=f"""(a, b) Rastrigin's function x² - 10 cos 2πx + 10 and the drop wave, averaged over [x - δ, x + δ];
            δ and x in wavelengths of the ripple, each row less its least value. Dots: minimisers in the window. Thick:
            where the row is convex about x* = 0; the bar below it reaches δ to both sides, and a new σ-nice function
            needs a thick part longer than that. {met[0]} and {met[1]} of the {ladder.size - 1} smoothed rows have it;
            at δ = 1/2 the ripple is gone, beyond it is turned over and x* is lost. (c) What is left of a ripple when
            the noise moves a point by so much along the wave: over a ball of low dimension the factor turns negative,
            under normal noise, which SGD's resembles, never. Closed forms and quadrature; nothing is random.""",
    )


def ball_mean(function: Any, x: NDArray, delta: float) -> NDArray:
    """The mean of a function of points, shape (..., 1), over [x - δ, x + δ], by Gauss and Legendre's rule."""
    nodes = x[:, np.newaxis] - delta * NODES
    return np.asarray(function(nodes[..., np.newaxis]) @ WEIGHTS / 2)


def convex_half_width(problem: Any, delta: float, wavelength: float) -> float:
    """How far from 0 an even function, smoothed over 2δ, stays convex; 0 where it is not convex at 0.

    The second derivative is (f'(x + δ) - f'(x - δ)) / (2δ), and f'' itself for δ = 0.
    """

    def curvatures(x: NDArray) -> NDArray:
        if delta == 0:
            return np.asarray(hessian_product(problem, x[:, np.newaxis], [1.0])[:, 0])
        right, left = gradient(problem, np.stack([x + delta, x - delta])[..., np.newaxis])[..., 0]
        return np.asarray(right - left) / (2 * delta)

    x = np.linspace(0.0, 3 * wavelength, 1501)
    concave = np.flatnonzero(curvatures(x) <= 0)
    if concave.size == 0:
        return np.inf
    if concave[0] == 0:
        return 0.0
    return float(brentq(lambda at: curvatures(np.array([at]))[0], x[concave[0] - 1], x[concave[0]]))


def _attenuation(displacement: NDArray, dimension: int, noise: Smoothing) -> NDArray:
    # Along one direction a point of the ball of radius δ moves by δ/√(d + 2) in root mean square.
    scale = np.sqrt(dimension + 2) if noise == "ball" else 1.0
    return attenuation(dimension, 2 * np.pi * scale * displacement, noise=noise)


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw the rows of both functions, and the factor of the ripple."""
    with style(size) as sheet:
        narrow = size == "column"
        figure = new_figure(sheet, height={"column": 7.4, "page": 3.9}.get(size))
        panels = figure.subplots(*((3, 1) if narrow else (1, 3)), height_ratios=[1, 1, 0.8] if narrow else None)
        for axes, letter, name, spacing in zip(panels, "ab", dataset["problem"].values, (24.0, 1.25), strict=False):
            _plot_rows(axes, dataset.sel(problem=name), spacing)
            axes.set(title=f"({letter}) {name}", xlabel="$x$ in wavelengths")
        panels[0].set_ylabel(r"noise level $\delta$ in wavelengths")
        if narrow:
            panels[1].set_ylabel(r"noise level $\delta$ in wavelengths")
        factor = panels[2]
        for law in dataset["law"].values:
            factor.plot(dataset["displacement"], dataset["attenuation"].sel(law=law), label=str(law))
        factor.axhline(0.0, color="0.4", linewidth=0.8, linestyle="-", zorder=1)
        factor.set(title="(c) what is left", xlabel="rms shift in wavelengths")
        factor.set_ylabel("factor of the ripple")
        factor.legend(loc="upper right", handlelength=2.6)
        figure.legend(handles=_key(), loc="outside upper center", ncols=1 if narrow else 3)
        return finish(figure)


def _plot_rows(axes: Axes, part: xr.Dataset, spacing: float) -> None:
    x, window = part["x"].values, float(part["x"][-1])
    bases = spacing * np.arange(part.sizes["level"])
    for base, level in zip(bases, part["level"].values, strict=True):
        row = part.sel(level=level)
        y = base + row["value"].values
        axes.plot(x, y, color="black", linestyle="-", linewidth=0.9)
        inside = np.abs(x) <= float(row["convex_half_width"])
        axes.plot(x[inside], y[inside], color="#56B4E9", linestyle="-", linewidth=4, zorder=1)
        axes.plot([-level, level], [base - 0.12 * spacing] * 2, color="#D55E00", linestyle="-", linewidth=2.2)
        at = float(row["minimiser"])
        found = np.array([-at, at]) if at < window else np.array([])
        axes.plot(found, np.interp(found, x, y), color="black", linestyle="none", marker="o")
    axes.set_yticks(bases, [f"{level:g}" for level in part["level"].values])
    axes.set_ylim(-0.25 * spacing, bases[-1] + 0.6 * spacing)
    axes.grid(visible=False)


def _key() -> list[Line2D]:
    return [
        Line2D([], [], color="black", linestyle="none", marker="o", label="minimiser"),
        Line2D([], [], color="#56B4E9", linestyle="-", linewidth=4, label="convex about $x^*=0$"),
        Line2D([], [], color="#D55E00", linestyle="-", linewidth=2.2, label=r"to be convex: $|x-x^*|\leq\delta$"),
    ]
