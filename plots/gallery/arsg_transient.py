"""Figure arsg.transient: how far RSG can lead away from the minimiser before it converges."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter, NullLocator
from numpy.typing import ArrayLike, NDArray

from dynamics.checks import Refusal, require_whole
from plots.dataset import describe, recorded, variable
from plots.style import finish, new_figure, style
from theory import linear

__all__ = ["compute", "draw", "kreiss_constant"]

TITLE = "Transient growth of RSG: norms of powers of its transition matrix"
CLAIMS = ("arsg.system_matrix", "arsg.eigenvalues")
QUICK = {"points": 25}

LOOKS: tuple[dict[str, Any], ...] = (
    {"color": "black", "linestyle": "-"},
    {"color": "#D55E00", "linestyle": (0, (6, 1.5))},
    {"color": "#0072B2", "linestyle": (0, (1.2, 1.2))},
    {"color": "#009E73", "linestyle": (0, (6, 1.5, 1.2, 1.5))},
)
TAU = (1e-3, 1e3)


@recorded
def compute(
    *, beta: float = 0.99, mu: tuple[float, ...] = (0.0, 0.01, 0.1, 0.4), tau: float = 1.0, powers: int = 400,
    points: int = 97,
) -> xr.Dataset:  # fmt: skip
    """Norms of A^k against k and their maximum against the scaled curvature.

    Parameters
    ----------
    beta : float
        Momentum coefficient, in (0, 1).
    mu : tuple of float
        Observation factors, one to four, each in [0, 1).
    tau : float
        Scaled curvature at which the powers are shown, positive.
    powers : int
        Largest k, at least 10.
    points : int
        Scaled curvatures in the second panel, logarithmic, at least 5.

    Returns
    -------
    Dataset
        `norm` and `radius` (the k-th power of the gain factor) over (mu, power); `growth` (max over k of the norm),
        `kreiss` (Kreiss constant) and `gain_factor` over (mu, tau), NaN where the iteration does not converge.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Notes
    -----
    The state is (v, s), v the momentum times the step size and s the deviation from the minimiser. Kreiss' matrix
    theorem encloses the growth: K ≤ max‖A^k‖ ≤ 2eK for matrices of size 2.
    """
    factors = np.asarray(mu, dtype=float)
    if factors.ndim != 1 or not 1 <= factors.size <= len(LOOKS):
        raise Refusal(f"mu is {mu!r}; the figure draws one to {len(LOOKS)} observation factors.")
    if not 0 < beta < 1:
        raise Refusal(f"beta is {beta!r}; a momentum coefficient lies in (0, 1), such as 0.99.")
    if not 0 < tau < np.inf:
        raise Refusal(f"tau is {tau!r}; step size times curvature must be positive, such as 1.")
    require_whole("powers", powers, 10, "a hump needs room")
    require_whole("points", points, 5, "a curve needs points")
    methods = [linear.RSG(beta=beta, mu=factor) for factor in factors]
    grid, power = np.geomspace(*TAU, points), np.arange(powers + 1)
    radii = np.array([method.spectral_radius(grid) for method in methods])
    stable = radii < 1 - 1e-9
    growth, kreiss = np.full(radii.shape, np.nan), np.full(radii.shape, np.nan)
    for place, method in enumerate(methods):
        inside = grid[stable[place]]
        growth[place, stable[place]] = method.transient_growth(inside)
        kreiss[place, stable[place]] = kreiss_constant(method.A(inside))
    dataset = xr.Dataset(
        {
            "norm": variable(("mu", "power"), _norms(methods, tau, powers), "norm of the power"),
            "radius": variable(
                ("mu", "power"),
                np.array([method.spectral_radius(tau) for method in methods])[:, np.newaxis] ** power,
                "power of the gain factor",
            ),
            "growth": variable(("mu", "tau"), growth, "largest norm of a power"),
            "kreiss": variable(("mu", "tau"), kreiss, "Kreiss constant"),
            "gain_factor": variable(("mu", "tau"), radii, "gain factor"),
        },
        coords={
            "mu": variable("mu", factors, "observation factor"),
            "power": variable("power", power.astype(np.int32), "number of steps"),
            "tau": variable("tau", grid, "scaled curvature, step size times curvature"),
        },
    )
    return describe(
        dataset,
        "arsg.transient",
        message="""Before it falls, an error of RSG can grow many times over, although all eigenvalues are inside
            the unit circle; a larger μ lets it grow less.""",
        caption=f"""RSG with β = {beta:g} and exact gradients on one eigen-direction, as a linear system in (v, s): the
            momentum times the step size, and the deviation from the minimiser. (a) Spectral norm of A^k at τ =
            {tau:g}; thin: the k-th power of the gain factor, which the norm would be if A were normal. (b) Largest
            norm over all k, inside the convergence region; thin: the Kreiss constant K, below which it cannot lie,
            as it cannot lie above 2eK. Closed matrices, so no seeds, no budget and no tuning.""",
    )


def _norms(methods: list[linear.RSG], tau: float, powers: int) -> NDArray:
    norms = np.empty((len(methods), powers + 1))
    matrix = np.array([method.A(tau) for method in methods])
    power = np.broadcast_to(np.eye(2), matrix.shape)
    for k in range(powers + 1):
        norms[:, k] = np.linalg.norm(power, ord=2, axis=(1, 2))
        power = matrix @ power
    return norms


def kreiss_constant(matrices: ArrayLike, *, angles: int = 721, distances: int = 121) -> NDArray:
    """Kreiss constants of 2×2 matrices with spectral radius below 1, from below on a grid.

    Parameters
    ----------
    matrices : array_like, shape (n, 2, 2)
        Real, so that the upper half-plane is enough.
    angles, distances : int
        Grid points of z: angles from 0 to π, and distances |z| - 1 from 1e-6 to 1e3, logarithmic.

    Returns
    -------
    ndarray, shape (n,)

    Notes
    -----
    .. math:: K(A) = \\sup_{|z|>1} (|z|-1)\\,\\|(zI-A)^{-1}\\|

    The least singular value s of a 2×2 matrix B follows from ‖B‖_F and det B. As |z| grows the product tends to 1.

    References
    ----------
    Trefethen and Embree, Spectra and Pseudospectra, 2005, chapter 18.

    Examples
    --------
    >>> print(kreiss_constant(np.zeros((1, 2, 2))).round(3))
    [0.999]
    >>> print(kreiss_constant(np.array([[[0.0, 10.0], [0.0, 0.0]]])).round(2))
    [2.6]
    """
    matrices = np.asarray(matrices, dtype=float)
    excess = np.geomspace(1e-6, 1e3, distances)
    z = (1 + excess[:, np.newaxis]) * np.exp(1j * np.linspace(0, np.pi, angles))
    found = np.empty(len(matrices))
    for place, ((a, b), (c, d)) in enumerate(matrices):
        square = np.abs(z - a) ** 2 + np.abs(z - d) ** 2 + b * b + c * c
        determinant = np.abs((z - a) * (z - d) - b * c)
        # s² = 2 det² / (F + sqrt(F² - 4 det²)): the form that does not cancel.
        least = 2 * determinant**2 / (square + np.sqrt(np.maximum(square**2 - 4 * determinant**2, 0.0)))
        found[place] = np.max(excess[:, np.newaxis] / np.sqrt(least))
    return found


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw the norms over the number of steps, and the largest one over the scaled curvature."""
    with style(size) as sheet:
        narrow = size == "column"
        figure = new_figure(sheet, height={"column": 5.4, "page": 3.4}.get(size))
        powers, growth = figure.subplots(*((2, 1) if narrow else (1, 2)))
        lines = []
        for place, factor in enumerate(dataset["mu"].values):
            part, look = dataset.isel(mu=place), LOOKS[place]
            (line,) = powers.plot(part["power"].values, part["norm"].values, label=rf"$\mu={factor:g}$", **look)
            thin = {**look, "linewidth": 0.4 * line.get_linewidth()}
            powers.plot(part["power"].values, part["radius"].values, **thin)
            lines.append(line)
            growth.plot(part["tau"].values, part["growth"].values, **look)
            growth.plot(part["tau"].values, part["kreiss"].values, **thin)
        powers.axhline(1.0, color="0.45", linestyle="-", linewidth=0.6, zorder=1)
        powers.set(title="(a)", xlabel="number of steps $k$", yscale="log")
        powers.set_ylabel(r"norm $\|A^k\|$")
        powers.set_ylim(bottom=1e-2)
        powers.set_xlim(left=0)
        growth.set(title="(b)", xscale="log", yscale="log", xlim=TAU)
        growth.set_xlabel(r"scaled curvature $\tau=\alpha\lambda$")
        growth.set_ylabel(r"largest norm $\max_k\|A^k\|$")
        growth.set_ylim(bottom=0.9)
        growth.xaxis.set_major_locator(LogLocator(numticks=7))
        growth.xaxis.set_minor_locator(NullLocator())
        for axes in (powers, growth):
            axes.yaxis.set_minor_formatter(NullFormatter())
        fine = Line2D(
            [],
            [],
            color="0.3",
            linestyle="-",
            linewidth=0.4 * lines[0].get_linewidth(),
            label="(a) $r_g^k$, (b) Kreiss constant",
        )
        figure.legend(handles=[*lines, fine], loc="outside upper center", ncols=2 if narrow else 5)
        return finish(figure)
