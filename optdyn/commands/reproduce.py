"""`optdyn reproduce`."""

from pathlib import Path
from typing import Annotated

import typer

from optdyn import completion
from optdyn.names import typed_path
from optdyn.refusals import FAILED, INTERRUPTED

__all__ = ["HELP", "reproduce"]

HELP = """Work out every figure and every claim, and put them on one page.

PAPER is a paper such as arsg or one of your own, a pattern of ids, or a module or file; without one, all that papers
announce is worked out.

The page is DIR/index.html; it opens from disk, without a network. Ctrl-C stops the work, and the same command goes
on where it stopped: finished parts are reused as long as sources and parameters are unchanged. The exit status is 1 if
a part failed or a check contradicts its verdict on file; the other parts are made all the same.

\b
Examples:
  optdyn reproduce --quick            a few minutes
  optdyn reproduce --out report       thorough
  optdyn reproduce arsg mypaper
"""


def reproduce(
    papers: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PAPER]...", help="What to work out.", autocompletion=completion.parts),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Smaller sizes and fewer trials.")] = False,
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            metavar="DIR",
            parser=typed_path,
            help="Folder of the page.",
        ),
    ] = Path("optdyn-report"),
    jobs: Annotated[
        int | None, typer.Option("--jobs", metavar="N", help="Worker processes; one for each core by default.")
    ] = None,
) -> None:
    """Work out every part, write the page, and say how it went."""
    from dynamics.checks import require_at_least
    from optdyn.console import new_console
    from optdyn.parts import every_part
    from optdyn.report import write_report
    from optdyn.reproduction import reproduce, summary
    from optdyn.shells import joined
    from optdyn.workers import cores
    from optdyn.writing import check_folder

    workers = cores() if jobs is None else jobs
    require_at_least("--jobs", workers, 1, "somebody has to do the work")
    check_folder(out)
    parts = every_part(papers or [], quick=quick)
    command = joined(["optdyn", "reproduce", *(papers or []), *(["--quick"] if quick else []), "--out", str(out)])
    console = new_console()
    results, interrupted = reproduce(parts, out, jobs=workers, console=console)
    page = write_report(parts, results, out, command=command)
    console.print(f"{summary(parts, results)}\n{page.resolve().as_uri()}", soft_wrap=True)
    if interrupted:
        console.print(f"Interrupted. To go on: {command}", soft_wrap=True)
        raise typer.Exit(INTERRUPTED)
    wrong = [part for part in parts if not results[part.key].is_good]
    if wrong:
        console.print(f"{len(wrong)} of {len(parts)} parts failed: {', '.join(part.id for part in wrong)}")
        raise typer.Exit(FAILED)
