"""`optdyn sweep`."""

import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from optdyn import completion
from optdyn.refusals import INTERRUPTED, BadInput

if TYPE_CHECKING:
    from rich.console import Console
    from xarray import Dataset

    from optdyn.sweeps import Request

__all__ = ["HELP", "sweep"]

HELP = """Run a method on a problem over axes of their parameters and over seeds, and say which settings are best.

An axis is --over key=VALUES, where VALUES are 1e-3,1e-2 or geom:LOW:HIGH:N or lin:LOW:HIGH:N; one+other=a:b,c:d
changes two together. --set fixes a parameter; write problem.key or method.key where both have it. Several methods
or problems have commas between them, and adam.key is then one's own. With --out, each
block of runs is written once it is done: whatever ends the command, the same one goes on, and longer axes and further
seeds add to it. Any number of processes with the same --work share the blocks, on all machines that see the folder.
Alone, --out FOLDER looks at a sweep, and --work FOLDER works on it.

\b
Examples:
  optdyn sweep quadratic rsg --over step_size=geom:1e-2:1:9 --seeds 5 --steps 200
  optdyn sweep quadratic rsg --over step_size=geom:1e-3:1:40 --seeds 20 --out runs.zarr --plot heat.png
  optdyn sweep quadratic rsg --over step_size=geom:1e-2:1:9 --over mu=lin:0:0.4:5 --set dimension=100 --set noise=0.01
  optdyn sweep quadratic "sgd,adam" --over sgd.step_size=geom:1e-2:1:9 --over adam.step_size=geom:1e-3:0.1:9
  optdyn sweep --out runs.zarr --status
  optdyn sweep --work runs.zarr
"""


def sweep(
    problem: Annotated[
        str | None,
        typer.Argument(
            metavar="[PROBLEM]", help="Such as quadratic, or mylab:Valley.", autocompletion=completion.problems
        ),
    ] = None,
    method: Annotated[
        str | None,
        typer.Argument(metavar="[METHOD]", help="Such as rsg, or mylab.py:Lion.", autocompletion=completion.methods),
    ] = None,
    over: Annotated[
        list[str] | None, typer.Option("--over", metavar="KEY=VALUES", help="An axis; may be repeated.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A parameter of method or problem; may be repeated."),
    ] = None,
    seeds: Annotated[str, typer.Option("--seeds", metavar="N", help="How many seeds, or which: 3,7,11.")] = "1",
    steps: Annotated[int, typer.Option("--steps", metavar="N", help="Steps of each run.")] = 1000,
    x0: Annotated[
        str | None,
        typer.Option("--x0", metavar="NUMBERS", help="Where all runs start, such as 1,2; by default the problem says."),
    ] = None,
    noise: Annotated[
        str, typer.Option("--noise", metavar="WORD", help="own, or common: all settings see the same samples.")
    ] = "own",
    keep: Annotated[
        str,
        typer.Option(
            "--keep",
            metavar="WHAT",
            help="last, all, iteration=10,100, gradients=1,5 (costs), below=1e-3 (a loss), or "
            "quantiles=0.1,0.5,0.9 (of the last rows, over seeds).",
        ),
    ] = "last",
    record_every: Annotated[
        int | None, typer.Option("--record-every", metavar="N", help="Steps between records that runs make.")
    ] = None,
    out: Annotated[
        str | None, typer.Option("--out", metavar="FOLDER", help="Store the sweep, or go on with it: a zarr folder.")
    ] = None,
    work: Annotated[
        str | None, typer.Option("--work", metavar="FOLDER", help="The same, sharing the work with others.")
    ] = None,
    dask: Annotated[
        str | None, typer.Option("--dask", metavar="ADDRESS", help="Compute on a dask cluster: its scheduler.")
    ] = None,
    processes: Annotated[
        int | None, typer.Option("--processes", metavar="N", help="Compute in N processes; by default in threads.")
    ] = None,
    threads: Annotated[
        int | None, typer.Option("--threads", metavar="N", help="Threads to use; by default one a core.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE", help="Draw the settings: png, pdf or svg.")
    ] = None,
    status: Annotated[bool, typer.Option("--status", help="Say how far --out is, and stop.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say how many runs, how long and how large, and stop.")
    ] = False,
    mend: Annotated[bool, typer.Option("--mend", help="Compute damaged blocks of --out anew.")] = False,
) -> None:
    """Check everything that was asked for, sweep, print which settings are best, and write what was asked for."""
    from optdyn.console import new_console
    from optdyn.exports import PICTURE_ENDINGS, check_file
    from optdyn.settings import vector_from
    from optdyn.sweeps import kept_by, requested, seeds_from
    from plots.sweep_scores import waiting

    folder = _folder(out, work)
    given = [name for name, one in (("--dask", dask), ("--processes", processes), ("--work", work)) if one is not None]
    if len(given) > 1:
        raise BadInput(f"{' and '.join(given)} are two places to compute: give one.")
    if plot is not None:
        check_file(plot, PICTURE_ENDINGS)
    console = new_console()
    if status:
        if folder is None:
            raise BadInput("--status tells how far a stored sweep is: give its folder by --out.")
        _print_status(console, folder)
        return
    if problem is None and (over or settings):
        raise BadInput("an axis or a setting is given, and no problem and method: name them first.")
    if (problem is None) != (method is None):
        raise BadInput(f"{problem} is the problem, and no method is named: add one, such as rsg.")
    if problem is None or method is None:
        if folder is None:
            raise BadInput("no problem and method are named; give them, or a stored sweep by --out.")
        dataset = _taken_up(console, folder, share=work is not None, threads=threads, mend=mend)
    else:
        request = requested(
            problem, method, over or [], settings or [], seeds=seeds_from(seeds), steps=steps, noise=noise,
            reduce=kept_by(keep), record_every=record_every, x0=None if x0 is None else vector_from(x0),
        )  # fmt: skip
        if dry_run:
            _print_estimate(console, request, processes or threads)
            return
        if mend and folder is not None:
            _mend(console, folder)
        where = "claims" if work is not None else dask if dask is not None else "processes" if processes else None
        dataset = _swept(console, request, folder, backend=where, workers=processes or threads)
    _print_result(console, dataset)
    missing = waiting(dataset) if folder is None else 0
    if missing:
        _say_interrupted(console, None)
    if plot is not None:
        from optdyn.picture import save
        from plots.sweep_picture import draw_sweep
        from plots.sweep_scores import scored

        save(draw_sweep(dataset, scored(dataset), title=_title(dataset)), plot)
        console.print(str(plot), soft_wrap=True, markup=False)
    if missing:
        raise typer.Exit(INTERRUPTED)


