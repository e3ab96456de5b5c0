"""The data of ridge sums, laid out for their kernels, and the scratch of one run."""

from typing import Any, NamedTuple

import numpy as np

from dynamics import kernel
from dynamics.checks import Refusal, of_shapes
from dynamics.vectors.panels import PANEL, as_panel_entries, as_panels, new_column_sums, panel_count
from dynamics.vectors.rows import LONG_ROWS, StreamedRows, as_rows, row_width
from synthetic.parts.requirements import require_scratch


class RidgeData(NamedTuple):
    """Rows and offsets of a ridge sum, in the two layouts that its kernels read; `ridge_data` makes it."""

    rows: Any  # one of the classes of dynamics.vectors.rows, with the offset at the end of each row
    panels: np.ndarray  # the same rows by panels
    offsets: np.ndarray  # b, filled up with zeros to whole panels
    samples: int
    dimension: int

    @of_shapes
    def check(self) -> None:
        """Refuse layouts of different sizes."""
        entries, panels = self.rows.entries.shape, panel_count(max(self.samples, 0)) * PANEL
        wanted = (self.samples, row_width(self.rows, self.dimension + 1))
        if self.dimension < 1 or entries != wanted:
            raise Refusal(
                f"rows has entries of shape {entries}: {self.samples} samples of dimension {self.dimension} need "
                f"{wanted}, with the offsets; use ridge_data(A, b)."
            )
        if len(self.offsets) != panels or self.panels.size != panels * self.dimension:
            raise Refusal(
                f"panels holds {self.panels.size} numbers and offsets {len(self.offsets)}: {self.samples} samples of "
                f"dimension {self.dimension} need {panels * self.dimension} and {panels}; use ridge_data(A, b)."
            )

    @property
    def A(self) -> np.ndarray:
        """The rows, shape (samples, dimension)."""
        return self.rows.entries[:, : self.dimension]

    @property
    def b(self) -> np.ndarray:
        """The offsets, shape (samples,)."""
        return self.offsets[: self.samples]


class RidgeWork(NamedTuple):
    """Scratch of one run."""

    sums: np.ndarray
    row: np.ndarray
    registers: np.ndarray  # shape (64,)
    curvatures: np.ndarray  # φ'' of the summands, where Hessian products were prepared
    arguments: np.ndarray  # of φ in the summands, at `point`
    point: np.ndarray  # where the value was asked for last, shape (d,)
    known: np.ndarray  # 1 once it has been asked for, shape (1,)


def ridge_data(A: np.ndarray, b: np.ndarray) -> RidgeData:
    """Lay out rows, shape (samples, dimension), and offsets, shape (samples,).

    Raises
    ------
    ValueError
        If the shapes don't match.
    """
    if A.ndim != 2 or not A.size or b.shape != A.shape[:1]:
        raise Refusal(
            f"A has shape {np.shape(A)} and b {np.shape(b)}: shapes (samples, dimension) and (samples,) are needed, "
            f"one offset for each row."
        )
    return RidgeData(as_rows(np.column_stack([A, b])), as_panels(A), as_panel_entries(b), *A.shape)


def ridge_part(data: RidgeData, first: int, last: int) -> RidgeData:
    """The data of the summands first, ..., last - 1, as views: whole panels, the last one perhaps excepted."""
    width, end = data.dimension, panel_count(last) * PANEL
    kind = type(data.rows) if isinstance(data.rows, LONG_ROWS) else StreamedRows
    rows = kind(data.rows.entries[first:last])
    panels, offsets = data.panels[first * width : end * width], data.offsets[first:end]
    return RidgeData(rows, panels, offsets, last - first, width)


def ridge_work(data: RidgeData) -> RidgeWork:
    """Scratch for kernels on these data."""
    return RidgeWork(*map(np.zeros, _sizes(data)))


def require_ridge_work(data: RidgeData, work: RidgeWork) -> None:
    """Refuse scratch of other sizes."""
    require_scratch(work, *[(size,) for size in _sizes(data)])


def _sizes(data):
    sums = new_column_sums(data.dimension).size
    return (sums, data.rows.entries.shape[1], 64, len(data.offsets), len(data.offsets), data.dimension, 1)


@kernel
def remember_point(work, x):
    """Say that `work.arguments` are those at x."""
    work.known[0] = 1.0
    for j in range(len(x)):
        work.point[j] = x[j]


@kernel
def is_known(work, x):
    """Whether `work.arguments` are those at x, as when a trial step has just been accepted."""
    same = work.known[0] == 1.0
    for j in range(len(x)):
        same = same and work.point[j] == x[j]
    return same
