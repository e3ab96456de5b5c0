"""Claims of the ARSG paper: the forms of RSG, its dynamics on one eigen-direction, its rates, and ARSG's bounds."""

from theory.claims.arsg import (
    against_amsgrad,
    amsgrad_bound,
    asgd,
    boost,
    convergence,
    digits,
    eigen_direction,
    forms,
    gain_box,
    growth,
    leading_terms,
    noise,
    observation,
    observation_effects,
    optimum,
    preconditioner,
    proof_steps,
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
    proof_steps,
    special_rates,
    optimum,
    observation,
    boost,
    observation_effects,
    theorem2,
    against_amsgrad,
    amsgrad_bound,
    theorem3,
    leading_terms,
    growth,
    digits,
)

__all__ = ["CLAIMS"]
