"""Which changes of a problem each method follows: one row a method.

On the loss a·f the method `louder(a)` takes the steps that `method` takes on f; on f(x/c), from c·x₀, the method
`wider(c)` takes c times those steps. None: no choice of numbers does it. `rotates`: a turn of the problem turns
the run.
`bare` takes the same steps whatever the scale of each coordinate of all gradients; None: there is no such form.
Every method follows a new order and new signs of the coordinates, and none a scaling of each coordinate by itself.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from dynamics import (
    ARSG,
    ASGD,
    RSG,
    SGD,
    Adagrad,
    Adam,
    AMSGrad,
    Armijo,
    Ball,
    BarzilaiBorwein,
    FirstOrderTrustRegion,
    GeneralizedARSG,
    GradientDescent,
    HeavyBall,
    L4Adam,
    L4Mom,
    NAdam,
    Nesterov,
    Polyak,
    RAdam,
    RMSprop,
    StepTunedSGD,
    StochasticGV,
    TrustRegion,
    box,
)
from dynamics.algorithms.l4_choice import L4
from dynamics.algorithms.lookahead import Lookahead
from dynamics.algorithms.obsb import ARSGB, OBSB
from dynamics.algorithms.ranger import Ranger

Change = Callable[[float], Any] | None


class Law(NamedTuple):
    """What a method follows."""

    method: Any
    rotates: bool
    louder: Change
    wider: Change
    bare: Any = None


def linear(make: Callable[[float], Any], step: float) -> Law:
    """A method whose moves are linear in the gradients: of loss over length squared."""
    return Law(make(step), True, lambda a: make(step / a), lambda c: make(step * c * c))


def unscaled(kind: Any, step: float, bare: bool = True, **numbers: Any) -> Law:
    """A method that divides by the size of gradients, plus an ε of their unit."""
    eps = 0.01

    def make(step=step, eps=eps):
        return kind(step, eps=eps, **numbers)

    free = make(eps=0.0) if bare else None
    return Law(make(), False, lambda a: make(eps=eps * a), lambda c: make(step * c, eps / c), free)


def rmsprop_inside(step: float = 0.02, eps: float = 0.01) -> RMSprop:
    """RMSprop with ε of the unit of squares."""
    return RMSprop(step, eps=eps, eps_placement="inside")


def adagrad(matrix: str, step: float = 0.3, eps: float = 0.01, initial: float = 0.1) -> Adagrad:
    """Adagrad with both of its numbers."""
    return Adagrad(step, eps, initial, matrix)


def arsg(step: float = 0.05, eps: float = 0.02, **constraint: Any) -> ARSG:
    """ARSG with an ε that matters in some coordinates; in all of them it would be a method without scales."""
    return ARSG(step, beta1=0.9, eps=eps, **constraint)


def arsgb(step: float = 0.05, eps: float = 0.02) -> ARSGB:
    """A boost every other step."""
    return ARSGB(step, beta1=0.9, eps=eps, policy=OBSB(window=1, tolerance=0.9))


def region(norm: str = "sphere", radius: float = 2.0, eps: float = 0.1, kind: Any = TrustRegion) -> Any:
    """A trust region whose inner tolerance does not depend on the size of the gradient."""
    inner = {"theta": 0.0} if kind is TrustRegion else {}
    return kind(norm, radius=radius, max_radius=4 * radius, eps=eps, **inner)


def l4(kind: Any, unit: int, **numbers: Any) -> Law:
    """L4, where g·v has the unit of loss over length to the power of `unit`, in loss and in length."""

    def make(a=1.0, c=1.0):
        small = {} if kind is L4Mom else {"eps": 0.01 * a / c}
        return kind(regularizer=(a / c) ** unit, **small, **numbers)

    return Law(make(), unit == 2, lambda a: make(a=a), lambda c: make(c=c))


def ellipsoid(kind: Any, norm: str) -> Law:
    """A trust region whose norm is the root of squared gradients: ‖s‖² has the unit of loss times length."""

    def make(a=1.0, c=1.0):
        return region(norm, 3.0 * (a * c) ** 0.5, 0.1 * (a / c) ** 2, kind)

    return Law(make(), False, lambda a: make(a=a), lambda c: make(c=c))


def sphere(kind: Any) -> Law:
    """A trust region in the problem's own geometry."""
    return Law(region(kind=kind), True, lambda a: region(kind=kind), lambda c: region(radius=2.0 * c, kind=kind))


