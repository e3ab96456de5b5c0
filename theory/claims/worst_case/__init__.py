"""Rates over whole classes of functions, against what holds on quadratics alone."""

from theory.claims.ledger import claims_in
from theory.claims.worst_case import smooth_convex, strongly_convex

CLAIMS = claims_in(smooth_convex, strongly_convex)

__all__ = ["CLAIMS"]
