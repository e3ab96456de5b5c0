"""The factory of quadratics: spectrum, rotation and noise law."""

from typing import Any

import numpy as np

from dynamics.checks import (
    Refusal,
    is_number,
    real_array,
    require_at_least,
    require_memory,
    require_positive,
    require_whole,
    require_word,
    unknown,
)
from dynamics.protocol.canonical import canonical
from synthetic.parts.requirements import require_batch
from synthetic.parts.rotations import rotation_matrix
from synthetic.parts.sampling import SAMPLING, Sampling
from synthetic.parts.streams import streams
from synthetic.quadratics.least_squares import LeastSquares, least_squares
from synthetic.quadratics.quadratic_forms import DiagonalQuadratic, Quadratic
from synthetic.quadratics.spectra import given_or_logarithmic
from synthetic.wrappers.noise import AxisNoise, DenseNoise, Noisy

NOISE = ("hessian", "samples")  # by words; a number or a covariance matrix will do, too
SAMPLES, BATCH_SIZE = 500, 50


def quadratic(
    *,
    eigenvalues: Any = None,
    dimension: int | None = None,
    condition_number: float | None = None,
    rotation: Any = None,
    minimiser: Any = None,
    noise: Any = 0.0,
    noise_scale: float | None = None,
    samples: int | None = None,
    batch_size: int | None = None,
    sampling: Sampling | None = None,
    residual: float | None = None,
    rng: Any = None,
) -> DiagonalQuadratic | Quadratic | Noisy | LeastSquares:
    r"""A quadratic with a prescribed spectrum: :math:`f(x)=\frac12(x-x^*)^\top H(x-x^*)`.

    Runs start at x* plus the sum of the eigenvectors: 1 along each of them, so that every eigen-direction takes part
    and turning the problem turns the start with it.

    Parameters
    ----------
    eigenvalues : array_like
        Of H, shape (d,), of any sign; see `spectrum`. None stands for
        ``spectrum("logarithmic", dimension=dimension, condition_number=condition_number)``.
    dimension, condition_number
        d and κ where no eigenvalues are given; 2 and 10 unless given.
    rotation : "haar", float or array_like, optional
        None: axis-aligned, with the eigenvalues along the axes in the order given. "haar": eigenvectors uniform over
        the orthogonal group. A number (d = 2): the angle in radians by which the axes are turned. A matrix, shape
        (d, d): orthogonal, the eigenvectors are its columns.
    minimiser : array_like, optional
        x*, shape (d,), 0 unless given; the saddle or maximiser where H is not positive semi-definite.
    noise : float, array_like or {"hessian", "samples"}
        What gradients carry. A number σ: independent N(0, σ²) on each coordinate; 0 is exact. "hessian": N(0, s²H).
        A matrix, shape (d, d): its covariance. "samples": f is a finite sum, least squares on `samples` rows, and
        gradients are those of mini-batches.
    noise_scale : float, optional
        s for noise "hessian"; 1 unless given.
    samples, batch_size, sampling
        For noise "samples": N ≥ d rows (500 unless given), rows in a mini-batch (50), and the law of mini-batches
        ("subset", "replacement" or "epoch", see `carmon`).
    residual : float, optional
        For noise "samples": the root mean square of the residuals at x*, 0 unless given. With 0 the gradient noise
        vanishes at x*.
    rng : int, SeedSequence, Generator or None
        An int, a SeedSequence, a Generator or None; used by rotation "haar" and noise "samples".

    Returns
    -------
    DiagonalQuadratic, Quadratic, Noisy or LeastSquares
        Axis-aligned, turned, either of them under Gaussian noise, or a finite sum.

    Raises
    ------
    ValueError
        For shapes that don't match, words that don't exist, a covariance with a negative eigenvalue, and arguments that
        the chosen noise would ignore.

    Examples
    --------
    >>> import numpy as np
    >>> from synthetic import gradient, hessian, info, quadratic
    >>> gradient(quadratic(eigenvalues=[1.0, 10.0]), [1.0, 1.0])
    array([ 1., 10.])
    >>> turned = quadratic(eigenvalues=[1.0, 3.0], rotation=np.pi / 4)
    >>> hessian(turned, [0.0, 0.0]).round(12)
    array([[ 2., -1.],
           [-1.,  2.]])
    >>> info(quadratic(eigenvalues=[1.0, 3.0], noise="samples", samples=20, batch_size=5, rng=0)).condition_number
    3.0
    """
    values = given_or_logarithmic(eigenvalues, dimension, condition_number)
    d = len(values)
    centre = _vector("minimiser", minimiser, d)
    _check_noise(values, noise, noise_scale, samples, batch_size, sampling, residual)
    turning, drawing = streams(rng, 2)
    R = None if rotation is None else rotation_matrix(rotation, d, turning)
    if isinstance(noise, str) and noise == "samples":
        return least_squares(
            values,
            np.eye(d) if R is None else R,
            centre,
            samples=SAMPLES if samples is None else int(samples),
            batch_size=BATCH_SIZE if batch_size is None else int(batch_size),
            law=SAMPLING.index(sampling or "subset"),
            residual=float(residual or 0.0),
            rng=drawing,
        )
    exact: DiagonalQuadratic | Quadratic = DiagonalQuadratic(values, centre)
    if R is not None:
        exact = Quadratic(_turned(values, R), values, centre, centre + R.sum(axis=1))
    law = _noise_law(noise, 1.0 if noise_scale is None else float(noise_scale), values, R)
    return canonical(exact if law is None else Noisy(exact, law, centre))


