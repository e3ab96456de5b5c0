"""The claims of the adaptive-norms paper, theme by theme."""

from theory.claims.trust_region import (
    complexity,
    ellipsoids,
    figure_1,
    finite_shares,
    first_order,
    first_order_analogue,
    model_decrease,
    norms,
    saddles,
    shares,
    steihaug,
    success,
)

CLAIMS = (
    *first_order.CLAIMS,
    *figure_1.CLAIMS,
    *first_order_analogue.CLAIMS,
    *norms.CLAIMS,
    *shares.CLAIMS,
    *finite_shares.CLAIMS,
    *model_decrease.CLAIMS,
    *success.CLAIMS,
    *complexity.CLAIMS,
    *steihaug.CLAIMS,
    *saddles.CLAIMS,
    *ellipsoids.CLAIMS,
)
