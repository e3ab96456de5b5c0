"""The cost against size as a figure: optdyn's time over C's, from a report."""

from pathlib import Path
from typing import Any

from benchmarks.sizes import GOAL

LABELS = {
    "W1, dimension": "W1, dimension d",
    "W1, samples": "W1, samples N",
    "W2, batch size": "W2, batch size",
    "W4, dimension": "W4, dimension d",
}


def draw(report: dict[str, Any], file: Path) -> None:
    """Draw a panel for each quantity that grows: medians over quartiles, and the goal.

    Raises
    ------
    ValueError
        If the report has no sizes beside C's.
    """
    rows = [row for row in report.get("sizes", []) if row["peer"] == "optdyn" and row["over_c"]]
    grown = [what for what in LABELS if any(row["what"] == what for row in rows)]
    if not grown:
        raise ValueError("there are no sizes to draw: measure --sections sizes with --peers optdyn,c.")
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2.4 * len(grown) + 0.6, 2.6), layout="constrained")
    axes = figure.subplots(1, len(grown), sharey=True, squeeze=False)[0]
    for ax, what in zip(axes, grown, strict=True):
        own = sorted((row for row in rows if row["what"] == what), key=lambda row: row["size"])
        sizes, ratios = [row["size"] for row in own], [row["over_c"] for row in own]
        ax.fill_between(sizes, [r["low"] for r in ratios], [r["high"] for r in ratios], alpha=0.3, linewidth=0)
        ax.plot(sizes, [r["median"] for r in ratios], "o-", markersize=3)
        ax.axhline(GOAL, color="0.4", linestyle="--", linewidth=1)
        ax.set(xscale="log", xlabel=LABELS[what])
    axes[0].set(ylabel="time over C's", ylim=(0, None))
    figure.suptitle(f"{report['machine']['processor']}, {report['date']}; dashed: the goal, {GOAL:g}", fontsize=9)
    figure.savefig(file, dpi=150)
