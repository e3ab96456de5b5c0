"""Figure trust_region.animation: trust regions on their way through a curved valley, as a filmstrip and a film."""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon
from numpy.typing import NDArray

from dynamics import TrustRegion, runs_as_python, simulate
from dynamics.checks import require_whole
from plots.dataset import describe, recorded, variable
from plots.gallery.trust_region_1 import boundary
from plots.looks import look
from plots.style import finish, new_figure, style
from synthetic import rosenbrock, value

if TYPE_CHECKING:
    from matplotlib.animation import FuncAnimation

__all__ = ["animate", "compute", "draw", "follow"]

TITLE = "Trust regions on their way through Rosenbrock's valley"
QUICK = {"iterations": 16}

METHODS = {"sphere": "sphere", "Adagrad": "adagrad", "RMSprop": "rmsprop"}
FRAMES = 6
WINDOW = ((-1.7, 1.5), (-0.7, 1.7))
START = (-1.2, 1.0)
REACH = 0.3  # the longest half-axis of the first regions
INTERVAL = 250  # milliseconds a frame


@recorded
def compute(*, iterations: int = 28) -> xr.Dataset:
    """Iterates, trust regions and losses of three norms on Rosenbrock's function.

    Parameters
    ----------
    iterations : int
        Steps of each run, at least 10.

    Returns
    -------
    Dataset
        `iterates`, `metric` (the diagonal of the norm's matrix), over (method, iteration, axis); `radius`, `loss` and
        whether the step was `accepted`, over (method, iteration).

    Raises
    ------
    ValueError
        If `iterations` is below 10.
    """
    require_whole("iterations", iterations, 10, "a film has frames")
    problem = rosenbrock()
    runs = [follow(_method(norm), problem, np.array(START), iterations) for norm in METHODS.values()]
    words = {
        "iterates": (("method", "iteration", "axis"), "iterate"),
        "metric": (("method", "iteration", "axis"), "diagonal of the norm's matrix"),
        "radius": (("method", "iteration"), "radius of the trust region in its norm"),
        "accepted": (("method", "iteration"), "whether the step was accepted"),
    }
    dataset = xr.Dataset(
        {
            name: variable(places, np.stack([run[name] for run in runs]), long_name)
            for name, (places, long_name) in words.items()
        },
        coords={
            "method": variable("method", np.array(list(METHODS), dtype=str), "norm of the trust region"),
            "iteration": variable("iteration", np.arange(iterations, dtype=np.int32), "iteration"),
        },
    )
    dataset["loss"] = variable(("method", "iteration"), value(problem, dataset["iterates"].values), "loss")
    return describe(
        dataset,
        "trust_region.animation",
        message="""All three regions follow the bend of the valley: they grow where the model holds and shrink
            where a step is refused.""",
        caption=f"""Second-order trust regions with the exact solver on Rosenbrock’s function, from (−1.2, 1), minimiser
            (1, 1), for {iterations} iterations. In each picture: the path so far, and the region in which the next step
            minimises the quadratic model; where a step is refused the point stays and the region shrinks. Norms: the
            sphere, and the ellipsoids of Adagrad’s and RMSprop’s diagonal. The first regions are {REACH:g} long along
            their longest half-axis; other constants as published. Nothing is random and nothing is tuned: this
            illustrates Algorithm 1 and compares nothing.""",
    )


def _method(norm: str) -> TrustRegion:
    slope = np.array([-215.6, -88.0])  # at the start
    share = {"sphere": np.ones(2), "adagrad": np.abs(slope), "rmsprop": np.sqrt(0.2) * np.abs(slope)}[norm]
    decrease = 1.75 if norm == "rmsprop" else 1.5
    return TrustRegion(
        norm=norm,  # type: ignore[arg-type]
        solver="exact", radius=REACH * float(np.sqrt(share.min())), decrease=decrease, max_radius=100.0,
    )  # fmt: skip


def follow(method: TrustRegion, problem: Any, x: NDArray, iterations: int) -> dict[str, NDArray]:
    """A run step by step: at each iterate the region that the next step is found in, and whether it was taken.

    Examples
    --------
    >>> seen = follow(TrustRegion(solver="exact", radius=0.2), rosenbrock(), np.array([-1.2, 1.0]), 2)
    >>> seen["radius"].round(9).tolist(), seen["accepted"].tolist()
    ([0.2, 0.22], [1, 1])
    """
    seen: dict[str, list[Any]] = {"iterates": [x], "metric": [], "radius": [method.radius], "accepted": []}
    with runs_as_python():  # a few steps, for which compiling would take seconds
        run = simulate(method, problem, steps=1, x0=x, record_every=iterations)
        for k in range(iterations):
            if k:
                run = simulate(method, problem, steps=1, resume=run)
            memory = run.state.memory
            seen["iterates"].append(run.x.copy())
            seen["metric"].append(np.broadcast_to(1 / memory.norm.inverse, x.shape))
            seen["radius"].append(float(memory.radius[0]))
            seen["accepted"].append(int(memory.moved[0]))
    return {name: np.array(values[:iterations]) for name, values in seen.items()}


def _look(norm: str) -> dict[str, Any]:
    return look(f"TR {norm}", marker=True)


