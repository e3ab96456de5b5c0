"""Accelerated SGD of Jain, Kidambi and co-authors, written as RSG."""

import numpy as np
from numpy.typing import ArrayLike

from theory.arsg.checks import FloatArray, broadcasting, positive, refuse


@broadcasting
def from_asgd(
    *, short_step: ArrayLike, long_step: ArrayLike, advantage: ArrayLike
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the RSG parameters whose iterates are those of ASGD.

    Parameters
    ----------
    short_step : array_like
        ASGD's short step size, positive, in units of one over curvature.
    long_step : array_like
        ASGD's long-step parameter κ, at least 1, broadcast with ``short_step``.
    advantage : array_like
        ASGD's statistical advantage ξ, in (0, κ], broadcast with ``short_step``.

    Returns
    -------
    step_size, beta, mu
        RSG's α (in the units of ``short_step``), β and μ, of the broadcast shape. β lies in [0.3, 1). μ lies
        below 1 only for ξ > 10/7; for a smaller advantage the iterations still agree, but ASGD then lies
        outside the range that RSG allows.

    Raises
    ------
    ValueError
        If the short step is not positive, κ < 1, or ξ is outside (0, κ].

    Notes
    -----
    Eliminating ASGD's second sequence, and matching the coefficients of the iterates and gradients, gives

    .. math::
        \\alpha = \\frac{0.7}{1.7}(1+\\xi)\\,\\alpha_{short}, \\quad
        \\beta = \\frac{\\kappa - 0.49\\,\\xi}{\\kappa + 0.7\\,\\xi}, \\quad
        \\mu = \\frac{\\alpha_{short}}{\\alpha} = \\frac{1.7}{0.7\\,(1+\\xi)}.

    References
    ----------
    Chen et al., arXiv:1905.01422, supplement A.4; Kidambi et al., "On the insufficiency of existing momentum
    schemes for stochastic optimization", ICLR 2018, algorithm 3, whose constant 0.7 is the one above.

    Examples
    --------
    >>> step_size, beta, mu = from_asgd(short_step=0.1, long_step=1000.0, advantage=10.0)
    >>> print(f"{step_size:.6f} {beta:.6f} {mu:.6f}")
    0.452941 0.988183 0.220779
    """
    short_step = positive("short_step", short_step)
    long_step, advantage = check_asgd(long_step, advantage)
    short_step, long_step, advantage = np.broadcast_arrays(short_step, long_step, advantage)
    step_size = 0.7 / 1.7 * (1 + advantage) * short_step
    beta = (long_step - 0.49 * advantage) / (long_step + 0.7 * advantage)
    return step_size, beta, 1.7 / (0.7 * (1 + advantage))


def check_asgd(long_step: ArrayLike, advantage: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return κ and ξ as float64 arrays with κ ≥ 1 and ξ in (0, κ], as ASGD demands."""
    long_step, advantage = positive("long_step", long_step), positive("advantage", advantage)
    refuse(
        "long_step",
        long_step,
        long_step >= 1,
        "is below 1, and ASGD's long step is no shorter than its short step",
    )
    refuse(
        "advantage",
        advantage,
        advantage <= long_step,
        "exceeds the long-step parameter, so that ASGD's momentum would fall below 0.51; "
        "lower advantage to long_step at most",
    )
    return long_step, advantage
