r"""A problem averaged over fixed shifts, :math:`\frac1m\sum_if(x-u_i)`: smoothing by common random numbers."""

from typing import Any, NamedTuple

import numpy as np

from dynamics import (
    batch_summands,
    blocks,
    draw,
    gradient,
    hessian_product,
    implements,
    initial_point,
    kernel,
    mean_curved_gradient,
    new_sample,
    resize,
    sampled_gradient,
    sampled_value_and_gradient,
    summands,
    value,
    value_and_gradient,
)
from dynamics.checks import Refusal
from dynamics.kernels.declarations import wraps
from dynamics.protocol.oracle import gauss_newton_product, sampled_hessian_product
from dynamics.protocol.sampling_variance import sampling_variance
from synthetic.parts.information import Information, info
from synthetic.parts.requirements import require_scratch
from synthetic.parts.sampling import batch_of_one


class AveragedWork(NamedTuple):
    """Scratch of one run."""

    point: np.ndarray  # shape (d,)
    term: np.ndarray  # what one shift contributes, shape (d,)


class Averaged(NamedTuple):
    """A problem averaged over shifts; `smoothed` draws them.

    Examples
    --------
    >>> from synthetic import quadratic_cosine, smoothed
    >>> isinstance(smoothed(quadratic_cosine(dimension=2), 0.1, directions=4, rng=0), Averaged)
    True
    """

    problem: Any
    shifts: np.ndarray  # u, a row each, shape (m, d)
    work: AveragedWork

    def check(self) -> None:
        """Refuse shifts of another dimension."""
        start = initial_point(self.problem)
        if self.shifts.ndim != 2 or not self.shifts.size or (start is not None and self.shifts.shape[1] != start.size):
            raise Refusal(
                f"shifts has shape {self.shifts.shape} and the start of {type(self.problem).__name__} "
                f"{None if start is None else start.shape}: (m, d) and (d,) are needed."
            )
        require_scratch(self.work, *2 * (self.shifts.shape[1:],))


wraps(
    Averaged,
    hands_on=(draw, new_sample, sampling_variance, resize, initial_point, blocks),
    asks={mean_curved_gradient: (sampled_gradient, sampled_hessian_product)},
)


@kernel
def _shift(problem, x, i):
    """Write x − uᵢ into the scratch and return it."""
    point = problem.work.point
    for j in range(len(x)):
        point[j] = x[j] - problem.shifts[i, j]
    return point


@kernel
def _add(problem, out):
    """Add one shift's share to the mean."""
    for j in range(len(out)):
        out[j] += problem.work.term[j] / len(problem.shifts)


@implements(value, Averaged)
def _(problem, x):
    total = 0.0
    for i in range(len(problem.shifts)):
        total += value(problem.problem, _shift(problem, x, i))
    return total / len(problem.shifts)


@implements(gradient, Averaged)
def _(problem, x, out):
    out[:] = 0.0
    for i in range(len(problem.shifts)):
        gradient(problem.problem, _shift(problem, x, i), problem.work.term)
        _add(problem, out)


@implements(value_and_gradient, Averaged)
def _(problem, x, out):
    out[:] = 0.0
    total = 0.0
    for i in range(len(problem.shifts)):
        total += value_and_gradient(problem.problem, _shift(problem, x, i), problem.work.term)
        _add(problem, out)
    return total / len(problem.shifts)


@implements(hessian_product, Averaged)
def _(problem, x, v, out):
    out[:] = 0.0
    for i in range(len(problem.shifts)):
        hessian_product(problem.problem, _shift(problem, x, i), v, problem.work.term)
        _add(problem, out)


@implements(gauss_newton_product, Averaged)
def _(problem, x, v, out):
    out[:] = 0.0
    for i in range(len(problem.shifts)):
        gauss_newton_product(problem.problem, _shift(problem, x, i), v, problem.work.term)
        _add(problem, out)


@implements(sampled_hessian_product, Averaged)
def _(problem, x, v, sample, out):
    out[:] = 0.0
    for i in range(len(problem.shifts)):
        sampled_hessian_product(problem.problem, _shift(problem, x, i), v, sample, problem.work.term)
        _add(problem, out)


@implements(sampled_value_and_gradient, Averaged)
def _(problem, x, sample, out):
    out[:] = 0.0
    total = 0.0
    for i in range(len(problem.shifts)):
        point = _shift(problem, x, i)
        total += sampled_value_and_gradient(problem.problem, point, sample, problem.work.term)
        _add(problem, out)
    return total / len(problem.shifts)


@implements(sampled_gradient, Averaged)
def _(problem, x, sample, out):
    out[:] = 0.0
    for i in range(len(problem.shifts)):
        sampled_gradient(problem.problem, _shift(problem, x, i), sample, problem.work.term)
        _add(problem, out)


@implements(mean_curved_gradient, Averaged)
def _(problem, x, out):
    # One summand is a sample's loss averaged over all shifts, so its Hessian meets gradients at other shifts too.
    g, curved, samples = np.empty_like(x), np.empty_like(x), summands(problem.problem)
    one = batch_of_one()
    out[:] = 0.0
    for n in range(samples):
        one.indices[0] = n
        sampled_gradient(problem, x, one, g)
        sampled_hessian_product(problem, x, g, one, curved)
        for j in range(len(x)):
            out[j] += curved[j] / samples


@implements(summands, Averaged)
def _(problem):
    return len(problem.shifts) * summands(problem.problem)


@implements(batch_summands, Averaged)
def _(problem, sample):
    return len(problem.shifts) * batch_summands(problem.problem, sample)


@implements(info, Averaged)
def _(problem):
    known = info(problem.problem)
    return Information(
        dimension=problem.shifts.shape[1],
        samples=known.samples,
        lipschitz_constant=known.lipschitz_constant,
        notes=(
            f"the mean over {len(problem.shifts)} fixed shifts, each of which counts as a term of the sum",
            *(("L is that of the problem before smoothing, which averaging can't exceed",) if known.lipschitz_constant
              else ()),
        ),
    )  # fmt: skip
