"""What figures trust_region.3 and 9 to 11 share: trust regions and gradient methods on networks, by what they cost."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator
from numpy.typing import NDArray

from dynamics import SGD, Adagrad, RMSprop, TrustRegion, ensemble
from dynamics.checks import Refusal, require_whole
from plots.budget import Weights, cost, run_within, value_at
from plots.dataset import variable
from plots.looks import look
from plots.marks import label_ends, name_with_edge, plot_over_seeds
from plots.seeds import median_over, ranked
from plots.style import finish, new_figure, set_title, style
from plots.tuning import Candidate, Tuned, tune
from synthetic import TanhNet, digits_mlp

__all__ = [
    "BACKPROPAGATIONS",
    "EPOCHS",
    "GRADIENT_METHODS",
    "RADII",
    "SAMPLED",
    "TRUST_REGIONS",
    "Networks",
    "Setting",
    "as_curves",
    "caption",
    "compare",
    "draw_comparison",
    "message",
    "multiply_adds",
    "region",
    "seconds",
    "trust_regions",
]

BACKPROPAGATIONS = Weights(value=0.0, gradient=1.0, hessian_product=1.0)
EPOCHS = Weights(value=0.0, gradient=1.0, hessian_product=0.0)  # one gradient, on the batch that it has drawn
CLASSES = 10
SETTINGS = 6
RADII = tuple(10.0 ** np.linspace(-4, 1, SETTINGS))
SAMPLED = {"derivatives": "sampled", "values": "sampled"}  # as in the paper's experiments
TRUST_REGIONS = {"TR sphere": "sphere", "TR Adagrad": "adagrad", "TR RMSprop": "rmsprop"}
GRADIENT_METHODS = ("SGD", "Adagrad", "RMSprop")


class Setting(NamedTuple):
    """The network, its batches, the budget of a run, and how many runs are shown: as many others choose settings."""

    hidden: int
    test_fraction: float
    batch_size: int
    small_batch: int
    budget: float
    runs: int
    rng: int

    def check(self) -> None:
        """Refuse what makes no network, no batch or no band, before anything is computed."""
        require_whole("hidden", self.hidden, 1, "a network has a hidden unit")
        require_whole("batch_size", self.batch_size, 1, "a batch has a sample")
        require_whole("small_batch", self.small_batch, 1, "a batch has a sample")
        require_whole("runs", self.runs, 5, "a band over fewer says little")
        require_whole("rng", self.rng, 0, "a figure keeps its seed as a whole number")
        if not 0 < self.test_fraction < 1:
            raise Refusal(f"test_fraction is {self.test_fraction!r}; a share between 0 and 1 is held out: try 0.2.")
        if not 5 <= self.budget < np.inf:
            raise Refusal(
                f"budget is {self.budget!r}; give at least 5 passes over the data, or nothing has moved: try 40."
            )

    def networks(self) -> "Networks":
        """The network without penalty, on data and batches from one seed, and random starts: first those for tuning."""
        self.check()
        data, *streams = np.random.SeedSequence(self.rng).spawn(2 * self.runs + 1)
        common: dict[str, Any] = {"regularisation": 0.0, "test_fraction": self.test_fraction}
        starts = [digits_mlp(self.hidden, rng=stream, **common).start for stream in streams]
        return Networks(
            large=digits_mlp(self.hidden, batch_size=self.batch_size, rng=data, **common),
            small=digits_mlp(self.hidden, batch_size=self.small_batch, rng=data, **common),
            starts=np.array(starts),
        )


class Networks(NamedTuple):
    """A tanh network on the digits with batches of two sizes, and the points where its runs start."""

    large: TanhNet  # for trust regions
    small: TanhNet  # for gradient methods
    starts: NDArray  # shape (runs, d)


def region(norm: str, radius: float, **options: Any) -> TrustRegion:
    """The second-order trust region with the paper's constants and this first radius."""
    decrease = 1.75 if norm == "rmsprop" else 1.5
    return TrustRegion(norm=norm, radius=radius, decrease=decrease, **options)  # type: ignore[arg-type]


