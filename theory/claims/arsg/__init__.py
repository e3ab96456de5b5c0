"""Claims of the ARSG paper: the forms of RSG, its dynamics on one eigen-direction, its rates, and ARSG's bounds."""

from theory.claims.arsg import (
    against_amsgrad,
    asgd,
    convergence,
    eigen_direction,
    forms,
    noise,
    observation,
    optimum,
    saturation,
    theorem1,
    theorem2,
    theorem3,
)
from theory.claims.ledger import Claim

_THEMES = (
    forms, asgd, eigen_direction, convergence, noise, saturation, theorem1, optimum, observation, theorem2,
    against_amsgrad, theorem3,
)  # fmt: skip
CLAIMS: tuple[Claim, ...] = tuple(claim for theme in _THEMES for claim in theme.CLAIMS)