def _folder(out: str | None, work: str | None) -> Path | None:
    if out is not None and work is not None:
        raise BadInput("--out and --work name a folder each: give one of them; --work shares the work with others.")
    given = out if out is not None else work
    if given is not None and not given.strip():
        raise BadInput(f"--{'out' if out is not None else 'work'} '' names no folder: give one such as runs.zarr.")
    return Path(given) if given is not None else None


def _swept(
    console: "Console", request: "Request", folder: Path | None, *, backend: str | None, workers: int | None
) -> "Dataset":
    from optdyn.workers import cores

    try:
        with warnings.catch_warnings(action="ignore", category=RuntimeWarning):  # of interruptions, told below
            return request.run(
                out=folder, backend=backend, threads=cores() if workers is None else workers,
                progress=console.is_terminal,
            )  # fmt: skip
    except KeyboardInterrupt:
        _say_interrupted(console, folder)
        raise typer.Exit(INTERRUPTED) from None


def _taken_up(console: "Console", folder: Path, *, share: bool, threads: int | None, mend: bool) -> "Dataset":
    """Look at a stored sweep, or work on it."""
    from dynamics import open_sweep
    from dynamics.sweeps.filling import work_on
    from optdyn.workers import cores

    if mend:
        _mend(console, folder)
    if share or mend:
        try:
            workers = cores() if threads is None else threads
            work_on(folder, workers=workers, progress=console.is_terminal)
        except KeyboardInterrupt:
            _say_interrupted(console, folder)
            raise typer.Exit(INTERRUPTED) from None
    return open_sweep(folder)


def _mend(console: "Console", folder: Path) -> None:
    from dynamics import mend_sweep

    for sentence in mend_sweep(folder):
        console.print(f"damaged: {sentence.partition(': ')[0]}", soft_wrap=True, markup=False)


def _say_interrupted(console: "Console", folder: Path | None) -> None:
    from optdyn.sweeps import progress_of

    if folder is None:
        console.print("Interrupted: the runs that are done are lost. With --out FOLDER they are kept, to go on with.")
        return
    found = progress_of(folder)
    console.print(f"Interrupted: {found.done} of {found.blocks} blocks are done. The same command goes on.")


def _print_status(console: "Console", folder: Path) -> None:
    from optdyn.console import new_pairs
    from optdyn.sweeps import progress_of

    found = progress_of(folder)
    rows = [
        ("done", f"{found.runs} of {found.all_runs} runs, {found.done} of {found.blocks} blocks"),
        ("failed", f"{found.failed} runs"),
        ("rate", f"{found.rate:.3g} runs a second" if found.rate else "unknown yet"),
        ("time left", "none" if found.done == found.blocks else _duration(found.left)),
    ]
    if found.silent is not None and found.done < found.blocks:
        rows.append(("last block", f"{_duration(found.silent)} ago"))
    rows.append(("hash", found.hash))
    console.print(new_pairs(rows))


def _print_estimate(console: "Console", request: "Request", workers: int | None) -> None:
    from optdyn.console import new_pairs
    from optdyn.sweeps import estimated
    from optdyn.workers import cores

    workers = cores() if workers is None else workers
    found = estimated(request, workers)
    console.print(
        new_pairs(
            [
                ("runs", f"{found.runs}: {found.settings} settings, {found.seeds} seeds"),
                ("time", f"about {_duration(found.seconds)} on {workers} threads"),
                ("size", f"up to {_size(found.bytes)}"),
            ]
        )
    )


def _print_result(console: "Console", dataset: "Dataset") -> None:
    from optdyn.console import new_pairs
    from plots.sweep_scores import described_scores, scored

    rows = described_scores(dataset, scored(dataset))
    if "store" in dataset.attrs:
        rows += [("store", f"{dataset.attrs['store']}, {dataset.attrs['state']}"), ("hash", dataset.attrs["hash"])]
    console.print(new_pairs(rows))


def _title(dataset: "Dataset") -> str:
    """What was run, with what all runs have in common."""
    fixed = re.sub(r"\b(method|problem)\.", "", dataset.attrs["fixed"]).replace("; ", ", ")
    words = (f"{dataset.attrs['method']} on {dataset.attrs['problem']}", fixed, f"{dataset.attrs['steps']} steps")
    return ", ".join(word for word in words if word)


def _duration(seconds: float | None) -> str:
    """Seconds in the unit that suits them."""
    if seconds is None:
        return "unknown yet"
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.3g} {unit}"
    return f"{seconds:.2g} s" if seconds < 100 else f"{seconds:.0f} s"


def _size(count: int) -> str:
    for unit, length in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= length:
            return f"{count / length:.3g} {unit}"
    return f"{count} bytes"
