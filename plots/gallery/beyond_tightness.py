"""Figure beyond.tightness: how far the ledger's bounds are from the values that they bound."""

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from dynamics.checks import Refusal, require_whole
from plots.dataset import describe, recorded, variable
from plots.gallery.beyond_verdicts import PAPER_NAMES, TILES
from plots.style import finish, new_figure, style
from theory.claims import LEVELS, claim
from theory.claims.known import found_by

__all__ = ["BOUNDS", "SHARP", "compute", "draw"]

TITLE = "Tightness of the bounds that the ledger checks"
AMPLIFIES_ROUNDING = True
CHECKS = True
QUICK = {"papers": ["sigma_nice", "arsg", "l4", "worst_case"]}

SHARP = 1.01  # a bound this close to its value counts as sharp
# The claims whose check measures how tight a bound is; the others are identities, comparisons or counterexamples.
BOUNDS = {
    "step_tuned": (
        "finite_difference", "range_of_steps", "range_beyond_quadratics", "remainder", "lemma3", "corollary2",
        "theorem1", "pathwise", "recursion",
    ),
    "sigma_nice": (
        "batch_variance", "smoothing_keeps_smoothness", "smoothing_keeps_lipschitz", "smoothing_distance",
        "old_class_high_noise", "one_minimum", "minimisers_stay_near", "guaranteed_region", "modulus_at_centre",
        "tangent_probability", "region_factor", "decay_condition", "optimal_power", "inner_loop_rate",
        "distance_to_minimiser", "implicit_rounds", "explicit_rounds",
    ),
    "trust_region": (
        "preconditioned_step", "rmsprop_step", "adagrad_step", "adam_step", "uniform_equivalence", "diagonal_variant",
        "usual_epsilon", "rademacher_share", "cauchy_decrease", "eigenpoint_decrease", "model_error",
        "steihaug_cauchy", "steihaug_half", "complexity",
    ),
    "arsg": ("theorem2", "theorem3"),
    "l4": ("polyak", "polyak_rate"),
    "problems": ("carmon_curvature",),
    "worst_case": ("gradient_descent", "long_steps", "accelerated", "rsg_nesterov"),
}  # fmt: skip


