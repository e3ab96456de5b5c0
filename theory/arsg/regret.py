"""Theorem 3: ARSG's regret on strongly convex losses."""

import numpy as np
from numpy.typing import ArrayLike

from dynamics.checks import Refusal, real_numbers, require_real
from theory.arsg.checks import FloatArray, broadcasting, momentum_parameters, positive, refuse


@broadcasting
def theorem3_bound(
    steps: ArrayLike,
    *,
    step_size: ArrayLike,
    beta1: ArrayLike,
    beta2: ArrayLike,
    mu: ArrayLike,
    eps: ArrayLike,
    gradient_bound: ArrayLike,
    diameter: ArrayLike,
) -> FloatArray:
    """Return Theorem 3's bound on the regret of ARSG with step size α/t and momentum β₁/t².

    Parameters
    ----------
    steps : array_like
        Number of losses T ≥ 1, any shape.
    step_size : array_like
        α > 0, in units of the iterates; large enough for :func:`theorem3_least_step_size` along the run.
    beta1, beta2 : array_like
        β₁ and β₂ in [0, 1), with β₁² < β₂.
    mu : array_like
        Observation factor μ in [1 - β₁, 1).
    eps : array_like
        The initial value ε > 0 of the accumulator, in units of the squared gradient.
    gradient_bound : array_like
        G₁ > 0, which no gradient exceeds in the sum of its absolute entries.
    diameter : array_like
        Of the feasible set, positive. All arguments are broadcast.

    Returns
    -------
    The bound. Its second term is not in the units of the loss: it takes a number above the gradients' bound for the
    inverse of √ε.

    Raises
    ------
    ValueError
        If an argument lies outside its range; the defaults β₁ = 0.999, β₂ = 0.99 do.

    Notes
    -----
    With :math:`\\gamma=\\beta_1/\\sqrt{\\beta_2}`,

    .. math::
        \\Big(\\frac{\\alpha G_1}{\\sqrt{1-\\beta_2}}\\Big(\\frac32\\frac{\\beta_1^2}{(1-\\beta_1)(1-\\gamma)}+\\mu^2
        \\Big)+\\frac{(1-\\mu)\\beta_1D^2}{2\\alpha\\sqrt\\epsilon}\\Big)\\frac{1+\\log T}{1-\\beta_1(1-\\mu)}.

    References
    ----------
    Chen et al., arXiv:1905.01422, Theorem 3, equation (18).

    Examples
    --------
    >>> bound = theorem3_bound(
    ...     100, step_size=1.0, beta1=0.5, beta2=0.99, mu=0.6, eps=1e-3, gradient_bound=2.0, diameter=1.0
    ... )
    >>> print(f"{bound:.3f}")
    283.861
    """
    steps, step_size, eps = positive("steps", steps), positive("step_size", step_size), positive("eps", eps)
    refuse("steps", steps, steps >= 1, "is below 1, and there is no loss before the first")
    gradient_bound, diameter = positive("gradient_bound", gradient_bound), positive("diameter", diameter)
    beta1, beta2 = real_numbers("beta1", beta1), real_numbers("beta2", beta2)
    for name, weight in (("beta1", beta1), ("beta2", beta2)):
        refuse(name, weight, (weight >= 0) & (weight < 1), "lies outside [0, 1): it weighs an old average")
    _, mu = momentum_parameters(beta1, mu)
    refuse(
        "beta1",
        beta1,
        beta1**2 < beta2,
        "is not below the root of beta2, as Theorem 3 demands (gamma < 1); the defaults 0.999 and 0.99 break this too: "
        "lower beta1 or raise beta2",
    )
    refuse("mu", mu, mu >= 1 - beta1, "is below 1 - beta1, the least observation factor of Theorem 3")
    gamma = beta1 / np.sqrt(beta2)
    gradients = step_size * gradient_bound / np.sqrt(1 - beta2) * (1.5 * beta1**2 / ((1 - beta1) * (1 - gamma)) + mu**2)
    momentum = (1 - mu) * beta1 * diameter**2 / (2 * step_size * np.sqrt(eps))
    return (gradients + momentum) * (1 + np.log(steps)) / (1 - beta1 * (1 - mu))


def theorem3_least_step_size(accumulator: ArrayLike, *, beta1: float, mu: float, modulus: float) -> float:
    """Return the least initial step size that Theorem 3 allows on a run, which is known when the run is over.

    Parameters
    ----------
    accumulator : array_like
        The largest accumulators v̂₀, v̂₁ … v̂_T of a run, shape (T + 1, d), in units of the squared gradient.
    beta1, mu : float
        β₁ and μ in [0, 1).
    modulus : float
        The modulus λ > 0 of strong convexity.

    Returns
    -------
    The step size, in units of the iterates.

    Raises
    ------
    ValueError
        If an argument lies outside its range.

    Notes
    -----
    .. math:: \\max_{t,i}\\ \\frac{t\\,\\hat v_{t,i}^{1/2}-(t-1)\\,\\hat v_{t-1,i}^{1/2}}{(1-\\beta_1(1-\\mu))\\lambda}.

    A late growth of the accumulator makes it grow in proportion to t.

    References
    ----------
    Chen et al., arXiv:1905.01422, hypotheses of Theorem 3.

    Examples
    --------
    >>> print(theorem3_least_step_size([[1.0], [1.0], [4.0]], beta1=0.5, mu=0.5, modulus=2.0))
    2.0
    """
    beta1, mu, modulus = require_real("beta1", beta1), require_real("mu", mu), require_real("modulus", modulus)
    momentum_parameters(beta1, mu)
    positive("modulus", modulus)
    roots = np.sqrt(positive("accumulator", accumulator))
    if roots.ndim != 2 or len(roots) < 2 or not roots.shape[1]:
        raise Refusal(f"accumulator has shape {roots.shape}: (T, d) is needed, a row for each of 2 or more steps.")
    times = np.arange(1, len(roots))[:, None]
    return float((times * roots[1:] - (times - 1) * roots[:-1]).max() / ((1 - beta1 * (1 - mu)) * modulus))
