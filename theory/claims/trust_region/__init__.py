"""The claims of the adaptive-norms paper, theme by theme."""

from theory.claims.ledger import claims_in
from theory.claims.trust_region import (
    against_first_order,
    complexity,
    ellipsoids,
    epsilon,
    figure_1,
    finite_shares,
    first_order,
    first_order_analogue,
    full_steps,
    inexact,
    model_decrease,
    network_shares,
    newton,
    norms,
    saddles,
    shares,
    steihaug,
    success,
)

CLAIMS = claims_in(
    first_order,
    figure_1,
    first_order_analogue,
    norms,
    epsilon,
    shares,
    finite_shares,
    network_shares,
    model_decrease,
    success,
    complexity,
    steihaug,
    inexact,
    newton,
    full_steps,
    saddles,
    ellipsoids,
    against_first_order,
)

__all__ = ["CLAIMS"]
