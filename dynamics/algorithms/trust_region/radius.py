"""The radius of a trust region: what it may be, and what it is after a step."""

from typing import Any

import numpy as np

from dynamics.checks import Refusal, require_at_least, require_positive
from dynamics.kernels.policy import kernel


@kernel
def next_radius(method, radius, rho):
    """The radius after a step of ratio ρ."""
    if rho >= method.eta2:
        return min(method.increase * radius, method.max_radius)
    return radius if rho >= method.eta1 else radius / method.decrease


def check_radius(method: Any) -> None:
    """Refuse radii and thresholds with which the region could not settle."""
    require_positive("radius", method.radius, "it is the length of the longest step")
    if not method.radius <= method.max_radius:
        raise Refusal(
            f"radius = {method.radius} must be at most max_radius = {method.max_radius} (no radius is larger); "
            f"try {method.max_radius}, or raise max_radius."
        )
    if not 0 < method.eta1 <= method.eta2 < 1:
        raise Refusal(
            f"eta1 = {method.eta1} and eta2 = {method.eta2} must satisfy 0 < eta1 <= eta2 < 1 (an accepted step must "
            f"bring some of the decrease foretold, and none is sure to bring all); try 0.01 and 0.95."
        )
    require_at_least("increase", method.increase, 1, "success must not shrink the region")
    if not 1 < method.decrease < np.inf:
        raise Refusal(
            f"decrease = {method.decrease} must be above 1 and finite (a rejected step would be tried again and "
            f"again); try 1.5."
        )
