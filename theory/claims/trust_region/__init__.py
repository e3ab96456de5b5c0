"""The claims of the adaptive-norms paper, theme by theme."""

from theory.claims.ledger import claims_in
from theory.claims.trust_region import (
    complexity,
    ellipsoids,
    figure_1,
    finite_shares,
    first_order,
    first_order_analogue,
    inexact,
    model_decrease,
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
    shares,
    finite_shares,
    model_decrease,
    success,
    complexity,
    steihaug,
    inexact,
    newton,
    saddles,
    ellipsoids,
)

__all__ = ["CLAIMS"]
