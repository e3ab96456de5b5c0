"""What a sweep's Dataset can do besides: `dataset.optdyn.plot()`; a Dataset's own `plot` is xarray's."""

from typing import TYPE_CHECKING, Any

import xarray

from dynamics.checks import Refusal
from dynamics.presentation import drawn

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@xarray.register_dataset_accessor("optdyn")
class SweepAccessor:
    """A sweep, as its Dataset knows it."""

    def __init__(self, dataset: Any) -> None:
        self._dataset = dataset

    def plot(self) -> "Figure":
        """Draw the last loss, or the cost to a level, over the settings: a heat map over two axes, a curve over one.

        Raises
        ------
        ValueError
            If the Dataset is none of a sweep, nothing varies, or no run is done.
        """
        if not {"method", "problem", "steps"} <= set(self._dataset.attrs):
            raise Refusal("this Dataset is none of a sweep: draw what dynamics.sweep or open_sweep returned.")
        picture: Figure = drawn("draw_dataset", self._dataset)
        return picture
