r"""The drop wave on a line, :math:`f(x)=-(1+\cos12\pi x)/(2+x^2/2)`: ripples that die out away from 0."""

from typing import NamedTuple

import numpy as np

from dynamics import hessian_product, implements, initial_point, kernel, value, value_and_gradient
from dynamics.checks import Refusal
from dynamics.protocol.canonical import canonical
from synthetic.parts.information import Information, info

FREQUENCY = 12.0 * np.pi


class DropWave(NamedTuple):
    """The drop wave; `drop_wave` makes it.

    Examples
    --------
    >>> from synthetic import drop_wave, gradient
    >>> gradient(drop_wave(), [0.0])
    array([0.])
    """

    start: np.ndarray  # shape (1,)

    def check(self) -> None:
        """Refuse a start off the line."""
        if self.start.shape != (1,):
            raise Refusal(f"start has shape {self.start.shape}: a function of one variable needs (1,).")


@kernel
def ripples(x):
    """1 + cos ωx and its first two derivatives."""
    cosine = np.cos(FREQUENCY * x)
    return 1.0 + cosine, -FREQUENCY * np.sin(FREQUENCY * x), -FREQUENCY * FREQUENCY * cosine


@kernel
def envelope(x):
    """1/(2 + x²/2) and its first two derivatives."""
    w = 1.0 / (2.0 + 0.5 * x * x)
    return w, -x * w * w, (2.0 * x * x * w - 1.0) * w * w


@implements(value_and_gradient, DropWave)
def _(problem, x, out):
    p, dp, _ = ripples(x[0])
    w, dw, _ = envelope(x[0])
    out[0] = -(dp * w + p * dw)
    return -p * w


@implements(value, DropWave)
def _(problem, x):
    return -(1.0 + np.cos(FREQUENCY * x[0])) / (2.0 + 0.5 * x[0] * x[0])


@implements(hessian_product, DropWave)
def _(problem, x, v, out):
    p, dp, ddp = ripples(x[0])
    w, dw, ddw = envelope(x[0])
    out[0] = -(ddp * w + 2.0 * dp * dw + p * ddw) * v[0]


@implements(initial_point, DropWave)
def _(problem):
    return problem.start


@implements(info, DropWave)
def _(problem):
    return Information(
        dimension=1,
        minimiser=np.zeros(1),
        minimum=-1.0,
        lipschitz_constant=0.5 * FREQUENCY**2 + 0.5,
        lipschitz_is_exact=True,
        notes=("nonconvex: the value lies in [-1, 0]; 0 is taken at every odd multiple of 1/12",),
    )


def drop_wave() -> DropWave:
    r"""The one-dimensional drop wave.

    .. math:: f(x)=-\frac{1+\cos\omega x}{2+x^2/2},\qquad\omega=12\pi

    The minimiser is 0, the minimum -1. Since :math:`1/(2+x^2/2)=\frac12\int e^{-2|k|}\cos kx\,dk`, the function -f is
    a superposition of cosines with weights that are not negative, so that :math:`|f''|` is largest at 0: the gradient's
    Lipschitz constant is :math:`\omega^2/2+1/2`. Runs start at 1.25, on a crest.

    References
    ----------
    Sato and Iiduka, arXiv:2311.08745, where it illustrates smoothing.

    Examples
    --------
    >>> from synthetic import info, value
    >>> value(drop_wave(), [0.0]), round(info(drop_wave()).lipschitz_constant, 6)
    (-1.0, 711.111517)
    """
    return canonical(DropWave(np.array([1.25])))
