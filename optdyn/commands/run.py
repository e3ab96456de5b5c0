"""`optdyn run`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from optdyn import completion
from optdyn.names import typed_path
from optdyn.refusals import INTERRUPTED, BadInput, reading

if TYPE_CHECKING:
    from rich.table import Table

    from dynamics import Trajectory
    from optdyn.runs import Plan

__all__ = ["HELP", "run"]

HELP = """Run a method, or several, on a problem, and print where it ends.

`optdyn list problems` and `optdyn list methods` show the names and the parameters that --set takes; write
problem.key=value or method.key=value where both have the key. Your own are named by where they are: package.module:Name
or path/to/file.py:Name. A run written to a .npz file can be resumed: it goes on
as if it had never stopped.

Several methods are compared: the same steps and seed for each, a line each in the table, and in the picture the loss
over the cost, on a plane beside their paths; .gif and .mp4 are films. A setting goes to the methods that have it, and
method-name.key=value to one of them. gd, hb and nag are short for gradient-descent, heavy-ball and nesterov.

\b
Examples:
  optdyn run quadratic rsg --steps 1000
  optdyn run carmon step-tuned-sgd --set step_size=0.05 --set batch_size=20 --seed 3 --plot loss.png
  optdyn run rosenbrock gd heavy-ball nesterov --set step_size=1e-3 --plot paths.png
  optdyn run himmelblau gd nag --x0 "0,0" --plot paths.png
  optdyn run carmon adam --steps 500 --out run.npz
  optdyn run carmon adam --steps 500 --resume run.npz --out run.npz
