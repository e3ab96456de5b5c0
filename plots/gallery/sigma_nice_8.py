"""Figure sigma_nice.8: the law of the noise in mini-batch gradients of a network on handwritten digits."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter
from numpy.typing import NDArray
from scipy.stats import chi, norm, normaltest

from dynamics import ensemble
from dynamics.checks import Refusal, require_whole
from plots.dataset import describe, recorded, variable
from plots.gallery.digits_training import network, plain_sgd, sample_gradients, starts
from plots.seeds import seed_band
from plots.style import finish, new_figure, style

__all__ = ["batch_noise", "compute", "draw", "effective_dimension", "normal_noise", "rejected"]

TITLE = "The law of mini-batch gradient noise on handwritten digits"
SOURCE = "Figure 8"
CLAIMS = ("sigma_nice.degree_of_smoothing", "sigma_nice.normal_noise_digits", "sigma_nice.noise_spread_digits")
QUICK = {"hidden": 6, "draws": 200, "epochs": 10, "batch_sizes": [4, 64]}

STAGES = ("at the start", "trained")
PENALTY = 1e-4  # λ of λ|w|²/2
ERROR_LEVEL = 0.01  # of each coordinate's test
LOOKS = {"at the start": ("#0072B2", "-", "o"), "trained": ("#D55E00", (0, (6, 1.5)), "s")}
NORMAL = {"color": "black", "linestyle": (0, (1.2, 1.2))}
ENTRY_BINS = np.linspace(-10.0, 10.0, 81)
LENGTH_BINS = np.linspace(0.0, 2.5, 41)


@recorded
def compute(
    *,
    batch_sizes: Sequence[int] = (4, 16, 64, 256),
    shown: int = 64,
    hidden: int = 12,
    draws: int = 600,
    epochs: int = 40,
    step_size: float = 0.3,
    seeds: int = 5,
    rng: int = 0,
) -> xr.Dataset:
    """Entries and lengths of the noise in mini-batch gradients, and tests of the entries for normality.

    Parameters
    ----------
    batch_sizes : sequence of int
        Batch sizes, 2 or more, increasing, from 1 on and below the number of images.
    shown : int
        The one of them whose entries and lengths are drawn.
    hidden : int
        Hidden units of the network, at least 1.
    draws : int
        Mini-batches for each law, at least 100.
    epochs, step_size : int, float
        Length of the training, with batches of 16, and its step size.
    seeds : int
        Initial weights, at least 5: they make the bands.
    rng : int
        Seed, 0 or more.

    Returns
    -------
    Dataset
        `entry_density` over (stage, seed, entry) and `length_density` over (stage, seed, length) at the batch size
        `shown`; `rejected` over (stage, seed, batch_size), the share of coordinates whose test rejects, and
        `rejected_normal` over (stage, seed), the same for normal noise of the same covariance; `effective_dimension`
        and `live_coordinates` over (stage, seed).

    Raises
    ------
    ValueError
        If a parameter is outside its range.
    ImportError
        If scikit-learn is not installed.
    """
    sizes = np.asarray(batch_sizes)
    if sizes.ndim != 1 or sizes.size < 2 or sizes.dtype.kind not in "iu" or np.any(np.diff(sizes) < 1) or sizes[0] < 1:
        raise Refusal(f"batch_sizes is {batch_sizes!r}; two or more increasing whole numbers from 1 on are needed.")
    if shown not in sizes:
        raise Refusal(f"shown is {shown!r}; it must be one of the batch sizes {sizes.tolist()}.")
    require_whole("draws", draws, 100, "a test for normality needs a sample")
    require_whole("seeds", seeds, 5, "a band over fewer says little")
    require_whole("epochs", epochs, 1, "the second stage is after training")
    require_whole("rng", rng, 0, "a figure keeps its seed as a whole number")
    problem = network(hidden, PENALTY, rng)
    samples = len(problem.data.labels)
    if sizes[-1] >= samples:
        raise Refusal(f"batch_sizes is {batch_sizes!r}; with all {samples} images in a batch there is no noise.")
    begin = starts(problem, range(seeds), rng)
    steps = epochs * (samples // 16)
    sweep = ensemble([plain_sgd(step_size, 16)], problem, steps=steps, seeds=seeds, x0=begin, record_every=steps)
    points = {"at the start": begin, "trained": sweep.x[0]}
    cells = (len(STAGES), seeds)
    entries, lengths = np.empty((*cells, ENTRY_BINS.size - 1)), np.empty((*cells, LENGTH_BINS.size - 1))
    shares, control = np.empty((*cells, sizes.size)), np.empty(cells)
    effective, live = np.empty(cells), np.empty(cells)
    for i, seed in np.ndindex(*cells):
        gradients = sample_gradients(problem, points[STAGES[i]][seed])
        centred = gradients - gradients.mean(axis=0)
        reach = np.abs(centred).max(axis=0)
        alive = centred[:, reach > 1e-12 * reach.max()]  # weights of a pixel that is blank everywhere have no noise
        generator = np.random.default_rng(np.random.SeedSequence(rng, spawn_key=(seed, i, 8)))
        for k, size in enumerate(sizes):
            noise = batch_noise(alive, int(size), draws, generator)
            shares[i, seed, k] = rejected(noise)
            if size == shown:
                entries[i, seed] = np.histogram(noise / np.sqrt((noise**2).mean()), ENTRY_BINS)[0]
                length = np.linalg.norm(noise, axis=1)
                lengths[i, seed] = np.histogram(length / np.sqrt((length**2).mean()), LENGTH_BINS)[0]
                entries[i, seed] /= noise.size * np.diff(ENTRY_BINS)
                lengths[i, seed] /= length.size * np.diff(LENGTH_BINS)
        control[i, seed] = rejected(normal_noise(alive, draws, generator))
        effective[i, seed], live[i, seed] = effective_dimension(alive), alive.shape[1]
    dataset = xr.Dataset(
        {
            "entry_density": variable(("stage", "seed", "entry"), entries, "density of an entry of the noise"),
            "length_density": variable(("stage", "seed", "length"), lengths, "density of the noise's length"),
            "rejected": variable(("stage", "seed", "batch_size"), shares, "share of coordinates found not normal"),
            "rejected_normal": variable(("stage", "seed"), control, "the same share for normal noise"),
            "effective_dimension": variable(("stage", "seed"), effective, "effective dimension of the noise"),
            "live_coordinates": variable(("stage", "seed"), live, "coordinates that have noise"),
        },
        coords={
            "stage": variable("stage", np.array(STAGES, dtype=str), "stage of training"),
            "seed": variable("seed", np.arange(seeds, dtype=np.int32), "seed of the initial weights"),
            "batch_size": variable("batch_size", sizes.astype(np.int32), "batch size"),
            "entry": variable("entry", _middles(ENTRY_BINS), "entry over the root mean square of all entries"),
            "length": variable("length", _middles(LENGTH_BINS), "length over its root mean square"),
        },
    )
    mean = dataset.mean("seed")
    dimensions = [f"{float(value):.1f}" for value in mean["effective_dimension"].values]
    finest = mean["rejected"].isel(batch_size=-1).values
    return describe(
        dataset,
        "sigma_nice.8",
        message=f"""Mini-batch noise is far from the normal noise of theory: its lengths spread as if it had
            {dimensions[0]} to {dimensions[1]} dimensions in place of {round(float(mean["live_coordinates"][0]))}.""",
        caption=f"""Noise of mini-batch gradients (batch without replacement, less the full gradient) of a tanh network
            with {hidden} hidden units on {samples} handwritten digits, penalty {PENALTY:g}|w|²/2, at its initial
            weights and after {epochs} epochs of SGD (step size {step_size:g}, batches of 16, not tuned).
            Lines and bands: median and central 80 % over {seeds} initial weights, seed {rng}; {draws} mini-batches for
            each law. (a) All entries together, batches of {shown}, against a normal law of the same
            variance. (b) Lengths, against N(0, I/n) in the same
            dimension n, whose length hardly varies: the noise has an effective dimension, (tr Σ)²/tr Σ², of
            {dimensions[0]} at the start and {dimensions[1]} after training, in place of
            n = {round(float(mean["live_coordinates"][0]))}. (c) Share of coordinates whose normality is rejected by
            D'Agostino and Pearson's test, each at error level {ERROR_LEVEL:.0%}; normal noise of the same covariance,
            through the same test, gives {float(mean["rejected_normal"].mean()):.1%}. With batches of {sizes[-1]} it
            is {finest[0]:.0%} at the start and {finest[1]:.0%} after training.""",
        seeds=(rng,),
    )


def batch_noise(centred: NDArray, size: int, draws: int, rng: np.random.Generator) -> NDArray:
    """Means over random subsets of the rows, shape (draws, n)."""
    samples = len(centred)
    chosen = np.argpartition(rng.random((draws, samples)), size - 1, axis=1)[:, :size]
    weights = np.zeros((draws, samples))
    np.put_along_axis(weights, chosen, 1.0 / size, axis=1)
    return weights @ centred


def normal_noise(centred: NDArray, draws: int, rng: np.random.Generator) -> NDArray:
    """Normal draws with the covariance of the rows, shape (draws, n)."""
    return rng.standard_normal((draws, len(centred))) @ centred / np.sqrt(len(centred))


def effective_dimension(centred: NDArray) -> float:
    """(tr Σ)² / tr Σ² of the rows' covariance Σ: n for n equal variances, 1 for a single direction."""
    gram = centred.T @ centred if centred.shape[1] < len(centred) else centred @ centred.T
    return float(np.trace(gram) ** 2 / (gram**2).sum())


