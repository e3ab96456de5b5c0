"""L4: the rule's step as a function of loss, gradient and direction, what it is invariant to, and where ε stops it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dynamics.checks import Refusal, real_numbers, require_broadcast, require_real

__all__ = ["affine_invariance_defect", "l4_step", "regularizer_floor"]

Array = NDArray[np.float64]


def l4_step(
    loss: ArrayLike,
    gradient: ArrayLike,
    direction: ArrayLike,
    *,
    minimum: ArrayLike,
    alpha: float = 0.15,
    gamma: float = 0.9,
    regularizer: float = 1e-12,
) -> Array:
    r"""Change of the parameters by L4's rule.

    Parameters
    ----------
    loss : array_like, shape (...)
        L(θ) ≥ 0.
    gradient, direction : array_like, shape (..., d)
        The estimate g of the gradient, and the direction v that an optimiser offers.
    minimum : array_like, shape (...)
        :math:`L_{\min}`, the lowest loss in memory.
    alpha : float
        α > 0, the fraction of the way.
    gamma : float
        γ in [0, 1], the fraction of the lowest loss that counts as attainable; 1 in the core rule.
    regularizer : float
        ε ≥ 0; 0 in the core rule.

    Returns
    -------
    ndarray, shape (..., d)
        Δθ; 0 where :math:`g^\top v+\varepsilon` is 0.

    Raises
    ------
    ValueError
        For a negative loss, an obtuse angle between g and v (section 2.4), and hyper-parameters outside their range.

    Notes
    -----
    .. math:: \Delta\theta=-\alpha\,\frac{L(\theta)-\gamma L_{\min}}{g^\top v+\varepsilon}\,v

    The core rule is γ = 1, ε = 0. Polyak's step is the core rule with v = g = ∇L, α = 1 and the true minimum.

    References
    ----------
    Rolínek, Martius: L4: Practical loss-based stepsize adaptation for deep learning, NeurIPS 2018, (3) and (6).

    Examples
    --------
    On L = x²/2 at x = 1 the linear model reaches 0 after half of the way to the minimiser:

    >>> l4_step(0.5, [1.0], [1.0], minimum=0.0, alpha=1.0, regularizer=0.0)
    array([-0.5])
    """
    losses, g, v = real_numbers("loss", loss), real_numbers("gradient", gradient), real_numbers("direction", direction)
    alpha, gamma, regularizer = _require_rule(alpha, gamma, regularizer)
    least = real_numbers("minimum", minimum)
    if g.ndim == 0 or v.ndim == 0:
        raise Refusal(f"gradient of shape {g.shape} and direction of shape {v.shape}: vectors (..., d) are needed.")
    require_broadcast(gradient=g, direction=v)
    require_broadcast(loss=losses, minimum=least, gradient=g[..., 0], direction=v[..., 0])
    if not np.all(losses >= 0):
        raise Refusal(f"loss = {loss!r}: L4 needs a non-negative loss (section 2.2); add a constant to it.")
    inner = np.sum(g * v, axis=-1)
    if not np.all(inner >= 0):
        raise Refusal(
            f"g·v = {inner}: section 2.4 asks for an angle of at most 90 degrees; take g and v from the same average."
        )
    denominator = inner + regularizer
    gap = losses - gamma * least
    factor = np.divide(gap, denominator, out=np.zeros(np.broadcast(gap, denominator).shape), where=denominator > 0)
    return np.asarray(-alpha * factor[..., None] * v)


def affine_invariance_defect(
    loss: ArrayLike,
    product: ArrayLike,
    *,
    minimum: ArrayLike,
    scale: ArrayLike = 1.0,
    shift: ArrayLike = 0.0,
    gamma: float = 0.9,
    regularizer: float = 1e-12,
) -> Array:
    r"""Relative change of L4's step when the loss L is replaced by aL + b and the direction kept.

    Parameters
    ----------
    loss, minimum : array_like
        L and :math:`L_{\min}`; :math:`L>\gamma L_{\min}`.
    product : array_like
        :math:`g^\top v>0`.
    scale, shift : array_like
        a > 0 and b.
    gamma, regularizer : float
        As in `l4_step`.

    Returns
    -------
    ndarray
        New step divided by old step, minus 1: 0 where the rule is invariant.

    Raises
    ------
    ValueError
        If a number is outside its range.

    Notes
    -----
    .. math:: \frac{(a-1)\,\varepsilon}{a\,g^\top v+\varepsilon}
        +\frac{b\,(1-\gamma)}{L-\gamma L_{\min}}\cdot\frac{g^\top v+\varepsilon}{a\,g^\top v+\varepsilon}

    Both parts vanish for the core rule (γ = 1, ε = 0). The first is (a − 1)ε/(a gᵀv) while gᵀv is far above ε, and
    tends to a − 1 once it is far below. The second does not depend on ε to first order.

    References
    ----------
    Rolínek, Martius, NeurIPS 2018, section 2.3, whose last sentence concedes the loss without its size.

    Examples
    --------
    >>> shifted = affine_invariance_defect(1.0, 1.0, minimum=1.0, scale=7.0, shift=3.0, gamma=0.5, regularizer=0.0)
    >>> round(float(shifted), 6)  # 3/7
    0.428571
    >>> round(float(affine_invariance_defect(1.0, 1e-14, minimum=0.5, scale=1e3)), 2)
    90.82
    """
    given = {"loss": loss, "product": product, "scale": scale, "shift": shift, "minimum": minimum}
    arrays = {name: real_numbers(name, value) for name, value in given.items()}
    require_broadcast(**arrays)
    losses, inner, a, b, least = arrays.values()
    _, gamma, regularizer = _require_rule(1.0, gamma, regularizer)
    gap = losses - gamma * least
    if not (np.all(inner > 0) and np.all(a > 0) and np.all(gap > 0)):
        raise Refusal(
            f"product = {product!r}, scale = {scale!r} and L - γ L_min = {gap}: all must be above 0, or there is no "
            f"step to compare with (section 2.3 takes a > 0)."
        )
    changed = a * inner + regularizer
    return np.asarray((a - 1) * regularizer / changed + b * (1 - gamma) / gap * (inner + regularizer) / changed)


def regularizer_floor(curvature: ArrayLike, *, regularizer: float = 1e-12) -> Array:
    r"""Loss below which L4's ε outweighs gᵀv, near a minimum of value 0 and with v = g.

    Parameters
    ----------
    curvature : array_like
        λ > 0, the curvature of the loss along the gradient.
    regularizer : float
        ε > 0.

    Returns
    -------
    ndarray
        :math:`\varepsilon/(2\lambda)`, in the units of the loss.

    Raises
    ------
    ValueError
        If a number is not positive.

    Notes
    -----
    Near the minimum :math:`\|g\|^2=2\lambda L`, so :math:`g^\top v=\varepsilon` at :math:`L=\varepsilon/(2\lambda)`.
    Above it the loss falls by a fixed factor a step; far below it the step is
    :math:`\alpha(L-\gamma L_{\min})/\varepsilon`, proportional to the loss, and with the lowest loss known

    .. math:: L_k\approx\frac{\varepsilon}{2\lambda\,\alpha(1-\gamma)\,k} ,

    so the fall slows down to 1/k. Summing n samples instead of averaging them multiplies L and λ by n: the floor of
    the loss per sample falls by n².

    References
    ----------
    Rolínek, Martius, NeurIPS 2018, equation (6) with ε = 1e-12.

    Examples
    --------
    >>> regularizer_floor([0.5, 500.0])
    array([1.e-12, 1.e-15])
    """
    values, regularizer = real_numbers("curvature", curvature), require_real("regularizer", regularizer)
    if not (np.all(values > 0) and regularizer > 0):
        raise Refusal(
            f"curvature = {curvature!r} and regularizer = {regularizer}: both must be positive; without ε, as without "
            f"curvature, there is no floor."
        )
    return np.asarray(regularizer / (2 * values))


def _require_rule(alpha: float, gamma: float, regularizer: float) -> tuple[float, float, float]:
    alpha, gamma = require_real("alpha", alpha), require_real("gamma", gamma)
    regularizer = require_real("regularizer", regularizer)
    if not alpha > 0:
        raise Refusal(f"alpha = {alpha}: the fraction of the way must be above 0; 0.15 is the default.")
    if not 0 <= gamma <= 1:
        raise Refusal(f"gamma = {gamma}: must lie in [0, 1], or the step could go uphill; 0.9 is the default.")
    if not regularizer >= 0:
        raise Refusal(f"regularizer = {regularizer}: must be at least 0, or the step could turn uphill; try 1e-12.")
    return alpha, gamma, regularizer
