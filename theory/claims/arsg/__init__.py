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
from theory.claims.ledger import claims_in

CLAIMS = claims_in(
    forms,
    asgd,
    eigen_direction,
    convergence,
    noise,
    saturation,
    theorem1,
    optimum,
    observation,
    theorem2,
    against_amsgrad,
    theorem3,
)

__all__ = ["CLAIMS"]