def rejected(noise: NDArray) -> float:
    """The share of columns whose normality the omnibus test rejects; one whose draws all agree is not normal either."""
    varies = np.ptp(noise, axis=0) > 1e-9 * np.abs(noise).max()
    normal = np.count_nonzero(normaltest(noise[:, varies], axis=0).pvalue >= ERROR_LEVEL)
    return 1.0 - float(normal) / noise.shape[1]


def _middles(edges: NDArray) -> NDArray:
    return (edges[1:] + edges[:-1]) / 2


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw the entries, the lengths, and the shares that are not normal."""
    with style(size) as sheet:
        narrow = size == "column"
        figure = new_figure(sheet, height={"column": 7.0, "page": 3.5}.get(size))
        entries, lengths, tests = figure.subplots(*((3, 1) if narrow else (1, 3)))
        for stage, (color, dashes, marker) in LOOKS.items():
            part, look = dataset.sel(stage=stage), {"color": color, "linestyle": dashes}
            _plot_density(entries, part["entry"].values, part["entry_density"].values, stage, look)
            _plot_density(lengths, part["length"].values, part["length_density"].values, stage, look)
            low, median, high = 100 * np.array(seed_band(part["rejected"].values))
            tests.fill_between(part["batch_size"], low, high, color=color, alpha=0.2, linewidth=0)
            tests.plot(part["batch_size"], median, marker=marker, **look)
            control = 100 * part["rejected_normal"].values
            tests.axhline(float(np.median(control)), linewidth=1.0, zorder=1, **NORMAL)
        x = np.linspace(-10, 10, 401)
        entries.plot(x, norm.pdf(x), label="normal", **NORMAL)
        n = round(float(dataset["live_coordinates"].isel(stage=0).median()))
        x = np.linspace(0.8, 1.2, 401)
        lengths.plot(x, np.sqrt(n) * chi.pdf(x * np.sqrt(n), n), **NORMAL)
        entries.set(title="(a)", xlabel="entry of the noise / rms", ylabel="density", yscale="log", ylim=(1e-5, 3))
        lengths.set(title="(b)", xlabel="length of the noise / rms", ylabel="density", ylim=(0, 4), xlim=(0, 2.5))
        tests.set(
            title="(c)", xlabel="batch size $b$", ylabel="coordinates not normal, %", xscale="log", ylim=(-3, 103)
        )
        sizes = dataset["batch_size"].values
        tests.set_xticks(sizes, [str(size) for size in sizes])
        tests.xaxis.set_minor_formatter(NullFormatter())
        figure.legend(*entries.get_legend_handles_labels(), loc="outside upper center", ncols=3)
        return finish(figure)


def _plot_density(axes: Axes, x: NDArray, samples: NDArray, label: str, look: dict) -> None:
    low, median, high = seed_band(samples)
    axes.fill_between(x, low, high, color=look["color"], alpha=0.2, linewidth=0)
    axes.plot(x, np.where(median > 0, median, np.nan), label=label, **look)
