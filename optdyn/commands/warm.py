"""`optdyn warm`."""

from pathlib import Path
from typing import Annotated

import typer

from optdyn import completion
from optdyn.refusals import FAILED, INTERRUPTED, BadInput

__all__ = ["HELP", "warm"]

HELP = """Compile before it is needed: the first run of a pair takes seconds longer than all later ones.

PATTERN is a method or a problem, or a shell pattern of their names. Methods without a problem are compiled for the
common problems, and problems without a method for the common methods; --all takes all of them instead.

Pairs are compiled in processes side by side, and what is there already is only looked at. Ctrl-C stops the work; what
was compiled until then is kept. A kernel holds for these versions of optdyn, its libraries and this processor. Sweeps
over several settings have kernels of their own, which their first sweep compiles.

\b
Examples:
  optdyn warm                         the common methods on the common problems
  optdyn warm adam digits-logistic    one pair
  optdyn warm --all carmon            every method on one problem
"""


def warm(
    patterns: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PATTERN]...", help="What to compile.", autocompletion=completion.kernels),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All methods and problems, instead of the common ones.")] = False,
    jobs: Annotated[
        int | None, typer.Option("--jobs", metavar="N", help="Worker processes; one for each core by default.")
    ] = None,
) -> None:
    """Compile the pairs that fit, and say how many there are, how long it took and where they are kept."""
    import time

    from dynamics.checks import require_at_least
    from dynamics.kernels.folder import cache_folder, keeps
    from dynamics.kernels.policy import compiles
    from optdyn.console import new_console
    from optdyn.warming import pairs, warm_up
    from optdyn.workers import cores

    workers = cores() if jobs is None else jobs
    require_at_least("--jobs", workers, 1, "somebody has to do the work")
    chosen = pairs(patterns or [], every=every)
    if not compiles():
        raise BadInput("NUMBA_DISABLE_JIT is set, and nothing is compiled then: unset it.")
    if not keeps():
        raise BadInput("compiled kernels can't be kept for other processes here: set NUMBA_CACHE_DIR to a folder.")
    folder = cache_folder()
    console, began, before = new_console(), time.perf_counter(), _kernels(folder)
    found, interrupted = warm_up(chosen, jobs=workers, console=console)
    seconds, made = time.perf_counter() - began, _kernels(folder) - before
    refused = {pair: went.refusal for pair, went in found.items() if went.refusal}
    broken = {pair: went.traceback for pair, went in found.items() if went.traceback}
    ready = len(found) - len(refused) - len(broken)
    said = [
        f"{ready} of {len(chosen)} pairs can run at once now: {made} kernels compiled in {seconds:.1f} s.",
        f"They are kept in {folder} ({_megabytes(folder):.0f} MB in all).",
    ]
    if refused:
        said.append(f"{len(refused)} don't go together, such as {next(iter(refused)).words}:")
        said.append(next(iter(refused.values())))
    if interrupted:
        said.append("Interrupted; the same command goes on.")
    for pair, why in broken.items():
        said += [f"failed: {pair.words}", why.strip()]
    console.print("\n".join(said), soft_wrap=True, markup=False, highlight=False)
    if interrupted:
        raise typer.Exit(INTERRUPTED)
    if broken:
        raise typer.Exit(FAILED)


def _kernels(folder: Path) -> int:
    return sum(1 for _ in folder.glob("*.nbc"))


def _megabytes(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.glob("*.nbc")) / 1e6
