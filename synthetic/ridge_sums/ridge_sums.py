r"""Means of ridge functions, :math:`f(x)=\frac1N\sum_n\phi(a_n^\top x-b_n)`: the sums that such problems share.

A problem is a NamedTuple with `data`, `batch_size`, `sampling` and `work`. It says what φ, φ' and φ'' are, for a
number or a vector of numbers; `ridge_sum` gives it the oracle protocol. The full batch goes by panels of rows, a
mini-batch row by row.
"""

from typing import Any

from dynamics import (
    gradient,
    hessian,
    hessian_product,
    implements,
    kernel,
    mean_curved_gradient,
    runs_in_lanes,
    sampled_gradient,
    sampled_value_and_gradient,
    summands,
    value,
    value_and_gradient,
)
from dynamics.kernels.declarations import always
from dynamics.kernels.generic import generic
from dynamics.protocol.large_data import parts, stretches
from dynamics.protocol.oracle import gauss_newton_product, prepare_products, prepared_product, sampled_hessian_product
from dynamics.vectors.by_registers import by_registers
from dynamics.vectors.choices import first_of
from dynamics.vectors.lanes import Lanes
from dynamics.vectors.panels import (
    PANEL,
    STRIP,
    STRIPS,
    add_near_strip,
    add_strip,
    clear,
    collect,
    panel_product,
    start_after,
    strip_product,
    strip_start,
)
from dynamics.vectors.registers import load, store
from dynamics.vectors.rows import (
    LONG_ROWS,
    StreamedRows,
    WideRows,
    add_first_multiples,
    add_multiples,
    as_row,
    first_inner_products,
    from_row,
    inner_products,
    row,
)
from dynamics.vectors.vector import REGISTER, filled, multiply_add, total
from synthetic.parts.mini_batches import mini_batches
from synthetic.ridge_sums.ridge_data import is_known, remember_point, ridge_part, ridge_work
from synthetic.ridge_sums.ridge_functions import (
    add_height,
    mean_height,
    ridge,
    ridge_curvature,
    ridge_residual_slope,
    ridge_slope,
    ridge_with_slope,
)
from synthetic.ridge_sums.ridge_lanes import value_and_gradient_in_lanes


@kernel
def residuals(data, strip, start, x):
    """The arguments of φ in the summands of a strip, which begins there; 0 in those that fill the last panel."""
    return strip_product(data.panels, start, x) - load(data.offsets, strip * STRIP, STRIP)


@kernel
def known_residuals(problem, strip, start, x, known):
    """The same as `residuals`, from scratch where they are known."""
    if known:
        return load(problem.work.arguments, strip * STRIP, STRIP)
    return residuals(problem.data, strip, start, x)


