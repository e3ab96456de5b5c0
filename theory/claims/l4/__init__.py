"""Claims of the L4 paper, theme by theme."""

from theory.claims.l4 import invariance, net, polyak, stability
from theory.claims.ledger import claims_in

CLAIMS = claims_in(invariance, stability, polyak, net)

__all__ = ["CLAIMS"]