"""


def run(
    problem: Annotated[
        str,
        typer.Argument(
            metavar="PROBLEM", help="Such as quadratic, or mylab:Valley.", autocompletion=completion.problems
        ),
    ],
    methods: Annotated[
        list[str],
        typer.Argument(
            metavar="METHOD...",
            help="Such as rsg, or mylab.py:Lion; several are compared.",
            autocompletion=completion.methods,
        ),
    ],
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A parameter of method or problem; may be repeated."),
    ] = None,
    steps: Annotated[int, typer.Option("--steps", metavar="N", help="Steps to take.")] = 1000,
    record_every: Annotated[
        int | None,
        typer.Option(
            "--record-every", metavar="N", help="Steps between records; by default such that they stay below a million."
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="S", help="Of the data and of the mini-batches; 0 by default.")
    ] = None,
    x0: Annotated[
        str | None,
        typer.Option("--x0", metavar="NUMBERS", help="Where to start, such as 1,2; by default the problem says."),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option("--plot", metavar="FILE", parser=typed_path, help="Draw it: png, pdf or svg."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", parser=typed_path, help="Write the run: .npz (can be resumed), .nc or .csv."
        ),
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option("--resume", metavar="FILE", parser=typed_path, help="Go on with a run that --out wrote as .npz."),
    ] = None,
) -> None:
    """Check everything that was asked for, run, print the end, and write what was asked for."""
    from dynamics import Status, Trajectory
    from dynamics.runs.interruption import ends_put_off
    from optdyn.chosen import chosen_method, chosen_problem
    from optdyn.console import new_console
    from optdyn.exports import PICTURE_ENDINGS, RUN_ENDINGS, check_file, write_run
    from optdyn.runs import execute, start, take_up
    from optdyn.settings import vector_from
    from optdyn.several import FILM_ENDINGS

    if resume is not None and (settings or seed is not None or record_every is not None or x0 is not None):
        raise BadInput(
            "--resume goes on with the settings, the seed, the records and the iterate of the saved run: leave --set, "
            "--seed, --record-every and --x0 out."
        )
    point = None if x0 is None else vector_from(x0)
    if len(methods) > 1:
        if resume is not None or out is not None or record_every is not None:
            raise BadInput("--out, --resume and --record-every are for one method: name one, or leave them out.")
        _compare(problem, methods, settings or [], steps=steps, seed=seed or 0, x0=point, plot=plot)
        return
    (method,) = methods
    if plot is not None and plot.suffix.lower() in FILM_ENDINGS:
        raise BadInput(f"{plot}: a film compares methods: name another one after {method}, or try {plot.stem}.png.")
    for file, endings in ((plot, PICTURE_ENDINGS), (out, tuple(RUN_ENDINGS))):
        if file is not None:
            check_file(file, endings)
    chosen_problem(problem), chosen_method(method)  # whose classes a saved run may have
    with reading(resume):
        saved = Trajectory.load(resume) if resume is not None else None
    first_seed = 0 if seed is None else seed
    plan = take_up(problem, method, saved) if saved else start(problem, method, settings or [], seed=first_seed)
    console = new_console()
    with ends_put_off():  # what ends the process does so once the run is saved
        made = execute(
            plan,
            steps=steps,
            seed=first_seed,
            saved=saved,
            record_every=record_every,
            x0=point,
            progress=console.is_terminal,
        )
        # Saved before anything is printed: standard output may be full or gone.
        if out is not None:
            write_run(made, out)
        if plot is not None:
            from optdyn.picture import write_picture

            write_picture(made, plot, seed=None if saved else first_seed, x0=point)
        console.print(_end_state(plan, made))
        for file in (out, plot):
            if file is not None:
                console.print(str(file), soft_wrap=True, markup=False)
    if made.status == Status.INTERRUPTED:
        raise typer.Exit(INTERRUPTED)


def _compare(
    problem: str,
    methods: list[str],
    settings: list[str],
    *,
    steps: int,
    seed: int,
    x0: list[float] | None,
    plot: Path | None,
) -> None:
    """Run several methods, print a line for each, and draw them together."""
    from optdyn.console import new_console, new_table
    from optdyn.exports import PICTURE_ENDINGS, check_file
    from optdyn.several import FILM_ENDINGS, drawn, end_of, plans, seen_gradients
    from plots.comparison import run_all

    if plot is not None:
        check_file(plot, (*PICTURE_ENDINGS, *FILM_ENDINGS))
    ready = plans(problem, methods, settings, seed=seed)
    named = {plan.method_name: plan.method for plan in ready}
    seen = run_all(ready[0].problem, named, steps=steps, seeds=[seed], x0=x0)
    console = new_console()
    if plot is not None:
        drawn(seen, plot)
    heads = ("method", "ended", ">loss", ">|gradient|", ">cost")
    console.print(new_table(*heads, rows=[end_of(name, runs[0]) for name, runs in seen.runs.items()]))
    if unlike := seen_gradients(ready):
        console.print(unlike, soft_wrap=True, markup=False)
    for plan in ready:
        if plan.step_size_note:
            console.print(f"{plan.method_name}: step size {plan.step_size_note}", soft_wrap=True, markup=False)
    if plot is not None:
        console.print(str(plot), soft_wrap=True, markup=False)


def _end_state(plan: "Plan", made: "Trajectory") -> "Table":
    from optdyn.console import new_pairs

    rows = [("method", plan.method_name), ("problem", f"{plan.problem_name}, dimension {made.x.size}")]
    if plan.step_size_note:
        rows.append(("step size", plan.step_size_note))
    rows += [("status", f"{made.status.name} at iterate {made.stopped_at}")]
    if made.loss.size:
        rows += [
            ("loss", f"{made.loss[0]:.6g} → {made.loss[-1]:.6g}"),
            ("gradient norm", f"{made.gradient_norm[0]:.6g} → {made.gradient_norm[-1]:.6g}"),
            ("function values", f"{made.values[-1]:.6g} full batches"),
            ("gradients", f"{made.gradients[-1]:.6g} full batches"),
            ("Hessian products", f"{made.hessian_products[-1]:.6g} full batches"),
        ]
    return new_pairs(rows)
