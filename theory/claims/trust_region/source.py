"""The paper, and the hypotheses that its statements share."""

from __future__ import annotations

import math

import numpy as np

from theory.claims.ledger import Evidence, Hypothesis
from theory.claims.routes.cases import first_failure

PAPER = "Kohler et al., Adaptive norms for deep learning with regularized Newton methods (2019)"

POSITIVE_DEFINITE = Hypothesis("A is positive definite", lambda *, eigenvalues, **_: min(eigenvalues) > 0)
NONZERO_GRADIENT = Hypothesis("g != 0", lambda *, gradient, **_: any(gradient))
BOUNDED_GRADIENT = Hypothesis(
    "|g_t|^2 <= L_H^2 at every t",
    lambda *, gradients, bound, **_: bool(np.max(np.sum(np.square(gradients), axis=-1)) <= bound**2),
)
CENTRED = Hypothesis("the entries have mean zero", lambda *, mean, **_: mean == 0)
FINITE_MEAN_SIZE = Hypothesis("0 < E|A_11| < infinity", lambda *, mean_absolute, **_: 0 < mean_absolute < math.inf)
FINITE_VARIANCE = Hypothesis(
    "the entries have a finite second moment", lambda *, variance, **_: 0 < variance < math.inf
)
NEGATIVE_CURVATURE = Hypothesis(
    "u'Bu <= nu lambda_min(B) |u|^2 < 0 and g'u <= 0",
    lambda *, curvature, lowest, nu, slope, **_: curvature <= nu * lowest * (1 - 1e-12) and lowest < 0 and slope <= 0,
)
EQUIVALENT_NORMS = Hypothesis(
    "1/zeta <= lambda(A_t) <= zeta", lambda *, spectrum, zeta, **_: 1 / zeta <= min(spectrum) and max(spectrum) <= zeta
)
ACCURATE = Hypothesis(
    "|g_t - grad L| <= delta_g and |(B_t - Hess L) s| <= delta_H |s|",
    lambda *, gradient_error, delta_g, hessian_error, delta_H, **_: (
        gradient_error <= delta_g and hessian_error <= delta_H
    ),
)
POSITIVE_ENTRIES = Hypothesis(
    "all entries are positive", lambda *, matrices, **_: all(np.min(matrix) > 0 for matrix in matrices)
)
CONVEX_MODEL = Hypothesis("B is positive definite", lambda *, lowest, **_: lowest > 0)


def without_norm(hypotheses: tuple[Hypothesis, ...]) -> Evidence | None:
    """Refuse a statement that lets an indefinite A in: at A = -1 and g = 1 in one dimension |g|_A is no norm."""
    cases = [{"eigenvalues": (curvature,), "gradient": (1.0,)} for curvature in (1.0, -1.0)]
    return first_failure(
        hypotheses, cases, lambda *, eigenvalues, gradient: min(eigenvalues) * sum(g**2 for g in gradient) > 0
    )
