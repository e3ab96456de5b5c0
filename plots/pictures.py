"""What `plot()` of a run and of a sweep draws."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from dynamics import Ensemble, Trajectory
from dynamics.checks import Refusal
from dynamics.presentation import described
from plots.budget import FAILURES, PASSES, cost
from plots.comparison import LABELLED, Runs, draw_comparison, looks_of
from plots.comparison_words import from_words
from plots.marks import is_wide, label_ends, mark_divergence, plot_over_seeds
from plots.style import Picture, finish, new_figure, set_title, style

__all__ = ["draw_dataset", "draw_ensemble", "draw_run"]


def draw_run(run: Trajectory, *, seed: int | None = None, x0: Any = None, size: str = "page") -> Picture:
    """Loss above gradient norm above each probe over iterations; of a plane whose iterates are recorded, the path.

    Parameters
    ----------
    run : Trajectory
        What `simulate` returned.
    seed : int, optional
        Of the run, where it can't tell any more: a generator that has drawn does not say what it began with.
    x0 : array_like, optional
        Where it started, if not where the problem says, for the title.
    size : {"column", "page", "slide"}
        What it is drawn for.
    """
    if run.iterates is not None and run.iterates.shape[1:] == (2,) and len(run.iterates) and not run.probes:
        name = type(run.method).__name__
        known = _seed(run, seed)
        seeds = () if known is None else (known,)
        seen = Runs(run.problem, {name: run.method}, {name: [run]}, run.stopped_at, seeds, PASSES, x0)
        return draw_comparison(seen, size=size)
    with style(size) as sheet:
        figure = new_figure(sheet)
        width, height = figure.get_size_inches()
        figure.set_size_inches(width, height * (1 + 0.4 * len(run.probes)))
        panels = figure.subplots(2 + len(run.probes), 1, sharex=True)
        _draw_over_iterations(panels, run)
        set_title(figure, _titled(run, _seed(run, seed), x0))
        return finish(figure)


def _seed(run: Trajectory, given: int | None) -> int | None:
    """The seed of a run; a large one is chance's, and nobody's choice."""
    return run.rng if given is None and isinstance(run.rng, int) and run.rng < 2**32 else given


def _titled(run: Trajectory, seed: int | None, x0: Any) -> str:
    """The setting, the seed and the end of a run, as a title."""
    words = "" if seed is None else f", seed {seed}"
    end = f"{run.status.name} at iterate {run.stopped_at:,}"
    return f"{described(run.method)} on {described(run.problem)}{from_words(x0)}{words}: {end}"


def _draw_over_iterations(panels: Sequence[Axes], run: Trajectory) -> None:
    quantities = [
        (run.iteration, run.loss, "loss $f$"),
        (run.iteration, run.gradient_norm, r"gradient norm $\|\nabla f\|$"),
        *((probe.iteration, probe.values, name.replace("_", " ")) for name, probe in run.probes.items()),
    ]
    for panel, (iteration, values, label) in zip(panels, quantities, strict=True):
        (line,) = panel.plot(iteration, values, color="#0072B2")
        panel.set_ylabel(label)
        if is_wide(values):
            panel.set_yscale("log")
        if run.status in FAILURES and run.iteration.size:
            mark_divergence(panel, float(run.iteration[-1]), line)
    panels[-1].set_xlabel("iteration")


def draw_ensemble(sweep: Ensemble, *, size: str = "page") -> Picture:
    """Loss over cost for each setting of a sweep, over the seeds; at most as many settings as a picture tells apart."""
    count, seeds = len(sweep.methods), len(sweep.seeds)
    if count > LABELLED:
        raise Refusal(f"{count} settings: a picture tells {LABELLED} apart; draw to_dataset() as you like.")
    names = [f"({'abcdefg'[k]})" for k in range(count)]
    looks, spent = looks_of(names), cost(sweep)
    with style(size) as sheet:
        figure = new_figure(sheet, height={"column": 2.6, "page": 3.6}.get(size, 4.6) + 0.19 * count * sheet.scale)
        axes = figure.subplots()
        if is_wide(sweep.loss[np.isfinite(sweep.loss)]):
            axes.set_yscale("log")
        curves = {}
        for k, name in enumerate(names):
            drawn = {key: value for key, value in looks[name]._asdict().items() if key != "marker"}
            longest = spent[k][np.argmax(np.isfinite(spent[k]).sum(axis=1))]
            if seeds >= 5:
                curves[name] = plot_over_seeds(axes, longest, sweep.loss[k], **drawn)
            else:
                for run in sweep.loss[k]:
                    (curves[name],) = axes.plot(longest, run, **drawn, linewidth=1.4 if seeds == 1 else 0.7)
        axes.set(xlabel="cost, in full-batch gradients", ylabel="loss $f$")
        label_ends(axes, curves)
        set_title(figure, f"{described(sweep.problem)}, {sweep.iteration[-1]:,} steps, {_seeds(sweep.seeds)}")
        labels = [
            f"{name} {described(method)}{_failed(sweep, k)}"
            for k, (name, method) in enumerate(zip(names, sweep.methods, strict=True))
        ]
        figure.legend(list(curves.values()), labels, loc="outside lower left", fontsize="small", labelspacing=0.25)
        return finish(figure)


def draw_dataset(dataset: Any) -> Picture:
    """A sweep's Dataset by its settings: a heat map over two axes, a curve over one, the best setting marked."""
    from plots.sweep_picture import draw_sweep
    from plots.sweep_scores import scored

    title = f"{dataset.attrs['method']} on {dataset.attrs['problem']}, {dataset.attrs['steps']} steps"
    return draw_sweep(dataset, scored(dataset), title=title)


def _seeds(seeds: Sequence[int]) -> str:
    return f"seed {seeds[0]}" if len(seeds) == 1 else f"{len(seeds)} seeds"


def _failed(sweep: Any, k: int) -> str:
    lost = int(np.isin(sweep.status[k], FAILURES).sum())
    return f": {lost} of {len(sweep.seeds)} runs failed" if lost else ""