def _vector(name, value, dimension):
    if value is None:
        return np.zeros(dimension)
    vector = real_array(name, value, 1)
    if vector.size != dimension:
        raise Refusal(f"{name} has shape {vector.shape}: {dimension} eigenvalues need ({dimension},).")
    return vector


def _turned(eigenvalues, R):
    """R diag(eigenvalues) Rᵀ, symmetric to the last bit."""
    H = (R * eigenvalues) @ R.T
    return (H + H.T) / 2


def _noise_law(noise, scale, eigenvalues, R):
    """The marker type of a Gaussian noise law; None where gradients are exact."""
    if isinstance(noise, str):
        deviation = scale * np.sqrt(eigenvalues)
        return AxisNoise(deviation) if R is None else DenseNoise(R * deviation)
    if not is_number(noise):
        variances, axes = np.linalg.eigh(np.asarray(noise, dtype=np.float64))
        return DenseNoise(axes * np.sqrt(np.maximum(variances, 0.0)))
    return AxisNoise(np.full(len(eigenvalues), float(noise))) if noise else None


def _check_noise(eigenvalues, noise, noise_scale, samples, batch_size, sampling, residual):
    if isinstance(noise, str):
        if noise not in NOISE:
            raise Refusal(f"{unknown('noise', noise, NOISE)} A number or a covariance matrix will do, too.")
        if eigenvalues.min() < 0.0:
            raise Refusal(
                f"noise = '{noise}' needs eigenvalues ≥ 0, and the least is {eigenvalues.min()}: the Hessian is then "
                f"{'a covariance' if noise == 'hessian' else 'a mean of squares'}; try a number."
            )
    elif is_number(noise):
        require_at_least("noise", noise, 0, "it is a standard deviation")
    else:
        _check_covariance(noise, len(eigenvalues))
    _refuse_ignored(noise, "hessian", noise_scale=noise_scale)
    _refuse_ignored(noise, "samples", samples=samples, batch_size=batch_size, sampling=sampling, residual=residual)
    if noise_scale is not None:
        require_positive("noise_scale", noise_scale, "it multiplies a standard deviation")
    if isinstance(noise, str) and noise == "samples":
        _check_samples(len(eigenvalues), samples, batch_size, sampling, residual)


def _refuse_ignored(noise, word, **arguments):
    for name, value in arguments.items():
        if value is not None and not (isinstance(noise, str) and noise == word):
            raise Refusal(f"{name} = {value!r} would be ignored: it belongs to noise = '{word}'; leave it out.")


def _check_samples(dimension, samples, batch_size, sampling, residual):
    samples = require_whole("samples", SAMPLES if samples is None else samples, 1)
    if residual is not None:
        residual = require_at_least("residual", residual, 0, "it is a root mean square")
    if residual:
        why = f"residuals orthogonal to {dimension} columns need one row more"
        require_whole("samples", samples, dimension + 1, why)
    why = f"fewer rows can't have a prescribed Hessian in dimension {dimension}"
    require_whole("samples", samples, dimension, why)
    require_memory(f"samples = {samples} in dimension {dimension}", 8.0 * samples * dimension, "try fewer")
    require_batch(BATCH_SIZE if batch_size is None else batch_size, samples)
    require_word("sampling", sampling or "subset", SAMPLING)


def _check_covariance(noise, dimension):
    covariance = real_array("noise", noise, 2)
    if covariance.shape != (dimension, dimension):
        raise Refusal(f"noise has shape {covariance.shape}: {dimension} eigenvalues need ({dimension}, {dimension}).")
    if not np.allclose(covariance, covariance.T, rtol=1e-12, atol=0.0):
        raise Refusal("noise is not symmetric, so it is no covariance; try (noise + noise.T) / 2.")
    least, largest = np.linalg.eigvalsh(covariance)[[0, -1]]
    if least < -1e-12 * max(largest, 0.0) or largest < 0.0:
        raise Refusal(f"noise has the eigenvalue {least:.3g}, and a covariance has none below 0.")
