"""The full-batch gradient of ridge sums for several runs at once, which read the data together."""

from dynamics.vectors.panels import PANEL
from dynamics.vectors.tiles import TILE, add_inner, add_outer, rows_at_once, run_totals, spread
from dynamics.vectors.vector import filled
from synthetic.ridge_sums.ridge_functions import mean_height, ridge_with_slope


def value_and_gradient_in_lanes(x, problem, out):
    """Write the gradients at the points of the lanes into `out` and return the values."""
    data = problem.data
    values = filled(0.0, TILE)
    for j in range(len(x)):
        out[j] = 0.0
    for first in range(0, len(data.offsets), rows_at_once(x)):
        start = first // PANEL * PANEL * len(x) + first % PANEL  # in the panels, of the first row's first entry
        t = -spread(data.offsets, first, x)
        for j in range(len(x)):
            t = add_outer(t, data.panels, start + j * PANEL, x[j])
        heights, slopes = ridge_with_slope(problem, t)
        values = values + heights
        for j in range(len(x)):
            out[j] = add_inner(out[j], data.panels, start + j * PANEL, slopes)
    for j in range(len(x)):
        out[j] = out[j] / data.samples
    return mean_height(problem, run_totals(values, x))
