"""RSG on one eigen-direction of a quadratic: gain factor, noise, rates, the map from ASGD; and ARSG's bounds.

RSG (also known as quasi-hyperbolic momentum) is, on an eigen-direction of curvature λ, a linear system with
two states that depends on the step size α and λ only through the scaled curvature ``tau`` = αλ."""

from theory.arsg.asgd import from_asgd
from theory.arsg.boost import boost_factor
from theory.arsg.gain import CriticalPoints, critical_points, gain_factor
from theory.arsg.nonconvex import Theorem2Coefficients, theorem2_bound, theorem2_coefficients
from theory.arsg.rate import OptimalParameters, convergence_rate, optimal_parameters, theorem1_rate
from theory.arsg.regret import theorem3_bound, theorem3_least_step_size
from theory.arsg.variance import variance_limit

__all__ = [
    "CriticalPoints",
    "OptimalParameters",
    "Theorem2Coefficients",
    "boost_factor",
    "convergence_rate",
    "critical_points",
    "from_asgd",
    "gain_factor",
    "optimal_parameters",
    "theorem1_rate",
    "theorem2_bound",
    "theorem2_coefficients",
    "theorem3_bound",
    "theorem3_least_step_size",
    "variance_limit",
]
