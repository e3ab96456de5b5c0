"""Figure beyond.verdicts: what became of every claim of the ledger, paper by paper."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from dynamics.papers import is_ours
from dynamics.papers import papers as announced
from plots.dataset import describe, recorded, variable
from plots.style import finish, new_figure, style
from theory.claims.ledger import Verdict
from theory.claims.recorded import recorded_verdicts

__all__ = ["PAPER_NAMES", "TILES", "compute", "draw"]

TITLE = "Verdicts on the claims of the papers"

# Fill and sign of a tile, and the ink of the sign: both lightness and signs tell tiles apart in grey.
TILES: dict[str, dict[str, Any]] = {
    "proved": {"fill": "#00558A", "sign": "", "ink": "white"},
    "supported": {"fill": "#7FBFE8", "sign": "o", "ink": "black"},
    "conditional": {"fill": "#F7E7A1", "sign": "_", "ink": "black"},
    "refuted": {"fill": "#D55E00", "sign": "x", "ink": "white"},
    "undecided": {"fill": "white", "sign": "$?$", "ink": "black"},
}
PAPER_NAMES = {
    "step_tuned": "step-tuned SGD",
    "sigma_nice": "smoothing by SGD",
    "trust_region": "adaptive norms",
    "arsg": "ARSG",
    "l4": "L4",
    "problems": "test problems",
    "worst_case": "worst cases",
    "high_dimension": "high dimension",
}
WRAPS = {"column": 12, "page": 24, "slide": 24}  # tiles in a line


@recorded
def compute() -> xr.Dataset:
    """The verdict on file of each claim, at the full level, and how many there are of each kind in each paper.

    Returns
    -------
    Dataset
        `verdict` over claim; `count` over (paper, verdict_kind). The claims of a paper stand together, in the order of
        their verdicts.
    """
    own = {paper.id for paper in announced().values() if is_ours(paper)}  # whatever else is installed
    recorded = {claim: verdict for claim, verdict in recorded_verdicts("full").items() if claim.split(".")[0] in own}
    kinds = list(TILES)
    papers = sorted({claim.split(".")[0] for claim in recorded}, key=lambda paper: (-_size(paper, recorded), paper))
    order = sorted(
        recorded, key=lambda claim: (papers.index(claim.split(".")[0]), kinds.index(recorded[claim]))
    )  # sorting keeps the ledger's order among equals
    counts = np.zeros((len(papers), len(kinds)), dtype=np.int32)
    for claim, verdict in recorded.items():
        counts[papers.index(claim.split(".")[0]), kinds.index(verdict)] += 1
    dataset = xr.Dataset(
        {
            "verdict": variable("claim", np.array([str(recorded[claim]) for claim in order]), "verdict on file"),
            "count": variable(("paper", "verdict_kind"), counts, "number of claims"),
        },
        coords={
            "claim": variable("claim", np.array(order), "claim"),
            "paper": variable("paper", np.array(papers), "paper"),
            "verdict_kind": variable("verdict_kind", np.array(kinds), "verdict"),
        },
    )
    totals = ", ".join(f"{int(dataset['count'].sel(verdict_kind=kind).sum())} {kind}" for kind in kinds)
    return describe(
        dataset,
        "beyond.verdicts",
        message=f"Of {len(order)} claims on file: {totals}.",
        caption=f"""One tile for each of {len(order)} claims, with the verdict on file: {totals}. Proved: a symbolic
            identity, an enclosure over the stated set, or all cases of a finite set. Supported: by numbers or
            statistics. Conditional: true under a hypothesis that the paper does not state. Refuted: by a
            counterexample. The command optdyn verify runs every check again and compares.""",
    )


def _size(paper: str, recorded: dict[str, Verdict]) -> int:
    return sum(claim.split(".")[0] == paper for claim in recorded)


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw the tiles of each paper in lines, with the paper's name on the left."""
    with style(size) as sheet:
        wrap = WRAPS.get(size, 24)
        figure = new_figure(sheet, height={"column": 5.0, "page": 3.9}.get(size))
        axes = figure.subplots()
        papers = np.array([str(claim).split(".")[0] for claim in dataset["claim"].values])
        line, ticks = 0.0, []
        for paper in map(str, dataset["paper"].values):
            verdicts = dataset["verdict"].values[papers == paper]
            lines = -(-len(verdicts) // wrap)
            ticks.append((line + (lines - 1) / 2, f"{PAPER_NAMES.get(paper, paper)} ({len(verdicts)})"))
            x, y = np.arange(len(verdicts)) % wrap, line + np.arange(len(verdicts)) // wrap
            for kind, tile in TILES.items():
                _plot_tiles(axes, x[verdicts == kind], y[verdicts == kind], tile, figure, wrap)
            line += lines + 0.6
        axes.set(xlim=(-0.7, wrap - 0.3), ylim=(line - 0.9, -0.8))
        axes.set_xticks([])
        axes.set_yticks(*zip(*ticks, strict=True))
        axes.tick_params(left=False)
        axes.spines[:].set_visible(False)
        axes.grid(visible=False)
        axes.set_xlabel("one tile for each claim, ordered by verdict")
        axes.set_ylabel("paper and its number of claims")
        totals = dataset["count"].sum("paper")
        figure.legend(
            [_key(tile) for tile in TILES.values()],
            [f"{int(totals.sel(verdict_kind=kind))} {kind}" for kind in TILES],
            loc="outside upper center",
            ncols=2 if size == "column" else 5,
            handlelength=1.2,
        )
        return finish(figure)


def _plot_tiles(axes: Axes, x: np.ndarray, y: np.ndarray, tile: dict[str, Any], figure: Figure, wrap: int) -> None:
    edge = rcParams["lines.linewidth"] / 2
    points = 72 * 0.68 * figure.get_figwidth() / (wrap + 1)  # names on the left take the rest of the width
    axes.plot(
        x, y, linestyle="none", marker="s", markersize=0.8 * points, color=tile["fill"],
        markeredgecolor="0.2", markeredgewidth=edge,
    )  # fmt: skip
    if tile["sign"]:
        axes.plot(
            x, y, linestyle="none", marker=tile["sign"], markersize=0.38 * points, color=tile["ink"],
            markeredgewidth=2 * edge if tile["sign"] in "x_" else 0,
        )  # fmt: skip


def _key(tile: dict[str, Any]) -> Any:
    """A square with its sign upon it; a legend draws the parts of a tuple over each other."""
    size = 0.95 * rcParams["font.size"]
    square = Line2D(
        [], [], linestyle="none", marker="s", markersize=size, markerfacecolor=tile["fill"], markeredgecolor="0.2",
        markeredgewidth=0.7,
    )  # fmt: skip
    if not tile["sign"]:
        return (square,)
    sign = Line2D(
        [], [], linestyle="none", marker=tile["sign"], markersize=0.45 * size, color=tile["ink"],
        markeredgewidth=1.0 if tile["sign"] in "x_" else 0,
    )  # fmt: skip
    return square, sign
