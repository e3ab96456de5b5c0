"""`optdyn figure`."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from optdyn import completion
from optdyn.names import typed_path
from optdyn.refusals import FAILED, INTERRUPTED, BadInput

if TYPE_CHECKING:
    from rich.console import Console

    from optdyn.figures import Made, Order
    from optdyn.settings import Parameter

__all__ = ["HELP", "figure"]

HELP = """Make figures: pictures, data (NetCDF and CSV) and a JSON sidecar that says how to make them again.

ID is a figure such as arsg.1, a paper such as arsg, or a pattern such as '*.1'; your own are named by where they are:
mine.py, package.module, package.module:Name. What is in DIR already and still holds is not made again, so that the same
command goes on after Ctrl-C. Figures with a film are written as gif or mp4 too. With --verify, FILE is one of the files
that were written: its numbers are computed again, and the exit status is 1 where they differ.

\b
Examples:
  optdyn figure --list
  optdyn figure arsg.1 --format "png,pdf" --set beta=0.9 --set "mu=0,0.1"
  optdyn figure --all --quick --jobs 2 --out figures --size slide
  optdyn figure --verify figures/arsg.1.png
  optdyn figure mine.py --verify figures/mine.png
"""


def figure(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="Figures to make.", autocompletion=completion.figures)
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Make every figure.")] = False,
    listing: Annotated[bool, typer.Option("--list", help="Say which figures there are, and stop.")] = False,
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            metavar="DIR",
            parser=typed_path,
            help="Folder of the files.",
        ),
    ] = Path("figures"),
    formats: Annotated[
        str, typer.Option("--format", metavar="FORMATS", help="Pictures to write: png, pdf, svg; films: gif, mp4.")
    ] = "png",
    tables: Annotated[str, typer.Option("--data", metavar="FORMATS", help="Data to write: nc, csv.")] = "nc,csv",
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="A parameter of the figure; may be repeated.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Smaller sizes and fewer trials.")] = False,
    size: Annotated[str, typer.Option("--size", help="What it is drawn for: column, page or slide.")] = "page",
    jobs: Annotated[
        int | None, typer.Option("--jobs", metavar="N", help="Worker processes; one for each core by default.")
    ] = None,
    checked: Annotated[
        Path | None,
        typer.Option(
            "--verify", metavar="FILE", parser=typed_path, help="Compute a file's numbers again, and compare."
        ),
    ] = None,
) -> None:
    """Check everything that was asked for, then make the figures side by side."""
    from dynamics.checks import require_at_least
    from optdyn.chosen import chosen_figures
    from optdyn.console import new_console
    from optdyn.names import resolve
    from optdyn.workers import cores
    from plots.registry import entry

    console = new_console()
    if checked is not None:
        if every or listing or (ids and not any(chosen_figures(ids).values())):
            raise BadInput("--verify takes everything from its file: leave ids, --all and --list out.")
        _verify(checked, console)
        return
    if listing:
        from optdyn.commands.catalogue import figures_table

        console.print(figures_table(chosen_figures(ids or [])))
        return
    if not ids and not every:
        raise BadInput("no figure is named: give ids such as arsg.1, or --all; --list says which there are.")
    if ids and every:
        raise BadInput("--all already makes every figure: give either ids or --all.")
    chosen = chosen_figures(ids or [])
    workers = cores() if jobs is None else jobs
    require_at_least("--jobs", workers, 1, "somebody has to do the work")
    from optdyn.figures import Order
    from optdyn.films import FILMS, check_films
    from optdyn.writing import FORMATS, TABLES, check_folder
    from plots.style import SIZES

    kinds = tuple(resolve("picture format", word, FORMATS) for word in formats.split(","))
    data = tuple(resolve("data format", word, TABLES) for word in tables.split(","))
    size = resolve("size", size, SIZES)
    check_films(kinds)
    films = [kind for kind in kinds if kind in FILMS]
    if films and not any(entry(id).moves for id in chosen):
        raise BadInput(f"no film for {films[0]}: {', '.join(chosen)} does not move; try --format png.")
    check_folder(out)
    orders = [
        Order(
            id,
            {**(entry(id).quick if quick else {}), **_assigned(settings or [], id)},
            out,
            tuple(kind for kind in kinds if kind not in FILMS or entry(id).moves),
            data,
            size,
            reference,
        )
        for id, reference in chosen.items()
    ]
    if len(orders) == 1:
        _make_here(orders[0], console)
    else:
        _make_side_by_side(orders, workers, console)


def _assigned(settings: Sequence[str], id: str) -> dict[str, Any]:
    if not settings:
        return {}
    from optdyn.settings import assign, parameters_of
    from plots.registry import module

    parameters: Mapping[str, Parameter] = parameters_of(module(id).compute)
    return assign(settings, {"figure": parameters})["figure"]


def _make_here(order: "Order", console: "Console") -> None:
    from optdyn.figures import make

    with console.status(f"figure {order.id} …"):
        made = make(order)
    for path in made.paths:
        console.print(str(path), soft_wrap=True, markup=False)


def _make_side_by_side(orders: Sequence["Order"], workers: int, console: "Console") -> None:
    """In worker processes, so that a figure that breaks does not stop the others."""
    from optdyn.figures import Made, try_to_make
    from optdyn.progress import work_visibly
    from optdyn.workers import Lost

    failed = []
    work = work_visibly(
        try_to_make,
        orders,
        names=[order.id for order in orders],
        seconds=[None] * len(orders),
        jobs=min(workers, len(orders)),
        console=console,
    )
    try:
        with closing(work) as outcomes:
            for index, outcome in outcomes:
                made = Made(traceback=outcome.reason) if isinstance(outcome, Lost) else outcome
                console.print(_line(orders[index], made), soft_wrap=True, markup=False)
                failed += [orders[index].id] if made.traceback else []
    except KeyboardInterrupt:
        console.print("Interrupted; the same command goes on with the figures that are missing.")
        raise typer.Exit(INTERRUPTED) from None
    if failed:
        console.print(f"{len(failed)} of {len(orders)} figures failed: {', '.join(failed)}", markup=False)
        raise typer.Exit(FAILED)


def _line(order: "Order", made: "Made") -> str:
    if made.traceback:
        # A traceback ends with what went wrong.
        return f"failed  {order.id}: {made.traceback.strip().splitlines()[-1]}"
    reused = f", {made.reused} reused" if made.reused else ""
    files = " ".join(path.suffix.lstrip(".") for path in made.paths)
    return f"done    {order.folder / order.id}.*  {files}  ({made.seconds:.1f} s{reused})"


def _verify(path: Path, console: "Console") -> None:
    from rich.markup import escape

    from optdyn.recomputation import recompute

    with console.status(escape(f"{path} …")):
        found = recompute(path)
    console.print(f"{found.verdict}: figure {found.figure}, computed again", markup=False, soft_wrap=True)
    for line in found.departures:
        console.print(f"  {line}", soft_wrap=True, markup=False)
    for line in found.changes:
        console.print(f"  changed since: {line}", soft_wrap=True, markup=False)
    if not found.holds:
        raise typer.Exit(FAILED)