@recorded
def compute(*, papers: Sequence[str] = tuple(BOUNDS), level: str = "quick", rng: int = 0) -> xr.Dataset:
    """Check the claims that bound something, and collect how tight they were at the tightest case.

    Parameters
    ----------
    papers : sequence of str
        Parts of the ledger, the keys of `BOUNDS`.
    level : {"quick", "full"}
        How thorough each check is.
    rng : int
        Seed of every check, 0 or more.

    Returns
    -------
    Dataset
        Over claim: `tightness` (bound over value at the tightest case), `looseness` (the larger of it and its inverse,
        since some bounds are from below), `verdict`, `trials`, `name` and `number` in the paper.

    Raises
    ------
    ValueError
        If a parameter is outside its range.
    """
    chosen = list(papers)
    if not chosen or len(set(chosen)) < len(chosen) or not set(chosen) <= set(BOUNDS):
        raise Refusal(f"papers is {papers!r}; give different ones of " + ", ".join(BOUNDS) + ".")
    if level not in LEVELS:
        raise Refusal(f"level is {level!r}; a check runs at level 'quick' or 'full'.")
    require_whole("rng", rng, 0, "a figure keeps its seed as a whole number")
    ids = [f"{paper}.{name}" for paper in chosen for name in BOUNDS[paper]]
    claims = [claim(name) for name in ids]
    found = [found_by(entry, level, rng) for entry in claims]
    tightness = np.array([np.nan if one.tightness is None else one.tightness for one in found])
    dataset = xr.Dataset(
        {
            "tightness": variable("claim", tightness, "bound over value"),
            "looseness": variable("claim", np.maximum(tightness, 1 / tightness), "bound over value, or its inverse"),
            "verdict": variable("claim", np.array([one.verdict for one in found]), "verdict of the check"),
            "trials": variable("claim", np.array([one.trials for one in found], dtype=np.int32), "cases tried"),
            "name": variable("claim", np.array([entry.title for entry in claims]), "claim in words"),
            "number": variable("claim", np.array([entry.number for entry in claims]), "place in the paper"),
        },
        coords={"claim": variable("claim", np.array(ids), "claim")},
    )
    sharp = int((dataset["looseness"] <= SHARP).sum())
    return describe(
        dataset,
        "beyond.tightness",
        message=f"""{sharp} of {len(ids)} bounds are attained to one per cent; the others are loose by factors of
            up to {float(dataset["looseness"].max()):.3g} in the cases tried.""",
        caption=f"""Bound over the value that it bounds (its inverse for a lower bound), at the tightest case that the
            check of each claim met: 1 is a bound that is attained. {sharp} of {len(ids)} are, to one per
            cent. A long bar may also say that no worst case was among those tried. Checks at level {level}
            with seed {rng}; the ledger states the cases of each, and their number is in the data. No tuning.""",
        seeds=(rng,),
    )


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw a bar for each bound that is not sharp, and one row for those that are."""
    with style(size) as sheet:
        narrow = size == "column"
        loose = dataset.where(dataset["looseness"] > SHARP, drop=True).sortby("looseness")
        rows = loose.sizes["claim"] + 1
        figure = new_figure(sheet, height={"column": 1.4 + 0.3 * rows, "page": 1.3 + 0.27 * rows}.get(size))
        axes = figure.subplots()
        shown = [_plot_bar(axes, row, loose.isel(claim=row - 1)) for row in range(1, rows)]
        sharp = dataset.where(dataset["looseness"] <= SHARP, drop=True)
        _plot_sharp(axes, sharp)
        axes.set_xscale("log")
        axes.set_xlim(0.75, 6 * float(dataset["looseness"].max()))
        axes.xaxis.set_minor_locator(NullLocator())
        labels = [f"sharp: {sharp.sizes['claim']} claims"]
        labels += [_label(loose.isel(claim=row), narrow) for row in range(rows - 1)]
        axes.set_yticks(range(rows), labels, fontsize="x-small" if narrow else "small")
        axes.set_ylim(rows - 0.4, -0.6)
        axes.tick_params(axis="y", left=False)
        axes.grid(visible=False, axis="y")
        axes.set_xlabel("bound over value, tightest case")
        axes.set_ylabel("claim of the ledger")
        present = [kind for kind in TILES if kind in {*shown, *map(str, sharp["verdict"].values)}]
        figure.legend(handles=[_mark(kind) for kind in present], loc="outside upper center", ncols=4, handlelength=1.0)
        return finish(figure)


def _label(row: xr.Dataset, narrow: bool) -> str:
    paper, name = PAPER_NAMES[str(row["claim"].values).split(".")[0]], str(row["name"].values)
    return f"{paper}:\n{textwrap.shorten(name, 30, placeholder=' …')}" if narrow else f"{paper}: {name}"


def _plot_bar(axes: Axes, place: int, row: xr.Dataset) -> str:
    value, kind = float(row["looseness"]), str(row["verdict"].values)
    axes.plot([1, value], [place, place], color="0.45", linestyle="-", zorder=2)
    axes.plot(value, place, **_look(kind))
    axes.annotate(
        f"{value:.2f}" if value < 100 else f"{value:,.0f}", (value, place), xytext=(6, 0), textcoords="offset points",
        va="center", fontsize="x-small",
    )  # fmt: skip
    return kind


def _plot_sharp(axes: Axes, sharp: xr.Dataset) -> None:
    axes.axvline(1.0, color="0.3", linestyle="-", linewidth=0.8, zorder=1)
    verdicts = sharp["verdict"].values
    counts = ", ".join(f"{np.sum(verdicts == kind)} {kind}" for kind in TILES if np.any(verdicts == kind))
    if counts:
        axes.annotate(counts, (1.0, 0), xytext=(6, 0), textcoords="offset points", va="center", fontsize="x-small")


def _look(kind: str) -> dict[str, Any]:
    shapes = {"proved": "s", "supported": "o", "conditional": "D", "refuted": "X", "undecided": "P"}
    return {
        "marker": shapes[kind],
        "markerfacecolor": TILES[kind]["fill"],
        "markeredgecolor": "0.2",
        "markeredgewidth": 0.7,
        "linestyle": "none",
        "zorder": 3,
    }


def _mark(kind: str) -> Line2D:
    return Line2D([], [], label=kind, **_look(kind))