LAWS = {
    "gradient descent": linear(GradientDescent, 0.2),
    "sgd": linear(SGD, 0.2),
    "heavy ball": linear(lambda step: HeavyBall(step, beta=0.9), 0.3),
    "nesterov": linear(lambda step: Nesterov(step, beta=0.9), 0.3),
    "rsg": linear(lambda step: RSG(step, beta=0.9, mu=0.2), 0.3),
    "asgd": linear(lambda step: ASGD(step, 20.0, 4.0), 0.1),
    "lookahead on sgd": linear(lambda step: Lookahead(SGD(step), sync_period=3), 0.2),
    "armijo": linear(Armijo, 8.0),
    # γ has a unit, and the first one is 1 in any.
    "barzilai-borwein": Law(BarzilaiBorwein(0.3), True, None, None),
    "step-tuned": Law(StepTunedSGD(0.3), True, None, None),
    "stochastic gv": Law(StochasticGV(0.1), True, None, None),
    "polyak": Law(Polyak(), True, lambda a: Polyak(), lambda c: Polyak()),
    "polyak with a largest step": linear(lambda step: Polyak(0.0, step), 0.1),
    "l4 on momentum": l4(L4Mom, 2),
    "l4 on adam": l4(L4Adam, 1),
    "l4 of momentum along the gradient": l4(L4, 2, estimator="momentum", direction="gradient"),
    "l4 of the gradient along adam": l4(L4, 1, estimator="gradient", direction="adam"),
    "adam": unscaled(Adam, 0.1),
    "nadam": unscaled(NAdam, 0.05),
    "amsgrad": unscaled(AMSGrad, 0.1),
    "rmsprop": unscaled(RMSprop, 0.02),
    "rmsprop with eps inside": Law(
        rmsprop_inside(),
        False,
        lambda a: rmsprop_inside(eps=0.01 * a**2),
        lambda c: rmsprop_inside(0.02 * c, 0.01 / c**2),
    ),
    "adagrad": Law(
        adagrad("diagonal"),
        False,
        lambda a: adagrad("diagonal", 0.3, 0.01 * a, 0.1 * a**2),
        lambda c: adagrad("diagonal", 0.3 * c, 0.01 / c, 0.1 / c**2),
        adagrad("diagonal", eps=0.0, initial=0.0),
    ),
    "adagrad with the full matrix": Law(
        adagrad("full"),
        True,
        lambda a: adagrad("full", 0.3, 0.01 * a, 0.1 * a**2),
        lambda c: adagrad("full", 0.3 * c, 0.01 / c, 0.1 / c**2),
    ),
    "generalised arsg": unscaled(GeneralizedARSG, 0.1, beta1=0.9),
    "generalised arsg on amsgrad": unscaled(GeneralizedARSG, 0.05, beta1=0.9, accumulator="amsgrad"),
    "arsg": Law(
        arsg(), False, lambda a: arsg(eps=0.02 * a**2), lambda c: arsg(0.05 * c, 0.02 / c**2), arsg(eps=1e-300)
    ),
    "arsg in a box": Law(
        arsg(constraint=box(-1.0, 1.0)),
        False,
        lambda a: arsg(eps=0.02 * a**2, constraint=box(-1.0, 1.0)),
        lambda c: arsg(0.05 * c, 0.02 / c**2, constraint=box(-c, c)),
    ),
    "arsg in a ball": Law(
        arsg(constraint=Ball(1.5)),
        False,
        lambda a: arsg(eps=0.02 * a**2, constraint=Ball(1.5)),
        lambda c: arsg(0.05 * c, 0.02 / c**2, constraint=Ball(1.5 * c)),
    ),
    "arsg with boosts": Law(arsgb(), False, lambda a: arsgb(eps=0.02 * a**2), lambda c: arsgb(0.05 * c, 0.02 / c**2)),
    # The steps before the scale enters have the unit of gradients, and those after it have none.
    "radam": Law(RAdam(0.1, beta2=0.9), False, None, None),
    "ranger": Law(Ranger(0.1, beta2=0.9, sync_period=4), False, None, None),
    "first-order trust region": sphere(FirstOrderTrustRegion),
    "first-order trust region of adagrad": ellipsoid(FirstOrderTrustRegion, "adagrad"),
    "trust region": sphere(TrustRegion),
    "trust region of rmsprop": ellipsoid(TrustRegion, "rmsprop"),
}
