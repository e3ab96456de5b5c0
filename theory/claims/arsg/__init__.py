"""Claims of the ARSG paper: the forms of RSG, its dynamics on one eigen-direction, its rates, and ARSG's bounds."""

from theory.claims.arsg import (
    against_amsgrad,
    asgd,
    boost,
    convergence,
    eigen_direction,
    forms,
    gain_box,
    growth,
    noise,
    observation,
    observation_effects,
    optimum,
    preconditioner,
    saturation,
    special_rates,
    theorem1,
    theorem2,
    theorem3,
)
from theory.claims.ledger import claims_in

CLAIMS = claims_in(
    forms,
    asgd,
    preconditioner,
    eigen_direction,
    convergence,
    gain_box,
    noise,
    saturation,
    theorem1,
    special_rates,
    optimum,
    observation,
    boost,
    observation_effects,
    theorem2,
    against_amsgrad,
    theorem3,
    growth,
)

__all__ = ["CLAIMS"]
