"""Step-Tuned SGD: the step of the second-order model, what mini-batches make of it, and Theorem 1 with constants."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dynamics.checks import (
    Refusal,
    real_numbers,
    require_broadcast,
    require_memory,
    require_positive,
    require_real,
    require_whole,
    require_word,
)
from dynamics.words import words

__all__ = [
    "curvature_step",
    "expected_gradient_variation",
    "gradient_bound_of_theorem1",
    "rate_exponent",
    "recursion_constant",
]

Array = NDArray[np.float64]
Drawing = Literal["subset", "replacement"]


def curvature_step(gradient: ArrayLike, hessian: ArrayLike, direction: ArrayLike | None = None) -> Array:
    r"""Step that minimises the second-order model of a function along a direction.

    Parameters
    ----------
    gradient : array_like, shape (..., d)
        :math:`\nabla J`.
    hessian : array_like, shape (..., d, d)
        :math:`\nabla^2J`, symmetric.
    direction : array_like, shape (..., d), optional
        d; the steepest descent :math:`-\nabla J` unless given.

    Returns
    -------
    ndarray, shape (...)
        γ; infinity where the curvature along the direction is not positive while the model falls, because the model
        then has no minimiser; NaN where it neither falls nor curves upwards.

    Raises
    ------
    ValueError
        If the shapes do not fit together.

    Notes
    -----
    .. math:: \gamma=-\frac{\langle\nabla J,d\rangle}{\langle\nabla^2J\,d,d\rangle},\qquad
        \gamma=\frac{\|\nabla J\|^2}{\langle\nabla^2J\,\nabla J,\nabla J\rangle}\ \text{for}\ d=-\nabla J .

    References
    ----------
    Castera, Bolte, Févotte, Pauwels, arXiv:2103.03570, equations (3) and (4).

    Examples
    --------
    The inverse of a Rayleigh quotient; where the curvature is negative there is no minimiser:

    >>> round(float(curvature_step([3.0, 4.0], [[2.0, 0.0], [0.0, 1.0]])), 6)
    0.735294
    >>> curvature_step([[1.0], [1.0]], [[[4.0]], [[-4.0]]])
    array([0.25,  inf])
    """
    slopes = _vectors("gradient", gradient)
    along = -slopes if direction is None else _vectors("direction", direction)
    matrix = real_numbers("hessian", hessian)
    if matrix.ndim < 2 or matrix.shape[-2:] != (slopes.shape[-1],) * 2 or along.shape[-1] != slopes.shape[-1]:
        raise Refusal(
            f"gradient {slopes.shape}, hessian {matrix.shape} and direction {along.shape}: the last axes must be "
            f"(d,), (d, d) and (d,), as (3) takes inner products; give the Hessian as a square matrix."
        )
    require_broadcast(gradient=slopes, direction=along)
    require_broadcast(gradient=slopes[..., 0], direction=along[..., 0], hessian=matrix[..., 0, 0])
    slope = np.sum(slopes * along, axis=-1)
    curvature = np.einsum("...i,...ij,...j->...", along, matrix, along)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(curvature > 0, -slope / curvature, np.where(slope < 0, np.inf, np.nan)))


def expected_gradient_variation(
    hessians: ArrayLike,
    gradients: ArrayLike,
    *,
    batch_size: int,
    sampling: Drawing = "subset",
) -> Array:
    r"""Mean of :math:`\nabla^2J_B\nabla J_B` over random mini-batches, in sums over all samples.

    Parameters
    ----------
    hessians : array_like, shape (N, d, d)
        :math:`\nabla^2J_n` of each sample.
    gradients : array_like, shape (N, d)
        :math:`\nabla J_n` of each sample.
    batch_size : int
        b, between 1 and N; with replacement any b ≥ 1.
    sampling : {"subset", "replacement"}
        Uniform subsets of size b, or b independent draws.

    Returns
    -------
    ndarray, shape (d,)
        The target (14), which is also half of the gradient of :math:`\mathbb E\|\nabla J_B\|^2`.

    Raises
    ------
    ValueError
        For shapes that do not fit, an unknown law, and a batch that the law cannot draw.

    Notes
    -----
    With bars for means over the samples and the share s of the diagonal of the double sum over a batch,

    .. math:: \mathbb E[\nabla^2J_B\nabla J_B]=s\,\overline{hg}+(1-s)\,\bar h\,\bar g,\qquad
        s=\frac{N-b}{b(N-1)}\ \text{(subset)},\quad s=\frac1b\ \text{(replacement)};

    with N = 1 both are :math:`h\,g`. The mean over samples, :math:`\bar h\,\bar g`, is the full-batch target (12).

    References
    ----------
    Castera, Bolte, Févotte, Pauwels, arXiv:2103.03570, equation (14).

    Examples
    --------
    Two samples of curvatures 0 and 2 and slopes 0 and 2: one drawn alone gives 0 or 4, both together 1:

    >>> [expected_gradient_variation([[[0.0]], [[2.0]]], [[0.0], [2.0]], batch_size=b) for b in (1, 2)]
    [array([2.]), array([1.])]
    """
    h, g = real_numbers("hessians", hessians), real_numbers("gradients", gradients)
    if g.ndim != 2 or h.shape != (*g.shape, g.shape[-1]) or not g.size:
        raise Refusal(
            f"hessians of shape {h.shape} and gradients of shape {g.shape}: (N, d, d) and (N, d) are needed, one "
            f"pair for each sample."
        )
    share = _diagonal_weight(len(g), batch_size, sampling)
    together = np.einsum("nij,nj->i", h, g) / len(g)
    return share * together + (1.0 - share) * (h.mean(axis=0) @ g.mean(axis=0))


def rate_exponent(delta: ArrayLike) -> Array:
    r"""Exponent of Theorem 1: the least mean squared gradient falls like :math:`k^{-(1/2-\delta)}`.

    Parameters
    ----------
    delta : array_like
        δ of the decay :math:`(k+1)^{-(1/2+\delta)}`, strictly between 0 and 1/2.

    Returns
    -------
    ndarray
        1/2 − δ.

    Raises
    ------
    ValueError
        If δ is outside (0, 1/2), where Theorem 1 says nothing.

    References
    ----------
    Castera, Bolte, Févotte, Pauwels, arXiv:2103.03570, Theorem 1.

    Examples
    --------
    >>> rate_exponent([0.001, 0.25])
    array([0.499, 0.25 ])
    """
    return 0.5 - _decay(delta)


def recursion_constant(*, lipschitz: float, squared_gradient: float) -> float:
    r"""Constant of the noise term in the recursion behind Theorem 1.

    Parameters
    ----------
    lipschitz : float
        L, a Lipschitz constant of the gradient of every sample on the set of iterates, above 0.
    squared_gradient : float
        :math:`C_1\ge\|\nabla J_B\|^2` for every mini-batch on that set, above 0.

    Returns
    -------
    float
        :math:`3LC_1`.

    Raises
    ------
    ValueError
        If either is not positive and finite.

    Notes
    -----
    With :math:`a=\alpha_k\gamma_k`, two descent lemmas cost :math:`La^2C_1`, and the two inner products that are moved
    to :math:`\theta_k` another :math:`2La^2C_1`:

    .. math:: \mathbb E_kJ(\theta_{k+1})\le J(\theta_k)-2a\|\nabla J(\theta_k)\|^2+3LC_1a^2 .

    References
    ----------
    Castera, Bolte, Févotte, Pauwels, arXiv:2103.03570, equation (44).

    Examples
    --------
    >>> recursion_constant(lipschitz=2.0, squared_gradient=0.5)
    3.0
    """
    _require_positive(lipschitz=lipschitz, squared_gradient=squared_gradient)
    return 3.0 * lipschitz * squared_gradient


def gradient_bound_of_theorem1(
    steps: ArrayLike,
    *,
    step_size: float,
    delta: float,
    m: float = 0.5,
    M: float = 2.0,
    lipschitz: float,
    squared_gradient: float,
    gap: float,
) -> Array:
    r"""Bound that Theorem 1's proof gives for the least mean squared gradient among the first k iterates.

    Parameters
    ----------
    steps : array_like of int
        k ≥ 1, mini-batches used.
    step_size : float
        α > 0.
    delta : float
        δ in (0, 1/2).
    m, M : float
        Bounds of γ, 0 < m ≤ 1 ≤ M: they have to hold for γ₀ = 1 too, which the algorithm does not clip.
    lipschitz, squared_gradient : float
        As in `recursion_constant`.
    gap : float
        :math:`J(\theta_0)-\inf J\ge0`.

    Returns
    -------
    ndarray
        The bound for each k, in the units of a squared gradient.

    Raises
    ------
    ValueError
        If a number is outside its range.

    Notes
    -----
    .. math:: \min_{j<k}\mathbb E\|\nabla J(\theta_j)\|^2\le
        \frac{J(\theta_0)-\inf J+3LC_1\alpha^2M^2\sum_{j<k}(j+1)^{-(1+2\delta)}}
        {2\alpha m\sum_{j<k}(j+1)^{-(1/2+\delta)}} ,

    where the lower sum grows like :math:`k^{1/2-\delta}/(1/2-\delta)` and the upper one to ζ(1+2δ), about 500 for
    δ = 0.001.

    References
    ----------
    Castera, Bolte, Févotte, Pauwels, arXiv:2103.03570, equations (49) to (51).

    Examples
    --------
    >>> gradient_bound_of_theorem1([1, 10_000], step_size=0.1, delta=0.25, lipschitz=1.0, squared_gradient=1.0, gap=1.0)
    array([11.2      ,  0.3586196])
    """
    real_numbers("steps", steps)
    count = np.asarray(steps)
    if not np.issubdtype(count.dtype, np.integer) or np.any(count < 1):
        raise Refusal(
            f"steps = {steps!r}: whole numbers of at least 1, as the least is taken over the first k iterates."
        )
    step_size, m, M = _require_positive(step_size=step_size, m=m, M=M)
    gap = require_real("gap", gap)
    if not m <= 1 <= M:
        raise Refusal(
            f"m = {m} and M = {M}: Theorem 1's bounds must hold for γ₀ = 1 too, so m ≤ 1 ≤ M; try m = {min(m, 1.0)} "
            f"and M = {max(M, 1.0)}."
        )
    if not (gap >= 0 and np.isfinite(gap)):
        raise Refusal(f"gap = {gap!r}: J(θ₀) lies above the infimum by a finite number of at least 0.")
    power = 0.5 + float(_decay(require_real("delta", delta)))
    require_memory(f"steps up to {count.max(initial=1)}", 4.0 * count.max(initial=1), "try fewer")
    index = np.arange(1.0, float(count.max(initial=1)) + 1)
    lower, upper = (np.cumsum(index**-exponent)[count - 1] for exponent in (power, 2 * power))
    noise = recursion_constant(lipschitz=lipschitz, squared_gradient=squared_gradient) * np.square(step_size * M)
    return np.asarray((gap + noise * upper) / (2 * step_size * m * lower))


def _vectors(name: str, values: ArrayLike) -> Array:
    array = real_numbers(name, values)
    if array.ndim == 0:
        raise Refusal(f"{name} = {values!r}: a vector of shape (..., d) is needed; for d = 1 give [{values!r}].")
    return array


def _diagonal_weight(samples: int, batch_size: int, sampling: str) -> float:
    """Weight of the pairs i = j in the mean of a double sum over a batch, as a share of the mean over samples."""
    require_word("sampling", sampling, words(Drawing))
    batch_size = require_whole("batch_size", batch_size)
    if batch_size < 1 or (sampling == "subset" and batch_size > samples):
        raise Refusal(
            f"batch_size = {batch_size} of {samples} samples: a subset holds between 1 and {samples}; try "
            f"{min(max(int(batch_size), 1), samples)}."
        )
    if samples == 1:
        return 1.0
    return 1.0 / batch_size if sampling == "replacement" else (samples - batch_size) / (batch_size * (samples - 1))


def _decay(delta: ArrayLike) -> Array:
    values = real_numbers("delta", delta)
    if not np.all((values > 0) & (values < 0.5)):
        raise Refusal(
            f"delta = {delta!r}: Theorem 1 needs 0 < δ < 1/2, so that the squared steps are summable and the steps are "
            f"not; the default of the algorithm is 0.001."
        )
    return values


def _require_positive(**numbers: float) -> list[float]:
    return [require_positive(name, number, "Theorem 1's bound needs it") for name, number in numbers.items()]
