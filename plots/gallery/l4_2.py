"""Figure l4.2: L4 on the two-layer linear net, for the notebook's matrix and for one as ill-conditioned as named."""

import json
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from dynamics import Adam, GradientDescent, L4Adam, L4Mom, sweep
from dynamics.checks import Refusal
from plots.budget import Weights
from plots.dataset import describe, recorded, variable
from plots.looks import look
from plots.marks import label_ends, plot_over_seeds
from plots.seeds import smoothed_in_log
from plots.style import finish, new_figure, style
from plots.tuning import Candidate, Tuned, tune
from synthetic import linear_net
from synthetic.linear_nets.linear_nets import Maker

__all__ = ["compute", "draw"]

TITLE = "L4 on a linear net, with the condition number that was meant and the one that was drawn"
SOURCE = "Figure 2"
CLAIMS = (
    "l4.beats_sgd",
    "l4.beats_sgd_at_the_condition_number",
    "l4.beats_adam",
    "l4.beats_adam_at_the_condition_number",
    "l4.alpha_range",
    "l4.floor",
    "problems.condition_number",
)
AMPLIFIES_ROUNDING = True
QUICK = {"iterations": 6000, "tuned_at": 3000, "records": 300}

MAKERS: tuple[Maker, ...] = ("recht", "svd")
FRACTIONS = tuple(0.15 * 1.5 ** np.arange(-5.0, 4.0))  # the paper finds 0.10 to 0.30 useful
TUNED: dict[str, Candidate] = {
    "Adam*": Candidate(
        lambda step_size: Adam(step_size, eps=1e-4), {"step_size": (10.0 ** np.arange(-3.5, 0.6, 0.5)).tolist()}
    ),
    "SGD*": Candidate(GradientDescent, {"step_size": (10.0 ** np.arange(-6.5, -2.4, 0.5)).tolist()}),
    "L4Adam*": Candidate(lambda alpha: L4Adam(alpha=alpha), {"alpha": FRACTIONS}, default=L4Adam()),
    "L4Mom*": Candidate(lambda alpha: L4Mom(alpha=alpha), {"alpha": FRACTIONS}, default=L4Mom()),
}
DEFAULTS: dict[str, Any] = {"L4Adam": L4Adam(), "L4Mom": L4Mom()}
THIN = 0.7  # of what is not tuned
SHOWN = (1e-9, 1e6)  # of the loss; what is below counts as solved


