"""Rates over whole classes of functions, against what holds on quadratics alone."""

from theory.claims.worst_case import smooth_convex, strongly_convex

__all__ = ["CLAIMS"]

CLAIMS = (*smooth_convex.CLAIMS, *strongly_convex.CLAIMS)
