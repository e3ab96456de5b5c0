"""The problems by name."""

from collections.abc import Callable
from typing import Any

from synthetic.classifiers.digits import digits_logistic, digits_mlp
from synthetic.landscapes.classics import beale, himmelblau, monkey_saddle, narrow_valley, saddle
from synthetic.landscapes.cosines import quadratic_cosine, rastrigin
from synthetic.landscapes.drop_waves import drop_wave
from synthetic.landscapes.rosenbrock_valley import rosenbrock
from synthetic.linear_nets.linear_nets import linear_net
from synthetic.quadratics.quadratics import quadratic
from synthetic.quadratics.streamed import streamed_squares
from synthetic.ridge_sums.regression import carmon


def problems() -> dict[str, Callable[..., Any]]:
    """The factories by name; those that draw data take `rng`, and all else has a default.

    Examples
    --------
    >>> "rosenbrock" in problems()
    True
    >>> problems()["quadratic"](rng=0).eigenvalues
    array([0.1, 1. ])
    """
    return {
        "beale": beale,
        "carmon": carmon,
        "digits-logistic": digits_logistic,
        "digits-mlp": digits_mlp,
        "drop-wave": drop_wave,
        "himmelblau": himmelblau,
        "linear-net": linear_net,
        "monkey-saddle": monkey_saddle,
        "narrow-valley": narrow_valley,
        "quadratic": quadratic,
        "quadratic-cosine": quadratic_cosine,
        "rastrigin": rastrigin,
        "rosenbrock": rosenbrock,
        "saddle": saddle,
        "streamed-squares": streamed_squares,
    }