def trust_regions(radii: Sequence[float], **options: Any) -> dict[str, Candidate]:
    """The three norms, each with a grid of first radii beside the one in the authors' code."""
    return {
        name: Candidate(
            lambda radius, norm=norm: region(norm, radius, **options),
            {"radius": radii},
            default=region(norm, 1e-4 if norm == "rmsprop" else 0.05, **options),
        )
        for name, norm in TRUST_REGIONS.items()
    }


def gradient_methods() -> dict[str, Candidate]:
    """SGD, Adagrad and RMSprop, each with a grid of step sizes of its own range and the same length."""
    half_decades = 10.0 ** (0.5 * np.arange(SETTINGS))
    return {
        "SGD": Candidate(SGD, {"step_size": (0.01 * half_decades).tolist()}),
        "Adagrad": Candidate(Adagrad, {"step_size": (0.01 * half_decades).tolist()}),
        "RMSprop": Candidate(
            lambda step_size: RMSprop(step_size, beta=0.9), {"step_size": (3e-4 * half_decades).tolist()}
        ),
    }


def multiply_adds(inputs: int, hidden: int, classes: int = CLASSES) -> Weights:
    """What calls on a tanh network cost in gradients, by the products of numbers that its kernels form for a sample.

    With h hidden units, p inputs and c classes, biases left out: forward hp + ch; a gradient goes back through the same
    weights and forms theirs, 2hp + 3ch; a Hessian product does each once more along the direction, 3hp + 8ch.

    Examples
    --------
    >>> multiply_adds(64, 8).hessian_product > 1.5
    True
    """
    first, second = hidden * (inputs + 1), hidden * classes
    gradient = 2 * first + 3 * second
    return Weights((first + second) / gradient, 1.0, (3 * first + 8 * second) / gradient)


def compare(nets: Networks, *, weights: Weights, budget: float, points: int = 60) -> tuple[xr.Dataset, list[Tuned]]:
    """Tune all methods on the first half of the starts, and run them from the second half.

    Returns
    -------
    Dataset
        `loss` over (method, run, cost) and what tuning found.
    list of Tuned
        That of the gradient methods and that of the trust regions.
    """
    half = len(nets.starts) // 2
    parts, tunings, curves = [], [], []
    for problem, candidates in (
        (nets.small, gradient_methods()),
        (nets.large, trust_regions(RADII, **SAMPLED)),
    ):
        options: dict[str, Any] = {"budget": budget, "weights": weights, "records": points}
        tuned = tune(candidates, [problem], seeds=half, x0=nets.starts[:half], **options)
        later = range(half, len(nets.starts))
        for name in candidates:
            sweep = run_within([tuned.method(name)], problem, seeds=later, x0=nets.starts[half:], **options)
            curves.append(value_at(sweep, sweep.loss, np.linspace(0, budget, points + 1), weights=weights)[0])
        tunings.append(tuned)
        parts.append(tuned.dataset())
    dataset = xr.concat(parts, dim="method", combine_attrs="override")
    return dataset.merge(as_curves(np.array(curves), np.linspace(0, budget, points + 1), dataset["method"])), tunings


def as_curves(loss: NDArray, costs: NDArray, method: xr.DataArray) -> xr.Dataset:
    """Losses over (method, run, cost) as a dataset."""
    return xr.Dataset(
        {"loss": variable(("method", "run", "cost"), loss, "training loss of the full batch")},
        coords={
            "method": method,
            "run": variable("run", np.arange(loss.shape[1], dtype=np.int32), "run from a start of its own"),
            "cost": variable("cost", costs, "cost"),
        },
    )


def seconds(nets: Networks, tunings: Sequence[Tuned], weights: Weights, budget: float) -> NDArray:
    """Measured seconds of one thread for a run of each tuned method up to the budget, shape (methods,)."""
    measured = []
    for problem, tuned in zip((nets.small, nets.large), tunings, strict=True):
        for name in tuned.candidates:
            sweep = run_within([tuned.method(name)], problem, budget=budget, seeds=1, weights=weights)
            steps = int(sweep.iteration[-1])
            begin = time.perf_counter()
            again = ensemble([tuned.method(name)], problem, steps=steps, seeds=1, record_every=steps, threads=1)
            passed = time.perf_counter() - begin
            measured.append(passed * budget / float(cost(again, weights)[0, 0, -1]))
    return np.array(measured)


