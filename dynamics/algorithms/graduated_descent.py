"""Explicit graduated optimisation: gradient descent on one smoothed function after another."""

from typing import NamedTuple

from dynamics.checks import require_at_least
from dynamics.kernels.declarations import always
from dynamics.kernels.generic import implements
from dynamics.protocol.graduation import graduate
from dynamics.protocol.method import before_draw, requires, update
from dynamics.protocol.oracle import value_and_gradient
from dynamics.protocol.schedules import StepSize, scheduled


class GraduatedDescent(NamedTuple):
    r"""Gradient descent on a problem smoothed ever less, and at last on the problem itself.

    With :math:`\hat f_\delta(x)=\mathbb E_uf(x-\delta u)` and falling degrees of smoothing
    :math:`\delta_1>\dots>\delta_M>\delta_{M+1}=0`, stage m takes T steps,

    .. math:: x_{k+1}=x_k-\eta_k\nabla\hat f_{\delta_m}(x_k),\qquad m=\min(\lfloor k/T\rfloor,M)+1.

    Parameters
    ----------
    step_size : float, array_like or Schedule
        η: a positive number, an array or a schedule over all steps. A table with the period T gives each stage its own.
    stage_steps : int
        T, steps of a stage, at least 1; the last stage goes on as long as the run. A run of T(M + 1) steps gives all
        stages the same.

    Raises
    ------
    ValueError
        When a run starts, if the step size is not positive or a stage has no step.
    MissingImplementation
        If the problem has no smoothed versions: `synthetic.smoothing.graduated` makes one that has.

    Notes
    -----
    The degrees belong to the problem, where closed forms and fixed random shifts are; `theory.sigma_nice.ladder` is
    that of the paper. Nothing is drawn: the run is deterministic. Losses and gradient norms are recorded of the problem
    itself, and tolerances are tests of its gradient; counted are the gradients that a smoothed one is made of. The
    paper's lengths of stages, :math:`T=H_4/(\varepsilon_m-H_3\eta)`, take constants that a run does not know.

    References
    ----------
    Sato and Iiduka, arXiv:2311.08745, Algorithms 1 and 2. Hazan, Levy, Shalev-Shwartz: On graduated optimization for
    stochastic non-convex problems (ICML 2016).

    Examples
    --------
    From 2.5, gradient descent on Rastrigin's function stays in a valley; led by smoothed versions it comes to 0:

    >>> from dynamics import GradientDescent, simulate
    >>> from synthetic import rastrigin
    >>> from synthetic.smoothing.graduated import graduated
    >>> plain = simulate(GradientDescent(0.002), rastrigin(), steps=300, x0=[2.5])
    >>> problem = graduated(rastrigin(), [0.75, 0.5, 0.25])
    >>> led = simulate(GraduatedDescent(0.002, stage_steps=500), problem, steps=2000, x0=[2.5])
    >>> plain.loss[-1].round(3), led.loss[-1].round(3)
    (np.float64(3.98), np.float64(0.0))
    """

    step_size: StepSize
    stage_steps: int = 100

    def check(self) -> None:
        """Refuse stages without a step."""
        require_at_least("stage_steps", self.stage_steps, 1, "a stage counts steps")


@implements(before_draw, GraduatedDescent)
def _(method, problem, sample, k):
    graduate(problem, sample, k // method.stage_steps)


@implements(update, GraduatedDescent)
def _(method, oracle, point, memory, k):
    step = scheduled(method.step_size, k)
    point.step_size[0] = step
    x, g = point.x, point.gradient
    for j in range(len(x)):
        x[j] -= step * g[j]


always(requires, GraduatedDescent, answer=(value_and_gradient, graduate))
