"""Nonlinear conjugate gradients with four rules for what is kept of the last direction."""

from typing import Literal, NamedTuple

import numpy as np

from dynamics import value_and_gradient
from dynamics.protocol import always, full_batch_only, implements, kernel, new_memory, requires, update, uses_loss
from modern_methods.line_search import Trial, check_search, inner, search_line

__all__ = ["ConjugateGradients"]

Rule = Literal["polak-ribiere", "fletcher-reeves", "hestenes-stiefel", "dai-yuan"]
POLAK_RIBIERE, FLETCHER_REEVES, HESTENES_STIEFEL, DAI_YUAN = 0, 1, 2, 3


class Line(NamedTuple):
    """The last direction, and what it left behind."""

    direction: np.ndarray  # shape (d,)
    last: np.ndarray  # the gradient where it began, shape (d,)
    fall: np.ndarray  # step times slope of the last search, shape (1,)
    trial: Trial


class ConjugateGradients(NamedTuple):
    r"""Nonlinear conjugate gradients.

    .. math::
        d_t=-g_t+\max(0,\beta_t)\,d_{t-1},\qquad x_{t+1}=x_t+\alpha_td_t,\qquad y_t=g_t-g_{t-1}

    with a step α by strong Wolfe conditions, and β one of

    .. math::
        \frac{g_t^\top y_t}{\|g_{t-1}\|^2},\quad\frac{\|g_t\|^2}{\|g_{t-1}\|^2},\quad
        \frac{g_t^\top y_t}{d_{t-1}^\top y_t},\quad\frac{\|g_t\|^2}{d_{t-1}^\top y_t}.

    Parameters
    ----------
    rule : {"polak-ribiere", "fletcher-reeves", "hestenes-stiefel", "dai-yuan"}
        β, in the order above.
    first_step : float
        The length of the first trial of all. Later ones begin where the last fall would be repeated.
    decrease, curvature : float
        c₁ and c₂ of the conditions, 0 < c₁ < c₂ < 1 and c₁ < 1/2. On a quadratic small c₂ make steps exact, and all
        rules the linear method of conjugate gradients.

    Raises
    ------
    ValueError
        When a run starts, if a number is outside its range.

    Notes
    -----
    A direction that does not lead downhill is replaced by -g. Each trial is a value and a gradient, both charged.

    References
    ----------
    Nocedal, Wright: Numerical optimization (2006), Algorithms 5.4, 3.5 and 3.6. Hager, Zhang: A survey of nonlinear
    conjugate gradient methods, Pacific J. Optim. 2 (2006).

    Examples
    --------
    As many steps as there are dimensions, on a quadratic:

    >>> from dynamics import simulate
    >>> from synthetic import quadratic
    >>> method = ConjugateGradients(curvature=1e-3)
    >>> run = simulate(method, quadratic(eigenvalues=[1.0, 10.0, 100.0]), steps=3, x0=[1.0, 1.0, 1.0])
    >>> bool(run.loss[-1] < 1e-20)
    True
    """

    rule: Rule = "polak-ribiere"
    first_step: float = 1.0
    decrease: float = 1e-4
    curvature: float = 0.1

    def check(self) -> None:
        """Refuse constants with which a search may find nothing."""
        check_search(self)


@kernel
def kept(method, g, last, direction):
    """What is kept of the last direction, β, which is not negative."""
    change = inner(g, g) - inner(g, last)
    above = change if method.rule == POLAK_RIBIERE or method.rule == HESTENES_STIEFEL else inner(g, g)
    if method.rule == POLAK_RIBIERE or method.rule == FLETCHER_REEVES:
        below = inner(last, last)
    else:
        below = inner(direction, g) - inner(direction, last)
    return max(above / below, 0.0) if below > 0.0 else 0.0


@implements(update, ConjugateGradients)
def _(method, oracle, point, memory, k):
    g, direction, last = point.gradient, memory.direction, memory.last
    square = inner(g, g)
    if square == 0.0:
        point.step_size[0] = 0.0
        return
    beta = kept(method, g, last, direction) if k > 0 else 0.0
    if beta * inner(g, direction) >= square:
        beta = 0.0
    for j in range(len(g)):
        direction[j] = beta * direction[j] - g[j]
        last[j] = g[j]
    slope = inner(g, direction)
    trial = memory.fall[0] / slope if memory.fall[0] < 0.0 else method.first_step / np.sqrt(square)
    step = search_line(method, oracle, point, direction, memory.trial, trial)
    point.step_size[0] = step
    memory.fall[0] = step * slope


@implements(new_memory, ConjugateGradients)
def _(method, dimension):
    trial = Trial(np.zeros(dimension), np.zeros(dimension))
    return Line(np.zeros(dimension), np.zeros(dimension), np.zeros(1), trial)


always(uses_loss, ConjugateGradients)
always(full_batch_only, ConjugateGradients)
always(requires, ConjugateGradients, answer=(value_and_gradient,))
