"""All parts worked out side by side, with progress; stopped at any time and continued later."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from optdyn.console import VERDICT_STYLES
from optdyn.durations import remember, seconds_before
from optdyn.parts import Part, Result, finished, keep, perform
from optdyn.progress import work_visibly
from optdyn.workers import LAST, Lost

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["reproduce"]


def reproduce(parts: Sequence[Part], folder: Path, *, jobs: int, console: "Console") -> tuple[dict[str, Result], bool]:
    """Work out the parts that are not finished.

    Parameters
    ----------
    parts : sequence of Part
    folder : Path
        Of the report; finished parts in it are reused.
    jobs : int
        Worker processes. Each part is computed on its own, so no number depends on this one.
    console : rich.console.Console
        Shows progress and one line for each part.

    Returns
    -------
    dict of str to Result
        By key of the part, in the order of the parts; "pending" where Ctrl-C came first.
    bool
        Whether Ctrl-C ended it.
    """
    results: dict[str, Result] = {}
    for part in parts:
        results[part.key] = finished(part, folder) or Result("pending")
    missing = [part for part in parts if results[part.key].outcome == "pending"]
    if len(missing) < len(parts):
        console.print(f"{len(parts) - len(missing)} of {len(parts)} parts are finished already and reused.")
    before = seconds_before()
    work = work_visibly(
        perform,
        [(part, folder) for part in missing],
        names=[part.id for part in missing],
        seconds=[0.0 if part.is_last else before.get(part.command) for part in missing],
        jobs=jobs,
        console=console,
        finished=len(parts) - len(missing),
        families=[LAST if part.is_last else part.family or None for part in missing],
    )
    interrupted = False
    try:
        with closing(work) as outcomes:
            for index, outcome in outcomes:
                part = missing[index]
                result = Result("failed", traceback=outcome.reason) if isinstance(outcome, Lost) else outcome
                keep(part, result, folder)
                results[part.key] = result
                console.print(_line(part, result))
    except KeyboardInterrupt:
        interrupted = True
    done = [(part.command, results[part.key]) for part in missing]
    remember({command: result.seconds for command, result in done if result.outcome == "done"})
    return results, interrupted


def summary(parts: Sequence[Part], results: Mapping[str, Result]) -> str:
    """How many figures there are, and how many claims by verdict.

    Examples
    --------
    >>> claim = Part("claim", "l4.angle", {}, {}, "", perform)
    >>> summary([claim], {claim.key: Result("done", verdict="proved")})
    '0 figures, 1 claim (1 proved)'
    """
    words = {kind: sum(part.kind == kind for part in parts) for kind in ("figure", "claim")}
    text = ", ".join(f"{count} {kind}{'s' * (count != 1)}" for kind, count in words.items())
    counts = verdict_counts(parts, results)
    details = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    return f"{text} ({details})" if details else text


def verdict_counts(parts: Sequence[Part], results: Mapping[str, Result]) -> dict[str, int]:
    """Claims by verdict, in the order of the verdicts; a check that crashed counts as such."""
    counts = dict.fromkeys([*VERDICT_STYLES, "pending"], 0)
    for part in parts:
        if part.kind == "claim":
            counts[shown_verdict(results[part.key])] += 1
    return {verdict: count for verdict, count in counts.items() if count}


def shown_verdict(result: Result) -> str:
    """A claim's verdict, or "crashed" or "pending" where it has none."""
    return {"failed": "crashed", "pending": "pending"}.get(result.outcome, result.verdict)


def _line(part: Part, result: Result) -> str:
    if result.outcome == "failed":
        # A traceback ends with what went wrong.
        return f"[bold red]failed[/]  {part.kind} {part.id}: {_escaped(result.traceback.strip().splitlines()[-1])}"
    verdict = f": [{VERDICT_STYLES.get(result.verdict, 'bold')}]{result.verdict}[/]" if result.verdict else ""
    wrong = "  [bold red]contradicts the verdict on file[/]" if result.is_wrong else ""
    return f"done    {part.kind} {part.id}{verdict}{wrong} [dim]{result.seconds:.1f} s[/]"


def _escaped(text: str) -> str:
    from rich.markup import escape

    return escape(text)