def caption(tunings: Sequence[Tuned], dataset: xr.Dataset, setting: Setting) -> str:
    """Problem, seeds, budget and tuning rule."""
    first, second = tunings
    return f"""Tanh network with one hidden layer of {setting.hidden} on the digits, cross-entropy without
        penalty, {1 - setting.test_fraction:.0%} of 1,797 images for training: a stand-in for the paper’s nets.
        Batches of {setting.batch_size} for the trust regions (Steihaug and Toint’s solver, the paper’s constants)
        and of {setting.small_batch} for SGD, Adagrad and RMSprop; values, gradients and products are those of the
        batch. †: the setting lies at the edge of its grid. Lines: median of {setting.runs} random starts and streams
        of batches, seed {setting.rng}; bands, of trust regions only: central 80 %; tuned on as many others. Bars:
        what a call on a sample costs by this measure. {first.sentence()} {second.sentence()}"""


def message(counted: str, dataset: xr.Dataset) -> str:
    """Which group is ahead when the budget is spent, and the order of all."""
    return f"{headline(counted, dataset)} ({ranked(dataset['loss'].isel(cost=-1), over='run', form='.2g')})."


def headline(counted: str, dataset: xr.Dataset) -> str:
    """Which group is ahead when the budget is spent."""
    final = median_over(dataset["loss"].isel(cost=-1), "run")
    regions = final.sel({"method": list(TRUST_REGIONS)})
    others = final.sel({"method": [name for name in final["method"].values if name not in TRUST_REGIONS]})
    if float(regions.max()) < float(others.min()):
        ahead = "all trust regions end below all gradient methods"
    elif float(others.max()) < float(regions.min()):
        ahead = "all gradient methods end below all trust regions"
    else:
        ahead = f"{final['method'].values[int(np.argmin(final.values))]} ends lowest, and neither group leads"
    return f"{counted}: {ahead}"


def draw_comparison(
    dataset: xr.Dataset,
    *,
    size: str,
    x: NDArray | Mapping[str, NDArray],
    label: str,
    counted: str,
    prices: Weights | None,
) -> Figure:
    """Draw all methods over one abscissa or one for each, and beside them what a call costs by its measure.

    `counted` says in a few words what the abscissa counts; where it is time, there are no `prices`.
    """
    with style(size) as sheet:
        narrow = size == "column"
        figure = new_figure(sheet, height={"column": 5.2, "page": 3.8}.get(size))
        shape: dict[str, Any] = {"height_ratios": (4, 1)} if narrow else {"width_ratios": (4, 1)}
        panels = figure.subplots(*((2, 1) if narrow else (1, 2)), **shape) if prices else [figure.subplots()]
        axes, named = panels[0], {}
        for name in map(str, dataset["method"].values):
            abscissa, part = x[name] if isinstance(x, Mapping) else x, dataset.sel({"method": name})
            curve = plot_over_seeds(axes, abscissa, part["loss"].values, band=name in TRUST_REGIONS, **look(name))
            named[name_with_edge(name, bool(part["at_edge"]))] = curve
        axes.set(yscale="log", xlim=(0, None), xlabel=label, ylabel=r"training loss $\mathcal{L}(w)$")
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda loss, _: f"{loss:g}"))
        axes.yaxis.set_minor_locator(NullLocator())
        set_title(figure, headline(counted, dataset))
        if prices:
            _plot_prices(panels[1], prices)
        label_ends(axes, named)
        return finish(figure)


def _plot_prices(axes: Axes, prices: Weights) -> None:
    """What a value, a gradient and a Hessian product cost, in gradients."""
    paid = {"value": prices.value, "gradient": prices.gradient, "Hessian\nproduct": prices.hessian_product}
    bars = axes.barh(list(paid), list(paid.values()), color="0.6", height=0.6)
    axes.bar_label(bars, [f"{cost:.2g}" if cost else "free" for cost in paid.values()], padding=2, fontsize="small")
    axes.invert_yaxis()
    axes.set(title="price of a call", xlabel="in gradients", xlim=(0, 2.4), xticks=[])
    axes.grid(False)
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(left=False)
