"""What the runs of a sweep write their results to."""

import numpy as np

from dynamics.checks import require_memory
from dynamics.protocol.status import SOUND, Status
from dynamics.runs.run import Outcome
from dynamics.runs.setup import Setup
from dynamics.sweeps.loop import Written


class Table:
    """Columns with a row, or several records, for each run of a block.

    With `last` that is one record a run: the one at its end, or none where the run failed.
    """

    def __init__(self, first: Setup, runs: int, steps: int, *, last: bool, iterates: bool) -> None:
        self.last = last
        rows = 1.0 if last else steps / first.record_every
        require_memory(f"records of {runs} runs of {steps} steps", 7.0 * rows * runs, "give a larger record_every")
        self.iteration = np.array([steps]) if last else np.append(np.arange(0, steps, first.record_every), steps)
        shape = (runs, self.iteration.size)
        loss, gradient_norm, step_size = (np.empty(shape) for _ in range(3))  # cleared before Python takes a run
        self.columns = Written(
            loss=loss,
            gradient_norm=gradient_norm,
            step_size=step_size,
            calls=np.empty((*shape, 3), dtype=np.int64),
            status=np.zeros(runs, dtype=np.int64),
            stopped_at=np.zeros(runs, dtype=np.int64),
            x=np.full((runs, first.state.point.x.size) if iterates else (0, 0), np.nan),
        )
        self.errors: dict[int, str] = {}
        self.raised: Exception | None = None  # by one of the runs

    def write(self, run: int, outcome: Outcome) -> None:
        """Write down how a run ended."""
        records, columns = outcome.records, self.columns
        rows = records.iteration.size
        if self.last:
            kept = slice(rows - 1, rows if outcome.status in SOUND else rows - 1)
        elif rows and records.iteration[-1] != self.iteration[rows - 1]:
            kept = slice(rows - 1)  # a run that ended between two records has a row of its own
        else:
            kept = slice(rows)
        for name in ("loss", "gradient_norm", "step_size", "calls"):
            part = getattr(records, name)[kept]
            getattr(columns, name)[run, : len(part)] = part
        x = outcome.state.point.x
        if x.size == columns.x.shape[-1]:  # problems of other dimensions may be in the sweep
            columns.x[run] = x
        columns.status[run], columns.stopped_at[run] = outcome.status, outcome.stopped_at

    def write_error(self, run: int, error: Exception) -> None:
        """Write down that a run raised an exception."""
        self.errors[run] = f"{type(error).__name__}: {error}"
        self.raised = self.raised or error
        self.clear(run)
        self.columns.status[run] = Status.RAISED

    def clear(self, run: int | np.ndarray) -> None:
        """Forget a run, or several."""
        for name, column in self.columns._asdict().items():
            if len(column):
                column[run] = np.nan if column.dtype == np.float64 else -1 if name == "calls" else 0
