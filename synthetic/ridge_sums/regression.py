"""Carmon's nonconvex regression: a smooth, bounded loss on linear residuals."""

from typing import Any, NamedTuple

import numpy as np

from dynamics import implements, initial_point
from dynamics.checks import of_shapes, require_memory, require_whole, require_word
from dynamics.protocol.canonical import canonical
from synthetic.parts.information import Information, info
from synthetic.parts.requirements import require_batch
from synthetic.parts.sampling import SAMPLING, Sampling
from synthetic.parts.streams import streams
from synthetic.ridge_sums.ridge_data import RidgeData, RidgeWork, require_ridge_work, ridge_data, ridge_work
from synthetic.ridge_sums.ridge_functions import (
    ridge,
    ridge_curvature,
    ridge_residual_slope,
    ridge_slope,
    ridge_with_slope,
)
from synthetic.ridge_sums.ridge_sums import ridge_sum, squared_ridge_sum


class Carmon(NamedTuple):
    """The data of a regression under the loss t²/(1 + t²); `carmon` draws it.

    Examples
    --------
    >>> from synthetic import carmon
    >>> carmon(samples=50, dimension=3, rng=0).batch_size
    50
    """

    data: RidgeData
    batch_size: int
    sampling: Sampling
    work: RidgeWork

    @property
    def A(self) -> np.ndarray:
        """The rows, shape (samples, dimension)."""
        return self.data.A

    @property
    def b(self) -> np.ndarray:
        """The targets, shape (samples,)."""
        return self.data.b

    @of_shapes
    def check(self) -> None:
        """Refuse batches larger than the data, and scratch for other data."""
        require_batch(self.batch_size, self.data.samples)
        require_ridge_work(self.data, self.work)


@implements(ridge, Carmon)
def _(problem, t):
    return t * t / (1.0 + t * t)


@implements(ridge_slope, Carmon)
def _(problem, t):
    w = 1.0 / (1.0 + t * t)
    return 2.0 * t * w * w


@implements(ridge_with_slope, Carmon)
def _(problem, t):
    w = 1.0 / (1.0 + t * t)  # divided by once
    return t * t * w, 2.0 * t * w * w


@implements(ridge_curvature, Carmon)
def _(problem, t):
    w = 1.0 / (1.0 + t * t)
    return (2.0 - 6.0 * t * t) * w * w * w


@implements(ridge_residual_slope, Carmon)
def _(problem, t):
    # φ = r² with r = t/√(1 + t²): Gauss and Newton's matrix leaves out the negative part of φ'', −6t²/(1 + t²)³.
    w = 1.0 / (1.0 + t * t)
    return w * np.sqrt(w)


ridge_sum(Carmon)
squared_ridge_sum(Carmon)


@implements(initial_point, Carmon)
def _(problem):
    return np.zeros(problem.data.dimension)


@implements(info, Carmon)
def _(problem):
    samples, dimension = problem.A.shape
    return Information(
        dimension=dimension,
        samples=samples,
        lipschitz_constant=float(2.0 * np.linalg.norm(problem.A, 2) ** 2 / samples),
        lipschitz_is_exact=False,
        notes=(
            "nonconvex: φ'' lies in [-1/2, 2] and is negative where |t| > 1/√3",
            "the value lies in [0, 1)",
        ),
    )


def carmon(
    *,
    samples: int = 500,
    dimension: int = 30,
    batch_size: int = 50,
    sampling: Sampling = "subset",
    rng: Any,
) -> Carmon:
    r"""Draw Carmon's nonconvex regression.

    .. math:: J(\theta)=\frac1N\sum_{n=1}^N\phi(A_n^\top\theta-b_n),\qquad \phi(t)=\frac{t^2}{1+t^2}

    with rows :math:`A_n\sim\mathcal N(0,I_P)` and targets :math:`b=Az+3\nu_1+\nu_2`, where
    :math:`z\sim\mathcal N(0,4I_P)`, :math:`\nu_1\sim\mathcal N(0,I_N)` and each entry of :math:`\nu_2` is
    Bernoulli(0.3). Runs start at 0.

    Parameters
    ----------
    samples : int
        N, at least 1. Carmon et al. take 60, Castera et al. 500.
    dimension : int
        P, at least 1.
    batch_size : int
        Samples in a mini-batch, between 1 and N. With N, gradients are exact (unless drawn with replacement).
    sampling : {"subset", "replacement", "epoch"}
        "subset": uniform without replacement; "replacement": independent draws; "epoch": a permutation an epoch, of
        which the last N mod batch_size samples are left out.
    rng : int, SeedSequence, Generator or None
        An int, a SeedSequence, a Generator or None.

    Returns
    -------
    Carmon
        The problem: `A`, shape (N, P), and `b`, shape (N,).

    Raises
    ------
    ValueError
        For sizes below 1, a batch larger than the data and an unknown law.

    References
    ----------
    Carmon, Duchi, Hinder and Sidford, "Convex until proven guilty" (2017), section 5.
    Castera, Bolte, Févotte and Pauwels, "Second-order step-size tuning of SGD" (2021), section 5.

    Examples
    --------
    >>> from synthetic import carmon, info, value
    >>> problem = carmon(samples=60, batch_size=10, rng=0)
    >>> problem.A.shape, info(problem).samples
    ((60, 30), 60)
    >>> bool(value(problem, [0.0] * 30) == (problem.b**2 / (1 + problem.b**2)).mean())
    True
    """
    samples = require_whole("samples", samples, 1)
    dimension = require_whole("dimension", dimension, 1)
    batch_size = require_batch(batch_size, samples)
    law = SAMPLING.index(require_word("sampling", sampling, SAMPLING))
    # Rows, the same padded to registers and in panels, and what standard_normal makes on the way.
    require_memory(f"samples = {samples}, dimension = {dimension}", 4.0 * samples * (dimension + 8), "try fewer")
    rows, truth, noise = streams(rng, 3)
    A = rows.standard_normal((samples, dimension))
    z = 2.0 * truth.standard_normal(dimension)
    b = A @ z + 3.0 * noise.standard_normal(samples) + (noise.random(samples) < 0.3)
    data = ridge_data(A, b)
    return canonical(Carmon(data, batch_size, law, ridge_work(data)))  # type: ignore[arg-type]