@kernel
def find_residuals(problem, x):
    """Keep the arguments of φ at x in scratch."""
    data, work = problem.data, problem.work
    for strip in range(len(data.offsets) // STRIP):
        store(work.arguments, strip * STRIP, residuals(data, strip, strip_start(strip, data.dimension), x))
    remember_point(work, x)


@kernel
def add_heights(heights, strip, registers):
    """Add a strip's values of φ to those of the strips before it, at the same place of a panel."""
    place = strip % STRIPS * STRIP
    store(registers, place, load(registers, place, STRIP) + heights)


def _value(problem, x):
    data, work = problem.data, problem.work
    store(work.registers, 0, filled(0.0, PANEL))
    for strip in range(len(data.offsets) // STRIP):
        t = residuals(data, strip, strip_start(strip, data.dimension), x)
        store(work.arguments, strip * STRIP, t)
        add_heights(ridge(problem, t), strip, work.registers)
    remember_point(work, x)
    return mean_height(problem, total(load(work.registers, 0, PANEL)))


def _gradient(problem, x, out):
    data, sums = problem.data, problem.work.sums
    known = is_known(problem.work, x)
    for strip in range(len(data.offsets) // STRIP):
        start = strip_start(strip, data.dimension)
        slopes = ridge_slope(problem, known_residuals(problem, strip, start, x, known))
        add_strip(data.panels, start, data.dimension, slopes, sums)
    collect(sums, 1.0 / data.samples, out)


def _by_strips(rows, problem, x, out):
    data, sums, registers = problem.data, problem.work.sums, problem.work.registers
    store(registers, 0, filled(0.0, PANEL))
    start = 0
    for strip in range(len(data.offsets) // STRIP):
        slopes = by_registers(add_height, problem, residuals(data, strip, start, x), registers, start % PANEL)
        add_strip(data.panels, start, data.dimension, slopes, sums)
        start = start_after(start, data.dimension)
    collect(sums, 1.0 / data.samples, out)
    return mean_height(problem, total(load(registers, 0, PANEL)))


@generic(fallback=_by_strips)
def sum_over_rows(rows, problem, x, out):
    """Write the gradient at x into `out` and return the value, by strips or by panels, which have the same sums."""


def _by_panels(rows, problem, x, out):
    data, sums, registers = problem.data, problem.work.sums, problem.work.registers
    clear(sums)
    values = filled(0.0, PANEL)
    for panel in range(len(data.offsets) // PANEL):
        t = panel_product(data.panels, panel, x) - load(data.offsets, panel * PANEL, PANEL)
        heights, slopes = ridge_with_slope(problem, t)
        values = values + heights
        store(registers, 0, slopes)
        for place in range(STRIPS):
            weights = load(registers, place * STRIP, STRIP)
            start = strip_start(panel * STRIPS + place, data.dimension)
            add_near_strip(data.panels, start, data.dimension, weights, sums)
    collect(sums, 1.0 / data.samples, out)
    return mean_height(problem, total(values))


# Memory that is read in its order is read ahead by the processor. And strips of long rows, half of each stretch of a
# panel, meet in the same places of the first-level cache.
for _kind in (StreamedRows, *(LONG_ROWS if STRIPS > 1 else ())):
    implements(sum_over_rows, _kind)(_by_panels)


def _mean_value_and_gradient(x, problem, out):
    return sum_over_rows(problem.data.rows, problem, x, out)


@generic(fallback=_mean_value_and_gradient)
def mean_value_and_gradient(x, problem, out):
    """Write the gradient at x into `out` and return the value: at one point, or on lanes at several."""


implements(mean_value_and_gradient, Lanes)(value_and_gradient_in_lanes)


def _value_and_gradient(problem, x, out):
    return mean_value_and_gradient(x, problem, out)


def _hessian_product(problem, x, v, out):
    data, sums = problem.data, problem.work.sums
    for strip in range(len(data.offsets) // STRIP):
        start = strip_start(strip, data.dimension)
        curvatures = ridge_curvature(problem, residuals(data, strip, start, x))
        # Not curvatures times products, or the compiler would multiply in another order than `_prepared_product`.
        weights = multiply_add(curvatures, strip_product(data.panels, start, v), filled(0.0, STRIP))
        add_strip(data.panels, start, data.dimension, weights, sums)
    collect(sums, 1.0 / data.samples, out)


@kernel
def _squared_lengths(data, start):
    """The squared lengths of the rows of the strip that begins there."""
    squares = filled(0.0, STRIP)
    for p in range(data.dimension):
        entries = load(data.panels, start + p * PANEL, STRIP)
        squares = squares + entries * entries
    return squares


def _mean_curved_gradient(problem, x, out):
    # A summand's Hessian is φ'' a aᵀ and its gradient φ' a.
    data, sums = problem.data, problem.work.sums
    known = is_known(problem.work, x)
    for strip in range(len(data.offsets) // STRIP):
        start = strip_start(strip, data.dimension)
        t = known_residuals(problem, strip, start, x, known)
        weights = ridge_curvature(problem, t) * ridge_slope(problem, t) * _squared_lengths(data, start)
        add_strip(data.panels, start, data.dimension, weights, sums)
    collect(sums, 1.0 / data.samples, out)


def _prepare_products(problem, x):
    data, work = problem.data, problem.work
    if not is_known(work, x):
        find_residuals(problem, x)
    for strip in range(len(data.offsets) // STRIP):
        curvatures = ridge_curvature(problem, load(work.arguments, strip * STRIP, STRIP))
        store(work.curvatures, strip * STRIP, curvatures + filled(0.0, STRIP))


def _prepared_product(problem, x, v, out):
    data, work = problem.data, problem.work
    start = 0
    for strip in range(len(data.offsets) // STRIP):
        weights = load(work.curvatures, strip * STRIP, STRIP) * strip_product(data.panels, start, v)
        add_strip(data.panels, start, data.dimension, weights, work.sums)
        start = start_after(start, data.dimension)
    collect(work.sums, 1.0 / data.samples, out)


def _gauss_newton_product(problem, x, v, out):
    data, sums = problem.data, problem.work.sums
    for strip in range(len(data.offsets) // STRIP):
        start = strip_start(strip, data.dimension)
        slopes = ridge_residual_slope(problem, residuals(data, strip, start, x))
        weights = 2.0 * slopes * slopes
        add_strip(data.panels, start, data.dimension, weights * strip_product(data.panels, start, v), sums)
    collect(sums, 1.0 / data.samples, out)


def _hessian(problem, x, out):
    data, A = problem.data, problem.data.rows.entries
    out[:, :] = 0.0
    for n in range(data.samples):
        weight = ridge_curvature(problem, _residual(A, data.offsets, x, n)) / data.samples
        for i in range(len(x)):
            for j in range(len(x)):
                out[i, j] += weight * A[n, i] * A[n, j]


@kernel
def _residual(A, b, x, n):
    """The argument of φ in summand n."""
    t = -b[n]
    for j in range(len(x)):
        t += A[n, j] * x[j]
    return t


def _batch_sum(rows, problem, x, sample, out):
    registers, indices, size = problem.work.registers, sample.indices, sample.size[0]
    point = as_row(rows, x, -1.0)
    slope = 0.0 * point
    values = filled(0.0, REGISTER)
    if size < REGISTER:
        t = first_inner_products(rows, indices, 0, size, point, registers)
        heights, slopes = ridge_with_slope(problem, t)
        values = first_of(heights, size)
        slope = add_first_multiples(rows, indices, 0, size, slopes, registers, slope)
    else:
        whole = size - size % REGISTER  # rows that go by registers; those left over are read one by one
        t = inner_products(rows, indices, 0, point, registers)
        for i in range(0, whole, REGISTER):
            heights, slopes = ridge_with_slope(problem, t)
            values = values + first_of(heights, size - i)
            if i + REGISTER < whole:
                t = inner_products(rows, indices, i + REGISTER, point, registers)
            elif whole < size:
                t = first_inner_products(rows, indices, whole, size - whole, point, registers)
            slope = add_multiples(rows, indices, i, slopes, registers, slope)
        if whole < size:
            heights, slopes = ridge_with_slope(problem, t)
            values = values + first_of(heights, size - whole)
            slope = add_first_multiples(rows, indices, whole, size - whole, slopes, registers, slope)
    from_row(rows, slope, 1.0 / size, problem.work.row, out)
    return total(values) / size


@generic(fallback=_batch_sum)
def batch_sum(rows, problem, x, sample, out):
    """Write the gradient on a mini-batch into `out` and return its value."""


@implements(batch_sum, StreamedRows)
@implements(batch_sum, WideRows)
def _(rows, problem, x, sample, out):
    A, offsets, indices = rows.entries, problem.data.offsets, sample.indices
    out[:] = 0.0
    summed = 0.0
    for i in range(sample.size[0]):
        n = indices[i]
        t = _residual(A, offsets, x, n)
        summed += ridge(problem, t)
        slope = ridge_slope(problem, t) / sample.size[0]
        for j in range(len(x)):
            out[j] += slope * A[n, j]
    return summed / sample.size[0]


def _batch_product(rows, problem, x, v, sample, out):
    work, indices, size = problem.work, sample.indices, sample.size[0]
    point, direction = as_row(rows, x, -1.0), as_row(rows, v, 0.0)
    product = 0.0 * point
    for i in range(size):
        a = row(rows, indices[i])
        product = product + a * (ridge_curvature(problem, total(a * point)) * total(a * direction))
    from_row(rows, product, 1.0 / size, work.row, out)


@generic(fallback=_batch_product)
def batch_product(rows, problem, x, v, sample, out):
    """Write the product of the Hessian on a mini-batch with v into `out`."""


@implements(batch_product, StreamedRows)
@implements(batch_product, WideRows)
def _(rows, problem, x, v, sample, out):
    A, indices = rows.entries, sample.indices
    out[:] = 0.0
    for i in range(sample.size[0]):
        n = indices[i]
        inner = 0.0
        for j in range(len(x)):
            inner += A[n, j] * v[j]
        weight = inner * ridge_curvature(problem, _residual(A, problem.data.offsets, x, n)) / sample.size[0]
        for j in range(len(x)):
            out[j] += weight * A[n, j]


def _sampled_hessian_product(problem, x, v, sample, out):
    batch_product(problem.data.rows, problem, x, v, sample, out)


def _sampled_value_and_gradient(problem, x, sample, out):
    return batch_sum(problem.data.rows, problem, x, sample, out)


def _sampled_gradient(problem, x, sample, out):
    batch_sum(problem.data.rows, problem, x, sample, out)  # the unused value is dropped by the compiler


def _summands(problem):
    return problem.data.samples


def _parts(problem):
    data = problem.data
    pieces = [ridge_part(data, *stretch) for stretch in stretches(data.samples, data.dimension)]
    return tuple(problem._replace(data=piece, work=ridge_work(piece)) for piece in pieces)


_PROTOCOL: dict[Any, Any] = {
    value: _value,
    value_and_gradient: _value_and_gradient,
    gradient: _gradient,
    hessian_product: _hessian_product,
    prepare_products: _prepare_products,
    prepared_product: _prepared_product,
    sampled_hessian_product: _sampled_hessian_product,
    hessian: _hessian,
    mean_curved_gradient: _mean_curved_gradient,
    sampled_value_and_gradient: _sampled_value_and_gradient,
    sampled_gradient: _sampled_gradient,
    summands: _summands,
    parts: _parts,
}


def ridge_sum(kind: type) -> None:
    """Give a problem type, for which φ, φ' and φ'' are written down, the oracle protocol."""
    for function, implementation in _PROTOCOL.items():
        implements(function, kind)(implementation)
    mini_batches(kind)
    always(runs_in_lanes, kind)


def squared_ridge_sum(kind: type) -> None:
    """Give such a problem type, for which r' is written down too, products with the Gauss-Newton matrix."""
    implements(gauss_newton_product, kind)(_gauss_newton_product)
