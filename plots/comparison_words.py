"""What a comparison says in words: its title, each method with its setting, and what failed."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D

from dynamics.presentation import described
from dynamics.protocol.status import Status
from plots.budget import FAILURES
from plots.looks import Look
from plots.style import Picture, set_title

if TYPE_CHECKING:
    from plots.comparison import Runs

__all__ = ["failures", "from_words", "set_words"]

LONG_NUMBER = re.compile(r"\d*\.\d{6,}(e[-+]?\d+)?")


def set_words(figure: Picture, seen: "Runs", looks: Mapping[str, Look]) -> None:
    """The title, and below the panels each method with its setting, and what failed."""
    count = len(seen.seeds)
    seeds = f", seed {seen.seeds[0]}" if count == 1 else f", {count} seeds" if count else ""
    if count > 1 and seen.seeds == tuple(range(count)):
        seeds = f", seeds 0 to {count - 1}"
    set_title(figure, f"{described(seen.problem)}{from_words(seen.x0)}, {seen.steps:,} steps{seeds}")
    handles = [
        Line2D([], [], color=look.color, linestyle=look.linestyle, marker=look.marker if seen.is_plane else "")
        for look in looks.values()
    ]
    labels = [_entry(name, method) for name, method in seen.methods.items()]
    for sentence in failures(seen):
        handles.append(Line2D([], [], linestyle="none", marker="x", color="0.2"))
        labels.append(sentence)
    ordered = [handles[list(looks).index(name)] for name in seen.methods] + handles[len(looks) :]
    figure.legend(ordered, labels, loc="outside lower left", ncols=1, fontsize="small", labelspacing=0.25)


def from_words(x0: Any) -> str:
    """Where runs start that don't start where the problem says, in a title.

    Examples
    --------
    >>> from_words(None), from_words([0.5, -1.0]), from_words(range(50))
    ('', ' from [0.5, -1]', ' from a given x0')
    """
    if x0 is None:
        return ""
    numbers = np.asarray(x0, dtype=float)
    return f" from [{', '.join(f'{x:.4g}' for x in numbers)}]" if numbers.size <= 3 else " from a given x0"


def _entry(name: str, method: Any) -> str:
    """A method's name and setting, as they stand in the key, where four digits of a long number are enough.

    Examples
    --------
    >>> from dynamics import HeavyBall
    >>> _entry("HB", HeavyBall(step_size=1.1 / 9, beta=0.125))
    'HB: HeavyBall(step_size=0.1222, beta=0.125)'
    """
    setting = LONG_NUMBER.sub(lambda number: f"{float(number[0]):.4g}", described(method))
    return setting if setting.partition("(")[0] == name else f"{name}: {setting}"


def failures(seen: "Runs") -> list[str]:
    """A sentence for each method of which runs failed."""
    told = []
    for name, runs in seen.runs.items():
        failed = [run for run in runs if run.status in FAILURES]
        if failed:
            word = failed[0].status.name.lower().replace("_", " ")
            which = "" if len(runs) == 1 else f"{len(failed)} of {len(runs)} runs failed; the first "
            told.append(f"{name}: {which}{word} at step {failed[0].stopped_at}")
        elif all(run.loss.size and run.loss[-1] > run.loss[0] for run in runs) and Status.RUNNING not in {
            run.status for run in runs
        }:
            told.append(f"{name} ends higher than it began")
    return told
