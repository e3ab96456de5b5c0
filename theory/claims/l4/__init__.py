"""Claims of the L4 paper, theme by theme."""

from theory.claims.l4 import invariance, net, polyak, stability

CLAIMS = (*invariance.CLAIMS, *stability.CLAIMS, *polyak.CLAIMS, *net.CLAIMS)

__all__ = ["CLAIMS"]
