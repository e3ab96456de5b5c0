"""Worker processes under a progress bar that names what is being worked on."""

from collections.abc import Callable, Generator, Hashable, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from optdyn.workers import work_off

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["longest_first", "work_visibly"]


def longest_first(seconds: Sequence[float | None]) -> list[int]:
    """The order in which workers run out of work at about the same time: what is not known first, then the longest.

    Examples
    --------
    >>> longest_first([1.0, 30.0, None, 2.0])
    [2, 1, 3, 0]
    """
    return sorted(range(len(seconds)), key=lambda index: -float("inf" if (it := seconds[index]) is None else it))


def work_visibly(
    function: Callable[[Any], Any],
    tasks: Sequence[Any],
    *,
    names: Sequence[str],
    seconds: Sequence[float | None],
    jobs: int,
    console: "Console",
    finished: int = 0,
    families: Sequence[Hashable] = (),
) -> Generator[tuple[int, Any]]:
    """Call a function on every task in worker processes, with progress, and yield results as they come.

    Parameters
    ----------
    function : callable
        At the top level of a module.
    tasks : sequence
        Arguments, one call each.
    names : sequence of str
        What the bar says while a task runs.
    seconds : sequence of float or None
        How long each task took before, where that is known: long ones start first.
    jobs : int
        Processes at a time.
    console : rich.console.Console
        Shows the bar; whatever is printed on it meanwhile stands above.
    finished : int
        Tasks done before, which the bar counts too.
    families : sequence, optional
        What each task has in common with others: as `work_off` takes them.

    Yields
    ------
    int, object
        Index of the task and what the function returned, or `optdyn.workers.Lost`.

    Notes
    -----
    Close the generator to stop early.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    order = longest_first(seconds)
    running: dict[int, str] = {}
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("", total=finished + len(tasks), completed=finished)

        def show(advance: int = 0) -> None:
            progress.update(bar, advance=advance, description=", ".join(running.values()))

        def started(position: int) -> None:
            running[order[position]] = names[order[position]]
            show()

        in_order = [tasks[index] for index in order]
        kin = [families[index] for index in order] if families else ()
        with closing(work_off(function, in_order, workers=jobs, families=kin, started=started)) as outcomes:
            for position, outcome in outcomes:
                index = order[position]
                del running[index]
                yield index, outcome
                show(advance=1)
