"""Claims of the L4 paper, theme by theme."""

from theory.claims.l4 import invariance, net, polyak, rates, stability, steps
from theory.claims.ledger import claims_in

CLAIMS = claims_in(invariance, steps, rates, stability, polyak, net)

__all__ = ["CLAIMS"]