@recorded
def compute(
    *,
    iterations: int = 30_000,
    tuned_at: int = 10_000,
    draws: int = 5,
    condition_number: float = 1e10,
    smoothing: int = 15,
    records: int = 600,
    rng: int = 0,
) -> xr.Dataset:
    """Loss of six methods on the linear net over random matrices, for both makers of the matrix.

    Parameters
    ----------
    iterations : int
        Steps of each run.
    tuned_at : int
        Starred settings have the lowest loss after this many steps on other matrices and starts, as many as `draws`.
    draws : int
        Random matrices and starts, at least 5; all share one data set of 1,000 samples.
    condition_number : float
        What the makers are asked for.
    smoothing : int
        Records over which the drawn curves are averaged in the logarithm, odd.
    records : int
        Records of each run, at least 10.
    rng : int
        Seed, 0 or more.

    Returns
    -------
    Dataset
        `loss` over (maker, setting, draw, iteration), `true_condition_number` over (maker, draw), and the arrays of the
        tuning over maker and method.

    Raises
    ------
    ValueError
        If a parameter is outside its range.
    """
    if draws < 5:
        raise Refusal(f"draws is {draws!r}; a band needs at least 5.")
    if smoothing < 1 or smoothing % 2 == 0:
        raise Refusal(f"smoothing is {smoothing!r}; a centred window needs an odd number: try {abs(smoothing) + 1}.")
    if records < 10 or iterations < records:
        raise Refusal(f"records is {records!r} for {iterations!r} iterations; give 10 or more, and at most these.")
    if not 10 <= tuned_at <= iterations:
        raise Refusal(f"tuned_at is {tuned_at!r}; it must lie from 10 to iterations = {iterations}.")
    data, *streams = np.random.SeedSequence(rng).spawn(2 * draws + 1)
    nets = {
        maker: [linear_net(condition_number=condition_number, maker=maker, data_rng=data, rng=s) for s in streams]
        for maker in MAKERS
    }
    free_loss = Weights(value=0.0)  # it falls off on the way to the gradient
    found = {
        maker: tune(TUNED, nets[maker][draws:], budget=tuned_at, weights=free_loss, rng=rng, records=10)
        for maker in MAKERS
    }
    dataset = xr.concat(
        [
            _shown(found[maker], nets[maker][:draws], iterations, iterations // records).merge(found[maker].dataset())
            for maker in MAKERS
        ],
        variable("maker", np.array(MAKERS, dtype=str), "maker of the matrix"),
    )
    conditions = dataset["true_condition_number"].values
    return describe(
        dataset,
        "l4.2",
        message=f"""On the notebook's matrix, which is well-conditioned, {_solvers(dataset, 0)}; on one as
            ill-conditioned as named, {_solvers(dataset, 1)}.""",
        caption=f"""Two-layer linear net, 96 parameters, squared error summed over one data set of 1,000 samples,
            exact gradients. Lines: median over {draws} random matrices and starts, seed {rng}, smoothed over
            {smoothing} records in the logarithm; beside them, how many of the {draws} runs are solved at the end:
            below {SHOWN[0]:g}, where the axes end. Makers asked for a condition number of {condition_number:.0e}:
            (a) the notebook's, whose matrices have {_range(conditions[0])}; (b) by singular values,
            {_range(conditions[1])}. Thin: the default α = 0.15. Adam with ϵ = 0.0001; †: at the edge of its
            grid. The paper found 0.001 for Adam, 0.00004 for SGD and α = 0.25. In (a)
            {found["recht"].sentence()} In (b) {found["svd"].sentence()}""",
        seeds=(rng,),
    )


def _shown(found: Tuned, nets: list[Any], iterations: int, every: int) -> xr.Dataset:
    """The runs of all settings on the nets of one maker."""
    methods = {name: found.method(name) for name in TUNED} | DEFAULTS
    different = list(dict.fromkeys(methods.values()))  # what is tuned may come out at the default
    runs = sweep(different, nets, over={}, steps=iterations, record_every=every).isel(seed=0)
    runs = runs.isel(method=[different.index(method) for method in methods.values()])
    return xr.Dataset(
        {
            "loss": variable(("setting", "draw", "iteration"), runs["loss"].values, "loss, summed over the samples"),
            "true_condition_number": variable(
                "draw", np.array([np.linalg.cond(net.A) for net in nets]), "condition number of the drawn matrix"
            ),
        },
        coords={
            "setting": variable("setting", np.array(list(methods), dtype=str), "method and setting"),
            "draw": variable("draw", np.arange(len(nets), dtype=np.int32), "random matrix and start"),
            "iteration": variable("iteration", runs["iteration"].values.astype(np.int32), "iteration"),
        },
    )


def _solvers(dataset: xr.Dataset, maker: int) -> str:
    """Which tuned methods solve the problem on half of the draws or more."""
    end = dataset["loss"].isel(maker=maker, iteration=-1)
    solving = [name for name in TUNED if float(end.sel({"setting": name}).median()) < SHOWN[0]]
    return f"the median run solves it by {' and '.join(name.removesuffix('*') for name in solving) or 'no method'}"


def _range(conditions: np.ndarray) -> str:
    return f"{conditions.min():.3g} to {conditions.max():.3g}"


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw the loss against iterations, a panel for each maker of the matrix, and how many runs solve the problem."""
    window = json.loads(dataset.attrs["parameters"])["smoothing"]
    with style(size) as sheet:
        narrow = size == "column"
        figure = new_figure(sheet, height={"column": 5.8, "page": 3.7}.get(size))
        panels = figure.subplots(*((2, 1) if narrow else (1, 2)), sharex=True, sharey=True)
        labelled = []
        for axes, maker, words in zip(panels, MAKERS, ("(a) the notebook's matrix", "(b) as named"), strict=True):
            part = dataset.sel({"maker": maker})
            labelled.append(_plot_maker(axes, part, window))
            condition = rf"$\kappa(A)\approx${_number(float(np.median(part['true_condition_number'])))}"
            axes.set(yscale="log", ylim=SHOWN, xlim=(0, None), title=f"{words}: {condition}")
            axes.set(xlabel="thousand iterations", ylabel=r"loss $\mathcal{L}$")
            axes.label_outer()
        figure.legend(
            [Line2D([], [], color="0.2"), Line2D([], [], color="0.2", linewidth=THIN)],
            [f"tuned; number: solved runs, of {dataset.sizes['draw']}", rf"default $\alpha={L4Mom().alpha:g}$"],
            loc="outside upper center", ncols=1 if narrow else 2,
        )  # fmt: skip
        for axes, curves in zip(panels, labelled, strict=True):
            label_ends(axes, curves)
        return finish(figure)


def _plot_maker(axes: Axes, part: xr.Dataset, window: int) -> dict[str, Line2D]:
    """The medians of all settings on one maker's matrices; of the tuned ones, by what has become of their runs."""
    x, named = part["iteration"].values / 1000, {}
    for setting in map(str, part["setting"].values):
        curves, is_tuned = part["loss"].sel({"setting": setting}).values, setting.endswith("*")
        drawn = look(setting) if is_tuned else {**look(setting), "linewidth": THIN}
        curve = plot_over_seeds(axes, x, smoothed_in_log(curves, window), coverage=1.0, band=False, **drawn)
        if is_tuned:
            edge = " †" * bool(part["at_edge"].sel({"method": setting}))
            named[f"{setting.removesuffix('*')} {int((curves[:, -1] < SHOWN[0]).sum())}{edge}"] = curve
    return named


def _number(value: float) -> str:
    exponent = int(np.floor(np.log10(value)))
    return f"{value:.0f}" if exponent < 4 else rf"$10^{{{round(np.log10(value))}}}$"