def draw(dataset: xr.Dataset, *, size: str = "page") -> Figure:
    """Draw frames of the film side by side."""
    last = dataset.sizes["iteration"] - 1
    frames = np.unique(np.round(np.linspace(0, last, FRAMES)).astype(int))
    with style(size) as sheet:
        narrow = size == "column"
        figure = new_figure(sheet, height={"column": 4.6, "page": 4.4}.get(size))
        panels = figure.subplots(*((3, 2) if narrow else (2, 3)), sharex=True, sharey=True, squeeze=False)
        for axes, frame in zip(panels.ravel(), frames, strict=False):
            _plot_valley(axes)
            axes.set_title(f"$k={frame}$")
            for name in METHODS:
                _plot_frame(axes, dataset.sel({"method": name}), int(frame), _look(name), sheet.scale)
        for axes in panels[-1]:
            axes.set_xlabel("parameter $x$")
        for axes in panels[:, 0]:
            axes.set_ylabel("parameter $y$")
        handles = [panels[0, 0].plot([], [], markersize=4, **_look(name), label=f"TR {name}")[0] for name in METHODS]
        figure.legend(handles=handles, loc="outside upper center", ncols=3)
        return finish(figure)


def animate(dataset: xr.Dataset, *, size: str = "slide") -> "FuncAnimation":
    """The film: paths and regions left, losses right, a frame an iteration; save it as GIF or MP4."""
    from matplotlib.animation import FuncAnimation

    with style(size) as sheet:
        figure = new_figure(sheet, height={"column": 4.6, "page": 3.4}.get(size))
        plane, losses = figure.subplots(*((2, 1) if size == "column" else (1, 2)))
        parts = [dataset.sel({"method": name}) for name in METHODS]
        _plot_valley(plane)
        title = plane.set_title("iteration $k=0$")
        plane.set(xlabel="parameter $x$", ylabel="parameter $y$")
        regions, curves = [], []
        for name, part in zip(METHODS, parts, strict=True):
            regions.append(_plot_frame(plane, part, 0, _look(name), sheet.scale))
            curves += losses.plot([], [], markersize=2.4 * sheet.scale, label=f"TR {name}", **_look(name))
        losses.set(yscale="log", ylim=(1e-10, 100), xlim=(0, dataset.sizes["iteration"]))
        losses.set(xlabel="iteration $k$", ylabel="loss $f(x, y)$")
        losses.legend(loc="lower left")
        finish(figure).set_layout_engine("none")  # no frame needs more room than the first

        def show(frame: int) -> list[Any]:
            title.set_text(f"iteration $k={frame}$")
            for part, region, curve in zip(parts, regions, curves, strict=True):
                _move(region, part, frame)
                curve.set_data(np.arange(frame + 1), part["loss"].values[: frame + 1])
            return []

        return FuncAnimation(figure, show, frames=dataset.sizes["iteration"], interval=INTERVAL)


def _plot_valley(axes: Axes) -> None:
    x, y = np.meshgrid(np.linspace(*WINDOW[0], 160), np.linspace(*WINDOW[1], 160))
    height = 100 * (y - x * x) ** 2 + (1 - x) ** 2
    axes.contour(x, y, height, levels=np.geomspace(0.3, 1000, 8), colors="0.8", linewidths=0.5)
    axes.plot(1, 1, marker="*", color="black", markersize=6, linestyle="none", zorder=1.5)
    axes.grid(False)
    axes.set(aspect="equal", xlim=WINDOW[0], ylim=WINDOW[1], xticks=(-1, 0, 1), yticks=(0, 1))


class _Region(NamedTuple):
    """What is drawn of a method in one frame."""

    inside: Polygon
    edge: Line2D
    path: Line2D
    end: Line2D


def _plot_frame(axes: Axes, part: xr.Dataset, frame: int, drawn: dict[str, Any], scale: float) -> _Region:
    path, edge = _path_and_edge(part, frame)
    (inside,) = axes.fill(*edge.T, facecolor=drawn["color"], alpha=0.12, linewidth=0, linestyle="-")
    lines = (
        axes.plot(*edge.T, color=drawn["color"], linestyle=drawn["linestyle"], linewidth=0.9 * scale)
        + axes.plot(*path.T, linewidth=0.8 * scale, markersize=1.8 * scale, **drawn)
        + axes.plot(
            *path[-1:].T, color=drawn["color"], linestyle="none", marker=drawn["marker"], markersize=3.6 * scale
        )
    )
    return _Region(inside, *lines)


def _move(region: _Region, part: xr.Dataset, frame: int) -> None:
    """Draw another frame with the lines that are there."""
    path, edge = _path_and_edge(part, frame)
    region.inside.set_xy(edge)
    for line, points in zip(region[1:], (edge, path, path[-1:]), strict=True):
        line.set_data(*points.T)


def _path_and_edge(part: xr.Dataset, frame: int) -> tuple[NDArray, NDArray]:
    """The iterates so far, and the edge of the region around the last."""
    path = part["iterates"].values[: frame + 1]
    return path, path[-1] + boundary(np.diag(part["metric"].values[frame]), float(part["radius"][frame]))
