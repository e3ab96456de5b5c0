"""Figure edge_of_stability.product: gradient descent leaves the sharp part of a valley for a flatter one."""

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dynamics import GradientDescent, simulate
from dynamics.checks import Refusal, require_positive, require_whole
from edge_of_stability.central_flow import central_flow
from edge_of_stability.product import Product, sharpness
from plots.dataset import describe, recorded, variable
from plots.style import finish, new_figure, style

if TYPE_CHECKING:
    from matplotlib.animation import FuncAnimation

__all__ = ["animate", "compute", "draw"]

TITLE = "From the sharp end of a valley to its flat part"
REACH = 3.2
DESCENT, FLOW, EDGE = "#D55E00", "#0072B2", "0.88"


@recorded
def compute(*, step_size: float = 0.3, x: float = 2.6, y: float = 0.2, steps: int = 40) -> xr.Dataset:
    """Iterates of gradient descent and gradient flow on f = (xy - 1)²/2, with their sharpness.

    Parameters
    ----------
    step_size : float
        η, positive.
    x, y : float
        The start.
    steps : int
        Length of the run, 5 to 200.

    Returns
    -------
    Dataset
        `descent` and `flow` over (step, coordinate), `sharpness` and `loss` over (path, step).

    Raises
    ------
    ValueError
        If a parameter is outside its range, or the run does not stay in the picture.
    """
    step_size = require_positive("step_size", step_size)
    require_whole("steps", steps, 5, "a path needs points", 200)
    start = np.array([x, y], dtype=float)
    run = simulate(GradientDescent(step_size), Product(), steps=steps, x0=start, record_iterates=True)
    if len(run.iterates) <= steps or not np.abs(run.iterates).max() < REACH:
        raise Refusal(
            f"with step_size = {step_size:g} the run from ({x:g}, {y:g}) leaves the picture; try a smaller one."
        )
    flow = central_flow(Product(), step_size, start, steps, oscillates=False)
    paths = np.array([run.iterates, flow.w])
    dataset = xr.Dataset(
        {
            "descent": variable(("step", "coordinate"), run.iterates, "iterate of gradient descent"),
            "flow": variable(("step", "coordinate"), flow.w, "gradient flow"),
            "sharpness": variable(("path", "step"), sharpness(paths[..., 0], paths[..., 1]), "sharpness"),
            "loss": variable(("path", "step"), np.array([run.loss, flow.loss]), "loss"),
        },
        coords={
            "path": variable("path", ["gradient descent", "gradient flow"], "path"),
            "step": variable("step", np.arange(steps + 1), "step"),
        },
    )
    return describe(
        dataset,
        "edge_of_stability.product",
        message="""Gradient flow runs into the valley where it is sharper than 2/η; gradient descent bounces out and
            comes to rest where it is flatter.""",
        caption=f"""f = (xy - 1)²/2 from ({x:g}, {y:g}), η = {step_size:g}, {steps} steps.
            Shaded: points sharper than 2/η = {2 / step_size:.3g}. At the end the sharpness is
            {float(dataset["sharpness"][0, -1]):.4g} for gradient descent and {float(dataset["sharpness"][1, -1]):.4g}
            for the flow. Exact gradients, so no seeds; nothing is tuned.""",
    )


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw the paths in the plane, and their sharpness over steps."""
    with style(size) as sheet:
        figure = new_figure(sheet, height={"column": 5.4, "page": 3.4}.get(size))
        figure.set_layout_engine("constrained")
        plane, over = figure.subplots(*((2, 1) if size == "column" else (1, 2)))
        _plot(plane, over, dataset, dataset.sizes["step"] - 1)
        return finish(figure)


def animate(dataset: xr.Dataset, *, size: str = "slide") -> "FuncAnimation":
    """The film: a frame a step; save it as GIF or MP4."""
    from matplotlib.animation import FuncAnimation

    with style(size) as sheet:
        figure = new_figure(sheet, height={"column": 5.4, "page": 3.4}.get(size))
        plane, over = figure.subplots(*((2, 1) if size == "column" else (1, 2)))

        def show(frame: int) -> list[Any]:
            with style(size):
                plane.clear()
                over.clear()
                _plot(plane, over, dataset, frame)
            return []

        return FuncAnimation(figure, show, frames=dataset.sizes["step"], interval=150)


def _plot(plane: Axes, over: Axes, dataset: xr.Dataset, last: int) -> None:
    import json

    edge = 2 / json.loads(dataset.attrs["parameters"])["step_size"]
    x, y = np.meshgrid(np.linspace(1.6, REACH, 200), np.linspace(0.0, 1.0, 160))
    plane.contourf(x, y, sharpness(x, y), levels=[edge, np.inf], colors=[EDGE])
    plane.contour(x, y, (x * y - 1) ** 2 / 2, levels=np.geomspace(0.01, 4, 7), colors="0.7", linewidths=0.5)
    along = np.linspace(1.0, REACH, 100)
    plane.plot(along, 1 / along, color="black", linestyle=(0, (4, 2)), linewidth=1.0)
    for name, color, marker in (("flow", FLOW, None), ("descent", DESCENT, "o")):
        path = dataset[name].values[: last + 1]
        plane.plot(*path.T, color=color, linestyle="-", marker=marker, markersize=3, linewidth=1.0)
        plane.plot(*path[-1], color=color, marker="o" if marker else "s", linestyle="none")
    plane.set(xlim=(1.6, REACH), ylim=(0.0, 1.0), xlabel="parameter $x$", ylabel="parameter $y$")
    plane.set_title("(a) valley $xy=1$, dashed")
    plane.text(0.97, 0.96, r"sharper than $2/\eta$", transform=plane.transAxes, ha="right", va="top", fontsize="small")
    steps = dataset["step"].values
    for row, (name, color, dash) in enumerate((("descent", DESCENT, "-"), ("flow", FLOW, (0, (6, 1.5))))):
        values = dataset["sharpness"].values[row]
        over.plot(steps[: last + 1], values[: last + 1], color=color, linestyle=dash)
        over.annotate(
            f"gradient {name}", (steps[-1], values[-1]), xytext=(0, 0.6), textcoords="offset fontsize", ha="right",
            color=color, fontsize="small",
        )  # fmt: skip
    over.axhline(edge, color="black", linestyle=(0, (4, 2)))
    over.annotate(r"$2/\eta$", (steps[-1], edge), xytext=(0, 0.3), textcoords="offset fontsize", ha="right")
    span = dataset["sharpness"].values
    over.set(xlim=(0, steps[-1]), ylim=(span.min() - 0.3, max(span.max(), edge) + 0.6))
    over.set(xlabel="step $t$", ylabel=r"sharpness $\lambda_{\max}$", title="(b) sharpness")
