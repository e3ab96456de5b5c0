"""Claims checked side by side in worker processes; what a check finds does not depend on how many there are."""

import functools
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from optdyn.checkpoint import Checkpoint
from optdyn.durations import remember, seconds_before
from optdyn.findings import CRASHED, Finding, command_for, crashed, examine
from optdyn.progress import work_visibly
from optdyn.workers import Lost

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["Task", "certify", "verify_claims"]


class Task(NamedTuple):
    """A check to be made; a worker finds the claim by its id, in the module or file that `reference` names, if any."""

    id: str
    level: str
    seed: int
    reference: str = ""


def perform(task: Task) -> Finding:
    """Check a claim of the ledger, or of a module or file."""
    return examine(_claim(task), level=task.level, seed=task.seed)


def certify(task: Task, folder: str) -> Finding:
    """Check a claim of the ledger, and write the certificates of a proof into the folder."""
    from theory.claims.certificates.files import write_claim

    keep = functools.partial(write_claim, folder=Path(folder))
    return examine(_claim(task), level=task.level, seed=task.seed, keep=keep)


def _claim(task: Task) -> Any:
    from theory.claims import claim
    from theory.claims.collection import adopt_claims

    if task.reference:
        adopt_claims(task.reference)
    return claim(task.id)


def verify_claims(
    ids: Mapping[str, str] | Sequence[str],
    *,
    level: str,
    seed: int,
    jobs: int,
    console: "Console",
    checkpoint: Checkpoint | None = None,
    perform: Callable[[Task], Finding] = perform,
) -> tuple[list[Finding], bool]:
    """Check claims of the ledger.

    Parameters
    ----------
    ids : sequence of str, or mapping
        With the module or file of each that no paper announces, "" for the others.
    level : {"quick", "full"}
    seed : int
        Source of every random draw; each check starts from it anew.
    jobs : int
        Worker processes.
    console : rich.console.Console
        Shows progress, and at once what crashed or contradicts its verdict on file. Where it is no terminal, standard
        error gets a line for each check.
    checkpoint : Checkpoint, optional
        Keeps each finding as it comes; what it holds already is not checked again.
    perform : callable
        Makes one check; at the top level of a module.

    Returns
    -------
    list of Finding
        In the order of the ids; after Ctrl-C only of the checks that were done.
    bool
        Whether Ctrl-C ended it.
    """
    known = checkpoint.findings(ids) if checkpoint else {}
    if known:
        told = f"{len(known)} of {len(ids)} claims were checked before this command was stopped, and are not again."
        print(told, file=sys.stderr, flush=True)
    missing = [id for id in ids if id not in known]
    places = ids if isinstance(ids, Mapping) else {}
    tasks = [Task(id, level, seed, places.get(id, "")) for id in missing]
    before = seconds_before()
    seconds = [before.get(command_for(id, level=level)) for id in missing]
    work = work_visibly(
        perform,
        tasks,
        names=missing,
        seconds=seconds,
        jobs=jobs,
        console=console,
        finished=len(known),
        families=[_claim(task).decide.__module__ for task in tasks],
    )
    interrupted = False
    try:
        with closing(work) as outcomes:
            for index, outcome in outcomes:
                finding = _lost(tasks[index], outcome) if isinstance(outcome, Lost) else outcome
                known[tasks[index].id] = finding
                if checkpoint:
                    checkpoint.add(finding)
                if not console.is_terminal:  # where no bar can be shown
                    done = f"{len(known)} of {len(ids)}: {finding.id} {finding.verdict}, {finding.seconds:.1f} s"
                    print(done, file=sys.stderr, flush=True)
                if finding.is_wrong:
                    console.print(f"{finding.id}: {_trouble(finding)}", markup=False, style="bold red")
    except KeyboardInterrupt:
        interrupted = True
    remember({command_for(f.id, level=level): f.seconds for f in known.values() if f.verdict != CRASHED})
    return [known[id] for id in ids if id in known], interrupted


def _lost(task: Task, outcome: Lost) -> Finding:
    return crashed(_claim(task), outcome.reason, level=task.level, seed=task.seed)


def _trouble(finding: Finding) -> str:
    if finding.verdict == CRASHED:
        return f"crashed: {finding.traceback.strip().splitlines()[-1]}"
    return f"{finding.verdict} contradicts the verdict on file, {finding.recorded}"
