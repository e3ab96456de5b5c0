"""Figure trust_region.3: spherical against ellipsoidal second-order trust regions, on two networks."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from plots.budget import run_within, value_at
from plots.dataset import describe, recorded, variable
from plots.gallery.trust_region_networks import (
    BACKPROPAGATIONS,
    RADII,
    SAMPLED,
    TRUST_REGIONS,
    Setting,
    trust_regions,
)
from plots.looks import look
from plots.marks import mark_edge, name_with_edge, plot_over_seeds
from plots.seeds import ranked, seed_band, value_words
from plots.style import finish, new_figure, style
from plots.tuning import Tuned, tune
from synthetic import linear_net

__all__ = ["compute", "draw"]

TITLE = "Spherical against ellipsoidal trust regions on two networks"
SOURCE = "Figure 3"
CLAIMS = ("trust_region.ellipsoids_linear_net", "trust_region.ellipsoids_digits", "trust_region.ellipsoid_limits")
AMPLIFIES_ROUNDING = True
QUICK = {"hidden": 4, "test_fraction": 0.9, "batch_size": 64, "budget": 20, "net_budget": 100, "runs": 5}

NETWORKS = {"tanh network": "(a) tanh network, digits", "linear net": "(b) linear net"}
SETTINGS = ("tuned", "default")
LINEAR_RADII = tuple(10.0 ** np.arange(-3, 2.01))


@recorded
def compute(
    *,
    hidden: int = 8,
    test_fraction: float = 0.5,
    batch_size: int = 256,
    budget: float = 80,
    net_budget: float = 300,
    runs: int = 7,
    rng: int = 0,
) -> xr.Dataset:
    """Training losses of three trust regions over back-propagations, with tuned and with published first radii.

    Parameters
    ----------
    hidden : int
        Hidden units of the tanh network.
    test_fraction : float
        Share of the digits' images that is left out, in (0, 1).
    batch_size : int
        Images in a batch.
    budget, net_budget : float
        Back-propagations of the full batch that a run may spend on the tanh network and on the linear net, at least 5;
        a gradient is one, a Hessian product one.
    runs : int
        Runs that are shown on each network, at least 5; as many others choose the first radii.
    rng : int
        Seed, 0 or more.

    Returns
    -------
    Dataset
        `loss` over (network, setting, method, run, share of the budget), `budget` over (network) and, over (network,
        method), the chosen `radius` and whether it is `at_edge`.

    Raises
    ------
    ImportError
        If scikit-learn is not installed, which the digits come with.
    ValueError
        If a parameter is outside its range.
    """
    nets = Setting(hidden, test_fraction, batch_size, 1, min(budget, net_budget), runs, rng).networks()
    streams = np.random.SeedSequence(rng, spawn_key=(1,)).spawn(2 * runs)
    linear = [linear_net(rng=stream, reduction="mean") for stream in streams]
    share = np.linspace(0, 1, 61)
    sampled, exact = trust_regions(RADII, **SAMPLED), trust_regions(LINEAR_RADII, max_radius=1e6)
    options: dict[str, Any] = {"weights": BACKPROPAGATIONS, "records": 100}
    on_tanh = tune(sampled, [nets.large], budget=budget, seeds=runs, x0=nets.starts[:runs], **options)
    on_linear = tune(exact, linear[:runs], budget=net_budget, **options)
    tanh_runs = [
        [
            _curve(method, nets.large, budget, share, seeds=range(runs, 2 * runs), x0=nets.starts[runs:])
            for method in _methods(on_tanh, setting)
        ]
        for setting in SETTINGS
    ]
    linear_runs = [
        [
            np.concatenate([_curve(method, net, net_budget, share, seeds=1) for net in linear[runs:]])
            for method in _methods(on_linear, setting)
        ]
        for setting in SETTINGS
    ]
    dataset = _as_dataset(np.array([tanh_runs, linear_runs]), share, (budget, net_budget), (on_tanh, on_linear))
    return describe(
        dataset,
        "trust_region.3",
        message=f"Median loss at the end, first radius tuned: {_ends(dataset)}.",
        caption=f"""Second-order trust regions with Steihaug and Toint’s solver in three norms. (a) Tanh network with
            one hidden layer of {hidden} on the digits, cross-entropy without penalty, {1 - test_fraction:.0%} of 1,797
            images for training, derivatives and values on batches of {batch_size}. (b) Two-layer linear net, mean of
            squares over 1,000 samples, full batch; matrix, samples and start drawn anew for each run. Both stand in
            for the paper’s networks. Lines and bands: median and central 80 % of {runs} runs, seed {rng}. Strong lines:
            first radius tuned on {runs} other runs; faint lines without band: first radius as in the authors’ code
            (0.05; RMSprop 0.0001). A back-propagation is a gradient or a Hessian product. (a) {on_tanh.sentence()}
            (b) {on_linear.sentence()} Dagger and plus: at the edge of the grid. {_finding(dataset)}""",
        seeds=(rng,),
    )


def _methods(tuned: Tuned, setting: str) -> list[Any]:
    if setting == "tuned":
        return [tuned.method(name) for name in tuned.candidates]
    return [candidate.default for candidate in tuned.candidates.values()]


def _curve(method: Any, problem: Any, budget: float, share: np.ndarray, **options: Any) -> np.ndarray:
    sweep = run_within([method], problem, budget=budget, weights=BACKPROPAGATIONS, records=100, **options)
    return value_at(sweep, sweep.loss, budget * share, weights=BACKPROPAGATIONS)[0]


def _as_dataset(loss: np.ndarray, share: np.ndarray, budgets: tuple, tunings: tuple[Tuned, Tuned]) -> xr.Dataset:
    cells = ("network", "setting", "method", "run", "share")
    radii = [[tuned.setting(name)["radius"] for name in TRUST_REGIONS] for tuned in tunings]
    edges = np.array([tuned.best_at_edge for tuned in tunings], dtype=np.int8)
    return xr.Dataset(
        {
            "loss": variable(cells, loss, "training loss of the full batch"),
            "budget": variable("network", np.array(budgets, dtype=float), "back-propagations of a run"),
            "radius": variable(("network", "method"), np.array(radii), "tuned first radius"),
            "at_edge": variable(("network", "method"), edges, "whether the radius is at an edge of its grid"),
        },
        coords={
            "network": variable("network", np.array(list(NETWORKS), dtype=str), "network"),
            "setting": variable("setting", np.array(SETTINGS, dtype=str), "how the first radius was chosen"),
            "method": variable("method", np.array(list(TRUST_REGIONS), dtype=str), "norm of the trust region"),
            "run": variable("run", np.arange(loss.shape[3], dtype=np.int32), "run"),
            "share": variable("share", share, "share of the budget"),
        },
    )


def _ends(dataset: xr.Dataset) -> str:
    last = dataset["loss"].sel({"setting": "tuned"}).isel(share=-1)
    return "; ".join(f"{network}: {ranked(last.sel({'network': network}), over='run')}" for network in NETWORKS)


def _finding(dataset: xr.Dataset) -> str:
    rows = []
    for network in NETWORKS:
        final = xr.apply_ufunc(np.log10, dataset["loss"].sel({"network": network, "setting": "tuned"}).isel(share=-1))
        sphere = final.sel({"method": "TR sphere"})
        gains = (
            f"{name} {value_words(_gain(final.sel({'method': name}), sphere), '+.2f')}, ahead in "
            f"{int((final.sel({'method': name}) < sphere.fillna(np.inf)).sum())} of {dataset.sizes['run']}"
            for name in list(TRUST_REGIONS)[1:]
        )
        rows.append(f"{network}: {'; '.join(gains)}")
    return f"Decades below the sphere when the budget is spent, median over paired runs. {'. '.join(rows)}."


def _gain(log_loss: xr.DataArray, sphere: xr.DataArray) -> float:
    """Decades gained on the sphere, median over paired runs; a run of which one side failed gains or loses all."""
    own, other = log_loss.fillna(np.inf), sphere.fillna(np.inf)
    gain = xr.where(own == other, 0.0, other - own)  # two failures tie
    return float(np.quantile(gain.values, 0.5, method="lower" if np.isinf(gain).any() else "linear"))


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw the loss over back-propagations, one panel a network."""
    with style(size) as sheet:
        narrow = size == "column"
        figure = new_figure(sheet, height={"column": 5.4, "page": 3.5}.get(size))
        panels = figure.subplots(*((2, 1) if narrow else (1, 2)))
        for axes, (network, title) in zip(panels, NETWORKS.items(), strict=True):
            part = dataset.sel({"network": network})
            x = float(part["budget"]) * part["share"].values
            for name in TRUST_REGIONS:
                loss = part["loss"].sel({"method": name})
                label = name_with_edge(name, bool(dataset["at_edge"].sel({"method": name}).any()))
                curve = plot_over_seeds(axes, x, loss.sel({"setting": "tuned"}).values, label=label, **look(name))
                if axes is not panels[0]:
                    curve.set_label("")
                if int(part["at_edge"].sel({"method": name})):
                    mark_edge(axes, curve)
                default = seed_band(loss.sel({"setting": "default"}).values)[1]
                axes.plot(x, default, **{**look(name), "linewidth": 0.6 * curve.get_linewidth()}, alpha=0.6)
            axes.set(yscale="log", title=title, xlabel="back-propagations", xlim=(0, None))
            axes.set_ylabel(r"training loss $\mathcal{L}(w)$")
        figure.legend(loc="outside upper center", ncols=3)
        return finish(figure)
