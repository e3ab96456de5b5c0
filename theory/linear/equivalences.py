"""Which linear method is which other one, under which map of parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from dynamics.checks import Refusal
from theory.linear.method import LinearMethod, transfer_function
from theory.linear.methods import ASGD, RSG, GradientDescent, HeavyBall, Nesterov, TwoStepHeavyBall

if TYPE_CHECKING:
    from sympy import Expr


class Image(NamedTuple):
    """A method as another one sees it.

    Attributes
    ----------
    method : LinearMethod
        The other method, with its parameters.
    step_ratio : float
        Its step size divided by that of the first.

    Examples
    --------
    >>> Image._fields
    ('method', 'step_ratio')
    """

    method: LinearMethod
    step_ratio: float


class Equivalence(NamedTuple):
    """Methods of one class that are methods of another: from rest both take the same iterates for any gradients.

    Attributes
    ----------
    special, general : the two classes; ``special``'s parameters may have to meet ``condition``.
    parameters : callable
        The general method's parameters and the ratio of step sizes (general over special), in terms of the special
        one's parameters; numbers or symbols alike.
    condition, applies : for which of the special method's parameters the image is allowed, in words and as a predicate.

    Examples
    --------
    >>> from theory.linear import EQUIVALENCES
    >>> all(isinstance(known, Equivalence) for known in EQUIVALENCES)
    True
    """

    special: type[LinearMethod]
    general: type[LinearMethod]
    parameters: Callable[..., tuple[dict[str, Any], Any]]
    condition: str = "always"
    applies: Callable[..., bool] = lambda **_: True

    def image(self, method: LinearMethod) -> Image:
        """Return the general method that ``method`` is.

        Examples
        --------
        >>> EQUIVALENCES[2].image(Nesterov(beta=0.75))
        Image(method=RSG(beta=0.75, mu=0.25), step_ratio=4.0)
        """
        if not self.applies(**method.parameters):
            raise Refusal(
                f"{method} is no {self.general.__name__}: that takes {self.condition}; the two still step alike, "
                f"but outside the range that {self.general.__name__} allows its parameters."
            )
        parameters, ratio = self.parameters(**method.parameters)
        return Image(self.general(**{name: float(value) for name, value in parameters.items()}), float(ratio))

    def defect(self) -> Expr:
        """Return the difference of the two transfer functions in the special method's symbols; 0 proves the claim.

        Examples
        --------
        >>> EQUIVALENCES[0].defect()
        0
        """
        import sympy as sp

        own, image = self.sides()
        return sp.cancel(own - image)

    def sides(self) -> tuple[Expr, Expr]:
        """Return both transfer functions in the special method's symbols.

        Examples
        --------
        >>> len(EQUIVALENCES[0].sides())
        2
        """
        import sympy as sp

        z = sp.Symbol("z")
        own, other = self.special.symbolic(), self.general.symbolic()
        parameters, ratio = self.parameters(**own.parameters)
        substitution = {other.parameters[name]: value for name, value in parameters.items()}
        image = transfer_function(other.A, other.b, other.tau, z).subs(substitution, simultaneous=True)
        return transfer_function(own.A, own.b, own.tau, z), ratio * image


def _asgd(*, long_step: Any, advantage: Any) -> tuple[dict[str, Any], Any]:
    small = 7 * (1 + advantage)
    beta = (100 * long_step - 49 * advantage) / (100 * long_step + 70 * advantage)
    return {"beta": beta, "mu": 17 / small}, small / 17


EQUIVALENCES: tuple[Equivalence, ...] = (
    Equivalence(GradientDescent, HeavyBall, lambda: ({"beta": 0}, 1)),
    Equivalence(HeavyBall, RSG, lambda *, beta: ({"beta": beta, "mu": 0}, 1)),
    Equivalence(
        Nesterov,
        RSG,
        lambda *, beta: ({"beta": beta, "mu": 1 - beta}, 1 / (1 - beta)),
        "beta > 0",
        lambda *, beta: beta > 0,
    ),
    Equivalence(TwoStepHeavyBall, HeavyBall, lambda *, beta: ({"beta": beta}, 1 / (1 - beta))),
    Equivalence(ASGD, RSG, _asgd, "advantage > 10/7", lambda *, advantage, **_: advantage > 10 / 7),
)
